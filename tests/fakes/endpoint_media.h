/* SPDX-License-Identifier: MIT */
/*
 * endpoint_media: does a provider of this family take the images, sounds and files in these
 * messages? Written from what providers refuse, not from what the host does.
 *
 * Every family: what is no text only in messages of the user; every part of a known type; an image
 * as a data URL of PNG, JPEG, GIF or WebP whose bytes are that; a sound as base64 with its format;
 * a file with its name. anthropic, bedrock: an image of at most 5 MiB in base64. mistral: no user
 * message right behind a tool message.
 */
#ifndef CORDPAIR_TESTS_ENDPOINT_MEDIA_H
#define CORDPAIR_TESTS_ENDPOINT_MEDIA_H

#include <json-c/json_types.h>

#include "base/err.h"

/* -1: *err names the message and what is refused. */
int endpoint_media_check(const struct json_object *body, const char *family, struct err *err)
	__attribute__((warn_unused_result));

#endif
