/* SPDX-License-Identifier: MIT */
/* No answer of a server is trusted to be more than what it literally says. */
#include "config.h"

#include "mcp/negotiate.h"

#include <stdlib.h>
#include <string.h>

#include "base/json_write.h"
#include "base/mem.h"
#include "io/file.h"
#include "mcp/server_task.h"

#define UNSUPPORTED_PROTOCOL_VERSION (-32022)
#define META_PREFIX		     "io.modelcontextprotocol/"
#define VERDICT_MAX_BYTES	     64

static const char *const legacy_versions[] = {
	"2025-11-25",
	"2025-06-18",
	"2025-03-26",
	"2024-11-05",
};

static void write_client_info(struct buf *out, const char *key,
			      const struct client_identity *client)
{
	json_write_key(out, key);
	buf_append_char(out, '{');
	json_write_member(out, "name", client->name);
	json_write_member(out, "version", client->version);
	buf_append_char(out, '}');
}

static const char modern_extensions[] = "{\"" TASKS_EXTENSION "\":{}}";

static void write_capabilities(struct buf *out, const char *key,
			       const struct client_identity *client, const char *extensions)
{
	json_write_key(out, key);
	buf_append_char(out, '{');
	if (client->roots)
		json_write_member_json(out, "roots", "{}", 2);
	if (client->elicitation) {
		json_write_key(out, "elicitation");
		buf_append_text(out, "{\"form\":{},\"url\":{}}");
	}
	if (client->sampling)
		json_write_member_json(out, "sampling", "{\"tools\":{}}", strlen("{\"tools\":{}}"));
	if (extensions)
		json_write_member_json(out, "extensions", extensions, strlen(extensions));
	buf_append_char(out, '}');
}

void negotiate_write_initialize(struct buf *out, const struct client_identity *client)
{
	json_write_member(out, "protocolVersion", MCP_VERSION_LEGACY);
	write_capabilities(out, "capabilities", client, NULL);
	write_client_info(out, "clientInfo", client);
}

char *negotiate_modern_meta(const struct client_identity *client)
{
	struct buf out = BUF_INIT;

	buf_append_text(&out, ",\"" META_PREFIX "protocolVersion\":\"" MCP_VERSION_MODERN "\"");
	write_capabilities(&out, META_PREFIX "clientCapabilities", client, modern_extensions);
	write_client_info(&out, META_PREFIX "clientInfo", client);
	if (client->log_level)
		json_write_member(&out, META_PREFIX "logLevel", client->log_level);
	if (client->traceparent)
		json_write_member(&out, "traceparent", client->traceparent);
	return buf_take(&out);
}

char *negotiate_legacy_meta(const struct client_identity *client)
{
	struct buf out = BUF_INIT;

	if (!client->traceparent)
		return NULL;
	buf_append_char(&out, ',');
	json_write_string(&out, "traceparent");
	buf_append_char(&out, ':');
	json_write_string(&out, client->traceparent);
	return buf_take(&out);
}

const char *negotiate_traceparent(void)
{
	static const char form[] = "xx-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx-xxxxxxxxxxxxxxxx-xx";
	const char *value = getenv("TRACEPARENT");

	if (!value || strlen(value) != strlen(form))
		return NULL;
	for (size_t i = 0; form[i]; i++)
		if (form[i] == '-' ? value[i] != '-' : !strchr("0123456789abcdef", value[i]))
			return NULL;
	return value;
}

static bool lists_modern(struct json_span array)
{
	struct json_span item = {NULL, 0};

	if (json_span_kind(array) != JSON_ARRAY)
		return false;
	while (json_span_next(array, &item))
		if (json_span_equals(item, MCP_VERSION_MODERN))
			return true;
	return false;
}

enum server_era negotiate_judge_discover(const struct jsonrpc_message *reply)
{
	struct json_span list = {NULL, 0};
	int64_t code;

	if (reply->kind == JSONRPC_RESULT)
		list = json_span_member(reply->result, "supportedVersions");
	else if (json_span_int64(json_span_member(reply->error, "code"), &code) &&
		 code == UNSUPPORTED_PROTOCOL_VERSION)
		list = json_span_member(json_span_member(reply->error, "data"), "supported");
	return lists_modern(list) ? SERVER_ERA_MODERN : SERVER_ERA_LEGACY;
}

const char *negotiate_legacy_version(struct json_span result)
{
	struct json_span version = json_span_member(result, "protocolVersion");

	for (size_t i = 0; i < sizeof(legacy_versions) / sizeof(legacy_versions[0]); i++)
		if (json_span_equals(version, legacy_versions[i]))
			return legacy_versions[i];
	return NULL;
}

/* The verdict on disk */

static char *verdict_path(const char *state_dir, const char *identity)
{
	return mem_format("%s/eras/%s", state_dir, identity);
}

enum server_era negotiate_recall(const char *state_dir, const char *identity)
{
	enum server_era era = SERVER_ERA_UNKNOWN;
	enum file_kind kind;
	struct buf text;
	struct err err;
	char *path;

	if (!state_dir || !*identity)
		return SERVER_ERA_UNKNOWN;
	path = verdict_path(state_dir, identity);
	buf_init(&text, VERDICT_MAX_BYTES);
	if (file_read(path, FILE_ANY, &text, &kind, &err) == 0) {
		if (strcmp(buf_text(&text), "legacy\n") == 0)
			era = SERVER_ERA_LEGACY;
		else if (strcmp(buf_text(&text), "modern\n") == 0)
			era = SERVER_ERA_MODERN;
	}
	buf_clear(&text);
	free(path);
	return era;
}

struct verdict {
	char *path;
	enum server_era era;
};

static void write_verdict(void *arg)
{
	const struct verdict *verdict = arg;
	const char *text = verdict->era == SERVER_ERA_LEGACY ? "legacy\n" : "modern\n";
	struct err err;

	(void)!file_replace(verdict->path, text, strlen(text), 0600, &err);
}

static void verdict_written(void *arg)
{
	struct verdict *verdict = arg;

	free(verdict->path);
	free(verdict);
}

void negotiate_remember(const struct mcp_context *context, const char *identity,
			enum server_era era)
{
	struct verdict *verdict;

	if (!context->state_dir || !*identity)
		return;
	verdict = mem_new(sizeof(*verdict));
	verdict->path = verdict_path(context->state_dir, identity);
	verdict->era = era;
	worker_submit(context->workers, write_verdict, verdict_written, verdict);
}
