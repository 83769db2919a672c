/* SPDX-License-Identifier: MIT */
/* One question after the other, each judged by a function of its own. */
#include "config.h"

#include "mcp/server_examine.h"

#include <stdlib.h>
#include <string.h>

#include "base/json_schema.h"
#include "base/mem.h"
#include "mcp/server_internal.h"

struct server_examination {
	struct server *server;
	void (*done)(void *arg);
	void *arg;
	size_t step;
	int64_t id; /* of the question that is out, or 0 */
};

/* Judging */

static int64_t error_code(const struct jsonrpc_message *reply)
{
	int64_t code = 0;

	(void)json_span_int64(json_span_member(reply->error, "code"), &code);
	return code;
}

static void judge_ping(struct server *server, const struct jsonrpc_message *reply)
{
	if (reply->kind == JSONRPC_ERROR)
		deviation_note(&server->deviations, RULE_PING, "it answered with the error %lld",
			       (long long)error_code(reply));
}

static void judge_unknown(struct server *server, const struct jsonrpc_message *reply)
{
	if (reply->kind == JSONRPC_RESULT)
		deviation_note(&server->deviations, RULE_METHOD_NOT_FOUND,
			       "it answered with a result");
	else if (error_code(reply) != JSONRPC_METHOD_NOT_FOUND)
		deviation_note(&server->deviations, RULE_METHOD_NOT_FOUND,
			       "it answered with the error %lld", (long long)error_code(reply));
}

static void judge_list(struct server *server, const struct jsonrpc_message *reply,
		       const char *method, const char *member)
{
	if (reply->kind == JSONRPC_ERROR)
		deviation_note(&server->deviations, RULE_LIST_ANSWERED,
			       "it answered %s with the error %lld", method,
			       (long long)error_code(reply));
	else if (json_span_kind(json_span_member(reply->result, member)) != JSON_ARRAY)
		deviation_note(&server->deviations, RULE_LIST_ANSWERED,
			       "its answer to %s has no \"%s\"", method, member);
	else
		server_check_cache_hints(server, method, reply->result);
}

static void judge_resources(struct server *server, const struct jsonrpc_message *reply)
{
	judge_list(server, reply, "resources/list", "resources");
}

static void judge_prompts(struct server *server, const struct jsonrpc_message *reply)
{
	judge_list(server, reply, "prompts/list", "prompts");
}

static bool is_legacy(const struct server *server)
{
	return server->era == SERVER_ERA_LEGACY;
}

static bool always(const struct server *server)
{
	(void)server;
	return true;
}

static bool has_resources(const struct server *server)
{
	return server_has(server, SERVER_RESOURCES);
}

static bool has_prompts(const struct server *server)
{
	return server_has(server, SERVER_PROMPTS);
}

static const struct {
	const char *method;
	bool (*applies)(const struct server *server);
	void (*judge)(struct server *server, const struct jsonrpc_message *reply);
} steps[] = {
	{"ping", is_legacy, judge_ping},
	{"cordpair/no-such-method", always, judge_unknown},
	{"resources/list", has_resources, judge_resources},
	{"prompts/list", has_prompts, judge_prompts},
};

#define STEPS (sizeof(steps) / sizeof(steps[0]))

/* Asking */

static void next_step(struct server_examination *examination);

static void answered(void *arg, const struct jsonrpc_message *reply, char **block,
		     const struct err *err)
{
	struct server_examination *examination = arg;
	struct server *server = examination->server;
	const char *method = steps[examination->step].method;

	(void)block;
	examination->id = 0;
	if (reply)
		steps[examination->step].judge(server, reply);
	else if (!server_is_up(server))
		deviation_note(&server->deviations, RULE_ANSWERS, "it ended when asked for %s",
			       method);
	else
		deviation_note(&server->deviations, RULE_ANSWERS, "%s: %s", method, err->text);
	examination->step++;
	next_step(examination);
}

static void finished(void *arg)
{
	struct server_examination *examination = arg;

	examination->server->examination = NULL;
	examination->done(examination->arg);
	free(examination);
}

