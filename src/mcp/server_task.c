/* SPDX-License-Identifier: MIT */
/*
 * The two forms differ in how a final state gives its result (tasks/result before 2026-07-28, in
 * the state itself since) and in how the server asks for input meanwhile (requests of its own,
 * which tasks/result lets come; inputRequests, which tasks/update answers).
 */
#include "config.h"

#include "mcp/server_task.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/json_write.h"
#include "base/mem.h"
#include "base/sanitize.h"
#include "mcp/server_internal.h"
#include "mcp/server_query.h"

#define MESSAGE_MAX_BYTES   ((size_t)16 << 10)
#define MESSAGE_SHOWN_BYTES 300
#define ANSWERED_MAX_BYTES  ((size_t)1 << 20)

struct server_task {
	struct server *server;
	const struct server_task_listener *listener;
	void *arg;
	char *id;      /* taskId, as JSON */
	char *message; /* the last one told, or NULL */
	long poll_ms, lifetime_ms;
	struct loop_timer poll_timer, lifetime_timer;
	struct server_query *query; /* the one that is out, or NULL */
	struct input_round *round;  /* its questions are being answered */
	struct buf answered;	    /* keys of the questions that were, a JSON array */
	unsigned rounds;
	bool freed;
};

static bool is_modern(const struct server_task *task)
{
	return task->server->era == SERVER_ERA_MODERN;
}

bool server_task_is(const struct server *server, struct json_span result, bool asked)
{
	if (server->era == SERVER_ERA_MODERN)
		return json_span_equals(json_span_member(result, "resultType"), "task");
	return asked && json_span_kind(json_span_member(result, "task")) == JSON_OBJECT;
}

char *server_task_members(long lifetime_ms)
{
	return mem_format(",\"task\":{\"ttl\":%ld}", lifetime_ms);
}

/* The end */

static void destroy(void *arg)
{
	struct server_task *task = arg;

	free(task->id);
	free(task->message);
	buf_clear(&task->answered);
	free(task);
}

void server_task_free(struct server_task **task_p)
{
	struct server_task *task = *task_p;
	struct loop *loop;

	if (!task)
		return;
	*task_p = NULL;
	task->freed = true;
	loop = task->server->context->loop;
	loop_timer_stop(&task->poll_timer);
	loop_timer_stop(&task->lifetime_timer);
	server_query_cancel(&task->query);
	input_round_free(&task->round);
	loop_free_later(loop, task, destroy);
}

static char *id_member(const struct server_task *task)
{
	return mem_format("\"taskId\":%s", task->id);
}

static void cancel_answered(void *arg, struct json_span result, const struct err *err)
{
	(void)arg;
	(void)result;
	(void)err; /* one that has ended already cannot be cancelled: that is all right */
}

static void tell_cancelled(struct server_task *task)
{
	char *params = id_member(task);

	(void)!server_query(task->server, "tasks/cancel", params, cancel_answered, NULL);
	free(params);
}

void server_task_cancel(struct server_task **task)
{
	if (*task)
		tell_cancelled(*task);
	server_task_free(task);
}

static void lose(struct server_task *task, const struct err *err)
{
	task->listener->on_lost(task->arg, err);
}

/* We do not want it any more: the server is told. */
static void give_up(struct server_task *task, const struct err *err)
{
	tell_cancelled(task);
	lose(task, err);
}

static void lifetime_over(void *arg)
{
	struct server_task *task = arg;
	struct err err;

	err_set(&err, ERR_TEMPORARY, "server \"%s\": its task had no end within %ld seconds",
		task->server->config->name, task->lifetime_ms / 1000);
	err.os_errno = ETIMEDOUT;
	give_up(task, &err);
}

/* Asking */

static void poll_now(void *arg);

static void poll_later(struct server_task *task)
{
	loop_timer_start(task->server->context->loop, &task->poll_timer, task->poll_ms, poll_now,
			 task);
}

/* The result itself, of a state that is final or waits for input (up to 2025-11-25). */
static void fetched(void *arg, struct json_span result, const struct err *err)
{
	struct server_task *task = arg;

	task->query = NULL;
	if (!err)
		task->listener->on_result(task->arg, result);
	else if (err->kind == ERR_UNAVAILABLE || err->kind == ERR_TEMPORARY)
		lose(task, err);
	else
		task->listener->on_failed(task->arg, err->text);
}

