/* SPDX-License-Identifier: MIT */
/*
 * What may come between a call and its result: the server has to be started, wants input
 * (2026-07-28), has addresses opened first (2025-11-25), wants the tool listed anew, or works on it
 * as a task.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "mcp/server_call_internal.h"
#include "mcp/server_task.h"
#include "mcp/url_elicitation.h"

#define HEADER_MISMATCH (-32020)

/* More input */

static void input_came(void *arg, const char *members, const struct err *err)
{
	struct server_call *call = arg;
	struct input_round *round = call->round;
	struct err send_err;

	call->round = NULL;
	if (err)
		call_finish_failed(call, err);
	else if (call_send(call, members, &send_err))
		call_finish_failed(call, &send_err);
	input_round_free(&round);
}

static void ask_for_input(struct server_call *call, struct json_span result)
{
	struct err err;

	if (++call->rounds <= INPUT_ROUNDS_MAX) {
		call->round = input_round_start(call->server, result, input_came, call);
		return;
	}
	err_set(&err, ERR_PROTOCOL, "server \"%s\": it asked for more input %d times for one call",
		call->server->config->name, INPUT_ROUNDS_MAX);
	call_finish_failed(call, &err);
}

/* Errors that are not its end */

static void send_again(struct server_call *call)
{
	struct err err;

	if (call_send(call, NULL, &err))
		call_finish_failed(call, &err);
}

static void urls_opened(void *arg, const struct err *err)
{
	struct server_call *call = arg;
	const struct err failure = err ? *err : (struct err){0};

	url_elicitation_free(&call->urls);
	if (err)
		call_finish_failed(call, &failure);
	else
		send_again(call);
}

static bool wants_urls_opened(struct server_call *call, int64_t code)
{
	return code == URL_ELICITATION_REQUIRED && call->server->era == SERVER_ERA_LEGACY &&
	       ++call->rounds <= INPUT_ROUNDS_MAX;
}

/* The tool may have changed since it was listed (2026-07-28, "Custom Headers"): once, not for ever.
 */
static bool wants_tools_listed(struct server_call *call, int64_t code)
{
	if (code != HEADER_MISMATCH || call->server->era != SERVER_ERA_MODERN || call->listed_anew)
		return false;
	call->listed_anew = call->waits_for_tools = true;
	return true;
}

void server_calls_tools_listed(struct server *server)
{
	struct server_call *call = server->calls;

	while (call)
		if (call->waits_for_tools) {
			call->waits_for_tools = false;
			send_again(call);
			call = server->calls; /* the callback may have changed the list */
		} else {
			call = call->next;
		}
}

/* A server that has to be started */

/* In the order in which they were made: the newest is the first of the list. */
static struct server_call *next_to_start(const struct server *server)
{
	struct server_call *oldest = NULL;

	for (struct server_call *call = server->calls; call; call = call->next)
		if (call->waits_for_start)
			oldest = call;
	return oldest;
}

void server_calls_compare(struct server *server, const struct tool_list *tools)
{
	/* Of one that never ran nothing was known that could be another now: it has it, or not. */
	for (struct server_call *call = server->calls; call; call = call->next) {
		const struct tool *now = tool_list_find(tools, call->tool);

		if (call->waits_for_start)
			call->tool_changed =
				server->tools.count == 0
					? !now
					: !tool_equal(tool_list_find(&server->tools, call->tool),
						      now);
	}
}

/* The model chose it by what it was told of it, and a person may have allowed that. */
static void refuse_changed(struct server_call *call)
{
	const char *server = call->server->config->name;
	struct tool_result *result;

	if (tool_list_find(&call->server->tools, call->tool))
		result = tool_result_failure(
			"Error: the call was not made: the tool \"%s\" of server \"%s\" has "
			"changed since it was listed. Look at it as it is listed now, and call it "
			"again if that still fits.",
			call->tool, server);
	else
		result = tool_result_failure(
			"Error: the call was not made: server \"%s\" has no tool \"%s\" any more. "
			"Use the tools that are listed now.",
			server, call->tool);
	log_notice("server \"%s\": tool \"%s\" is not what it was in an earlier run; the model is "
		   "told",
		   server, call->tool);
	call_finish(call, result, NULL);
}

