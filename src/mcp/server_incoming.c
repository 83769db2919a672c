/* SPDX-License-Identifier: MIT */
/*
 * What comes up from the transport: replies go to rpc, requests of the server to server_request,
 * notifications are met here.
 */
#include "config.h"

#include "base/log.h"
#include "base/trace.h"
#include "mcp/server_internal.h"

/* Notifications */

static void take_notification(struct server *server, const struct jsonrpc_message *message)
{
	if (json_span_equals(message->method, "notifications/progress"))
		rpc_take_progress(server->rpc, message->params);
	else if (json_span_equals(message->method, "notifications/resources/updated"))
		server_take_update(server, message->params);
	else if (json_span_equals(message->method, "notifications/tasks/status") ||
		 json_span_equals(message->method, "notifications/tasks"))
		server_calls_nudge(server, message->params);
	else if (json_span_equals(message->method, "notifications/message"))
		server_log_take(server, message->params);
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
		server_take_request(server, message);
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
