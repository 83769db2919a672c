/* SPDX-License-Identifier: MIT */
/*
 * Starts a server by its keeper and follows it until it is down. What happens inside the server's
 * process before the exec is the keeper's matter; here are the pipes, the control socket, the
 * deadlines of stopping and the ring of stderr.
 */
#include "config.h"

#include "io/child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/trace.h"
#include "io/keeper_protocol.h"
#include "io/launcher.h"

#define STDERR_READ_BYTES 16384

struct ring { /* the last CHILD_STDERR_MAX_BYTES of stderr */
	char *bytes;
	size_t start, len;
};

enum stop_stage { STOP_NONE, STOP_STDIN, STOP_TERM, STOP_KILL };

struct child {
	struct loop *loop;
	char *name;
	const struct child_listener *listener;
	void *arg;
	struct stream *in, *out, *err;
	int control;
	struct loop_watch control_watch;
	struct loop_timer stop_timer, linger_timer;
	enum stop_stage stop;
	pid_t pid;
	struct ring ring;
	struct child_exit how;
	const char *why; /* it should end: see child_expect_end() */
	bool ended;	 /* reaped, or never started */
	bool out_ended;	 /* the owner has read stdout to its end */
	bool err_ended;
	bool down_queued; /* on_down is deferred or was called */
	bool freed;
};

/* stderr */

static void ring_add(struct ring *ring, const char *bytes, size_t len)
{
	if (!ring->bytes)
		ring->bytes = mem_new(CHILD_STDERR_MAX_BYTES);
	for (size_t i = 0; i < len; i++)
		ring->bytes[(ring->start + ring->len + i) % CHILD_STDERR_MAX_BYTES] = bytes[i];
	ring->len += len;
	if (ring->len > CHILD_STDERR_MAX_BYTES) {
		ring->start = (ring->start + ring->len) % CHILD_STDERR_MAX_BYTES;
		ring->len = CHILD_STDERR_MAX_BYTES;
	}
}

char *child_stderr_tail(const struct child *child, unsigned max_lines)
{
	const struct ring *ring = &child->ring;
	char *text = mem_new(ring->len + 1), *start;
	size_t len = ring->len;

	for (size_t i = 0; i < len; i++)
		text[i] = ring->bytes[(ring->start + i) % CHILD_STDERR_MAX_BYTES];
	while (len > 0 && (text[len - 1] == '\n' || text[len - 1] == '\r'))
		len--;
	text[len] = '\0';
	start = text + len;
	for (unsigned lines = 0; start > text; start--)
		if (start[-1] == '\n' && ++lines == max_lines)
			break;
	memmove(text, start, (size_t)(text + len - start) + 1);
	return text;
}

static void check_down(struct child *child);

static void drain_stderr(void *arg)
{
	struct child *child = arg;
	char bytes[STDERR_READ_BYTES];
	ssize_t n = stream_read(child->err, bytes, sizeof(bytes));

	if (n > 0) {
		ring_add(&child->ring, bytes, (size_t)n);
		trace_event("mcp.stderr", child->name, NULL, bytes, (size_t)n);
		if (child->listener->on_stderr)
			child->listener->on_stderr(child->arg, bytes, (size_t)n);
	} else if (n == 0 || errno != EAGAIN) {
		child->err_ended = true;
		stream_pause(child->err);
		check_down(child);
	}
}

static const struct stream_listener stderr_listener = {.on_readable = drain_stderr};

/* The end */

void child_exit_describe(const struct child_exit *how, char *text, size_t size)
{
	if (how->why) {
		snprintf(text, size, "%s, so it was stopped", how->why);
		return;
	}
	switch (how->end) {
	case CHILD_EXITED:
		snprintf(text, size, "exited with status %d", how->value);
		break;
	case CHILD_SIGNALED:
		snprintf(text, size, "was killed by signal %d (%s)", how->value,
			 strsignal(how->value));
		break;
	case CHILD_NOT_STARTED:
		snprintf(text, size, "could not be started: %s", strerror(how->value));
		break;
	}
}

