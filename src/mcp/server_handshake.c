/* SPDX-License-Identifier: MIT */
/*
 * From a running process to one that may be asked for its tools: server/discover, initialize.
 *
 * A server that dies of the probe or does not answer it is started anew and initialised: some
 * servers of the field exit on any request before initialize.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/json_write.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/sanitize.h"
#include "mcp/server_internal.h"

#define MESSAGE_SHOWN_BYTES	 300
#define IMPLEMENTATION_MAX_BYTES 200 /* of its name, and of its version */
#define MODERN_SERVER_INFO	 "io.modelcontextprotocol/serverInfo"

static struct client_identity identity_of(const struct server *server)
{
	return (struct client_identity){
		.name = server->context->client_name,
		.version = server->context->client_version,
		.roots = server->config->roots[0] != NULL,
		.log_level = server->context->log_level,
		.traceparent = negotiate_traceparent(),
		.elicitation = server->listener && server->listener->on_request,
		.sampling = server->config->sampling.on && server->listener &&
			    server->listener->on_request,
	};
}

static long handshake_timeout_ms(const struct server *server)
{
	return server->config->start_timeout_ms;
}

/* Sends what has no reason to fail; if it does, the start has failed. */
static void send_or_fail(struct server *server, const struct rpc_request *request)
{
	struct err err;

	if (rpc_send(server->rpc, request, &err) < 0)
		server_fail(server, "%s", err.text);
}

/* "refused METHOD: message": a server's error as a failure of the start. */
void server_fail_refused(struct server *server, const char *method, struct json_span error)
{
	struct buf message = BUF_INIT, shown = BUF_INIT;

	if (json_span_unescape(json_span_member(error, "message"), &message))
		buf_append(&message, error.at, error.len);
	sanitize_line(buf_text(&message), message.len, MESSAGE_SHOWN_BYTES, &shown);
	server_fail(server, "server \"%s\" refused %s: %s", server->config->name, method,
		    buf_text(&shown));
	buf_clear(&message);
	buf_clear(&shown);
}

/* Why it is not there: a refused login is another thing to do about than a server that is gone. */
void server_note_kind(struct server *server, const struct err *err)
{
	server->login_refused = !server_is_up(server) && err->kind == ERR_PERMISSION;
}

/* initialize */

static void keep_implementation(struct server *server, struct json_span info)
{
	char *name = json_span_text(json_span_member(info, "name"), IMPLEMENTATION_MAX_BYTES);
	char *version = json_span_text(json_span_member(info, "version"), IMPLEMENTATION_MAX_BYTES);

	free(server->implementation);
	server->implementation = NULL;
	if (name && version)
		server->implementation = mem_format("%s %s", name, version);
	else
		deviation_note(&server->deviations, RULE_SERVER_INFO, "its serverInfo %s",
			       info.at ? "has no name or no version" : "is missing");
	free(name);
	free(version);
}

static void keep_instructions(struct server *server, struct json_span result)
{
	struct json_span span = json_span_member(result, "instructions");
	struct buf text;

	free(server->instructions);
	server->instructions = NULL;
	buf_init(&text, SERVER_INSTRUCTIONS_BYTES);
	if (json_span_kind(span) == JSON_STRING && json_span_unescape(span, &text) == 0 &&
	    text.len > 0)
		server->instructions = buf_take(&text);
	else
		buf_clear(&text);
}

static bool has_task_calls(struct json_span capabilities)
{
	struct json_span requests =
		json_span_member(json_span_member(capabilities, "tasks"), "requests");

	return json_span_kind(json_span_member(json_span_member(requests, "tools"), "call")) ==
	       JSON_OBJECT;
}

void server_keep_features(struct server *server, struct json_span result)
{
	static const char *const names[] = {
		[SERVER_TOOLS] = "tools",     [SERVER_RESOURCES] = "resources",
		[SERVER_PROMPTS] = "prompts", [SERVER_COMPLETIONS] = "completions",
		[SERVER_LOGGING] = "logging",
	};
	struct json_span capabilities = json_span_member(result, "capabilities");

	server->capabilities = 0;
	free(server->capabilities_text);
	server->capabilities_text =
		capabilities.at ? mem_string_len(capabilities.at, capabilities.len) : NULL;
	server->tools_change =
		json_span_kind(json_span_member(json_span_member(capabilities, "tools"),
						"listChanged")) == JSON_TRUE;
	for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (json_span_kind(json_span_member(capabilities, names[i])) == JSON_OBJECT)
			server->capabilities |= 1u << i;
	if (has_task_calls(capabilities))
		server->capabilities |= 1u << SERVER_TASKS;
	keep_instructions(server, result);
}

static void probe(struct server *server);

static void initialize_refused(struct server *server, struct json_span error)
{
	/* A verdict of an earlier run may be out of date: look again, once. */
	if (server->recalled && !server->probed &&
	    server->config->protocol == SERVER_PROTOCOL_AUTO) {
		server->recalled = false;
		probe(server);
		return;
	}
	server_fail_refused(server, "initialize", error);
}

