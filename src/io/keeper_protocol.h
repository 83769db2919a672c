/* SPDX-License-Identifier: MIT */
/*
 * keeper_protocol: what passes between io/ and the program `keeper`, on two kinds of sockets
 * (SOCK_SEQPACKET: each message is one packet).
 *
 * The launch socket is descriptor KEEPER_LAUNCH_FD of the program. Each packet on it is a struct
 * keeper_launch with KEEPER_DESCRIPTORS descriptors (SCM_RIGHTS); the program forks, and the fork
 * is the keeper of that server. At the socket's end the program waits for its keepers and exits.
 *
 * The control socket, one for each server, comes with its launch: commands down, reports up.
 */
#ifndef CORDPAIR_IO_KEEPER_PROTOCOL_H
#define CORDPAIR_IO_KEEPER_PROTOCOL_H

#include <stdint.h>

#define KEEPER_LAUNCH_FD 3

/* The order of a launch's descriptors. */
enum keeper_descriptor {
	KEEPER_STDIN, /* to STDERR: the server's own 0, 1 and 2 */
	KEEPER_STDOUT,
	KEEPER_STDERR,
	KEEPER_CONTROL,
	KEEPER_STRINGS, /* a memfd: cwd ("" is the host's), arguments, environment; each with NUL */
	KEEPER_DESCRIPTORS
};

struct keeper_launch {
	uint32_t argc;
	uint32_t envc;
	uint32_t new_privileges; /* 1: no_new_privs stays unset */
};

/* From the host, one byte each. The end of the socket means: kill everything. */
enum keeper_command {
	KEEPER_TERMINATE = 'T', /* SIGTERM, then SIGCONT, to the server's process group */
	KEEPER_KILL = 'K'	/* SIGKILL to the whole tree */
};

/* To the host. After EXITED or NOT_STARTED the keeper sweeps and exits. */
enum keeper_event {
	KEEPER_STARTED = 's',	  /* value: the server's process id */
	KEEPER_NOT_STARTED = 'f', /* value: errno of fork, chdir or exec */
	KEEPER_EXITED = 'e'	  /* value: the status of waitpid(2) */
};

struct keeper_report {
	int32_t event;
	int32_t value;
};

/* The program's own exit status when it was not started as above. */
#define KEEPER_EXIT_USAGE  64
#define KEEPER_EXIT_SYSTEM 71

#endif