static void tell_down(void *arg)
{
	struct child *child = arg;
	char text[128];

	child_exit_describe(&child->how, text, sizeof(text));
	trace_event("child.exit", child->name, text, NULL, 0);
	child->listener->on_down(child->arg, &child->how);
}

static void go_down(void *arg)
{
	struct child *child = arg;

	if (child->down_queued)
		return;
	child->down_queued = true;
	loop_timer_stop(&child->linger_timer);
	loop_timer_stop(&child->stop_timer);
	loop_defer(child->loop, tell_down, child);
}

/* Down: reaped and both outputs at their end, or a while after it was reaped. */
static void check_down(struct child *child)
{
	if (!child->ended || child->down_queued)
		return;
	if (child->out_ended && child->err_ended)
		go_down(child);
	else if (!loop_timer_active(&child->linger_timer))
		loop_timer_start(child->loop, &child->linger_timer, CHILD_LINGER_MS, go_down,
				 child);
}

void child_stdout_ended(struct child *child)
{
	child->out_ended = true;
	stream_pause(child->out);
	check_down(child);
}

/* The control socket */

static void let_go_of_keeper(struct child *child)
{
	loop_watch_stop(&child->control_watch);
	close(child->control);
	child->control = -1;
}

static void set_end(struct child *child, enum child_end end, int value)
{
	child->how = (struct child_exit){end, value, child->stop ? child->why : NULL};
	child->ended = true;
}

static void take_report(struct child *child, const struct keeper_report *report)
{
	switch (report->event) {
	case KEEPER_STARTED:
		child->pid = report->value;
		child->listener->on_started(child->arg, child->pid);
		break;
	case KEEPER_NOT_STARTED:
		set_end(child, CHILD_NOT_STARTED, report->value);
		break;
	case KEEPER_EXITED:
		if (WIFSIGNALED(report->value))
			set_end(child, CHILD_SIGNALED, WTERMSIG(report->value));
		else
			set_end(child, CHILD_EXITED, WEXITSTATUS(report->value));
		break;
	}
}

static void control_ready(void *arg, short revents)
{
	struct child *child = arg;
	struct keeper_report report;
	ssize_t n = recv(child->control, &report, sizeof(report), MSG_DONTWAIT);

	(void)revents;
	if (n == sizeof(report)) {
		take_report(child, &report);
		return;
	}
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	let_go_of_keeper(child);
	/* A keeper that was killed takes its server with it (PDEATHSIG is the server's own). */
	if (!child->ended)
		set_end(child, CHILD_SIGNALED, SIGKILL);
	check_down(child);
}

static void command(struct child *child, enum keeper_command what)
{
	const char byte = (char)what;

	if (child->control >= 0)
		(void)!send(child->control, &byte, 1, MSG_NOSIGNAL | MSG_DONTWAIT);
}

/* Stopping */

static void stop_next(void *arg)
{
	struct child *child = arg;

	switch (child->stop) {
	case STOP_NONE:
		child->stop = STOP_STDIN;
		stream_close_after_write(child->in);
		loop_timer_start(child->loop, &child->stop_timer, CHILD_STOP_STDIN_MS, stop_next,
				 child);
		break;
	case STOP_STDIN:
		child->stop = STOP_TERM;
		command(child, KEEPER_TERMINATE);
		loop_timer_start(child->loop, &child->stop_timer, CHILD_STOP_TERM_MS, stop_next,
				 child);
		break;
	case STOP_TERM:
		child->stop = STOP_KILL;
		command(child, KEEPER_KILL);
		loop_timer_start(child->loop, &child->stop_timer,
				 CHILD_STOP_MAX_MS - CHILD_STOP_STDIN_MS - CHILD_STOP_TERM_MS,
				 stop_next, child);
		break;
	case STOP_KILL:
		/* Not even the keeper answers; the end of its socket makes it kill and exit. */
		if (!child->ended)
			set_end(child, CHILD_SIGNALED, SIGKILL);
		go_down(child);
		break;
	}
}

static void end_expected(void *arg)
{
	struct child *child = arg;

	if (child->ended)
		check_down(child);
	else
		child_stop(child);
}

