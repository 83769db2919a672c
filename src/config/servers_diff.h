/* SPDX-License-Identifier: MIT */
/*
 * servers_diff: what has to be done so that the servers which run are those that servers.d has now.
 *
 * A pure function of both. It is compared with what runs, not with what was read the last time, so
 * that an entry which could not be read for a while is compared with its last good self.
 */
#ifndef CORDPAIR_CONFIG_SERVERS_DIFF_H
#define CORDPAIR_CONFIG_SERVERS_DIFF_H

#include "config/servers_dir.h"

enum servers_change {
	SERVERS_KEPT,	 /* nothing that matters is different; perhaps where it is written */
	SERVERS_RULES,	 /* other rules: policy, which tools, timeouts. The process stays */
	SERVERS_CHANGED, /* another identity: it has to be started anew */
	SERVERS_ADDED,
	SERVERS_REMOVED, /* gone, disabled or masked */
	SERVERS_HELD	 /* its entry is broken now: the last good one goes on */
};

#define SERVERS_CHANGES (SERVERS_HELD + 1)

struct servers_step {
	enum servers_change change;
	const struct server_config *before; /* what runs; NULL: ADDED */
	const struct server_config *after;  /* what is to run; NULL: REMOVED and HELD */
	/* Of REMOVED and HELD: one sentence; owned. */
	char *why;
};

struct servers_diff {
	struct servers_step *step; /* first of those that run, in their order, then the new ones */
	size_t steps;
};

/* Borrows from running[] and now; ends before they do. */
void servers_diff_make(struct servers_diff *diff, const struct server_config *const running[],
		       size_t count, const struct servers_dir *now);
void servers_diff_clear(struct servers_diff *diff);

#endif
