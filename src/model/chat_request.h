/* SPDX-License-Identifier: MIT */
/*
 * chat_request: the body of POST {base-url}/chat/completions.
 *
 * Equal inputs give equal bytes, tools before messages' tail, so that prompt caches hit.
 */
#ifndef CORDPAIR_MODEL_CHAT_REQUEST_H
#define CORDPAIR_MODEL_CHAT_REQUEST_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "model/profile.h"

enum chat_tool_choice { CHAT_TOOL_CHOICE_AUTO, CHAT_TOOL_CHOICE_NONE, CHAT_TOOL_CHOICE_REQUIRED };

#define CHAT_SESSION_ID_MAX_BYTES 256 /* OpenRouter refuses longer ones */

struct chat_routing {		     /* OpenRouter's; borrowed */
	const char *const *fallback; /* models to be tried when the model fails; NULL-terminated */
	const char *provider;	     /* JSON object text, or NULL */
	const char *service_tier;    /* or NULL */
	const char *session_id;	     /* the same provider for the whole conversation; or NULL */
	bool cache_marks;	     /* for the provider's prompt cache; see cache_marks.h */
};

struct chat_request {
	const char *model;    /* NULL: left out, the account's default (OpenRouter only) */
	const char *messages; /* JSON array text */
	size_t messages_len;
	const char *tools; /* JSON array text; NULL or "[]": the keys are left out */
	size_t tools_len;
	enum chat_tool_choice tool_choice;
	bool stream;
	const struct chat_routing *routing; /* or NULL */
	/* How much the model is to think: a word of chat_reasoning_efforts, or a number of tokens,
	 * for endpoints that take it; NULL: as the model does by itself. */
	const char *reasoning;
	long max_tokens;	     /* 0: left out */
	const char *parameters;	     /* more members, as `"temperature":1`; or NULL */
	const char *response_format; /* JSON text, or NULL */
};

/* "max", "xhigh" … "none", NULL-terminated (OpenRouter, "Reasoning Tokens"). */
extern const char *const chat_reasoning_efforts[];
/* An effort, or a number of tokens from 1 to 1000000? */
bool chat_reasoning_is_valid(const char *text);

/* In the words of the profile's endpoint. -1: larger than the buffer's maximum. */
int chat_request_write(const struct chat_request *request, const struct profile *profile,
		       struct buf *out) __attribute__((warn_unused_result));

#endif
