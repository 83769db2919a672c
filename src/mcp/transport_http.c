/* SPDX-License-Identifier: MIT */
/*
 * The transport's life, and its session: begun by initialize, renewed when the server has forgotten
 * it (what was refused for that reason was not done, and is sent again), ended by DELETE.
 */
#include "config.h"

#include "mcp/transport_http.h"

#include <stdlib.h>
#include <string.h>

#include "base/json_write.h"
#include "base/log.h"
#include "base/mem.h"

#define RENEW_ID    "\"session\""
#define INITIALIZED "notifications/initialized"

static struct transport_http *self(struct transport *transport)
{
	return (struct transport_http *)transport;
}

/* The session */

void http_session_started(struct transport_http *owner, struct json_span result)
{
	struct buf version = BUF_INIT;

	free(owner->version);
	owner->version = NULL;
	if (json_span_unescape(json_span_member(result, "protocolVersion"), &version) == 0)
		owner->version = buf_take(&version);
	buf_clear(&version);
}

static void renew(struct transport_http *owner)
{
	struct http_message *message = http_message_new(owner, HTTP_RENEW, "initialize");
	struct buf body = BUF_INIT;

	owner->renewing = true;
	http_stream_close(owner);
	free(owner->session_id);
	owner->session_id = NULL;
	message->initialize = true;
	buf_append_text(&body, "{\"jsonrpc\":\"2.0\",\"id\":" RENEW_ID
			       ",\"method\":\"initialize\",\"params\":");
	buf_append_text(&body, owner->initialize_params);
	buf_append_char(&body, '}');
	message->body = buf_take(&body);
	http_message_send(message);
}

void http_session_lost(struct http_message *message)
{
	message->renewed = true;
	message->waits = true;
	http_exchange_free(&message->http);
	if (!message->owner->renewing)
		renew(message->owner);
}

static void open_session(struct transport_http *owner);

static void send_when_open(struct http_message *message)
{
	if (message->owner->opening && !message->modern && !message->initialize)
		message->held = true;
	else
		http_message_send(message);
}

void http_session_renewed(struct transport_http *owner, const struct err *err)
{
	owner->renewing = false;
	if (owner->freed || owner->stopping)
		return;
	if (err)
		http_session_opened(owner);
	else
		open_session(owner);
	for (struct http_message *message = owner->first, *next; message; message = next) {
		next = message->next;
		if (!message->waits || !message->renewed)
			continue;
		message->waits = false;
		if (!err) {
			send_when_open(message);
			continue;
		}
		http_message_fail(message, err);
		if (owner->freed)
			return;
		next = owner->first; /* the callback may have changed the list */
	}
}

/* Sending */

/* params.name or params.uri: what Mcp-Name says. */
static char *target_of(const char *method, struct json_span params)
{
	static const struct {
		const char *method, *member;
	} table[] = {{"tools/call", "name"},	 {"prompts/get", "name"},
		     {"resources/read", "uri"},	 {"tasks/get", "taskId"},
		     {"tasks/update", "taskId"}, {"tasks/cancel", "taskId"}};
	struct buf target = BUF_INIT;

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (strcmp(table[i].method, method) == 0 &&
		    json_span_unescape(json_span_member(params, table[i].member), &target) == 0)
			return buf_take(&target);
	buf_clear(&target);
	return NULL;
}

static char **copy_headers(const char *const *headers)
{
	size_t count = 0;
	char **copy;

	while (headers && headers[count])
		count++;
	copy = mem_new_array(count + 1, sizeof(*copy));
	for (size_t i = 0; i < count; i++)
		copy[i] = mem_string(headers[i]);
	return copy;
}

static char *without_newline(struct buf *line)
{
	buf_truncate(line, line->len - 1);
	return buf_take(line);
}

