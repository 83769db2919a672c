/* SPDX-License-Identifier: MIT */
/*
 * servers_live: how the servers are that the daemon has, for `cordpair servers`.
 */
#ifndef CORDPAIR_APP_SERVERS_LIVE_H
#define CORDPAIR_APP_SERVERS_LIVE_H

#include "app/program.h"

#define SERVERS_LIVE_MS                                                           \
	3000 /* for the daemon's answer; without one they are listed all the same \
	      */

struct servers_live {
	bool present;	 /* there is a daemon, and it answered */
	struct buf text; /* the answer to servers.list */
};

/* Asks the daemon that runs, if there is one; none is started. Not with --no-daemon. */
void servers_live_ask(struct servers_live *live, struct program *program);
void servers_live_clear(struct servers_live *live);

/* What the daemon says of the server: an object; {NULL, 0} when it has none of this name. */
struct json_span servers_live_find(const struct servers_live *live, const char *name);

/* One line: "ready for 5 s, process 123, 2 restarts, 7 calls"; says when it runs by another entry
 * than config. */
void servers_live_append_line(struct json_span server, const struct server_config *config,
			      struct buf *out);
/* All of it, a line each, with the last lines of stderr. */
void servers_live_show(struct program *program, struct json_span server,
		       const struct server_config *config);

/* `servers restart NAME`: waits until it is ready again, or is not. */
void servers_live_restart(struct program *program, const char *name);

#endif
