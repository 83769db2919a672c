/* SPDX-License-Identifier: MIT */
/*
 * MCP over a child's stdin and stdout: one message a line. What is no message is skipped and told.
 *
 * What is written in one turn of the loop goes out with one write(2) at its end. A line over
 * WORKER_JSON_MIN_BYTES is checked by a worker; until it is back nothing more is read, so that
 * order holds and the queue has one place.
 */
#include "config.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/json_write.h"
#include "base/lines.h"
#include "base/mem.h"
#include "base/trace.h"
#include "io/child.h"
#include "io/log_file.h"
#include "mcp/transport.h"

/* What is kept of the output buffer between turns. */
#define OUT_KEEP_BYTES ((size_t)64 << 10)

struct large_line { /* owned by the worker while it is there */
	struct transport_stdio *stdio;
	char *block, *line;
	size_t len;
	struct jsonrpc_message message;
	struct err err;
	int status;
};

struct transport_stdio {
	struct transport transport;
	struct loop *loop;
	struct worker_pool *workers;
	const struct transport_listener *listener;
	void *arg;
	char *name;
	struct server_config *config;
	struct child *child;
	struct lines lines;
	struct buf out; /* the lines of this turn */
	bool flush_queued;
	struct large_line *large;
	struct worker_job *large_job;
	struct log_file *log; /* of its stderr, or NULL */
	bool logged;	      /* it wrote something in this life */
	bool ended;	      /* stdout was read to its end */
	bool freed;
};

static struct transport_stdio *self(struct transport *transport)
{
	return (struct transport_stdio *)transport;
}

/* Reading */

/*
 * What cannot be read as a message. Nobody waits for ever for an answer that was broken: with its
 * id that request fails, without one the only one that is open.
 */
static void take_broken(struct transport_stdio *stdio, const struct jsonrpc_message *message,
			const struct err *why)
{
	struct err err;
	int64_t id;
	bool lost;

	if (!message->method.at && json_span_int64(message->id, &id)) {
		stdio->listener->on_noise(stdio->arg, why->text, false);
		err_set(&err, ERR_PROTOCOL, "server \"%s\": its answer is broken: %s", stdio->name,
			why->text);
		stdio->listener->on_failed(stdio->arg, id, &err);
	} else {
		lost = !message->method.at &&
		       jsonrpc_resembles(message->whole.at, message->whole.len);
		stdio->listener->on_noise(stdio->arg, why->text, lost);
	}
}

static void deliver_batch(struct transport_stdio *stdio, struct json_span array)
{
	struct json_span element = {NULL, 0};

	while (!stdio->freed && json_span_next(array, &element)) {
		struct jsonrpc_message message;
		char *no_block = NULL;
		struct err err;

		if (jsonrpc_read_span(element, &message, &err))
			take_broken(stdio, &message, &err);
		else
			stdio->listener->on_message(stdio->arg, &message, &no_block);
	}
}

static void deliver(struct transport_stdio *stdio, const struct jsonrpc_message *message,
		    char **block)
{
	stdio->listener->on_message(stdio->arg, message, block);
	if (message->kind == JSONRPC_BATCH)
		deliver_batch(stdio, message->whole);
}

static void large_line_free(void *arg)
{
	struct large_line *large = arg;

	free(large->block);
	free(large);
}

static void check_large_line(void *arg)
{
	struct large_line *large = arg;

	large->status = jsonrpc_read(large->line, large->len, &json_limits_splice, &large->message,
				     &large->err);
}

static bool take_lines(struct transport_stdio *stdio);

static void large_line_checked(void *arg)
{
	struct large_line *large = arg;
	struct transport_stdio *stdio = large->stdio;

	stdio->large = NULL;
	stdio->large_job = NULL;
	if (large->status)
		take_broken(stdio, &large->message, &large->err);
	else
		deliver(stdio, &large->message, &large->block);
	large_line_free(large);
	if (stdio->freed || !take_lines(stdio))
		return;
	if (stdio->ended)
		child_stdout_ended(stdio->child);
	else
		stream_resume(child_stdout(stdio->child));
}