static void fetch(struct server_task *task, struct json_span state)
{
	char *params = id_member(task);

	(void)state;
	task->query = server_query_within(task->server, "tasks/result", params, task->lifetime_ms,
					  fetched, task);
	free(params);
}

static void take_completed(struct server_task *task, struct json_span state)
{
	struct json_span result = json_span_member(state, "result");
	struct err err;

	if (json_span_kind(result) == JSON_OBJECT) {
		task->listener->on_result(task->arg, result);
		return;
	}
	err_set(&err, ERR_PROTOCOL, "server \"%s\": its task is completed and has no result",
		task->server->config->name);
	lose(task, &err);
}

static void take_failed(struct server_task *task, struct json_span state)
{
	struct json_span message = json_span_member(json_span_member(state, "error"), "message");
	struct buf why, shown = BUF_INIT;

	buf_init(&why, MESSAGE_MAX_BYTES);
	if (json_span_kind(message) != JSON_STRING)
		message = json_span_member(state, "statusMessage");
	if (json_span_kind(message) != JSON_STRING || json_span_unescape(message, &why))
		buf_append_text(&why, "the server does not say why");
	sanitize_line(buf_text(&why), why.len, MESSAGE_SHOWN_BYTES, &shown);
	task->listener->on_failed(task->arg, buf_text(&shown));
	buf_clear(&why);
	buf_clear(&shown);
}

static void take_cancelled(struct server_task *task, struct json_span state)
{
	struct err err;

	(void)state;
	err_set(&err, ERR_UNAVAILABLE, "server \"%s\" cancelled the task of the call",
		task->server->config->name);
	lose(task, &err);
}

/* Its questions (2026-07-28) */

static void updated(void *arg, struct json_span result, const struct err *err)
{
	struct server_task *task = arg;

	(void)result;
	task->query = NULL;
	if (err)
		lose(task, err);
	else
		poll_later(task);
}

static void input_came(void *arg, const char *members, const struct err *err)
{
	struct server_task *task = arg;
	struct input_round *round = task->round; /* members and err are in it */
	char *params;

	task->round = NULL;
	if (err) {
		give_up(task, err);
	} else {
		params = mem_format("\"taskId\":%s,%s", task->id, members);
		task->query = server_query(task->server, "tasks/update", params, updated, task);
		free(params);
	}
	input_round_free(&round);
}

static bool was_answered(const struct server_task *task, struct json_span key)
{
	struct json_span list = {task->answered.data, task->answered.len}, item = {NULL, 0};

	while (list.at && json_span_next(list, &item))
		if (item.len == key.len && memcmp(item.at, key.at, key.len) == 0)
			return true;
	return false;
}

/* Those that were not asked before: a state repeats a question until its answer has arrived. */
static void collect_new(struct server_task *task, struct json_span requests, struct buf *out)
{
	struct json_span key = {NULL, 0}, value = {NULL, 0};
	struct buf keys = BUF_INIT;

	while (json_span_next_member(requests, &key, &value)) {
		if (was_answered(task, key))
			continue;
		buf_append_char(out, out->len > 0 ? ',' : '{');
		buf_append(out, key.at, key.len);
		buf_append_char(out, ':');
		buf_append(out, value.at, value.len);
		buf_append_char(&keys, ',');
		buf_append(&keys, key.at, key.len);
	}
	if (out->len > 0)
		buf_append_char(out, '}');
	if (keys.len > 0) {
		if (task->answered.len > 0) /* `[a]` becomes `[a,b]` */
			buf_truncate(&task->answered, task->answered.len - 1);
		else
			keys.data[0] = '[';
		buf_append(&task->answered, keys.data, keys.len);
		buf_append_char(&task->answered, ']');
	}
	buf_clear(&keys);
}

static void answer_questions(struct server_task *task, struct json_span state)
{
	struct buf open = BUF_INIT, result = BUF_INIT;
	struct err err;

	collect_new(task, json_span_member(state, "inputRequests"), &open);
	if (open.len == 0) {
		poll_later(task);
	} else if (++task->rounds > INPUT_ROUNDS_MAX || task->answered.overflowed) {
		err_set(&err, ERR_PROTOCOL, "server \"%s\": its task asked for more input %d times",
			task->server->config->name, INPUT_ROUNDS_MAX);
		give_up(task, &err);
	} else {
		buf_append_text(&result, "{\"inputRequests\":");
		buf_append(&result, open.data, open.len);
		buf_append_char(&result, '}');
		task->round =
			input_round_start(task->server, (struct json_span){result.data, result.len},
					  input_came, task);
	}
	buf_clear(&open);
	buf_clear(&result);
}

