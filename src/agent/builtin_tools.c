/* SPDX-License-Identifier: MIT */
/* A table of two tools; a run is one question to the server, or the two lists one after the other.
 */
#include "config.h"

#include "agent/builtin_tools.h"

#include <stdlib.h>
#include <string.h>

#include "agent/tool_definition.h"
#include "base/json_write.h"
#include "base/mem.h"
#include "mcp/server_query.h"
#include "mcp/tool.h"

#define ARGUMENT_MAX_BYTES ((size_t)64 << 10)

struct builtin_tool {
	const char *name, *description;
	const char *more; /* properties besides "server", and what is required */
	void (*start)(struct builtin_run *run, const char *uri);
	bool needs_uri;
};

struct builtin_run {
	const struct builtin_tool *tool;
	struct server *server;
	struct server_query *query;
	struct buf list;     /* lines */
	const char *address; /* "uri" or "uriTemplate" */
	size_t text_max_bytes;
	void (*done)(void *arg, struct tool_result *take_result, const struct err *err);
	void *arg;
};

static void start_list(struct builtin_run *run, const char *uri);
static void start_read(struct builtin_run *run, const char *uri);

static const struct builtin_tool tools[] = {
	{"resource_list",
	 "Lists the resources that a server has: a line each with URI, name and description. A URI "
	 "with {braces} is a template, to be filled in.",
	 "},\"required\":[\"server\"]", start_list, false},
	{"resource_read", "Reads a resource of a server.",
	 ",\"uri\":{\"type\":\"string\",\"description\":\"of the list, or a template filled in\"}},"
	 "\"required\":[\"server\",\"uri\"]",
	 start_read, true},
};

#define TOOLS (sizeof(tools) / sizeof(tools[0]))

const struct builtin_tool *builtin_tool_find(const char *name)
{
	for (size_t i = 0; i < TOOLS; i++)
		if (strcmp(tools[i].name, name) == 0)
			return &tools[i];
	return NULL;
}

const char *builtin_tool_name(const struct builtin_tool *tool)
{
	return tool->name;
}

const char *builtin_tool_description(const struct builtin_tool *tool)
{
	return tool->description;
}

static char *schema_of(const struct builtin_tool *tool, char *const servers[])
{
	struct buf schema = BUF_INIT;

	buf_append_text(
		&schema,
		"{\"type\":\"object\",\"properties\":{\"server\":{\"type\":\"string\",\"enum\":[");
	for (size_t i = 0; servers[i]; i++) {
		buf_append_text(&schema, i > 0 ? "," : "");
		json_write_string(&schema, servers[i]);
	}
	buf_format(&schema, "]}%s}", tool->more);
	return buf_take(&schema);
}

const struct builtin_tool *builtin_tool_at(size_t i)
{
	return i < TOOLS ? &tools[i] : NULL;
}

void builtin_tool_write(const struct builtin_tool *tool, struct buf *out, char *const servers[],
			enum schema_family family)
{
	char *schema = schema_of(tool, servers);

	tool_definition_write(out, tool->name, tool->description, schema, family, NULL, NULL);
	free(schema);
}

static char *argument(const char *arguments, const char *name)
{
	struct json_span object = {arguments, strlen(arguments)};

	return json_span_text(json_span_member(object, name), ARGUMENT_MAX_BYTES);
}

struct server *builtin_tool_server(const struct builtin_tool *tool, const char *arguments,
				   const struct server_pool *pool, char **why)
{
	char *name = argument(arguments, "server"), *uri = argument(arguments, "uri");
	struct server *server = name ? server_pool_find(pool, name) : NULL;

	if (!server || !server_is_offered(server) || !server_has(server, SERVER_RESOURCES)) {
		server = NULL;
		*why = mem_string("arguments.server: expected one of the servers that are listed "
				  "for it");
	} else if (tool->needs_uri && !uri) {
		server = NULL;
		*why = mem_string("arguments.uri: expected a string");
	}
	free(name);
	free(uri);
	return server;
}

/* The end */

static void finish(struct builtin_run *run, struct tool_result *take_result, const struct err *err)
{
	buf_clear(&run->list);
	run->done(run->arg, take_result, err);
	free(run);
}