static void hand_to_worker(struct transport_stdio *stdio, char *line, size_t len)
{
	struct large_line *large = mem_new(sizeof(*large));

	large->stdio = stdio;
	large->line = line;
	large->len = len;
	lines_take(&stdio->lines, &large->line, len, &large->block);
	stdio->large = large;
	stream_pause(child_stdout(stdio->child));
	stdio->large_job =
		worker_submit(stdio->workers, check_large_line, large_line_checked, large);
}

static void take_line(struct transport_stdio *stdio, const char *line, size_t len)
{
	struct jsonrpc_message message;
	char *no_block = NULL;
	struct err err;

	if (jsonrpc_read(line, len, &json_limits_default, &message, &err))
		take_broken(stdio, &message, &err);
	else
		deliver(stdio, &message, &no_block);
}

/* True when every whole line is gone; false: a worker has one, or we were freed. */
static bool take_lines(struct transport_stdio *stdio)
{
	enum lines_state state;
	char *line;
	size_t len;

	while (!stdio->freed && (state = lines_next(&stdio->lines, &line, &len)) != LINES_MORE) {
		if (state == LINES_TOO_LONG) {
			stdio->listener->on_noise(stdio->arg, "a line of more than 64 MiB", true);
			continue;
		}
		trace_event("mcp.receive", stdio->name, NULL, line, len);
		if (len > WORKER_JSON_MIN_BYTES) {
			hand_to_worker(stdio, line, len);
			return false;
		}
		take_line(stdio, line, len);
	}
	return !stdio->freed;
}

/* What has no end is taken if it is whole; how the server ended says more than where it is cut. */
static void take_last_line(struct transport_stdio *stdio)
{
	struct jsonrpc_message message;
	char *line, *no_block = NULL;
	struct err err;
	size_t len;

	if (lines_last(&stdio->lines, &line, &len) == LINES_LINE &&
	    jsonrpc_read(line, len, &json_limits_default, &message, &err) == 0)
		deliver(stdio, &message, &no_block);
}

static void stdout_ended(struct transport_stdio *stdio)
{
	stdio->ended = true;
	if (!stdio->large_job)
		take_last_line(stdio);
	if (stdio->freed)
		return;
	child_expect_end(stdio->child, "closed its stdout");
	if (!stdio->large_job)
		child_stdout_ended(stdio->child);
}

static void stdout_readable(void *arg)
{
	struct transport_stdio *stdio = arg;
	size_t space;
	char *at = lines_space(&stdio->lines, &space);
	ssize_t n;

	if (!at) { /* no memory for a line this long: it cannot be read any further */
		stdio->listener->on_noise(stdio->arg, "a line too long for the memory", true);
		if (!stdio->freed)
			child_kill(stdio->child);
		lines_clear(&stdio->lines);
		return;
	}
	n = stream_read(child_stdout(stdio->child), at,
			space < LINES_READ_BYTES ? space : LINES_READ_BYTES);
	if (n > 0) {
		lines_commit(&stdio->lines, (size_t)n);
		take_lines(stdio);
	} else if (n == 0 || errno != EAGAIN) {
		stdout_ended(stdio);
	}
}

static const struct stream_listener stdout_listener = {.on_readable = stdout_readable};

/* Writing */

static void stdin_failed(void *arg, int os_errno)
{
	struct transport_stdio *stdio = arg;

	(void)os_errno;
	child_expect_end(stdio->child, "closed its stdin");
}

static const struct stream_listener stdin_listener = {.on_write_error = stdin_failed};

static void flush(void *arg)
{
	struct transport_stdio *stdio = arg;

	stdio->flush_queued = false;
	if (stdio->out.len > 0 &&
	    stream_write(child_stdin(stdio->child), stdio->out.data, stdio->out.len))
		stdin_failed(stdio, errno);
	if (stdio->out.cap > OUT_KEEP_BYTES)
		buf_clear(&stdio->out);
	else
		buf_truncate(&stdio->out, 0);
}