void child_expect_end(struct child *child, const char *why)
{
	if (child->ended || child->stop || child->why)
		return;
	child->why = why;
	loop_timer_start(child->loop, &child->stop_timer, CHILD_LINGER_MS, end_expected, child);
}

void child_stop(struct child *child)
{
	if (child->stop == STOP_NONE && !child->down_queued)
		stop_next(child);
}

void child_kill(struct child *child)
{
	if (child->stop == STOP_KILL || child->down_queued)
		return;
	child->stop = STOP_TERM;
	stop_next(child);
}

/* Starting */

struct pipes { /* [0] is read from, [1] is written to */
	int in[2], out[2], err[2], control[2];
};

static void close_pair(int pair[2])
{
	for (int i = 0; i < 2; i++)
		if (pair[i] >= 0)
			close(pair[i]);
}

static void pipes_close(struct pipes *pipes)
{
	close_pair(pipes->in);
	close_pair(pipes->out);
	close_pair(pipes->err);
	close_pair(pipes->control);
}

static int pipes_open(struct pipes *pipes)
{
	*pipes = (struct pipes){{-1, -1}, {-1, -1}, {-1, -1}, {-1, -1}};
	if (pipe2(pipes->in, O_CLOEXEC) || pipe2(pipes->out, O_CLOEXEC) ||
	    pipe2(pipes->err, O_CLOEXEC) ||
	    socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pipes->control)) {
		int os_errno = errno;

		pipes_close(pipes);
		errno = os_errno;
		return -1;
	}
	return 0;
}

static void child_adopt(struct child *child, struct pipes *pipes)
{
	close(pipes->in[0]);
	close(pipes->out[1]);
	close(pipes->err[1]);
	close(pipes->control[1]);
	child->in = stream_new(child->loop, pipes->in[1], STREAM_QUEUE_MAX_BYTES, NULL, NULL);
	child->out = stream_new(child->loop, pipes->out[0], 0, NULL, NULL);
	child->err = stream_new(child->loop, pipes->err[0], 0, &stderr_listener, child);
	child->control = pipes->control[0];
	loop_watch_start(child->loop, &child->control_watch, child->control, POLLIN, control_ready,
			 child);
}

struct child *child_start(struct loop *loop, const struct child_spec *spec,
			  const struct child_listener *listener, void *arg, struct err *err)
{
	struct child *child;
	struct pipes pipes;
	int status;

	if (pipes_open(&pipes)) {
		err_set_os(err, ERR_UNAVAILABLE, errno,
			   "server \"%s\" could not be started: no pipe (`ulimit -n`)", spec->name);
		return NULL;
	}
	status = launcher_start(
		spec, (const int[]){pipes.in[0], pipes.out[1], pipes.err[1], pipes.control[1]},
		err);
	if (status) {
		pipes_close(&pipes);
		return NULL;
	}
	trace_event("child.start", spec->name, spec->argv[0], NULL, 0);
	child = mem_new(sizeof(*child));
	child->loop = loop;
	child->name = mem_string(spec->name);
	child->listener = listener;
	child->arg = arg;
	child_adopt(child, &pipes);
	return child;
}

struct stream *child_stdin(struct child *child)
{
	return child->in;
}

struct stream *child_stdout(struct child *child)
{
	return child->out;
}

pid_t child_pid(const struct child *child)
{
	return child->pid;
}

static void child_destroy(void *object)
{
	struct child *child = object;

	free(child->ring.bytes);
	free(child->name);
	free(child);
}

void child_free(struct child **child_p)
{
	struct child *child = *child_p;

	if (!child)
		return;
	*child_p = NULL;
	loop_timer_stop(&child->stop_timer);
	loop_timer_stop(&child->linger_timer);
	loop_defer_cancel(child->loop, child);
	stream_free(&child->in);
	stream_free(&child->out);
	stream_free(&child->err);
	if (child->control >= 0) {
		command(child, KEEPER_KILL);
		let_go_of_keeper(child);
	}
	loop_free_later(child->loop, child, child_destroy);
}
