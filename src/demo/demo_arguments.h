/* SPDX-License-Identifier: MIT */
/*
 * demo_arguments: a tool's arguments from a clause, by the tool's schema.
 */
#ifndef CORDPAIR_DEMO_DEMO_ARGUMENTS_H
#define CORDPAIR_DEMO_DEMO_ARGUMENTS_H

#include <json-c/json_types.h>

#include "base/buf.h"
#include "demo/demo_prompt.h"

/*
 * Appends a JSON object: what is required is always there, the rest where the clause has something
 * for it. Tokens that became an argument are marked as used.
 */
void demo_arguments_write(const struct json_object *function, struct demo_clause *clause,
			  struct buf *out);

#endif
