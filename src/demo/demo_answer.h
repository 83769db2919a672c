/* SPDX-License-Identifier: MIT */
/*
 * demo_answer: what the stand-in answers to a chat completion request: calls of tools for a prompt,
 * or a text for the results of calls.
 */
#ifndef CORDPAIR_DEMO_DEMO_ANSWER_H
#define CORDPAIR_DEMO_DEMO_ANSWER_H

#include <json-c/json_types.h>
#include <stddef.h>

#include "base/buf.h"
#include "demo/demo_prompt.h"

#define DEMO_TOOLS_SHOWN_MAX 40 /* when none fits */

struct demo_call {
	char *name, *arguments;
};

struct demo_answer {
	struct demo_call call[DEMO_PROMPT_CLAUSES_MAX];
	size_t calls;
	struct buf text; /* when there are no calls */
};

/* request: the body, an object. Never fails: what it cannot do it says. */
void demo_answer_make(struct demo_answer *answer, const struct json_object *request);
void demo_answer_clear(struct demo_answer *answer);

#endif
