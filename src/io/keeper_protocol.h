/* SPDX-License-Identifier: MIT */
/*
 * keeper_protocol: what passes between io/child.c and the keeper on its control socket
 * (SOCK_SEQPACKET: each message is one packet), and the keeper's arguments.
 *
 *   keeper CONTROL_FD CWD NEW_PRIVILEGES COMMAND [ARGUMENT]...
 *
 * CWD is "" for the host's; NEW_PRIVILEGES is "0" or "1". The server's stdin, stdout and stderr are
 * the keeper's 0, 1 and 2; the keeper's environment is the server's.
 */
#ifndef CORDPAIR_IO_KEEPER_PROTOCOL_H
#define CORDPAIR_IO_KEEPER_PROTOCOL_H

#include <stdint.h>

/* From the host, one byte each. The end of the socket means: kill everything. */
enum keeper_command {
	KEEPER_TERMINATE = 'T', /* SIGTERM, then SIGCONT, to the server's process group */
	KEEPER_KILL = 'K'	/* SIGKILL to the whole tree */
};

/* To the host. After EXITED or NOT_STARTED the keeper sweeps and exits. */
enum keeper_event {
	KEEPER_STARTED = 's',	  /* value: the server's process id */
	KEEPER_NOT_STARTED = 'f', /* value: errno of chdir or exec */
	KEEPER_EXITED = 'e'	  /* value: the status of waitpid(2) */
};

struct keeper_report {
	int32_t event;
	int32_t value;
};

/* The keeper's own exit status when it was not started as above. */
#define KEEPER_EXIT_USAGE 64

#endif
