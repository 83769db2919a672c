/* SPDX-License-Identifier: MIT */
/*
 * tool_search: which tool does the endpoint refuse?
 *
 * One bad definition makes a provider refuse the whole request. The tool that the refusal names, by
 * its name or its place in the array, is tried first; else the array is halved. Each step is a
 * request of a few words and at most TOOL_SEARCH_TOKENS tokens that offers some of the tools; the
 * first offers none, so that a request that is bad for another reason blames no tool.
 */
#ifndef CORDPAIR_AGENT_TOOL_SEARCH_H
#define CORDPAIR_AGENT_TOOL_SEARCH_H

#include <stddef.h>

#include "agent/tool_array.h"
#include "base/err.h"
#include "model/chat_client.h"

#define TOOL_SEARCH_REQUESTS_MAX 16 /* enough for 4096 tools */
#define TOOL_SEARCH_TOKENS	 16

struct tool_search_spec { /* borrowed until the search is over */
	struct loop *loop;
	struct chat_client *client;
	const char *model;		    /* or NULL */
	const struct chat_routing *routing; /* or NULL */
	struct tool_array *tools;	    /* its toolbox is not rebuilt meanwhile */
	const char *refusal;		    /* the endpoint's words; copied */
};

struct tool_search_result {
	const struct toolbox_entry *entry; /* that is refused; NULL: none alone is, or no telling */
	long requests;
	struct chat_usage usage;
};

typedef void tool_search_fn(void *arg, const struct tool_search_result *result);

struct tool_search;
/* done comes once. */
struct tool_search *tool_search_start(const struct tool_search_spec *spec, tool_search_fn *done,
				      void *arg);
void tool_search_free(struct tool_search **search); /* also before done: no call comes after */

#endif
