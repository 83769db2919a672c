/* SPDX-License-Identifier: MIT */
/*
 * From a running process to a list of tools: server/discover, initialize, tools/list.
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
#include "trust/policy.h"

#define MESSAGE_SHOWN_BYTES	 300
#define TOOL_FAULTS_TOLD_MAX	 10 /* of one listing, one by one */
#define IMPLEMENTATION_MAX_BYTES 200
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
static void fail_refused(struct server *server, const char *method, struct json_span error)
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

/* tools/list */

static void tell_fault(struct server *server, const char *text)
{
	struct buf shown = BUF_INIT;

	if (++server->listing_faults > TOOL_FAULTS_TOLD_MAX)
		return;
	sanitize_line(text, strlen(text), MESSAGE_SHOWN_BYTES, &shown);
	log_warning("server \"%s\": %s", server->config->name, buf_text(&shown));
	buf_clear(&shown);
}

static void tool_fault(void *arg, const char *text)
{
	struct server *server = arg;

	deviation_note(&server->deviations, RULE_TOOL_SHAPE, "%s", text);
	tell_fault(server, text);
}

/* 2026-07-28 over HTTP: a tool whose annotations cannot become headers is not offered. */
static bool headers_forbid(struct server *server, const struct tool *tool)
{
	char *text;

	if (!tool->headers.fault || server->config->type != SERVER_TYPE_HTTP ||
	    server->era != SERVER_ERA_MODERN)
		return false;
	deviation_note(&server->deviations, RULE_TOOL_HEADERS, "tool \"%s\": %s", tool->name,
		       tool->headers.fault);
	text = mem_format("tool \"%s\" is left out: %s", tool->name, tool->headers.fault);
	tell_fault(server, text);
	free(text);
	return true;
}

static void drop_excluded(struct server *server)
{
	const struct server_config *config = server->config;
	struct tool_list *list = &server->listing;
	struct tool_list kept = {0};

	kept.tool = mem_new_array(list->count + 1, sizeof(*kept.tool));
	for (size_t i = 0; i < list->count; i++) {
		struct tool_list one = {&list->tool[i], 1};
		bool keep = config->include_tools[0] == NULL;

		for (char **glob = config->include_tools; *glob && !keep; glob++)
			keep = glob_match(*glob, list->tool[i].name);
		for (char **glob = config->exclude_tools; *glob && keep; glob++)
			keep = !glob_match(*glob, list->tool[i].name);
		if (keep && !headers_forbid(server, &list->tool[i])) {
			kept.tool[kept.count++] = list->tool[i];
			continue;
		}
		one.tool = mem_new(sizeof(*one.tool));
		*one.tool = list->tool[i];
		tool_list_clear(&one);
	}
	free(list->tool);
	*list = kept;
}

static void tell_more_faults(const struct server *server)
{
	if (server->listing_faults > TOOL_FAULTS_TOLD_MAX)
		log_warning("server \"%s\": %u more tools are left out", server->config->name,
			    server->listing_faults - TOOL_FAULTS_TOLD_MAX);
}

static void note_names(struct server *server)
{
	static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				      "0123456789_-.";

	for (size_t i = 0; i < server->listing.count; i++) {
		const char *name = server->listing.tool[i].name;

		if (name[strspn(name, allowed)])
			deviation_note(&server->deviations, RULE_TOOL_NAME, "tool \"%s\"", name);
	}
}

static void listing_complete(struct server *server)
{
	note_names(server);
	drop_excluded(server);
	tell_more_faults(server);
	tool_list_clear(&server->tools);
	server->tools = server->listing;
	server->listing = (struct tool_list){0};
	server->listing_tools = false;
	server->tools_stale_us = server->listing_ttl_ms ? loop_now_us(server->context->loop) +
								  server->listing_ttl_ms * 1000
							: 0;
	if (!server_is_up(server))
		server_ready(server);
	else if (server->listener && server->listener->on_tools_changed)
		server->listener->on_tools_changed(server->arg, server);
	if (!server->freed)
		server_calls_tools_listed(server);
	if (!server->freed && server->list_again && server_is_up(server))
		server_list_tools(server);
}

/* While ready, the tools of before stay; at the start there are none to stay. */
static void listing_failed(struct server *server, const char *why)
{
	tell_more_faults(server);
	tool_list_clear(&server->listing);
	server->listing_tools = false;
	if (!server_is_up(server)) {
		server_fail(server, "server \"%s\": tools/list: %s", server->config->name, why);
		return;
	}
	log_warning("server \"%s\": its tools cannot be listed anew: %s", server->config->name,
		    why);
	server_calls_tools_listed(server);
}

/* Why it is not there: a refused login is another thing to do about than a server that is gone. */
static void note_kind(struct server *server, const struct err *err)
{
	server->login_refused = !server_is_up(server) && err->kind == ERR_PERMISSION;
}

