/* SPDX-License-Identifier: MIT */
/*
 * One JSON-RPC message by POST, and its answer: as JSON, as a stream of events, or as a status. A
 * stream that ends before the answer is resumed where the server gave event ids, and begun anew
 * where nothing can happen twice.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/json_write.h"
#include "base/lines.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/sanitize.h"
#include "mcp/transport_http.h"

static void events_drained(void *arg);

struct http_message *http_message_new(struct transport_http *owner, enum http_message_kind kind,
				      const char *method)
{
	struct http_message *message = mem_new(sizeof(*message));

	message->owner = owner;
	message->kind = kind;
	message->method = mem_string(method);
	buf_init(&message->reply, LINE_MAX_BYTES);
	http_events_init(&message->events, owner, message, events_drained, message);
	message->next = owner->first;
	message->previous = &owner->first;
	if (owner->first)
		owner->first->previous = &message->next;
	owner->first = message;
	return message;
}

static void destroy(void *arg)
{
	struct http_message *message = arg;

	sse_free(&message->sse);
	buf_clear(&message->reply);
	string_list_free(&message->headers);
	free(message->method);
	free(message->target);
	free(message->body);
	free(message->authorization);
	free(message);
}

void http_message_free(struct http_message *message)
{
	struct loop *loop = message->owner->context->loop;

	if (message->freed)
		return;
	message->freed = true;
	*message->previous = message->next;
	if (message->next)
		message->next->previous = message->previous;
	if (message->owner->fallback == message)
		message->owner->fallback = NULL;
	loop_timer_stop(&message->timer);
	loop_defer_cancel(loop, message);
	if (message->challenges && message->owner->context->authorizer)
		message->owner->context->authorizer->cancel(message->owner->context->authorizer,
							    message);
	http_cancel(&message->http);
	http_events_drop(&message->events);
	/* It may be freed inside its own stream's callback, or while a worker reads its reply. */
	if (message->job)
		worker_cancel(message->job, destroy);
	else
		loop_free_later(loop, message, destroy);
	if (message->opens)
		http_session_told(message->owner);
	http_message_gone(message->owner);
}

/* Failures */

void http_message_fail(struct http_message *message, const struct err *err)
{
	struct transport_http *owner = message->owner;
	const int64_t id = message->id;
	const enum http_message_kind kind = message->kind;

	http_message_free(message);
	switch (kind) {
	case HTTP_REQUEST:
		owner->listener->on_failed(owner->arg, id, err);
		break;
	case HTTP_TELL:
		log_warning("%s", err->text);
		break;
	case HTTP_RENEW:
		http_session_renewed(owner, err);
		break;
	}
}

static void fail(struct http_message *message, enum err_kind kind, const char *what)
{
	struct err err;

	err_set(&err, kind, "server \"%s\": %s", message->owner->config->name, what);
	http_message_fail(message, &err);
}

static void fail_later(void *arg)
{
	struct http_message *message = arg;

	fail(message, message->err.kind, message->err.text);
}

/* "HTTP 404: what the body says", in one line. The caller frees. */
static char *describe_status(const struct http_message *message)
{
	struct buf text = BUF_INIT;

	buf_format(&text, "it answered with HTTP %ld", http_status(message->http));
	if (message->reply.len > 0) {
		buf_append_text(&text, ": ");
		sanitize_line(message->reply.data, message->reply.len, HTTP_ERROR_SHOWN_BYTES,
			      &text);
	}
	return buf_take(&text);
}

/* Taking what came */

static bool is_answer_to(const struct http_message *message, const struct jsonrpc_message *got)
{
	int64_t id;

	if (!message || (got->kind != JSONRPC_RESULT && got->kind != JSONRPC_ERROR))
		return false;
	if (!got->id.at ||
	    json_span_kind(got->id) == JSON_NULL) /* a request that it could not read */
		return got->kind == JSONRPC_ERROR;
	return message->kind == HTTP_RENEW || (json_span_int64(got->id, &id) && id == message->id);
}

static struct http_message *find(struct transport_http *owner, const struct jsonrpc_message *got)
{
	for (struct http_message *message = owner->first; message; message = message->next)
		if (message->kind == HTTP_REQUEST && !message->answered && got->id.at &&
		    is_answer_to(message, got))
			return message;
	return NULL;
}

