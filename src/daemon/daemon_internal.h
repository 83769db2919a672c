/* SPDX-License-Identifier: MIT */
/* daemon_internal: the one struct behind daemon.h; internal to daemon/. */
#ifndef CORDPAIR_DAEMON_DAEMON_INTERNAL_H
#define CORDPAIR_DAEMON_DAEMON_INTERNAL_H

#include <time.h>

#include "daemon/daemon.h"

struct daemon {
	struct daemon_parts parts;
	struct control_server *control;
	char *path;
	int64_t started_us;
	struct timespec since;
	bool stopping;
};

#endif
