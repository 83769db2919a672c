/* SPDX-License-Identifier: MIT */
/*
 * tools/call, from the arguments to a tool_result. A large result is rendered by a worker; the
 * caller then owns the one block of memory that the server's bytes came in.
 */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/json_write.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/sanitize.h"
#include "mcp/server_call_internal.h"
#include "mcp/server_task.h"

static void unlink_call(struct server_call *call)
{
	*call->previous = call->next;
	if (call->next)
		call->next->previous = call->previous;
	server_note_use(call->server);
	server_settle_drain(call->server);
}

static void call_destroy(void *arg)
{
	struct server_call *call = arg;

	call_detour_free(call);
	tool_result_free(&call->result);
	free(call->tool);
	free(call->arguments);
	free(call->block);
	free(call);
}

long call_max_ms(const struct server_call *call)
{
	const long max_ms = call->server->config->max_timeout_ms;

	return max_ms ? max_ms : call->timeout_ms * SERVER_TIMEOUT_HARD_FACTOR;
}

void call_finish(struct server_call *call, struct tool_result *result, const struct err *err)
{
	call->server->record.calls_failed += err != NULL;
	unlink_call(call);
	call->listener->on_done(call->arg, result, err);
	call_destroy(call);
}

void call_finish_failed(struct server_call *call, const struct err *err)
{
	if (err->os_errno == ETIMEDOUT)
		server_note_silence(call->server);
	server_forget(call->server);
	call_finish(call, tool_result_failure("Error: %s", err->text), err);
}

/* A result */

static void render_result(void *arg)
{
	struct server_call *call = arg;
	void *block = call->block;

	call->block = NULL;
	call->result = tool_result_new(call->span, block, call->text_max_bytes, &call->err);
}

/* The result goes on all the same: what the model can use of it is for the model to say. */
static void check_output(const struct server_call *call, const struct tool_result *result)
{
	const struct tool *tool = tool_list_find(&call->server->tools, call->tool);
	struct err err;

	if (tool && !result->is_error && result->json.len <= WORKER_JSON_MIN_BYTES &&
	    tool_check_output(tool, result->json, &err)) {
		deviation_note(&call->server->deviations, RULE_STRUCTURED_CONTENT,
			       "tool \"%s\": %s", call->tool, err.text);
		log_warning(
			"server \"%s\", tool \"%s\": its result does not fit its outputSchema: %s",
			call->server->config->name, call->tool, err.text);
	}
}

static void result_rendered(void *arg)
{
	struct server_call *call = arg;
	struct tool_result *result = call->result;
	struct err err;

	call->job = NULL;
	call->result = NULL;
	if (result) {
		check_output(call, result);
		call_finish(call, result, NULL);
		return;
	}
	err_set(&err, ERR_PROTOCOL, "server \"%s\": %s", call->server->config->name,
		call->err.text);
	call_finish_failed(call, &err);
}

void call_take_result(struct server_call *call, struct json_span result, char **block)
{
	if (call_detour_result(call, result))
		return;
	if (*block) { /* the bytes are ours to keep */
		call->block = *block;
		call->span = result;
		*block = NULL;
	} else {
		call->block = mem_string_len(result.at, result.len);
		call->span = (struct json_span){call->block, result.len};
	}
	if (result.len > WORKER_JSON_MIN_BYTES) {
		call->job = worker_submit(call->server->context->workers, render_result,
					  result_rendered, call);
		return;
	}
	render_result(call);
	result_rendered(call);
}

/* An error of the protocol's is the tool's answer too: the model may do better the next time. */
static void take_error(struct server_call *call, struct json_span error)
{
	struct buf message = BUF_INIT;
	int64_t code = 0;

	(void)json_span_int64(json_span_member(error, "code"), &code);
	if (call_detour_error(call, code, error))
		return;
	if (json_span_unescape(json_span_member(error, "message"), &message))
		buf_append(&message, error.at, error.len);
	if (message.len > SERVER_ERROR_MAX_BYTES) {
		size_t shown = utf8_cut(message.data, SERVER_ERROR_MAX_BYTES);
		size_t left_out = message.len - shown;

		buf_truncate(&message, shown);
		buf_format(&message, " [%zu bytes were left out here]", left_out);
	}
	server_forget(call->server); /* perhaps its tools are others by now */
	call_finish(call,
		    tool_result_failure("Error %lld: %s", (long long)code, buf_text(&message)),
		    NULL);
	buf_clear(&message);
}

static void replied(void *arg, const struct jsonrpc_message *reply, char **block,
		    const struct err *err)
{
	struct server_call *call = arg;

	if (reply)
		server_note_answer(call->server);
	if (!reply)
		call_finish_failed(call, err);
	else if (reply->kind == JSONRPC_ERROR)
		take_error(call, reply->error);
	else
		call_take_result(call, reply->result, block);
}