/* Its state */

static void keep_waiting(struct server_task *task, struct json_span state)
{
	(void)state;
	poll_later(task);
}

static void tell_message(struct server_task *task, struct json_span state)
{
	struct json_span span = json_span_member(state, "statusMessage");
	char *message = json_span_text(span, MESSAGE_MAX_BYTES);

	if (!message || (task->message && strcmp(message, task->message) == 0)) {
		free(message);
		return;
	}
	free(task->message);
	task->message = message;
	task->listener->on_message(task->arg, message);
}

static void take_interval(struct server_task *task, struct json_span state)
{
	int64_t ms;

	if (!json_span_int64(
		    json_span_member(state, is_modern(task) ? "pollIntervalMs" : "pollInterval"),
		    &ms))
		ms = TASK_POLL_MS;
	if (ms < TASK_POLL_MIN_MS)
		ms = TASK_POLL_MIN_MS;
	task->poll_ms = ms < TASK_POLL_MAX_MS ? (long)ms : TASK_POLL_MAX_MS;
}

static const struct {
	const char *status;
	void (*legacy)(struct server_task *task, struct json_span state);
	void (*modern)(struct server_task *task, struct json_span state);
} states[] = {
	{"working", keep_waiting, keep_waiting},       {"input_required", fetch, answer_questions},
	{"completed", fetch, take_completed},	       {"failed", fetch, take_failed},
	{"cancelled", take_cancelled, take_cancelled},
};

static void take_state(void *arg, struct json_span state, const struct err *err)
{
	struct server_task *task = arg;
	const struct json_span status = json_span_member(state, "status");
	struct err unknown;

	task->query = NULL;
	if (err) {
		lose(task, err);
		return;
	}
	take_interval(task, state);
	tell_message(task, state);
	if (task->freed)
		return;
	for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++) {
		if (!json_span_equals(status, states[i].status))
			continue;
		(is_modern(task) ? states[i].modern : states[i].legacy)(task, state);
		return;
	}
	err_set(&unknown, ERR_PROTOCOL, "server \"%s\": its task is in a state that is not known",
		task->server->config->name);
	give_up(task, &unknown);
}

static void poll_now(void *arg)
{
	struct server_task *task = arg;
	char *params = id_member(task);

	task->query = server_query(task->server, "tasks/get", params, take_state, task);
	free(params);
}

struct server_task *server_task_new(struct server *server, struct json_span result,
				    long lifetime_ms, const struct server_task_listener *listener,
				    void *arg, struct err *err)
{
	const bool modern = server->era == SERVER_ERA_MODERN;
	struct json_span state = modern ? result : json_span_member(result, "task");
	struct json_span id = json_span_member(state, "taskId");
	struct server_task *task;

	if (json_span_kind(id) != JSON_STRING || id.len > TASK_ID_MAX_BYTES) {
		err_set(err, ERR_PROTOCOL,
			"server \"%s\": its task has no id, or one of over %d "
			"bytes",
			server->config->name, TASK_ID_MAX_BYTES);
		return NULL;
	}
	task = mem_new(sizeof(*task));
	task->server = server;
	task->listener = listener;
	task->arg = arg;
	task->id = mem_string_len(id.at, id.len);
	task->lifetime_ms = lifetime_ms;
	buf_init(&task->answered, ANSWERED_MAX_BYTES);
	take_interval(task, state);
	if (!json_span_equals(json_span_member(state, "status"), "working"))
		task->poll_ms = 0; /* there is something to see already */
	poll_later(task);
	loop_timer_start(server->context->loop, &task->lifetime_timer, lifetime_ms, lifetime_over,
			 task);
	return task;
}

void server_task_nudge(struct server_task *task, struct json_span params)
{
	struct json_span id = json_span_member(params, "taskId");

	if (task->query || task->round || id.len != strlen(task->id) ||
	    memcmp(id.at, task->id, id.len) != 0)
		return;
	loop_timer_stop(&task->poll_timer);
	poll_now(task);
}
