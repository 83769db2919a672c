/* SPDX-License-Identifier: MIT */
/*
 * keeper: the small parent of one server.
 *
 * It gives the server its own session and a clean set of descriptors, signals and rights, tells the
 * host when it has ended, and sees to it that nothing of the server's tree outlives the host: as
 * a child subreaper it inherits whatever the server leaves behind, also what made a session of its
 * own, and kills it.
 */
#ifndef CORDPAIR_KEEPER_KEEPER_H
#define CORDPAIR_KEEPER_KEEPER_H

#include <stdbool.h>

#include "io/keeper_protocol.h"

struct keeper_spec {
	const char *cwd; /* "": ours */
	char **argv, **env;
	bool new_privileges;
	int group; /* its control group, or -1 */
};

/* Tells the host by the control socket; when the host is gone there is nobody to tell. */
void keeper_report(int control, enum keeper_event event, int value);

/*
 * Starts the server with our 0, 1 and 2, lets go of them, and returns when nothing of its tree is
 * left. host: a pidfd of the host, or -1 (then only the control socket tells of its end).
 */
void keeper_run(const struct keeper_spec *spec, int control, int host);

void keeper_close_from(unsigned first);
/* 0, 1 and 2 become /dev/null: held open they would keep a pipe from its end. */
void keeper_let_go_of_standard(void);

#endif