void call_progressed(void *arg, double progress, double total, const char *message)
{
	struct server_call *call = arg;

	if (call->listener->on_progress)
		call->listener->on_progress(call->arg, progress, total, message);
}

/* In 2026-07-28 it is the server that decides, at each call. */
static bool must_be_a_task(const struct server *server, const struct tool *tool)
{
	return tool->task_required && server->era == SERVER_ERA_LEGACY;
}

bool server_can_call(const struct server *server, const struct tool *tool)
{
	return !must_be_a_task(server, tool) || server_has(server, SERVER_TASKS);
}

static void append_task(const struct server_call *call, struct buf *params)
{
	char *members = server_task_members(call_max_ms(call));

	buf_append_text(params, members);
	free(members);
}

/* The call */

static void not_sent(void *arg)
{
	struct server_call *call = arg;
	struct err err = call->failure;

	call_finish_failed(call, &err);
}

static char **headers_of(const struct server_call *call, const struct tool *tool)
{
	const struct json_span arguments = {call->arguments, strlen(call->arguments)};

	if (!tool || tool->headers.count == 0 || call->server->era != SERVER_ERA_MODERN)
		return NULL;
	return tool_headers_make(&tool->headers, arguments);
}

/* more: members that answer what the server asked, or NULL. */
int call_send(struct server_call *call, const char *more, struct err *err)
{
	struct server *server = call->server;
	struct rpc_request request = {
		.method = "tools/call",
		.timeout_ms = call->timeout_ms,
		.hard_ms = call_max_ms(call),
		.on_reply = replied,
		.on_progress = call_progressed,
		.arg = call,
	};
	const struct tool *tool = tool_list_find(&server->tools, call->tool);
	char **headers;
	struct buf *params;

	if (server->state != SERVER_READY)
		return server_refuse_unready(server, "the call was not made", err);
	headers = headers_of(call, tool);
	request.headers = (const char *const *)headers;
	params = rpc_params(server->rpc, &request);
	json_write_member(params, "name", call->tool);
	json_write_key(params, "arguments");
	buf_append_text(params, call->arguments);
	if (tool && must_be_a_task(server, tool) && server_has(server, SERVER_TASKS)) {
		call->asks_for_task = true;
		append_task(call, params);
	}
	if (more && *more) {
		buf_append_char(params, ',');
		buf_append_text(params, more);
	}
	call->id = rpc_send(server->rpc, &request, err);
	string_list_free(&headers);
	if (call->id < 0) {
		call->id = 0;
		return -1;
	}
	return 0;
}

/* One line: blanks between tokens may hold newlines. */
static char *one_line(const char *json, size_t len)
{
	struct buf line = BUF_INIT;

	if (!memchr(json, '\n', len) && !memchr(json, '\r', len))
		return mem_string_len(json, len);
	json_write_compact(&line, json, len);
	return buf_take(&line);
}

struct server_call *server_call_tool(struct server *server, const char *tool, const char *arguments,
				     size_t arguments_len,
				     const struct server_call_options *options,
				     const struct server_call_listener *listener, void *arg)
{
	struct server_call *call = mem_new(sizeof(*call));

	call->server = server;
	call->listener = listener;
	call->arg = arg;
	call->text_max_bytes = options->text_max_bytes;
	call->timeout_ms = options->timeout_ms ? options->timeout_ms : server->config->timeout_ms;
	call->tool = mem_string(tool);
	call->arguments = one_line(arguments, arguments_len);
	call->next = server->calls;
	call->previous = &server->calls;
	if (server->calls)
		server->calls->previous = &call->next;
	server->calls = call;
	server->record.calls++;
	server_note_use(server);
	if (server_check_draining(server, &call->failure))
		loop_defer(server->context->loop, not_sent, call);
	else if (server_wake(server))
		call->waits_for_start = true;
	else if (call_send(call, NULL, &call->failure))
		loop_defer(server->context->loop, not_sent, call);
	return call;
}

static void drop_call(struct server_call *call)
{
	unlink_call(call);
	loop_defer_cancel(call->server->context->loop, call);
	if (call->job)
		worker_cancel(call->job, call_destroy);
	else
		call_destroy(call);
}

void server_cancel_call(struct server_call **call_p, const char *reason)
{
	struct server_call *call = *call_p;

	if (!call)
		return;
	*call_p = NULL;
	if (call->id && !call->job && call->server->rpc)
		rpc_cancel(call->server->rpc, call->id, reason);
	server_task_cancel(&call->task);
	drop_call(call);
}

void server_calls_drop(struct server *server)
{
	for (struct server_call *call = server->calls, *next; call; call = next) {
		next = call->next;
		if (call->id && server->rpc && !call->job)
			rpc_cancel(server->rpc, call->id, "the host ends");
		drop_call(call);
	}
}
