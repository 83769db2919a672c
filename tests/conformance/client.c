/* SPDX-License-Identifier: MIT */
/*
 * The client under test of the official conformance suite: cordpair's own MCP client (mcp/, trust/,
 * io/), told by the suite which scenario it is in.
 *
 *   MCP_CONFORMANCE_SCENARIO=NAME [MCP_CONFORMANCE_CONTEXT=JSON] client URL
 *
 * It connects, lists tools, and does what the scenario's description asks of a client. Exit 0: all
 * of it went well.
 */
#include "config.h"

#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/elicitation_form.h"
#include "base/jsonrpc.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/trace.h"
#include "io/launcher.h"
#include "mcp/server_pool.h"
#include "mcp/server_query.h"
#include "suite_browser.h"
#include "trust/oauth.h"

#define TEXT_MAX_BYTES	    ((size_t)1 << 20)
#define CLIENT_METADATA_URL "https://conformance-test.local/client-metadata.json"

struct client {
	struct mcp_context context;
	struct server_config *config;
	struct server_pool *pool;
	struct server *server;
	struct oauth *oauth;
	struct suite_browser browser;
	bool done, failed;
	char *store;	    /* of logins: each run begins without any */
	char *uri, *prompt; /* the first ones listed */
};

static void say(struct client *client, const struct err *err)
{
	fprintf(stderr, "client: %s\n", err->text);
	client->failed = true;
}

static void stage_done(struct client *client)
{
	client->done = true;
	loop_stop(client->context.loop);
}

static void wait_done(struct client *client)
{
	while (!client->done)
		loop_run(client->context.loop);
	client->done = false;
}

/* Elicitation: the form goes back with its defaults, as a person does who changes nothing. */

static void accept_defaults(struct server_request *request)
{
	struct json_span schema =
		json_span_member(server_request_params(request), "requestedSchema");
	struct elicitation_form form;
	struct buf result = BUF_INIT;
	struct err err;

	if (elicitation_form_read(schema, &form, &err)) {
		server_refuse(&request, JSONRPC_INVALID_PARAMS, err.text);
		return;
	}
	buf_append_text(&result, "{\"action\":\"accept\",\"content\":");
	elicitation_form_write(&form, &result);
	buf_append_char(&result, '}');
	elicitation_form_clear(&form);
	server_answer(&request, result.data, result.len);
	buf_clear(&result);
}

static void on_request(void *arg, struct server *server, struct server_request *request)
{
	(void)arg;
	(void)server;
	if (strcmp(server_request_method(request), "elicitation/create") == 0)
		accept_defaults(request);
	else
		server_refuse(&request, JSONRPC_METHOD_NOT_FOUND, "Method not found");
}

static const struct server_listener listener = {.on_request = on_request};

/* Calls */

static void called(void *arg, struct tool_result *take_result, const struct err *err)
{
	struct client *client = arg;

	if (err)
		say(client, err);
	else
		printf("%s\n", take_result->text);
	tool_result_free(&take_result);
	stage_done(client);
}

static void call(struct client *client, const char *tool, const char *arguments)
{
	static const struct server_call_listener call_listener = {.on_done = called};
	const struct server_call_options options = {.text_max_bytes = TEXT_MAX_BYTES};

	printf("call %s %s\n", tool, arguments);
	if (!server_call_tool(client->server, tool, arguments, strlen(arguments), &options,
			      &call_listener, client))
		client->failed = true;
	wait_done(client);
}

static void call_if_listed(struct client *client, const char *tool, const char *arguments)
{
	if (tool_list_find(server_tools(client->server), tool))
		call(client, tool, arguments);
}

/* Resources and prompts */

static void asked(void *arg, struct json_span result, const struct err *err)
{
	struct client *client = arg;

	if (err)
		say(client, err);
	else
		printf("%.*s\n", (int)result.len, result.at);
	stage_done(client);
}

static void keep_first(char **kept, struct json_span item, const char *member)
{
	struct buf text = BUF_INIT;

	if (!*kept && json_span_unescape(json_span_member(item, member), &text) == 0)
		*kept = buf_take(&text);
	buf_clear(&text);
}

static void resource_listed(void *arg, struct json_span item)
{
	keep_first(&((struct client *)arg)->uri, item, "uri");
}