static void take_renewal(struct http_message *message, const struct jsonrpc_message *got)
{
	struct err err;

	err_set(&err, ERR_TEMPORARY, "server \"%s\": it refused a new session",
		message->owner->config->name);
	if (got->kind == JSONRPC_RESULT)
		http_session_started(message->owner, got->result);
	http_session_renewed(message->owner, got->kind == JSONRPC_RESULT ? NULL : &err);
}

static void take_one(struct transport_http *owner, struct http_message *message,
		     struct jsonrpc_message *got, char **block)
{
	char id[24];

	if (!is_answer_to(message, got))
		message = find(owner, got);
	if (!message) {
		owner->listener->on_message(owner->arg, got, block);
		return;
	}
	if (message->answered)
		return;
	message->answered = true;
	if (message->kind == HTTP_RENEW) {
		take_renewal(message, got);
		return;
	}
	if (message->initialize && got->kind == JSONRPC_RESULT)
		http_session_started(owner, got->result);
	snprintf(id, sizeof(id), "%lld", (long long)message->id);
	got->id = (struct json_span){id, strlen(id)};
	owner->listener->on_message(owner->arg, got, block);
}

void http_take_message(struct transport_http *owner, struct http_message *message,
		       struct jsonrpc_message *got, char **block)
{
	struct json_span element = {NULL, 0};

	if (got->kind != JSONRPC_BATCH) {
		take_one(owner, message, got, block);
		return;
	}
	owner->listener->on_message(owner->arg, got, block);
	while (!owner->freed && json_span_next(got->whole, &element)) {
		struct jsonrpc_message one;
		char *none = NULL;
		struct err err;

		if (jsonrpc_read_span(element, &one, &err))
			owner->listener->on_noise(owner->arg, err.text, false);
		else
			take_one(owner, message, &one, &none);
	}
}

void http_take_text(struct transport_http *owner, struct http_message *message, const char *text,
		    size_t len, char **block)
{
	struct jsonrpc_message got;
	struct err err;

	if (jsonrpc_read(text, len, &json_limits_splice, &got, &err))
		owner->listener->on_noise(owner->arg, err.text, false);
	else
		http_take_message(owner, message, &got, block);
}

/* An answer as JSON */

static void reply_taken(struct http_message *message)
{
	if (message->freed)
		return;
	if (message->answered || message->kind == HTTP_TELL)
		http_message_free(message);
	else if (!message->owner->sse_only)
		fail(message, ERR_PROTOCOL, "its answer is no answer to the request");
}

static void read_reply(void *arg)
{
	struct http_message *message = arg;

	message->unreadable = jsonrpc_read(buf_text(&message->reply), message->reply.len,
					   &json_limits_splice, &message->got, &message->err) != 0;
}

static void reply_read(void *arg)
{
	struct http_message *message = arg;
	struct transport_http *owner = message->owner;
	char *text = buf_take(&message->reply); /* where the spans of `got` are */

	message->job = NULL;
	if (message->unreadable)
		owner->listener->on_noise(owner->arg, message->err.text, false);
	else
		http_take_message(owner, message, &message->got, &text);
	free(text);
	reply_taken(message);
}

static void take_reply(struct http_message *message)
{
	if (message->reply.len > WORKER_JSON_MIN_BYTES) {
		message->job = worker_submit(message->owner->context->workers, read_reply,
					     reply_read, message);
		return;
	}
	read_reply(message);
	reply_read(message);
}

/* Refusals */

static void authorized(void *arg, bool retry, const struct err *err)
{
	struct http_message *message = arg;

	message->waits = false;
	if (retry)
		http_message_send(message);
	else
		http_message_fail(message, err);
}