static void finish_failed(struct builtin_run *run, const struct err *err)
{
	/* That there is no such resource is for the model to know, not a failure of the server. */
	finish(run, tool_result_failure("Error: %s", err->text),
	       err->kind == ERR_CONFIG ? NULL : err);
}

static void finish_with(struct builtin_run *run, struct buf *json)
{
	const size_t len = json->len;
	char *block = buf_take(json);
	struct tool_result *result;
	struct err err;

	result = tool_result_new((struct json_span){block, len}, block, run->text_max_bytes, &err);
	if (result)
		finish(run, result, NULL);
	else
		finish_failed(run, &err);
}

/* resource_list */

static void append_member(struct buf *line, struct json_span item, const char *member)
{
	char *text = json_span_text(json_span_member(item, member), ARGUMENT_MAX_BYTES);

	if (text)
		buf_format(line, "%s%s", line->len > 0 ? " - " : "", text);
	free(text);
}

static void take_item(void *arg, struct json_span item)
{
	struct builtin_run *run = arg;
	struct buf line = BUF_INIT;

	append_member(&line, item, run->address);
	append_member(&line, item, "name");
	append_member(&line, item, "description");
	buf_append_char(&line, '\n');
	buf_append(&run->list, line.data, line.len);
	buf_clear(&line);
}

static void listed(void *arg, struct json_span result, const struct err *err)
{
	struct builtin_run *run = arg;
	struct buf json = BUF_INIT;

	(void)result;
	run->query = NULL;
	if (strcmp(run->address, "uri") == 0) {
		if (err) {
			finish_failed(run, err);
			return;
		}
		run->address = "uriTemplate";
		run->query = server_query_list(run->server, "resources/templates/list",
					       "resourceTemplates", take_item, listed, run);
		return;
	}
	/* Many servers with resources have no templates, and refuse to say so. */
	buf_append_text(&json, "{\"content\":[{\"type\":\"text\",\"text\":");
	json_write_string(&json, run->list.len > 0 ? buf_text(&run->list) : "There are none.");
	buf_append_text(&json, "}]}");
	finish_with(run, &json);
}

static void start_list(struct builtin_run *run, const char *uri)
{
	(void)uri;
	run->address = "uri";
	run->query = server_query_list(run->server, "resources/list", "resources", take_item,
				       listed, run);
}

/* resource_read */

static void read_done(void *arg, struct json_span result, const struct err *err)
{
	struct builtin_run *run = arg;
	struct json_span contents = json_span_member(result, "contents"), content = {NULL, 0};
	struct buf json = BUF_INIT;

	run->query = NULL;
	if (err) {
		finish_failed(run, err);
		return;
	}
	buf_append_text(&json, "{\"content\":[");
	while (json_span_kind(contents) == JSON_ARRAY && json_span_next(contents, &content)) {
		buf_append_text(&json, json.data[json.len - 1] == '[' ? "" : ",");
		buf_append_text(&json, "{\"type\":\"resource\",\"resource\":");
		buf_append(&json, content.at, content.len);
		buf_append_char(&json, '}');
	}
	buf_append_text(&json, "]}");
	finish_with(run, &json);
}

static void start_read(struct builtin_run *run, const char *uri)
{
	struct buf params = BUF_INIT;

	json_write_member(&params, "uri", uri);
	run->query = server_query(run->server, "resources/read", params.data, read_done, run);
	buf_clear(&params);
}

struct builtin_run *builtin_tool_start(const struct builtin_tool *tool, struct server *server,
				       const char *arguments, size_t text_max_bytes,
				       void (*done)(void *arg, struct tool_result *take_result,
						    const struct err *err),
				       void *arg)
{
	struct builtin_run *run = mem_new(sizeof(*run));
	char *uri = argument(arguments, "uri");

	run->tool = tool;
	run->server = server;
	run->text_max_bytes = text_max_bytes;
	run->done = done;
	run->arg = arg;
	buf_init(&run->list, BUILTIN_LIST_MAX_BYTES);
	tool->start(run, uri ? uri : "");
	free(uri);
	return run;
}

void builtin_tool_cancel(struct builtin_run **run_p)
{
	struct builtin_run *run = *run_p;

	*run_p = NULL;
	if (!run)
		return;
	server_query_cancel(&run->query);
	buf_clear(&run->list);
	free(run);
}