void server_calls_started(struct server *server)
{
	struct server_call *call;

	while (server->state == SERVER_READY && (call = next_to_start(server))) {
		call->waits_for_start = false;
		if (call->tool_changed)
			refuse_changed(call);
		else
			send_again(call);
	}
}

void server_calls_not_started(struct server *server)
{
	struct server_call *call;
	struct err err;

	while ((call = next_to_start(server))) {
		call->waits_for_start = false;
		err_set(&err, ERR_UNAVAILABLE, "%s",
			*server->reason ? server->reason : "its server was stopped");
		call_finish_failed(call, &err);
	}
}

/* A result that comes later */

static void task_message(void *arg, const char *message)
{
	call_progressed(arg, 0, -1, message);
}

static void task_result(void *arg, struct json_span result)
{
	struct server_call *call = arg;
	char *none = NULL;

	call->followed = true;
	server_task_free(&call->task);
	call_take_result(call, result, &none);
}

static void task_failed(void *arg, const char *why)
{
	call_finish(arg, tool_result_failure("Error: %s", why), NULL);
}

static void task_lost(void *arg, const struct err *err)
{
	call_finish_failed(arg, err);
}

static void follow_task(struct server_call *call, struct json_span created)
{
	static const struct server_task_listener listener = {
		.on_message = task_message,
		.on_result = task_result,
		.on_failed = task_failed,
		.on_lost = task_lost,
	};
	struct err err;

	call->task =
		server_task_new(call->server, created, call_max_ms(call), &listener, call, &err);
	if (!call->task)
		call_finish_failed(call, &err);
}

/* Which of them */

bool call_detour_result(struct server_call *call, struct json_span result)
{
	struct err err;
	int wants_input;

	call->id = 0;
	if (!call->followed && server_task_is(call->server, result, call->asks_for_task)) {
		follow_task(call, result);
		return true;
	}
	wants_input = input_is_required(call->server, result, &err);
	if (wants_input < 0)
		call_finish_failed(call, &err);
	else if (wants_input > 0)
		ask_for_input(call, result);
	return wants_input != 0;
}

bool call_detour_error(struct server_call *call, int64_t code, struct json_span error)
{
	call->id = 0;
	if (wants_urls_opened(call, code)) {
		call->urls = url_elicitation_start(call->server, error, urls_opened, call);
		return true;
	}
	if (wants_tools_listed(call, code)) {
		server_list_tools(call->server);
		return true;
	}
	return false;
}

void call_detour_free(struct server_call *call)
{
	input_round_free(&call->round);
	server_task_free(&call->task);
	url_elicitation_free(&call->urls);
}

/* What concerns them all */

/* It has no request open, and does not know that its server is gone. */
static bool waits_for_more(const struct server_call *call)
{
	return !call->job && (call->task || call->urls || call->waits_for_tools);
}

void server_calls_lose(struct server *server, const struct err *err)
{
	struct server_call *call = server->calls;

	while (call)
		if (waits_for_more(call)) {
			call_finish_failed(call, err);
			call = server->calls; /* the callback may have changed the list */
		} else {
			call = call->next;
		}
}

void server_calls_urls_opened(struct server *server, struct json_span params)
{
	for (struct server_call *call = server->calls, *next; call; call = next) {
		next = call->next;
		if (call->urls)
			url_elicitation_complete(call->urls, params);
	}
}

void server_calls_nudge(struct server *server, struct json_span params)
{
	for (struct server_call *call = server->calls; call; call = call->next)
		if (call->task && !call->job)
			server_task_nudge(call->task, params);
}
