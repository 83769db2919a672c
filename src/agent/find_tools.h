/* SPDX-License-Identifier: MIT */
/*
 * find_tools: the host's own tool by which a model finds those that are not listed to it. It tells
 * only what the host has shown of the same servers already, so no policy is asked.
 */
#ifndef CORDPAIR_AGENT_FIND_TOOLS_H
#define CORDPAIR_AGENT_FIND_TOOLS_H

#include "agent/toolbox.h"
#include "base/buf.h"

#define FIND_TOOLS_NAME	       "find_tools"
#define FIND_TOOLS_MAX	       8   /* that one search finds */
#define FIND_TOOLS_SERVERS_MAX 64  /* that are named to the model */
#define FIND_TOOLS_TEXT_BYTES  240 /* of a description */

/* What the model is told of it: with the servers' names. To be freed. */
char *find_tools_description(const struct toolbox *toolbox);
void find_tools_write(struct buf *out, const char *description, enum schema_family family);

struct found_tools {
	size_t entry[FIND_TOOLS_MAX]; /* of the toolbox; the best first */
	size_t count;
};

/*
 * Searches for what the arguments (checked JSON) say. The result is a text for the model, to be
 * freed. NULL: *why says what is wrong with the arguments, to be freed.
 */
char *find_tools_run(const struct toolbox *toolbox, const char *arguments,
		     struct found_tools *found, char **why);

#endif