static void take_challenge(struct http_message *message, long status)
{
	struct authorizer *authorizer = message->owner->context->authorizer;
	const struct server_config *config = message->owner->config;
	char *header = http_header_joined(message->http, "WWW-Authenticate");
	const struct authorizer_challenge challenge = {
		.status = status,
		.header = header,
		.used = message->authorization,
	};
	struct err err;

	http_exchange_free(&message->http);
	if (authorizer && message->challenges < HTTP_CHALLENGES_MAX) {
		message->challenges++;
		message->waits = true;
		authorizer->challenge(authorizer, config, &challenge, authorized, message);
	} else {
		err_set(&err, ERR_PERMISSION,
			status == 401 ? "server \"%s\" needs login: run `cordpair login %s`"
				      : "server \"%s\" refuses this with HTTP 403; `cordpair login "
					"%s` may ask for more",
			config->name, config->name);
		http_message_fail(message, &err);
	}
	free(header);
}

/* The session is unknown: 404 says the specification, 400 say many servers. */
static bool says_session_lost(const struct http_message *message, long status)
{
	if (!message->owner->session_id || message->initialize || message->modern ||
	    message->renewed || message->kind == HTTP_RENEW)
		return false;
	return status == 404 ||
	       (status == 400 && (strcasestr(buf_text(&message->reply), "session") ||
				  strcasestr(buf_text(&message->reply), "not initialized")));
}

/* 4xx with a JSON-RPC error is an answer; without, one is made of it. */
static void take_refusal(struct http_message *message)
{
	char *what = describe_status(message);
	struct jsonrpc_message got;
	struct buf text = BUF_INIT;
	char *none = NULL;
	struct err err;

	if (jsonrpc_read(buf_text(&message->reply), message->reply.len, &json_limits_default, &got,
			 &err) ||
	    got.kind != JSONRPC_ERROR) {
		buf_format(&text, "{\"jsonrpc\":\"2.0\",\"id\":null,\"error\":{\"code\":%d",
			   JSONRPC_INVALID_REQUEST);
		json_write_member(&text, "message", what);
		buf_append_text(&text, "}}");
		http_take_text(message->owner, message, text.data, text.len, &none);
	} else {
		http_take_message(message->owner, message, &got, &none);
	}
	buf_clear(&text);
	free(what);
	reply_taken(message);
}

static void take_status(struct http_message *message, long status)
{
	const bool falls_back = message->initialize && message->kind == HTTP_REQUEST &&
				!message->owner->sse_only &&
				(status == 400 || status == 404 || status == 405);
	char *what = describe_status(message);

	if (status == 401 || (status == 403 && http_header(message->http, "WWW-Authenticate")))
		take_challenge(message, status);
	else if (says_session_lost(message, status))
		http_session_lost(message);
	else if (falls_back)
		http_stream_fall_back(message);
	else if (status >= 500 || status == 429 || status == 408)
		fail(message, ERR_TEMPORARY, what);
	else if (status >= 300 && status < 400)
		fail(message, ERR_CONFIG, "it answered with a redirect, which is not followed");
	else if (message->kind == HTTP_TELL)
		fail(message, ERR_PROTOCOL, what);
	else
		take_refusal(message);
	free(what);
}

/* A stream that ended too early */

static void send_again(void *arg)
{
	http_message_send(arg);
}

static void take_cut(struct http_message *message, const struct err *err)
{
	struct transport_http *owner = message->owner;
	const char *id = message->sse ? sse_last_id(message->sse) : "";
	long retry_ms = message->sse ? sse_retry_ms(message->sse) : -1;
	/* Only what cannot have happened twice is sent twice. */
	const bool again = message->modern && strcmp(message->method, "tools/call") != 0;

	if (message->sse && message->resumes < HTTP_RESUMES_MAX &&
	    ((*id && !message->modern) || again)) {
		message->resumes++;
		message->resuming = !message->modern;
		if (retry_ms < 0)
			retry_ms = HTTP_RETRY_DEFAULT_MS;
		http_exchange_free(&message->http);
		loop_timer_start(owner->context->loop, &message->timer,
				 retry_ms < HTTP_RETRY_MAX_MS ? retry_ms : HTTP_RETRY_MAX_MS,
				 send_again, message);
	} else if (err) {
		fail(message, err->kind, err->text);
	} else {
		fail(message, ERR_TEMPORARY, "its stream ended before the answer");
	}
}

/* The exchange */

static void take_event(void *arg, const struct sse_event *event)
{
	struct http_message *message = arg;

	message->resumes = 0;
	if (message->freed || message->owner->freed || message->owner->stopping ||
	    event->len == 0 || strcmp(event->type, "message") != 0)
		return;
	if (!http_events_take(&message->events, event->data, event->len))
		http_pause(message->http, true);
}

