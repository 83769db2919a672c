/* SPDX-License-Identifier: MIT */
/* tool_progress: how far a call is, as an event and for a person (MCP, "Progress"). */
#ifndef CORDPAIR_APP_TOOL_PROGRESS_H
#define CORDPAIR_APP_TOOL_PROGRESS_H

#include "agent/turn.h"
#include "app/program.h"

#define TOOL_PROGRESS_EVERY_MS	  1000 /* at a terminal; with -v every one is shown */
#define TOOL_PROGRESS_SHOWN_BYTES 300

/* total < 0: not known. message: the server's, or NULL. */
void tool_progress_tell(struct program *program, const struct turn_call *call, double progress,
			double total, const char *message);

#endif
