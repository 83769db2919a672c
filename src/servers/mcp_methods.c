/* SPDX-License-Identifier: MIT */
/*
 * A table of revisions and a table of methods. It offers tools and nothing else: no resources, no
 * prompts, no requests to the client, no notifications.
 */
#include "config.h"

#include "servers/mcp_methods.h"

#include <string.h>

#include "base/json.h"
#include "base/json_write.h"

#define CODE_UNSUPPORTED_VERSION (-32022)
#define TOOLS_TTL_MS		 3600000 /* the tools are the same as long as the process lives */

#define META_VERSION		 "io.modelcontextprotocol/protocolVersion"
#define META_CAPABILITIES	 "io.modelcontextprotocol/clientCapabilities"
#define META_SERVER_INFO	 "io.modelcontextprotocol/serverInfo"

static const struct mcp_revision revisions[] = {
	{.name = "2024-11-05"},
	{.name = "2025-03-26", .batches = true, .annotations = true},
	{.name = "2025-06-18", .annotations = true, .structured = true},
	{.name = "2025-11-25", .annotations = true, .structured = true},
	{.name = "2026-07-28", .modern = true, .annotations = true, .structured = true},
};

enum { REVISIONS = sizeof(revisions) / sizeof(revisions[0]) };
#define MODERN	      (&revisions[REVISIONS - 1])
#define NEWEST_LEGACY (&revisions[REVISIONS - 2])

struct request {
	struct json_span id, params;
	const struct mcp_revision *revision;
};

/* Answers. */

static void reply_error(struct mcp_session *session, const struct request *request, int code,
			const char *message)
{
	jsonrpc_write_error(&session->out, request->id, code, message);
}

/* The members that every result of the modern era has. */
static void open_result(const struct mcp_session *session, const struct request *request,
			struct buf *result)
{
	buf_append_char(result, '{');
	if (!request->revision->modern)
		return;
	json_write_member(result, "resultType", "complete");
	json_write_key(result, "_meta");
	buf_append_char(result, '{');
	json_write_key(result, META_SERVER_INFO);
	buf_append_char(result, '{');
	json_write_member(result, "name", session->server->name);
	json_write_member(result, "title", session->server->title);
	json_write_member(result, "version", session->server->version);
	buf_append_text(result, "}}");
}

static void write_cache_hints(struct buf *result)
{
	json_write_member_int(result, "ttlMs", TOOLS_TTL_MS);
	json_write_member(result, "cacheScope", "private");
}

static void close_result(struct mcp_session *session, const struct request *request,
			 struct buf *result)
{
	buf_append_char(result, '}');
	if (result->overflowed)
		reply_error(session, request, JSONRPC_INTERNAL_ERROR, "The result is too large");
	else
		jsonrpc_write_result(&session->out, request->id, buf_text(result), result->len);
	buf_clear(result);
}

/* Methods. */

static void answer_initialize(struct mcp_session *session, const struct request *request)
{
	struct json_span wanted = json_span_member(request->params, "protocolVersion");
	const struct mcp_server *server = session->server;
	struct buf result = BUF_INIT;

	if (json_span_kind(wanted) != JSON_STRING) {
		reply_error(session, request, JSONRPC_INVALID_PARAMS, "protocolVersion is missing");
		return;
	}
	session->agreed = NEWEST_LEGACY;
	for (const struct mcp_revision *known = revisions; !known->modern; known++)
		if (json_span_equals(wanted, known->name))
			session->agreed = known;
	open_result(session, request, &result);
	json_write_member(&result, "protocolVersion", session->agreed->name);
	buf_append_text(&result, ",\"capabilities\":{\"tools\":{}},\"serverInfo\":{");
	json_write_member(&result, "name", server->name);
	if (session->agreed->structured)
		json_write_member(&result, "title", server->title);
	json_write_member(&result, "version", server->version);
	buf_append_char(&result, '}');
	json_write_member(&result, "instructions", server->instructions);
	close_result(session, request, &result);
}

