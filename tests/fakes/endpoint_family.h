/* SPDX-License-Identifier: MIT */
/*
 * endpoint_family: does a provider of this family take these tools? Written from what providers
 * refuse, not from what the host does.
 *
 * Every family: an object with properties at the root and no choice there, no $ref, $defs, $schema,
 * items for arrays, at most 128 tools. anthropic, bedrock, google: names of properties. bedrock:
 * three keywords at the root. google: its subset of keywords, one type, enums of strings, anyOf
 * alone, required only of what there is.
 */
#ifndef CORDPAIR_TESTS_ENDPOINT_FAMILY_H
#define CORDPAIR_TESTS_ENDPOINT_FAMILY_H

#include <json-c/json_types.h>

#include "base/err.h"

/* -1: *err names the tool and what is refused. family: "openai" … */
int endpoint_family_check(const struct json_object *body, const char *family, struct err *err)
	__attribute__((warn_unused_result));

#endif