static void initialized(void *arg, const struct jsonrpc_message *reply, char **block,
			const struct err *err)
{
	struct server *server = arg;
	struct json_span version;
	struct err send_err;

	(void)block;
	if (!reply) {
		if (err->kind != ERR_UNAVAILABLE) {
			server_note_kind(server, err);
			server_fail(server, "%s", err->text);
		}
		return;
	}
	if (reply->kind == JSONRPC_ERROR) {
		initialize_refused(server, reply->error);
		return;
	}
	server->protocol_version = negotiate_legacy_version(reply->result);
	if (!server->protocol_version) {
		version = json_span_member(reply->result, "protocolVersion");
		server->protocol_version = "";
		server_fail(server,
			    "server \"%s\" speaks a revision of MCP that is not known: %.*s",
			    server->config->name, version.len < 40 ? (int)version.len : 40,
			    version.at ? version.at : "none");
		return;
	}
	server->era = SERVER_ERA_LEGACY;
	server_keep_features(server, reply->result);
	keep_implementation(server, json_span_member(reply->result, "serverInfo"));
	if (server->transport->ops->notify(server->transport, "notifications/initialized", NULL, 0,
					   &send_err)) {
		server_fail(server, "%s", send_err.text);
		return;
	}
	server_log_ask(server);
	server_list_tools(server);
}

static void initialize(struct server *server)
{
	const struct rpc_request request = {
		.method = "initialize",
		.timeout_ms = handshake_timeout_ms(server),
		.on_reply = initialized,
		.arg = server,
	};
	const struct client_identity client = identity_of(server);
	char *meta = negotiate_legacy_meta(&client);

	rpc_set_meta(server->rpc, meta);
	free(meta);
	negotiate_write_initialize(rpc_params(server->rpc, &request), &client);
	send_or_fail(server, &request);
}

/* server/discover */

static void go_modern(struct server *server, struct json_span result)
{
	server->era = SERVER_ERA_MODERN;
	server->protocol_version = MCP_VERSION_MODERN;
	server->capabilities = 1u << SERVER_TOOLS; /* of one that did not say */
	if (result.at) {
		server_keep_features(server, result);
		keep_implementation(server, json_span_member(json_span_member(result, "_meta"),
							     MODERN_SERVER_INFO));
		server_check_cache_hints(server, "server/discover", result);
	}
	server_list_tools(server);
}

static void discovered(void *arg, const struct jsonrpc_message *reply, char **block,
		       const struct err *err)
{
	struct server *server = arg;

	(void)block;
	if (!reply && err->kind == ERR_UNAVAILABLE)
		return; /* it died: server_closed() starts it anew */
	server->probing = false;
	if (reply && negotiate_judge_discover(reply) == SERVER_ERA_MODERN) {
		go_modern(server, reply->result);
	} else if (server->config->protocol == SERVER_PROTOCOL_MODERN) {
		server_fail(server,
			    "server \"%s\" does not speak MCP " MCP_VERSION_MODERN
			    ", which \"protocol\" demands",
			    server->config->name);
	} else if (reply ||
		   (err->kind == ERR_PROTOCOL && server->config->type == SERVER_TYPE_STDIO)) {
		server->recalled = false; /* it answered, if only with garbage */
		initialize(server);
	} else if (server->config->type == SERVER_TYPE_HTTP) {
		server_note_kind(server, err);
		server_fail(server, "%s", err->text); /* no evidence of an era */
	} else { /* silent: what it is doing with the probe nobody knows */
		deviation_note(&server->deviations, RULE_ANSWERS,
			       "it was silent when it was asked for server/discover");
		server->era = SERVER_ERA_LEGACY;
		server->recalled = false;
		server_respawn(server);
	}
}

static void probe(struct server *server)
{
	const struct rpc_request request = {
		.method = "server/discover",
		.timeout_ms = SERVER_PROBE_TIMEOUT_MS,
		.on_reply = discovered,
		.arg = server,
	};
	const struct client_identity client = identity_of(server);
	char *meta = negotiate_modern_meta(&client);

	server->probing = server->probed = true;
	rpc_set_meta(server->rpc, meta);
	free(meta);
	rpc_params(server->rpc, &request);
	send_or_fail(server, &request);
}

void server_handshake(struct server *server)
{
	enum server_protocol pinned = server->config->protocol;

	if (server->era == SERVER_ERA_UNKNOWN && pinned == SERVER_PROTOCOL_AUTO) {
		server->era =
			negotiate_recall(server->context->state_dir, server->config->identity);
		server->recalled = server->era != SERVER_ERA_UNKNOWN;
	}
	if (pinned == SERVER_PROTOCOL_LEGACY || server->config->type == SERVER_TYPE_CALL ||
	    (server->era == SERVER_ERA_LEGACY && pinned == SERVER_PROTOCOL_AUTO))
		initialize(server);
	else
		probe(server);
}