static void answer_discover(struct mcp_session *session, const struct request *request)
{
	struct buf result = BUF_INIT;

	open_result(session, request, &result);
	buf_append_text(&result, ",\"supportedVersions\":[");
	json_write_string(&result, MODERN->name);
	buf_append_text(&result, "],\"capabilities\":{\"tools\":{}}");
	json_write_member(&result, "instructions", session->server->instructions);
	write_cache_hints(&result);
	close_result(session, request, &result);
}

static void answer_ping(struct mcp_session *session, const struct request *request)
{
	struct buf result = BUF_INIT;

	open_result(session, request, &result);
	close_result(session, request, &result);
}

static void write_tool(const struct mcp_tool *tool, const struct mcp_revision *revision,
		       struct buf *out)
{
	buf_append_char(out, '{');
	json_write_member(out, "name", tool->name);
	if (revision->structured)
		json_write_member(out, "title", tool->title);
	json_write_member(out, "description", tool->description);
	json_write_key(out, "inputSchema");
	mcp_params_schema(tool->params, out);
	if (revision->structured && tool->output_schema)
		json_write_member_json(out, "outputSchema", tool->output_schema,
				       strlen(tool->output_schema));
	if (revision->annotations) {
		json_write_key(out, "annotations");
		buf_append_char(out, '{');
		json_write_member_bool(out, "readOnlyHint", !tool->writes);
		json_write_member_bool(out, "destructiveHint", tool->writes);
		json_write_member_bool(out, "openWorldHint", false);
		buf_append_char(out, '}');
	}
	buf_append_char(out, '}');
}

static void answer_tools_list(struct mcp_session *session, const struct request *request)
{
	struct buf result = BUF_INIT;

	if (json_span_member(request->params, "cursor").at) {
		reply_error(session, request, JSONRPC_INVALID_PARAMS,
			    "There is one page of tools only: no cursor was ever given out");
		return;
	}
	open_result(session, request, &result);
	json_write_key(&result, "tools");
	buf_append_char(&result, '[');
	for (const struct mcp_tool *tool = session->server->tools; tool->name; tool++) {
		if (tool != session->server->tools)
			buf_append_char(&result, ',');
		write_tool(tool, request->revision, &result);
	}
	buf_append_char(&result, ']');
	if (request->revision->modern)
		write_cache_hints(&result);
	close_result(session, request, &result);
}

static void write_content(struct buf *out, const struct buf *text)
{
	buf_append_text(out, "{\"type\":\"text\",\"text\":");
	json_write_string_len(out, buf_text(text), text->len);
	buf_append_char(out, '}');
}

static void write_reply(const struct mcp_reply *reply, const struct mcp_revision *revision,
			struct buf *out)
{
	bool structured = reply->json.len > 0;

	json_write_key(out, "content");
	buf_append_char(out, '[');
	if (structured)
		write_content(out, &reply->json);
	else if (reply->text.len > 0 || reply->note.len == 0)
		write_content(out, &reply->text);
	if (reply->note.len > 0) {
		if (out->data[out->len - 1] != '[')
			buf_append_char(out, ',');
		write_content(out, &reply->note);
	}
	buf_append_char(out, ']');
	if (structured && revision->structured)
		json_write_member_json(out, "structuredContent", buf_text(&reply->json),
				       reply->json.len);
	json_write_member_bool(out, "isError", reply->is_error);
}

static void call_tool(const struct mcp_tool *tool, void *context, struct json_span arguments,
		      struct mcp_reply *reply)
{
	struct json_object *tree;
	struct err err;

	if (mcp_arguments(tool->params, arguments, &tree, &err)) {
		mcp_reply_error(reply, "%s: %s", tool->name, err.text);
		return;
	}
	tool->fn(context, tree, reply);
	json_put(&tree);
	if (reply->json.overflowed || reply->text.overflowed || reply->note.overflowed)
		mcp_reply_error(reply, "%s: the reply is too large", tool->name);
}