/* Both are required of lists and of server/discover (2026-07-28, "Caching"). */
void server_check_cache_hints(struct server *server, const char *method, struct json_span result)
{
	if (server->era == SERVER_ERA_LEGACY)
		return;
	if (json_span_kind(json_span_member(result, "ttlMs")) != JSON_NUMBER ||
	    json_span_kind(json_span_member(result, "cacheScope")) != JSON_STRING)
		deviation_note(&server->deviations, RULE_CACHE_HINTS, "its answer to %s", method);
}

/* It declared tools and cannot list them: what else it has may be used. */
static bool is_unknown_method(struct json_span error)
{
	int64_t code;

	return json_span_int64(json_span_member(error, "code"), &code) &&
	       code == JSONRPC_METHOD_NOT_FOUND;
}

/* ttlMs of 0, or none, says nothing: list_changed does (2026-07-28, "Caching"). */
static void keep_ttl(struct server *server, struct json_span result)
{
	int64_t ms;

	if (server->era != SERVER_ERA_MODERN ||
	    !json_span_int64(json_span_member(result, "ttlMs"), &ms) || ms <= 0)
		return;
	if (ms < SERVER_TOOLS_TTL_MIN_MS)
		ms = SERVER_TOOLS_TTL_MIN_MS;
	if (ms > SERVER_TOOLS_TTL_MAX_MS)
		ms = SERVER_TOOLS_TTL_MAX_MS;
	if (server->listing_ttl_ms == 0 || ms < server->listing_ttl_ms)
		server->listing_ttl_ms = ms;
}

static void ask_page(struct server *server, const char *cursor);

static void page_came(void *arg, const struct jsonrpc_message *reply, char **block,
		      const struct err *err)
{
	struct server *server = arg;
	struct err page_err;
	char *cursor;

	(void)block;
	if (!reply) {
		if (err->kind != ERR_UNAVAILABLE) { /* that is server_closed()'s to tell */
			note_kind(server, err);
			listing_failed(server, err->text);
		}
		return;
	}
	if (reply->kind == JSONRPC_ERROR) {
		if (is_unknown_method(reply->error)) {
			log_warning("server \"%s\" has no tools/list, so it has no tools",
				    server->config->name);
			listing_complete(server);
		} else if (!server_is_up(server)) {
			fail_refused(server, "tools/list", reply->error);
		} else {
			listing_failed(server, "it refused");
		}
		return;
	}
	server_check_cache_hints(server, "tools/list", reply->result);
	keep_ttl(server, reply->result);
	if (tool_list_add_page(&server->listing, reply->result.at, reply->result.len, &cursor,
			       tool_fault, server, &page_err)) {
		listing_failed(server, page_err.text);
		return;
	}
	/* Pages are counted; a cursor is opaque and may come twice, so cursors are not compared. */
	if (cursor && ++server->pages >= TOOLS_PAGES_MAX)
		listing_failed(server, "there is no end to its pages");
	else if (cursor)
		ask_page(server, cursor);
	else
		listing_complete(server);
	free(cursor);
}

static void ask_page(struct server *server, const char *cursor)
{
	const struct rpc_request request = {
		.method = "tools/list",
		.timeout_ms = handshake_timeout_ms(server),
		.on_reply = page_came,
		.arg = server,
	};
	struct buf *params = rpc_params(server->rpc, &request);
	struct err err;

	if (cursor)
		json_write_member(params, "cursor", cursor);
	if (rpc_send(server->rpc, &request, &err) < 0)
		listing_failed(server, err.text);
}

void server_check_result(struct server *server, struct json_span result)
{
	if (server->era == SERVER_ERA_MODERN && !json_span_member(result, "resultType").at)
		deviation_note(&server->deviations, RULE_RESULT_TYPE, "a result without one");
}

void server_list_tools(struct server *server)
{
	if (server->listing_tools) {
		server->list_again = true;
		return;
	}
	server->listing_tools = true;
	server->list_again = false;
	server->pages = server->listing_faults = 0;
	server->listing_ttl_ms = 0;
	tool_list_clear(&server->listing);
	if (server_has(server, SERVER_TOOLS))
		ask_page(server, NULL);
	else
		listing_complete(server);
}

void server_refresh_tools(struct server *server)
{
	if (server_is_up(server) && server->tools_stale_us &&
	    loop_now_us(server->context->loop) >= server->tools_stale_us)
		server_list_tools(server);
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

static void keep_capabilities(struct server *server, struct json_span result)
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
	fail_refused(server, "initialize", error);
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
			note_kind(server, err);
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
	keep_capabilities(server, reply->result);
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
		keep_capabilities(server, result);
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
		note_kind(server, err);
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