static void prompt_listed(void *arg, struct json_span item)
{
	keep_first(&((struct client *)arg)->prompt, item, "name");
}

static void ask(struct client *client, const char *method, const char *member, const char *value)
{
	char *params = mem_format("\"%s\":\"%s\"", member, value);

	if (!server_query(client->server, method, params, asked, client))
		client->failed = true;
	free(params);
	wait_done(client);
}

static void use_resources(struct client *client)
{
	if (!server_has(client->server, SERVER_RESOURCES))
		return;
	(void)!server_query_list(client->server, "resources/list", "resources", resource_listed,
				 asked, client);
	wait_done(client);
	if (client->uri)
		ask(client, "resources/read", "uri", client->uri);
}

static void use_prompts(struct client *client)
{
	if (!server_has(client->server, SERVER_PROMPTS))
		return;
	(void)!server_query_list(client->server, "prompts/list", "prompts", prompt_listed, asked,
				 client);
	wait_done(client);
	if (client->prompt)
		ask(client, "prompts/get", "name", client->prompt);
}

/* Scenarios */

static void do_sum(struct client *client)
{
	call(client, "add_numbers", "{\"a\":5,\"b\":3}");
}

/* Every tool that survived, with nothing. */
static void do_every_tool(struct client *client)
{
	const struct tool_list *tools = server_tools(client->server);

	for (size_t i = 0; i < tools->count; i++)
		call(client, tools->tool[i].name, "{}");
}

static void do_headers(struct client *client)
{
	do_every_tool(client);
	use_resources(client);
	use_prompts(client);
}

/* The calls that the suite's context names. */
static void do_context_calls(struct client *client)
{
	const char *text = getenv("MCP_CONFORMANCE_CONTEXT");
	struct json_span list, item = {NULL, 0};

	list = json_span_member((struct json_span){text ? text : "{}", text ? strlen(text) : 2},
				"toolCalls");
	while (json_span_kind(list) == JSON_ARRAY && json_span_next(list, &item)) {
		struct json_span arguments = json_span_member(item, "arguments");
		struct buf name = BUF_INIT;
		char *copy = mem_string_len(arguments.at, arguments.len);

		if (json_span_unescape(json_span_member(item, "name"), &name) == 0)
			call(client, buf_text(&name), copy);
		free(copy);
		buf_clear(&name);
	}
}

static void do_echo_schema(struct client *client)
{
	const struct tool *tool =
		tool_list_find(server_tools(client->server), "json_schema_2020_12_tool");
	char *arguments;

	if (!tool)
		return;
	arguments = mem_format("{\"schema\":%s}", tool->input_schema);
	call(client, "json_schema_echo", arguments);
	free(arguments);
}

static void do_elicitation(struct client *client)
{
	call(client, "test_client_elicitation_defaults", "{}");
}

static void do_reconnection(struct client *client)
{
	call(client, "test_reconnection", "{}");
}

static void do_input_required(struct client *client)
{
	static const char *const tools[] = {"test_mrtr_echo_state", "test_mrtr_no_state",
					    "test_mrtr_unrelated", "test_mrtr_no_result_type"};

	for (size_t i = 0; i < sizeof(tools) / sizeof(tools[0]); i++)
		call_if_listed(client, tools[i], "{}");
}

static void do_test_tool(struct client *client)
{
	call_if_listed(client, "test-tool", "{}");
}

static const struct {
	const char *scenario;
	void (*run)(struct client *client);
} scenarios[] = {
	{"tools_call", do_sum},
	{"elicitation-sep1034-client-defaults", do_elicitation},
	{"sse-retry", do_reconnection},
	{"http-standard-headers", do_headers},
	{"http-custom-headers", do_context_calls},
	{"http-invalid-tool-headers", do_every_tool},
	{"json-schema-2020-12-preservation", do_echo_schema},
	{"sep-2322-client-request-state", do_input_required},
};

static void run_scenario(struct client *client)
{
	const char *name = getenv("MCP_CONFORMANCE_SCENARIO");

	for (size_t i = 0; name && i < sizeof(scenarios) / sizeof(scenarios[0]); i++)
		if (strcmp(scenarios[i].scenario, name) == 0) {
			scenarios[i].run(client);
			return;
		}
	do_test_tool(client);
}

/* Life */

static void settled(void *arg)
{
	stage_done(arg);
}