static void answer_tools_call(struct mcp_session *session, const struct request *request)
{
	struct json_span name = json_span_member(request->params, "name");
	const struct mcp_tool *tool = session->server->tools;
	struct buf result = BUF_INIT;
	struct mcp_reply reply;

	while (tool->name && !json_span_equals(name, tool->name))
		tool++;
	if (!tool->name) {
		reply_error(session, request, JSONRPC_INVALID_PARAMS,
			    name.at ? "Unknown tool" : "name is missing");
		return;
	}
	mcp_reply_init(&reply);
	call_tool(tool, session->server->context, json_span_member(request->params, "arguments"),
		  &reply);
	open_result(session, request, &result);
	write_reply(&reply, request->revision, &result);
	mcp_reply_clear(&reply);
	close_result(session, request, &result);
}

/* Requests. */

static const struct method {
	const char *name;
	bool legacy, modern;
	bool first; /* allowed before initialize */
	void (*answer)(struct mcp_session *session, const struct request *request);
} methods[] = {
	{"initialize", .legacy = true, .first = true, .answer = answer_initialize},
	{"ping", .legacy = true, .first = true, .answer = answer_ping},
	{"server/discover", .modern = true, .answer = answer_discover},
	{"tools/list", .legacy = true, .modern = true, .answer = answer_tools_list},
	{"tools/call", .legacy = true, .modern = true, .answer = answer_tools_call},
};

static void reply_unsupported(struct mcp_session *session, const struct request *request,
			      struct json_span requested)
{
	struct buf *out = &session->out;

	buf_append_text(out, "{\"jsonrpc\":\"2.0\"");
	json_write_member_json(out, "id", request->id.at, request->id.len);
	json_write_key(out, "error");
	buf_append_char(out, '{');
	json_write_member_int(out, "code", CODE_UNSUPPORTED_VERSION);
	json_write_member(out, "message", "Unsupported protocol version");
	buf_append_text(out, ",\"data\":{\"supported\":[");
	json_write_string(out, MODERN->name);
	buf_append_char(out, ']');
	json_write_member_json(out, "requested", requested.at, requested.len);
	buf_append_text(out, "}}}\n");
}

/* Sets the revision a request is to be answered by; false: it is answered already. */
static bool judge_revision(struct mcp_session *session, struct request *request)
{
	struct json_span meta = json_span_member(request->params, "_meta");
	struct json_span version = json_span_member(meta, META_VERSION);

	if (!version.at) {
		/* What answers "initialize" itself needs no more than its era. */
		request->revision = session->agreed ? session->agreed : NEWEST_LEGACY;
		return true;
	}
	if (json_span_kind(version) != JSON_STRING) {
		reply_error(session, request, JSONRPC_INVALID_PARAMS,
			    META_VERSION " is not a string");
		return false;
	}
	if (!json_span_equals(version, MODERN->name)) {
		reply_unsupported(session, request, version);
		return false;
	}
	if (json_span_kind(json_span_member(meta, META_CAPABILITIES)) != JSON_OBJECT) {
		reply_error(session, request, JSONRPC_INVALID_PARAMS,
			    META_CAPABILITIES " is missing");
		return false;
	}
	request->revision = MODERN;
	return true;
}

void mcp_answer_request(struct mcp_session *session, const struct jsonrpc_message *message)
{
	struct request request = {.id = message->id, .params = message->params};
	const struct method *method = methods, *end = methods + sizeof(methods) / sizeof(*methods);

	if (message->params.at && json_span_kind(message->params) != JSON_OBJECT) {
		reply_error(session, &request, JSONRPC_INVALID_PARAMS, "params is not an object");
		return;
	}
	if (!judge_revision(session, &request))
		return;
	while (method < end && !json_span_equals(message->method, method->name))
		method++;
	if (!request.revision->modern && !session->agreed && (method == end || !method->first))
		reply_error(session, &request,
			    method == end ? JSONRPC_METHOD_NOT_FOUND : JSONRPC_INVALID_PARAMS,
			    method == end ? "Method not found"
					  : META_VERSION
				    " is missing, and there was no initialize");
	else if (method == end || !(request.revision->modern ? method->modern : method->legacy))
		reply_error(session, &request, JSONRPC_METHOD_NOT_FOUND, "Method not found");
	else
		method->answer(session, &request);
}