/* The line that begins at `start` of out is complete. */
static int send_line(struct transport_stdio *stdio, size_t start, struct err *err)
{
	size_t queued = stream_queued(child_stdin(stdio->child));

	if (stdio->out.overflowed || queued + stdio->out.len > STREAM_QUEUE_MAX_BYTES) {
		buf_truncate(&stdio->out, start);
		return err_set(err, ERR_TEMPORARY,
			       "server \"%s\" does not read: %zu MiB wait for it", stdio->name,
			       STREAM_QUEUE_MAX_BYTES >> 20);
	}
	trace_event("mcp.send", stdio->name, NULL, stdio->out.data + start,
		    stdio->out.len - start - 1);
	if (!stdio->flush_queued) {
		stdio->flush_queued = true;
		loop_defer(stdio->loop, flush, stdio);
	}
	return 0;
}

static int stdio_request(struct transport *transport, int64_t id, const char *method,
			 const char *params, size_t len, const char *const *headers,
			 struct err *err)
{
	struct transport_stdio *stdio = self(transport);
	size_t start = stdio->out.len;

	(void)headers;
	jsonrpc_write_request(&stdio->out, id, method, params, len);
	return send_line(stdio, start, err);
}

static int stdio_notify(struct transport *transport, const char *method, const char *params,
			size_t len, struct err *err)
{
	struct transport_stdio *stdio = self(transport);
	size_t start = stdio->out.len;

	jsonrpc_write_notification(&stdio->out, method, params, len);
	return send_line(stdio, start, err);
}

static int stdio_answer(struct transport *transport, struct json_span id, int code,
			const char *text, size_t len, struct err *err)
{
	struct transport_stdio *stdio = self(transport);
	size_t start = stdio->out.len;

	if (code)
		jsonrpc_write_error(&stdio->out, id, code, text);
	else
		jsonrpc_write_result(&stdio->out, id, text, len);
	return send_line(stdio, start, err);
}

static void stdio_cancel(struct transport *transport, int64_t id, const char *reason)
{
	struct buf params = BUF_INIT;
	struct err err;

	buf_append_char(&params, '{');
	json_write_member_int(&params, "requestId", id);
	json_write_member(&params, "reason", reason);
	buf_append_char(&params, '}');
	/* One that cannot be told will find out: nobody waits for its answer. */
	(void)!stdio_notify(transport, "notifications/cancelled", params.data, params.len, &err);
	buf_clear(&params);
}

/* Life */

static void child_started(void *arg, pid_t pid)
{
	(void)arg;
	(void)pid;
}

/* What a person can do about it is in the entry: the reason names its program and its keys. */
static void describe_start_failure(const struct server_config *config, int os_errno, char *text,
				   size_t size)
{
	const char *program = config->argv[0];

	if (os_errno == ENOENT && !strchr(program, '/'))
		snprintf(text, size,
			 "could not be started: %.100s is not in PATH (install it, or give its "
			 "whole path as \"command\")",
			 program);
	else
		snprintf(text, size, "could not be started: %.100s: %s (check \"command\"%s)",
			 program, strerror(os_errno), config->cwd ? " and \"cwd\"" : "");
}

