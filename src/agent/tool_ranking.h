/* SPDX-License-Identifier: MIT */
/*
 * tool_ranking: which tools fit a question or a task best, by the words of their names (with the
 * server's), descriptions and parameters' names.
 */
#ifndef CORDPAIR_AGENT_TOOL_RANKING_H
#define CORDPAIR_AGENT_TOOL_RANKING_H

#include <stddef.h>

#include "agent/toolbox.h"

#define TOOL_RANKING_QUESTION_MAX_BYTES	   ((size_t)64 << 10) /* that are read of a question */
#define TOOL_RANKING_DESCRIPTION_MAX_BYTES ((size_t)8 << 10)

struct tool_rank {
	size_t entry; /* of the toolbox */
	double score;
};

/* The tools that have a word of the question, the best first; rank has room for all of the
 * toolbox. Returns how many. */
size_t tool_ranking(const struct toolbox *toolbox, const char *question, size_t len,
		    struct tool_rank *rank);

#endif