static int http_request(struct transport *transport, int64_t id, const char *method,
			const char *params, size_t len, const char *const *headers, struct err *err)
{
	struct transport_http *owner = self(transport);
	struct http_message *message = http_message_new(owner, HTTP_REQUEST, method);
	struct json_span span = {params, len};
	struct buf line = BUF_INIT;

	(void)err;
	message->id = id;
	message->initialize = strcmp(method, "initialize") == 0;
	message->modern =
		json_span_member(json_span_member(span, "_meta"), HTTP_MODERN_VERSION_KEY).at !=
		NULL;
	message->target = target_of(method, span);
	message->headers = copy_headers(headers);
	jsonrpc_write_request(&line, id, method, params, len);
	message->body = without_newline(&line);
	if (message->initialize) {
		free(owner->initialize_params);
		owner->initialize_params = mem_string_len(params, len);
	}
	send_when_open(message);
	return 0;
}

static struct http_message *new_message_of(struct transport_http *owner, const char *method,
					   struct buf *line)
{
	struct http_message *message = http_message_new(owner, HTTP_TELL, method);

	message->body = without_newline(line);
	return message;
}

static void opened_late(void *arg)
{
	http_session_opened(arg);
}

static void open_session(struct transport_http *owner)
{
	struct http_message *message;
	struct buf line = BUF_INIT;

	jsonrpc_write_notification(&line, INITIALIZED, NULL, 0);
	message = new_message_of(owner, INITIALIZED, &line);
	message->opens = true;
	owner->opening = true;
	loop_timer_start(owner->context->loop, &owner->opening_timer, HTTP_OPENING_MAX_MS,
			 opened_late, owner);
	http_message_send(message);
}

void http_session_told(struct transport_http *owner)
{
	if (owner->freed || owner->stopping || !owner->opening)
		return;
	http_stream_open(owner);
	if (owner->sse_only || !owner->stream.http)
		http_session_opened(owner);
}

static struct http_message *first_held(const struct transport_http *owner)
{
	struct http_message *found = NULL;

	for (struct http_message *message = owner->first; message; message = message->next)
		if (message->held)
			found = message; /* the list begins with the newest */
	return found;
}

void http_session_opened(struct transport_http *owner)
{
	struct http_message *message;

	owner->opening = false;
	loop_timer_stop(&owner->opening_timer);
	while ((message = first_held(owner))) {
		message->held = false;
		http_message_send(message);
	}
}

static int http_notify(struct transport *transport, const char *method, const char *params,
		       size_t len, struct err *err)
{
	struct transport_http *owner = self(transport);
	struct buf line = BUF_INIT;

	(void)err;
	if (strcmp(method, INITIALIZED) == 0) {
		open_session(owner);
		return 0;
	}
	jsonrpc_write_notification(&line, method, params, len);
	http_message_send(new_message_of(owner, method, &line));
	return 0;
}

static int http_answer(struct transport *transport, struct json_span id, int code, const char *text,
		       size_t len, struct err *err)
{
	struct buf line = BUF_INIT;

	(void)err;
	if (code)
		jsonrpc_write_error(&line, id, code, text);
	else
		jsonrpc_write_result(&line, id, text, len);
	http_message_send(new_message_of(self(transport), "", &line));
	return 0;
}

/* Closing the stream cancels in 2026-07-28; before, a notification does. */
static void http_cancel_request(struct transport *transport, int64_t id, const char *reason)
{
	struct transport_http *owner = self(transport);
	struct http_message *message = owner->first;
	struct buf params = BUF_INIT;
	struct err err;

	while (message && (message->kind != HTTP_REQUEST || message->id != id))
		message = message->next;
	if (!message)
		return;
	if (!message->modern && !message->initialize && !message->waits && !message->held) {
		buf_append_char(&params, '{');
		json_write_member_int(&params, "requestId", id);
		json_write_member(&params, "reason", reason);
		buf_append_char(&params, '}');
		(void)!http_notify(transport, "notifications/cancelled", params.data, params.len,
				   &err);
		buf_clear(&params);
	}
	http_message_free(message);
}

/* The end */

/* except_told: what is on its way and needs no answer stays. */
static void drop_messages(struct transport_http *owner, bool except_told)
{
	loop_timer_stop(&owner->opening_timer);
	http_stream_close(owner);
	for (struct http_message *message = owner->first, *next; message; message = next) {
		next = message->next;
		if (!except_told || message->kind != HTTP_TELL || message->opens || !message->http)
			http_message_free(message);
	}
}