/* "== 2026-11-25T10:00:00Z WHAT": the lives of a server in its log are told apart. */
static void log_mark(struct transport_stdio *stdio, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
static void log_mark(struct transport_stdio *stdio, const char *format, ...)
{
	struct buf line = BUF_INIT;
	struct timespec now;
	va_list args;

	clock_gettime(CLOCK_REALTIME, &now);
	buf_append_text(&line, "== ");
	buf_append_time(&line, &now);
	buf_append_char(&line, ' ');
	va_start(args, format);
	buf_vformat(&line, format, args);
	va_end(args);
	buf_append_char(&line, '\n');
	log_file_append(stdio->log, line.data, line.len);
	buf_clear(&line);
}

static void child_wrote(void *arg, const char *bytes, size_t len)
{
	struct transport_stdio *stdio = arg;

	if (!stdio->log)
		return;
	if (!stdio->logged)
		log_mark(stdio, "%s, pid %ld", stdio->name, (long)child_pid(stdio->child));
	stdio->logged = true;
	log_file_append(stdio->log, bytes, len);
}

static void child_down(void *arg, const struct child_exit *how)
{
	struct transport_stdio *stdio = arg;
	char text[240];

	if (how->end == CHILD_NOT_STARTED)
		describe_start_failure(stdio->config, how->value, text, sizeof(text));
	else
		child_exit_describe(how, text, sizeof(text));
	if (stdio->logged)
		log_mark(stdio, "%s", text);
	stdio->listener->on_closed(stdio->arg, text, how->end == CHILD_NOT_STARTED);
}

static const struct child_listener child_listener = {
	.on_started = child_started,
	.on_stderr = child_wrote,
	.on_down = child_down,
};

static void stdio_stop(struct transport *transport)
{
	struct transport_stdio *stdio = self(transport);

	flush(stdio);
	child_stop(stdio->child);
}

static void stdio_kill(struct transport *transport)
{
	child_kill(self(transport)->child);
}

static pid_t stdio_pid(const struct transport *transport)
{
	return child_pid(((const struct transport_stdio *)transport)->child);
}

static char *stdio_stderr_tail(const struct transport *transport, unsigned max_lines)
{
	return child_stderr_tail(((const struct transport_stdio *)transport)->child, max_lines);
}

static void stdio_destroy(void *object)
{
	struct transport_stdio *stdio = object;

	lines_clear(&stdio->lines);
	buf_clear(&stdio->out);
	server_config_free(&stdio->config);
	free(stdio->name);
	free(stdio);
}

static void stdio_free(struct transport *transport)
{
	struct transport_stdio *stdio = self(transport);

	stdio->freed = true;
	loop_defer_cancel(stdio->loop, stdio);
	if (stdio->large_job)
		worker_cancel(stdio->large_job, large_line_free);
	child_free(&stdio->child);
	log_file_free(&stdio->log);
	loop_free_later(stdio->loop, stdio, stdio_destroy);
}

static const struct transport_ops stdio_ops = {
	.request = stdio_request,
	.notify = stdio_notify,
	.answer = stdio_answer,
	.cancel = stdio_cancel,
	.stop = stdio_stop,
	.kill = stdio_kill,
	.pid = stdio_pid,
	.stderr_tail = stdio_stderr_tail,
	.free = stdio_free,
};

static struct log_file *log_new(const struct mcp_context *context, const char *name)
{
	char *path = context->keep_logs && context->state_dir
			     ? mem_format("%s/logs/%s.log", context->state_dir, name)
			     : NULL;
	struct log_file *log = path ? log_file_new(context->loop, context->workers, path) : NULL;

	free(path);
	return log;
}

struct transport *transport_stdio_new(const struct mcp_context *context,
				      const struct server_config *config,
				      const struct transport_listener *listener, void *arg,
				      struct err *err)
{
	char **environment = server_config_environment(config);
	const struct child_spec spec = {
		.name = config->name,
		.argv = (const char *const *)config->argv,
		.env = (const char *const *)environment,
		.cwd = config->cwd,
		.new_privileges = config->new_privileges,
	};
	struct transport_stdio *stdio = mem_new(sizeof(*stdio));

	stdio->child = child_start(context->loop, &spec, &child_listener, stdio, err);
	string_list_free(&environment);
	if (!stdio->child) {
		free(stdio);
		return NULL;
	}
	stdio->transport.ops = &stdio_ops;
	stdio->loop = context->loop;
	stdio->workers = context->workers;
	stdio->listener = listener;
	stdio->arg = arg;
	stdio->config = server_config_ref(config);
	stdio->name = mem_string(config->name);
	stdio->log = log_new(context, config->name);
	lines_init(&stdio->lines, LINE_MAX_BYTES);
	buf_init(&stdio->out, STREAM_QUEUE_MAX_BYTES);
	stream_set_listener(child_stdin(stdio->child), &stdin_listener, stdio);
	stream_set_listener(child_stdout(stdio->child), &stdout_listener, stdio);
	return &stdio->transport;
}
