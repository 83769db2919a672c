/* SPDX-License-Identifier: MIT */
/*
 * demo_tools: which tool of a request's `tools` a clause is about.
 */
#ifndef CORDPAIR_DEMO_DEMO_TOOLS_H
#define CORDPAIR_DEMO_DEMO_TOOLS_H

#include <json-c/json_types.h>
#include <stdbool.h>
#include <stddef.h>

#include "demo/demo_prompt.h"

/* The "function" object of the tool that shares most words with the clause, or NULL. Borrowed. */
const struct json_object *demo_tools_pick(const struct json_object *tools,
					  const struct demo_clause *clause);

/* The schemas of a tool's parameters by name, or NULL. Borrowed. */
struct json_object *demo_tool_properties(const struct json_object *function);

bool demo_tool_requires(const struct json_object *function, const char *parameter);

/* True when one of the words of text is this word. text may be NULL. */
bool demo_text_has_word(const char *text, const char *word, size_t len);
/* True when one of the words of text is one of these; words ends with NULL. */
bool demo_text_has_one_of(const char *text, const char *const words[]);

extern const char *const demo_path_words[]; /* "path", "file" …, in the name of a parameter */

#endif
