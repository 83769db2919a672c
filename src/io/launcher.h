/* SPDX-License-Identifier: MIT */
/*
 * launcher: the one process `keeper` of this program, which forks a keeper for each child. Internal
 * to io/, but for launcher_close().
 *
 * It is the process's, not a loop's: started with the first child, and anew when it was killed (the
 * keepers that it forked before live on).
 */
#ifndef CORDPAIR_IO_LAUNCHER_H
#define CORDPAIR_IO_LAUNCHER_H

#include "base/err.h"
#include "io/child.h"

/* A launcher that takes nothing for so long is stopped or broken: the launch fails. */
#define LAUNCHER_TIMEOUT_S 5

/*
 * Hands the server's ends (stdin, stdout, stderr, control: enum keeper_descriptor) to a new keeper.
 * What became of it comes on the control socket. The caller closes its copies. ERR_UNAVAILABLE.
 */
int launcher_start(const struct child_spec *spec, const int ends[4], struct err *err)
	__attribute__((warn_unused_result));

/* Waits until no keeper is left: all children must have been freed. For the end of the program. */
void launcher_close(void);

#endif
