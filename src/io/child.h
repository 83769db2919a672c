/* SPDX-License-Identifier: MIT */
/*
 * child: a server process under its keeper.
 *
 * child_start() has $(libexecdir)/cordpair/keeper fork a keeper for the child (io/launcher.h); that
 * makes the session, closes what the child must not have, executes the command, and kills the whole
 * tree when told to or when this process is gone (src/keeper/keeper.h describes its side;
 * io/keeper_protocol.h the messages). stderr is always drained into a ring.
 *
 * A child is down when it is reaped and its stdout is at its end, or CHILD_LINGER_MS after it was
 * reaped (a grandchild may hold the pipe).
 */
#ifndef CORDPAIR_IO_CHILD_H
#define CORDPAIR_IO_CHILD_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/err.h"
#include "io/loop.h"
#include "io/stream.h"

#define CHILD_LINGER_MS	       200
#define CHILD_STOP_STDIN_MS    2000 /* from closing stdin to SIGTERM */
#define CHILD_STOP_TERM_MS     2000 /* from SIGTERM to SIGKILL */
#define CHILD_STOP_MAX_MS      6000 /* then the keeper itself is killed */
#define CHILD_STDERR_MAX_BYTES ((size_t)64 << 10)

struct child_spec {
	const char *name;	 /* for traces and messages */
	const char *const *argv; /* NULL-terminated; argv[0] is looked up in the env's PATH */
	const char *const *env;	 /* NULL-terminated "NAME=value": exactly the child's environment */
	const char *cwd;	 /* NULL: the host's */
	bool new_privileges;	 /* leave no_new_privs unset (sudo, setuid programs) */
};

enum child_end {
	CHILD_EXITED,	  /* value: exit status */
	CHILD_SIGNALED,	  /* value: signal */
	CHILD_NOT_STARTED /* value: errno of the failed exec, chdir … */
};

struct child_exit {
	enum child_end end;
	int value;
	const char *why; /* it had to be stopped: what child_expect_end() was given; or NULL */
};

struct child_listener {
	void (*on_started)(void *arg, pid_t pid); /* exec succeeded */
	/* Bytes arrived on stderr; they are in the ring already. May be NULL. */
	void (*on_stderr)(void *arg, const char *bytes, size_t len);
	/* Exactly once, as the last call, also after child_stop(). */
	void (*on_down)(void *arg, const struct child_exit *how);
};

struct child;

/* Must be called on the main thread. NULL: the keeper itself could not be started. */
struct child *child_start(struct loop *loop, const struct child_spec *spec,
			  const struct child_listener *listener, void *arg, struct err *err)
	__attribute__((warn_unused_result));

/*
 * The ends of the child's pipes; they live as long as the child. The owner sets stdout's listener
 * and must keep reading it (also while stopping) until it returns 0; it then calls
 * child_stdout_ended().
 */
struct stream *child_stdin(struct child *child);
struct stream *child_stdout(struct child *child);
void child_stdout_ended(struct child *child);

/*
 * The owner saw that the child can work no more ("closed its stdout", a static text): if it does
 * not end by itself within CHILD_LINGER_MS it is stopped, and that is why.
 */
void child_expect_end(struct child *child, const char *why);

/*
 * Close stdin after what is queued, wait, SIGTERM and SIGCONT to the group, wait, SIGKILL, sweep.
 * on_down comes at most CHILD_STOP_MAX_MS later. Calling it again does nothing.
 */
void child_stop(struct child *child);
/* SIGKILL to the whole tree now; on_down follows. */
void child_kill(struct child *child);
/*
 * Kills if needed, frees; no on_down after it. The last of a killed tree may end a little later:
 * launcher_close() waits for it.
 */
void child_free(struct child **child);

pid_t child_pid(const struct child *child); /* 0 before on_started */
/* The last lines of stderr, at most max_lines, joined by LF, raw (sanitize before showing). */
char *child_stderr_tail(const struct child *child, unsigned max_lines);
/* "exited with status 1", "was killed by signal 9 (Killed)", "could not be started: …". */
void child_exit_describe(const struct child_exit *how, char *text, size_t size);

#endif
