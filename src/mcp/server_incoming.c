/* SPDX-License-Identifier: MIT */
/*
 * What comes up from the transport: replies go to rpc, requests of the server to server_request,
 * notifications are met here.
 */
#include "config.h"

#include <string.h>

#include "base/log.h"
#include "base/trace.h"
#include "mcp/server_internal.h"

/* Notifications */

static bool is_declared(const struct server *server, struct json_span method)
{
	static const struct {
		const char *method;
		enum server_capability capability;
	} needs[] = {
		{"notifications/tools/list_changed", SERVER_TOOLS},
		{"notifications/resources/list_changed", SERVER_RESOURCES},
		{"notifications/resources/updated", SERVER_RESOURCES},
		{"notifications/prompts/list_changed", SERVER_PROMPTS},
		{"notifications/message", SERVER_LOGGING},
	};

	for (size_t i = 0; i < sizeof(needs) / sizeof(needs[0]); i++)
		if (json_span_equals(method, needs[i].method))
			return server_has(server, needs[i].capability);
	return true;
}

static void take_progress(struct server *server, struct json_span params)
{
	struct json_span token = json_span_member(params, "progressToken");

	if (!rpc_gave_id(server->rpc, token))
		deviation_note(&server->deviations, RULE_PROGRESS,
			       "it told progress for the token %.*s", (int)token.len,
			       token.at ? token.at : "");
	rpc_take_progress(server->rpc, params);
}

static void take_notification(struct server *server, const struct jsonrpc_message *message)
{
	if (*server->protocol_version && !is_declared(server, message->method))
		deviation_note(&server->deviations, RULE_DECLARED_BY_SERVER, "it sent %.*s",
			       (int)message->method.len, message->method.at);
	if (json_span_equals(message->method, "notifications/progress"))
		take_progress(server, message->params);
	else if (json_span_equals(message->method, "notifications/resources/updated"))
		server_take_update(server, message->params);
	else if (json_span_equals(message->method, "notifications/tasks/status") ||
		 json_span_equals(message->method, "notifications/tasks"))
		server_calls_nudge(server, message->params);
	else if (json_span_equals(message->method, "notifications/cancelled"))
		server_request_cancelled(server, message->params);
	else if (json_span_equals(message->method, "notifications/elicitation/complete"))
		server_calls_urls_opened(server, message->params);
	else if (json_span_equals(message->method, "notifications/message"))
		server_log_take(server, message->params);
	else if (json_span_equals(message->method, "notifications/tools/list_changed") &&
		 server_is_up(server))
		server_list_tools(server);
	/* The others are in the trace, and need nothing done. */
}

/* Replies */

static void take_reply(struct server *server, const struct jsonrpc_message *message, char **block)
{
	if (!rpc_gave_id(server->rpc, message->id))
		deviation_note(&server->deviations, RULE_KNOWN_ID,
			       "it answered %.*s, which was not asked", (int)message->id.len,
			       message->id.at ? message->id.at : "");
	if (message->kind == JSONRPC_RESULT)
		server_check_result(server, message->result);
	rpc_take_reply(server->rpc, message, block);
}

/* The transport's listener */

static void on_message(void *arg, const struct jsonrpc_message *message, char **block)
{
	struct server *server = arg;

	switch (message->kind) {
	case JSONRPC_RESULT:
	case JSONRPC_ERROR:
		take_reply(server, message, block);
		break;
	case JSONRPC_REQUEST:
		server_take_request(server, message);
		break;
	case JSONRPC_NOTIFICATION:
		take_notification(server, message);
		break;
	case JSONRPC_BATCH: /* the transport takes it apart and hands on what is in it */
		if (strcmp(server->protocol_version, "2025-03-26") != 0)
			deviation_note(&server->deviations, RULE_NO_BATCH, "it sent a batch");
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

	deviation_note(&server->deviations, RULE_MESSAGES_ONLY, "%s", why);
	trace_event("mcp.skipped", server->config->name, why, NULL, 0);
	if (!lost) {
		log_detail("server \"%s\": a line of its stdout is skipped: %s",
			   server->config->name, why);
		return;
	}
	if (!rpc_take_loss(server->rpc, why)) /* else that request's failure tells it */
		log_warning("server \"%s\": a message was thrown away: %s: --trace keeps what it "
			    "said",
			    server->config->name, why);
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
