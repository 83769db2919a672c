/* SPDX-License-Identifier: MIT */
/*
 * demo_tools: which tool of a request's `tools` a clause is about, and its arguments from the
 * clause by the tool's schema.
 */
#ifndef CORDPAIR_DEMO_DEMO_TOOLS_H
#define CORDPAIR_DEMO_DEMO_TOOLS_H

#include <json-c/json_types.h>

#include "base/buf.h"
#include "demo/demo_prompt.h"

/* The "function" object of the tool that shares most words with the clause, or NULL. Borrowed. */
const struct json_object *demo_tools_pick(const struct json_object *tools,
					  const struct demo_clause *clause);

/* Appends the JSON object of arguments; tokens that became one are marked as used. */
void demo_tools_arguments(const struct json_object *function, struct demo_clause *clause,
			  struct buf *out);

#endif
