/* SPDX-License-Identifier: MIT */
/*
 * cache_marks: where a provider's prompt cache may end, for providers that must be told
 * ("cache_control", as Anthropic's through OpenRouter: OpenAPI, AnthropicCacheControlDirective).
 *
 * Four marks, the most that are taken: behind the last tool, behind the system message, behind what
 * the request before this one ended with (that is read from the cache), and at the end (that is
 * written for the next one). They are on blocks, not on the request as a whole: Bedrock and Vertex
 * refuse that. Apart from the marks what is sent is what was sent before: a mark is no part of what
 * is cached.
 */
#ifndef CORDPAIR_MODEL_CACHE_MARKS_H
#define CORDPAIR_MODEL_CACHE_MARKS_H

#include <stddef.h>

#include "base/buf.h"

/* Both append the array, which is checked JSON. A message without a text is not marked. */
void cache_marks_write_tools(struct buf *out, const char *tools, size_t len);
void cache_marks_write_messages(struct buf *out, const char *messages, size_t len);

#endif
