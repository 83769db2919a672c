/* SPDX-License-Identifier: MIT */
/*
 * call_run: the one call of `cordpair call`, made by a server of our own (cmd_call.c) or by the
 * daemon's (call_by_daemon.c); what it tells is the same (call_outcome.c).
 */
#ifndef CORDPAIR_APP_CALL_RUN_H
#define CORDPAIR_APP_CALL_RUN_H

#include "agent/turn.h"
#include "app/call_target.h"
#include "app/program.h"

#define CALL_DECIDED_BY_BYTES 16
#define CALL_DAEMON_SPARE_MS  30000 /* beyond the server's own clocks, which the daemon tells */

struct call_run {
	struct program *program;
	const struct server_config *config;
	char *tool; /* its own: the server may list its tools anew meanwhile */
	char model_name[TOOL_NAMES_MAX_BYTES + 1];
	struct turn_call told;			/* for events */
	char decided_by[CALL_DECIDED_BY_BYTES]; /* "policy", "person", "nobody" …; or "" */
	bool done;
};

/* tool and config are set. */
void call_begin(struct call_run *call, const char *arguments);
void call_approved(struct call_run *call, const char *decision, const char *by);
/* Prints the result, tells a failure, sets the exit code; the run is done. */
void call_end(struct call_run *call, const struct tool_outcome *outcome, enum server_clue clue);

/*
 * Makes the call by the daemon, where one runs that has this server by the same entry and in the
 * same circumstances. False: there is none such, nothing was told, nothing was called.
 */
bool call_by_daemon(struct program *program, const struct call_target *target);

#endif