static void got_headers(void *arg, long status)
{
	struct http_message *message = arg;
	const char *type = http_header(message->http, "Content-Type");
	const char *session = http_header(message->http, "Mcp-Session-Id");
	struct transport_http *owner = message->owner;

	if (status < 200 || status > 299)
		return;
	if (type && strncasecmp(type, "text/event-stream", 17) == 0 && !message->sse)
		message->sse = sse_new(SSE_EVENT_MAX_BYTES, take_event, message);
	if (!message->initialize || message->modern || !session)
		return;
	if (strlen(session) > HTTP_SESSION_ID_MAX_BYTES) {
		log_warning("server \"%s\": its session id is longer than %d bytes and not used",
			    owner->config->name, HTTP_SESSION_ID_MAX_BYTES);
		return;
	}
	free(owner->session_id);
	owner->session_id = mem_string(session);
}

static void got_data(void *arg, const char *bytes, size_t len)
{
	struct http_message *message = arg;
	const long status = http_status(message->http);

	if (!message->sse || status < 200 || status > 299)
		buf_append(&message->reply, bytes, len);
	else if (sse_feed(message->sse, bytes, len, &message->err) && !message->freed)
		http_message_fail(message, &message->err);
}

/* The exchange is over, and all that came is taken. */
static void take_end(struct http_message *message, const struct err *err)
{
	const long status = err ? 0 : http_status(message->http);

	if (message->answered || (message->kind == HTTP_TELL && message->owner->stopping)) {
		http_message_free(message);
		return;
	}
	if (message->reply.overflowed) {
		fail(message, ERR_PROTOCOL, "its answer is larger than 64 MiB");
	} else if (message->sse && (err || (status >= 200 && status < 300))) {
		sse_finish(message->sse);
		take_cut(message, err);
	} else if (err) {
		fail(message, err->kind, err->text);
	} else if (status < 200 || status > 299) {
		take_status(message, status);
	} else if (message->kind == HTTP_TELL) {
		http_message_free(message);
	} else if (message->owner->sse_only) {
		http_exchange_free(&message->http); /* the answer comes on the stream */
	} else {
		take_reply(message);
	}
}

static void events_drained(void *arg)
{
	struct http_message *message = arg;

	if (message->freed)
		return;
	if (message->ended)
		take_end(message, message->end.kind != ERR_NONE ? &message->end : NULL);
	else
		http_pause(message->http, false);
}

static void done(void *arg, const struct err *err)
{
	struct http_message *message = arg;

	if (!message->events.first) {
		take_end(message, err);
		return;
	}
	message->ended = true;
	if (err)
		message->end = *err;
}

static const struct http_listener exchange_listener = {
	.on_headers = got_headers, .on_data = got_data, .on_done = done};

static void note_authorization(struct http_message *message)
{
	struct authorizer *authorizer = message->owner->context->authorizer;

	free(message->authorization);
	message->authorization = NULL;
	if (authorizer)
		message->authorization = mem_string_or_null(
			authorizer->authorization(authorizer, message->owner->config));
}

void http_message_send(struct http_message *message)
{
	struct transport_http *owner = message->owner;
	const char *last_id = message->resuming ? sse_last_id(message->sse) : NULL;
	char **headers = http_headers_for(owner, message, last_id);
	const struct http_request request = {
		.method = last_id ? "GET" : "POST",
		.url = owner->sse_only ? owner->endpoint : owner->config->url,
		.headers = (const char *const *)headers,
		.body = last_id ? NULL : message->body,
		.body_len = last_id ? 0 : strlen(message->body),
		.response_max_bytes = SIZE_MAX, /* a stream has no end; events and replies do */
		.trace_name = owner->config->name,
	};

	http_exchange_free(&message->http);
	message->ended = false;
	message->end = (struct err){0};
	buf_clear(&message->reply);
	if (!last_id)
		sse_free(&message->sse);
	note_authorization(message);
	message->http = http_start(owner->context->http, &request, &exchange_listener, message,
				   &message->err);
	if (!message->http)
		loop_defer(owner->context->loop, fail_later, message);
	string_list_free(&headers);
}