/* What the suite says of the client that it knows: {"client_id": …, "client_secret": …}. */
static void read_context(struct oauth_config *oauth)
{
	const char *text = getenv("MCP_CONFORMANCE_CONTEXT");
	const char *scenario = getenv("MCP_CONFORMANCE_SCENARIO");
	struct json_span context = {text, text ? strlen(text) : 0};

	oauth->client_metadata_url = mem_string(CLIENT_METADATA_URL);
	if (!text)
		return;
	oauth->client_id = json_span_text(json_span_member(context, "client_id"), TEXT_MAX_BYTES);
	oauth->client_secret =
		json_span_text(json_span_member(context, "client_secret"), TEXT_MAX_BYTES);
	oauth->private_key =
		json_span_text(json_span_member(context, "private_key_pem"), TEXT_MAX_BYTES);
	oauth->idp_token_endpoint =
		json_span_text(json_span_member(context, "idp_token_endpoint"), TEXT_MAX_BYTES);
	oauth->idp_client_id =
		json_span_text(json_span_member(context, "idp_client_id"), TEXT_MAX_BYTES);
	oauth->idp_id_token =
		json_span_text(json_span_member(context, "idp_id_token"), TEXT_MAX_BYTES);
	if (scenario && strstr(scenario, "client-credentials"))
		oauth->grant = OAUTH_CLIENT_CREDENTIALS;
	if (oauth->idp_token_endpoint)
		oauth->grant = OAUTH_ENTERPRISE;
}

static int open_client(struct client *client, const char *url)
{
	char store[] = "/tmp/cordpair-conformance-XXXXXX";
	struct err err;

	client->context.loop = loop_new(&err);
	client->context.workers =
		client->context.loop ? worker_pool_new(client->context.loop) : NULL;
	client->context.http = client->context.loop ? http_new(client->context.loop, &err) : NULL;
	if (!client->context.http) {
		fprintf(stderr, "client: %s\n", err.text);
		return -1;
	}
	client->store = mem_string(mkdtemp(store) ? store : ".");
	client->oauth = oauth_new(client->context.loop, client->context.http, client->store);
	suite_browser_init(&client->browser, client->context.loop, client->context.http);
	oauth_set_user_agent(client->oauth, &client->browser.agent);
	client->context.authorizer = oauth_authorizer(client->oauth);
	client->context.client_name = PACKAGE_NAME;
	client->context.client_version = PACKAGE_VERSION;
	client->config = server_config_new("conformance");
	client->config->type = SERVER_TYPE_HTTP;
	client->config->url = mem_string(url);
	read_context(&client->config->oauth);
	client->pool = server_pool_new(&client->context, &listener, client);
	client->server = server_pool_add(client->pool, client->config);
	return 0;
}

static void remove_store(const char *store)
{
	DIR *directory = opendir(store);
	const struct dirent *entry;

	while (directory && (entry = readdir(directory)))
		(void)unlinkat(dirfd(directory), entry->d_name, 0);
	if (directory)
		closedir(directory);
	rmdir(store);
}

static void close_client(struct client *client)
{
	server_pool_stop(client->pool, settled, client);
	wait_done(client);
	server_pool_free(&client->pool);
	oauth_free(&client->oauth);
	remove_store(client->store);
	loop_run_once(client->context.loop, 0);
	http_free(&client->context.http);
	worker_pool_free(&client->context.workers);
	loop_free(&client->context.loop);
	server_config_free(&client->config);
	free(client->store);
	free(client->uri);
	free(client->prompt);
}

int main(int argc, char **argv)
{
	const char *trace = getenv("CORDPAIR_CONFORMANCE_TRACE");
	struct client client = {0};
	struct err err;

	if (argc != 2) {
		fprintf(stderr, "usage: client URL\n");
		return 2;
	}
	signal(SIGPIPE, SIG_IGN);
	if (trace && trace_open(trace, &err))
		return 2;
	if (open_client(&client, argv[1]))
		return 1;
	server_pool_start(client.pool, settled, &client);
	wait_done(&client);
	if (server_get_state(client.server) == SERVER_READY) {
		run_scenario(&client);
	} else {
		fprintf(stderr, "client: %s\n", server_reason(client.server));
		client.failed = true;
	}
	close_client(&client);
	trace_close();
	return client.failed;
}
