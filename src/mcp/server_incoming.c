/* SPDX-License-Identifier: MIT */
/*
 * What comes up from the transport: replies go to rpc, notifications and requests of the server are
 * met here. `ping` and `roots/list` are answered at once; other requests go to the listener, which
 * answers later, or are refused.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/json_write.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/trace.h"
#include "mcp/server_internal.h"

#define SERVER_REQUESTS_MAX 64 /* of the server, unanswered */

struct server_request {
	struct server *server; /* NULL: it is gone, nobody waits for the answer */
	struct server_request *next, **previous;
	char *block; /* behind the spans */
	struct json_span id, params;
	char *method;
};

static void answer(struct server *server, struct json_span id, int code, const char *text,
		   size_t len)
{
	struct err err;

	if (server->transport->ops->answer(server->transport, id, code, text, len, &err))
		log_warning("%s", err.text);
}

/* The server's requests */

static void answer_ping(struct server *server, struct json_span id)
{
	answer(server, id, 0, "{}", 2);
}

static void answer_roots(struct server *server, struct json_span id)
{
	struct buf result = BUF_INIT;

	buf_append_text(&result, "{\"roots\":[");
	for (char **root = server->config->roots; *root; root++) {
		if (root != server->config->roots)
			buf_append_char(&result, ',');
		buf_append_char(&result, '{');
		json_write_member(&result, "uri", *root);
		buf_append_char(&result, '}');
	}
	buf_append_text(&result, "]}");
	answer(server, id, 0, result.data, result.len);
	buf_clear(&result);
}

static const struct {
	const char *method;
	void (*answer)(struct server *server, struct json_span id);
} answered_here[] = {
	{"ping", answer_ping},
	{"roots/list", answer_roots},
};

static void unlink_request(struct server_request *request)
{
	if (!request->server)
		return;
	*request->previous = request->next;
	if (request->next)
		request->next->previous = request->previous;
	request->server->requests_count--;
	request->server = NULL;
}

static void free_request(struct server_request **request)
{
	unlink_request(*request);
	free((*request)->block);
	free((*request)->method);
	free(*request);
	*request = NULL;
}

/* The listener keeps it until it answers, so it gets memory of its own. */
static struct server_request *keep_request(struct server *server,
					   const struct jsonrpc_message *message)
{
	struct server_request *request = mem_new(sizeof(*request));
	const char *from = message->whole.at;
	struct buf method = BUF_INIT;

	request->block = mem_string_len(from, message->whole.len);
	request->id = (struct json_span){request->block + (message->id.at - from), message->id.len};
	if (message->params.at)
		request->params = (struct json_span){request->block + (message->params.at - from),
						     message->params.len};
	(void)!json_span_unescape(message->method, &method);
	request->method = buf_take(&method);
	request->server = server;
	request->next = server->requests;
	request->previous = &server->requests;
	if (server->requests)
		server->requests->previous = &request->next;
	server->requests = request;
	server->requests_count++;
	return request;
}

static void take_request(struct server *server, const struct jsonrpc_message *message)
{
	static const char refusal[] = "Method not found";

	for (size_t i = 0; i < sizeof(answered_here) / sizeof(answered_here[0]); i++) {
		if (!json_span_equals(message->method, answered_here[i].method))
			continue;
		answered_here[i].answer(server, message->id);
		return;
	}
	if (server->listener && server->listener->on_request &&
	    server->requests_count < SERVER_REQUESTS_MAX)
		server->listener->on_request(server->arg, server, keep_request(server, message));
	else
		answer(server, message->id, JSONRPC_METHOD_NOT_FOUND, refusal, strlen(refusal));
}

void server_requests_drop(struct server *server)
{
	while (server->requests)
		unlink_request(server->requests);
}

const char *server_request_method(const struct server_request *request)
{
	return request->method;
}

struct json_span server_request_params(const struct server_request *request)
{
	return request->params;
}

void server_answer(struct server_request **request, const char *result, size_t len)
{
	if ((*request)->server)
		answer((*request)->server, (*request)->id, 0, result, len);
	free_request(request);
}

void server_refuse(struct server_request **request, int code, const char *message)
{
	if ((*request)->server)
		answer((*request)->server, (*request)->id, code, message, strlen(message));
	free_request(request);
}

/* Notifications */

static void take_notification(struct server *server, const struct jsonrpc_message *message)
{
	if (json_span_equals(message->method, "notifications/progress"))
		rpc_take_progress(server->rpc, message->params);
	else if (json_span_equals(message->method, "notifications/tools/list_changed") &&
		 server->state == SERVER_READY)
		server_list_tools(server);
	/* The others are in the trace, and need nothing done. */
}

/* The transport's listener */

static void on_message(void *arg, const struct jsonrpc_message *message, char **block)
{
	struct server *server = arg;

	switch (message->kind) {
	case JSONRPC_RESULT:
	case JSONRPC_ERROR:
		rpc_take_reply(server->rpc, message, block);
		break;
	case JSONRPC_REQUEST:
		take_request(server, message);
		break;
	case JSONRPC_NOTIFICATION:
		take_notification(server, message);
		break;
	case JSONRPC_BATCH: /* the transport takes them apart */
		break;
	}
}

static void on_failed(void *arg, int64_t id, const struct err *err)
{
	struct server *server = arg;

	rpc_take_failure(server->rpc, id, err);
}

static void on_noise(void *arg, const char *why, bool lost)
{
	struct server *server = arg;

	trace_event("mcp.skipped", server->config->name, why, NULL, 0);
	if (!lost) {
		log_detail("server \"%s\": a line of its stdout is skipped: %s",
			   server->config->name, why);
		return;
	}
	log_warning("server \"%s\": %s was thrown away", server->config->name, why);
	rpc_take_loss(server->rpc, why);
}

static void on_closed(void *arg, const char *how, bool never_started)
{
	server_closed(arg, how, never_started);
}

const struct transport_listener server_transport_listener = {
	.on_message = on_message,
	.on_failed = on_failed,
	.on_noise = on_noise,
	.on_closed = on_closed,
};
