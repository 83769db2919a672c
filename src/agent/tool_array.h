/* SPDX-License-Identifier: MIT */
/*
 * tool_array: the `tools` of a request: which tools the model gets, and in which order.
 *
 * Within its budget it gets all. Beyond: the pinned ones, those that fit the prompt best, some of
 * each server while there is room, and find_tools (find_tools.h), by which the model has others
 * added. What was sent before stays first and in the same order, so that the provider's cache of
 * the prompt's beginning holds; new ones are appended. Only when they pass TOOL_ARRAY_MAX, or
 * TOOL_ARRAY_GROWTH times the budget of tokens, is the array made anew: of the pinned ones, those
 * that were called, and the new ones.
 *
 * A token is taken as TOOL_TOKEN_BYTES bytes of the definitions as they are sent. (Between one and
 * two tools of recorded requests, providers counted a token for 2.9 to 6.4 bytes.)
 */
#ifndef CORDPAIR_AGENT_TOOL_ARRAY_H
#define CORDPAIR_AGENT_TOOL_ARRAY_H

#include <stdbool.h>
#include <stddef.h>

#include "agent/toolbox.h"

#define TOOL_ARRAY_MAX	   128 /* OpenAI and Vertex refuse more */
#define TOOL_ARRAY_GROWTH  2
#define TOOL_TOKEN_BYTES   4
#define TOOL_ARRAY_CONTEXT 128000 /* tokens; of a model of which nothing is known */

struct tool_budget {
	size_t tools, tokens; /* of servers; at first */
	char *const
		*pinned; /* "SERVER:TOOL" globs, besides those of the servers' entries; or NULL */
	const char *prompt; /* what the others are chosen for */
	size_t prompt_len;
};

size_t tool_tokens(size_t bytes);

struct tool_array;
/* toolbox is borrowed. Without a budget all tools are in the array. */
struct tool_array *tool_array_new(struct toolbox *toolbox);
void tool_array_free(struct tool_array **array);
struct toolbox *tool_array_toolbox(const struct tool_array *array);
/* Copies. Before the first array. */
void tool_array_set_budget(struct tool_array *array, const struct tool_budget *budget);
/* It was called earlier in the conversation: the first array has it. Before that. */
void tool_array_keep(struct tool_array *array, const char *name);
/* The host's own tools about resources (builtin_tools) are there, where a server has some. */
void tool_array_set_builtins(struct tool_array *array, bool offered);

/* read_result is there from now on. */
void tool_array_offer_reading(struct tool_array *array);

/* Exactly the array that is sent. Borrowed until the next call about this array or its toolbox. */
const char *tool_array_json(struct tool_array *array, size_t *len);
/* Its elements; NULL: a tool of the host itself. */
size_t tool_array_places(struct tool_array *array);
const struct toolbox_entry *tool_array_at(struct tool_array *array, size_t place);
/* How many of them are servers' tools. */
size_t tool_array_count(struct tool_array *array);
/* Not all tools are listed: find_tools is, and may be called. */
bool tool_array_has_find(const struct tool_array *array);

/* Entries of the toolbox, by their numbers: in the array from the next request on. */
void tool_array_show(struct tool_array *array, const size_t entry[], size_t count);
/* The model calls this one, shown or not: it stays. */
void tool_array_note_call(struct tool_array *array, const struct toolbox_entry *entry);

#endif