static void next_step(struct server_examination *examination)
{
	struct server *server = examination->server;
	struct rpc_request request = {
		.timeout_ms = EXAMINE_TIMEOUT_MS,
		.on_reply = answered,
		.arg = examination,
	};
	struct err err;

	while (examination->step < STEPS && !steps[examination->step].applies(server))
		examination->step++;
	if (examination->step < STEPS && server_is_up(server)) {
		request.method = steps[examination->step].method;
		rpc_params(server->rpc, &request);
		examination->id = rpc_send(server->rpc, &request, &err);
		if (examination->id >= 0)
			return;
		examination->id = 0;
	}
	loop_defer(server->context->loop, finished, examination);
}

/* What both dialects say a schema looks like, as far as tools use it. */
#define SUB  "{\"$ref\":\"#/$defs/schema\"}"
#define SUBS "{\"type\":\"object\",\"additionalProperties\":" SUB "}"
#define LIST "{\"type\":\"array\",\"minItems\":1,\"items\":" SUB "}"
#define SIZE "{\"type\":\"integer\",\"minimum\":0}"
#define TYPE \
	"{\"enum\":[\"array\",\"boolean\",\"integer\",\"null\",\"number\",\"object\",\"string\"]}"

static const char schema_of_schemas[] =
	"{\"$ref\":\"#/$defs/schema\",\"$defs\":{\"schema\":{\"type\":[\"object\",\"boolean\"],"
	"\"properties\":{\"type\":{\"anyOf\":[" TYPE ",{\"type\":\"array\",\"items\":" TYPE "}]},"
	"\"properties\":" SUBS ",\"patternProperties\":" SUBS ",\"$defs\":" SUBS
	",\"definitions\":" SUBS ",\"additionalProperties\":" SUB ",\"propertyNames\":" SUB
	",\"items\":{\"anyOf\":[" SUB "," LIST "]},\"prefixItems\":" LIST ",\"contains\":" SUB
	",\"allOf\":" LIST ",\"anyOf\":" LIST ",\"oneOf\":" LIST ",\"not\":" SUB ",\"if\":" SUB
	",\"then\":" SUB ",\"else\":" SUB
	",\"required\":{\"type\":\"array\",\"items\":{\"type\":\"string\"}},"
	"\"enum\":{\"type\":\"array\"},\"minimum\":{\"type\":\"number\"},\"maximum\":{\"type\":"
	"\"number\"},\"minLength\":" SIZE ",\"maxLength\":" SIZE ",\"minItems\":" SIZE
	",\"maxItems\":" SIZE ",\"minProperties\":" SIZE ",\"maxProperties\":" SIZE
	",\"pattern\":{\"type\":\"string\"},\"$ref\":{\"type\":\"string\"},\"title\":{\"type\":"
	"\"string\"},\"description\":{\"type\":\"string\"}}}}}";

static void check_schema(struct server *server, struct json_schema *rules, const char *tool,
			 const char *what, const char *text)
{
	struct err err;

	if (text && json_schema_check(rules, (struct json_span){text, strlen(text)}, what, &err))
		deviation_note(&server->deviations, RULE_TOOL_SCHEMA, "tool \"%s\": %s", tool,
			       err.text);
}

static void check_schemas(struct server *server)
{
	struct err err;
	struct json_schema *rules =
		json_schema_new(schema_of_schemas, strlen(schema_of_schemas), &err);

	for (size_t i = 0; rules && i < server->tools.count; i++) {
		const struct tool *tool = &server->tools.tool[i];
		const struct json_span input = {tool->input_schema, strlen(tool->input_schema)};

		check_schema(server, rules, tool->name, "inputSchema", tool->input_schema);
		check_schema(server, rules, tool->name, "outputSchema", tool->output_schema);
		if (!json_span_equals(json_span_member(input, "type"), "object"))
			deviation_note(&server->deviations, RULE_TOOL_SHAPE,
				       "tool \"%s\": its inputSchema is not of \"type\": "
				       "\"object\"",
				       tool->name);
	}
	json_schema_free(&rules);
}

void server_examine(struct server *server, void (*done)(void *arg), void *arg)
{
	struct server_examination *examination = mem_new(sizeof(*examination));

	examination->server = server;
	examination->done = done;
	examination->arg = arg;
	server->examination = examination;
	check_schemas(server);
	next_step(examination);
}

void server_examine_cancel(struct server *server)
{
	struct server_examination *examination = server->examination;

	if (!examination)
		return;
	server->examination = NULL;
	loop_defer_cancel(server->context->loop, examination);
	if (examination->id && server->rpc)
		rpc_cancel(server->rpc, examination->id, "not wanted any more");
	free(examination);
}