static void tell_closed(void *arg)
{
	struct transport_http *owner = arg;

	owner->leaving = true;
	loop_timer_stop(&owner->farewell_timer);
	http_cancel(&owner->farewell);
	owner->listener->on_closed(owner->arg, "was stopped", false);
}

static void farewell_done(void *arg, const struct err *err)
{
	(void)err; /* 405 is as good as 200, and nobody waits for a server that is gone */
	tell_closed(arg);
}

static void farewell_data(void *arg, const char *bytes, size_t len)
{
	(void)arg;
	(void)bytes;
	(void)len;
}

static void say_farewell(struct transport_http *owner)
{
	static const struct http_listener listener = {.on_data = farewell_data,
						      .on_done = farewell_done};
	char **headers = http_headers_for(owner, NULL, NULL);
	const struct http_request request = {
		.method = "DELETE",
		.url = owner->config->url,
		.headers = (const char *const *)headers,
		.trace_name = owner->config->name,
	};
	struct err err;

	owner->farewell = http_start(owner->context->http, &request, &listener, owner, &err);
	string_list_free(&headers);
}

static void leave(struct transport_http *owner)
{
	owner->leaving = true;
	if (owner->session_id)
		say_farewell(owner);
	if (!owner->farewell)
		loop_defer(owner->context->loop, tell_closed, owner);
}

void http_message_gone(struct transport_http *owner)
{
	if (owner->stopping && !owner->leaving && !owner->freed && !owner->first)
		leave(owner);
}

/*
 * Nobody waits for answers any more, but a server that works on a call learns that it was
 * cancelled: a connection that ends says nothing (2025-11-25, "Sending Messages to the Server").
 */
static void http_stop(struct transport *transport)
{
	struct transport_http *owner = self(transport);

	if (owner->stopping)
		return;
	owner->stopping = true;
	loop_timer_start(owner->context->loop, &owner->farewell_timer, HTTP_FAREWELL_MS,
			 tell_closed, owner);
	drop_messages(owner, true);
	http_message_gone(owner); /* there may have been none */
}

static void http_kill(struct transport *transport)
{
	struct transport_http *owner = self(transport);

	if (owner->stopping)
		return;
	owner->stopping = owner->leaving = true;
	drop_messages(owner, false);
	loop_defer(owner->context->loop, tell_closed, owner);
}

static pid_t http_pid(const struct transport *transport)
{
	(void)transport;
	return 0;
}

static char *http_stderr_tail(const struct transport *transport, unsigned max_lines)
{
	(void)transport;
	(void)max_lines;
	return mem_string("");
}

static void destroy(void *arg)
{
	struct transport_http *owner = arg;

	server_config_free(&owner->config);
	free(owner->session_id);
	free(owner->version);
	free(owner->initialize_params);
	free(owner->endpoint);
	free(owner);
}

static void http_free_transport(struct transport *transport)
{
	struct transport_http *owner = self(transport);

	owner->freed = true;
	drop_messages(owner, false);
	loop_timer_stop(&owner->farewell_timer);
	http_cancel(&owner->farewell);
	loop_defer_cancel(owner->context->loop, owner);
	loop_free_later(owner->context->loop, owner, destroy);
}

static const struct transport_ops http_ops = {
	.request = http_request,
	.notify = http_notify,
	.answer = http_answer,
	.cancel = http_cancel_request,
	.stop = http_stop,
	.kill = http_kill,
	.pid = http_pid,
	.stderr_tail = http_stderr_tail,
	.free = http_free_transport,
};

struct transport *transport_http_new(const struct mcp_context *context,
				     const struct server_config *config,
				     const struct transport_listener *listener, void *arg,
				     struct err *err)
{
	struct transport_http *owner;

	if (!context->http) {
		err_set(err, ERR_INTERNAL, "server \"%s\" needs HTTP", config->name);
		return NULL;
	}
	owner = mem_new(sizeof(*owner));
	owner->transport.ops = &http_ops;
	owner->context = context;
	owner->config = server_config_ref(config);
	owner->listener = listener;
	owner->arg = arg;
	return &owner->transport;
}
