/* SPDX-License-Identifier: MIT */
/*
 * endpoint_rules: is this request one that every provider takes? What the strictest of them refuse
 * is refused here, so that a test fails where a user's run would.
 */
#ifndef CORDPAIR_TESTS_ENDPOINT_RULES_H
#define CORDPAIR_TESTS_ENDPOINT_RULES_H

#include <json-c/json_types.h>

#include "base/err.h"

/*
 * The rules of the loop: tools in every request that has calls, names and ids as they must be,
 * arguments valid JSON objects, and right behind an assistant message with tool calls exactly one
 * tool message for each, in call order. -1: *err says which rule is broken, and where.
 */
int endpoint_rules_check(const struct json_object *body, struct err *err)
	__attribute__((warn_unused_result));

#endif
