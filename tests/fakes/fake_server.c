/* SPDX-License-Identifier: MIT */
/*
 * fake_server: an MCP server over stdio that behaves or misbehaves as it is told.
 *
 *   fake-server [MODE]...
 *
 * Modes may be combined:
 *   modern            speaks 2026-07-28 only; dual: both eras
 *   die-on-discover   exits on any request before initialize; silent-on-discover: says nothing
 *   refuse-initialize, odd-version, no-answer (to initialize), exit-at-start=N
 *   pages=N           tools/list in N pages; endless-pages: there is always one more
 *   bad-tools         lists tools that cannot be used beside good ones
 *   tools=N           N more tools
 *   list=FILE         … and those of FILE, JSON objects between commas; they answer their arguments
 *   bare              none of its own tools
 *   noise             prints lines on stdout that are no messages; crlf; batch; blank
 *   stubborn          ignores SIGTERM and the end of stdin
 *   grandchild=FILE   leaves a child in a session of its own, its pid in FILE; grandchildren=N: and
 * N more, without a file
 *   ask               sends ping, roots/list and sampling/createMessage before it answers calls
 *   slow-start=MS     before reading anything
 *   features          has resources and prompts too
 *   once              dies on its first call ever (needs state=FILE)
 *   faults            has the tools of fake_faults too
 *   crash-at-start, die-when-listed
 *   garbage-on-discover
 *   record=FILE       what it reads is appended to FILE, as it came
 *   initialize=FILE   its answer is that file, tools/list=FILE too (@ID@ is replaced by the id);
 * the Nth answer is FILE.N where there is one
 *
 * Tools: echo(text), add(a,b), fail, protocol_error, hang, die, image, structured, big(bytes),
 * env(name), cwd, progress(steps), change_tools, stderr(text), sleep(ms), fds, session, link
 */
#include "config.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/json_write.h"
#include "base/jsonrpc.h"
#include "base/lines.h"
#include "base/mem.h"
#include "fake_faults.h"
#include "fake_features.h"

#define BIG_MAX_BYTES ((size_t)200 << 20)

static int mode_count;
static char **mode_list;
static struct buf out = {.max = BIG_MAX_BYTES * 2};
static bool initialized, tools_changed;
static char *elicited; /* the id of the call that waits for an answer of the host */
static int64_t own_id;
static char *log_level;	   /* as JSON, of logging/setLevel */
static char *subscription; /* the id of subscriptions/listen; without one nothing is told */

/* The value behind MODE=, "" for a plain MODE, NULL when it was not given. */
static const char *mode(const char *name)
{
	size_t len = strlen(name);

	for (int i = 0; i < mode_count; i++) {
		if (strncmp(mode_list[i], name, len) != 0)
			continue;
		if (mode_list[i][len] == '=')
			return mode_list[i] + len + 1;
		if (!mode_list[i][len])
			return "";
	}
	return NULL;
}

static void sleep_ms(long ms)
{
	struct timespec wait = {ms / 1000, ms % 1000 * 1000000};

	while (nanosleep(&wait, &wait) < 0 && errno == EINTR)
		;
}

static void flush(void)
{
	size_t done = 0;

	while (done < out.len) {
		ssize_t n = write(STDOUT_FILENO, out.data + done, out.len - done);

		if (n < 0 && errno != EINTR)
			exit(1);
		done += n > 0 ? (size_t)n : 0;
	}
	buf_truncate(&out, 0);
}

static void say(const char *text)
{
	buf_append_text(&out, text);
	flush();
}

/* One message: `head` is everything behind the id. */
static void answer(struct json_span id, const char *member, const char *json, size_t len)
{
	bool batch = mode("batch") != NULL;

	if (mode("noise"))
		buf_append_text(&out,
				"this is not JSON\n{\"neither\":\"is this\"}\n[]\n\xff\xfe\n");
	if (mode("blank"))
		buf_append_text(&out, "\n   \n");
	buf_append_text(&out, batch ? "[{\"jsonrpc\":\"2.0\"" : "{\"jsonrpc\":\"2.0\"");
	json_write_member_json(&out, "id", id.at, id.len);
	json_write_member_json(&out, member, json, len);
	buf_append_text(&out, batch ? "}]" : "}");
	buf_append_text(&out, mode("crlf") ? "\r\n" : "\n");
	flush();
}

static void answer_result(struct json_span id, const char *json)
{
	answer(id, "result", json, strlen(json));
}

static void answer_error(struct json_span id, int code, const char *message)
{
	char json[512];

	snprintf(json, sizeof(json), "{\"code\":%d,\"message\":\"%s\"}", code, message);
	answer(id, "error", json, strlen(json));
}

static void answer_text(struct json_span id, const char *text, bool is_error)
{
	struct buf json = {.max = BIG_MAX_BYTES * 2};

	buf_append_text(&json, "{\"content\":[{\"type\":\"text\",\"text\":");
	json_write_string(&json, text);
	buf_append_text(&json, is_error ? "}],\"isError\":true}" : "}]}");
	answer(id, "result", json.data, json.len);
	buf_clear(&json);
}

/* Arguments */

static char *text_argument(struct json_span arguments, const char *name)
{
	struct buf text = BUF_INIT;

	if (json_span_unescape(json_span_member(arguments, name), &text))
		buf_truncate(&text, 0);
	return buf_take(&text);
}

static int64_t int_argument(struct json_span arguments, const char *name, int64_t fallback)
{
	int64_t value = fallback;

	(void)json_span_int64(json_span_member(arguments, name), &value);
	return value;
}

/* Tools */

struct call {
	struct json_span id, arguments, meta, params;
};

static void tool_echo(const struct call *call)
{
	char *text = text_argument(call->arguments, "text");

	answer_text(call->id, text, false);
	free(text);
}

static void tool_add(const struct call *call)
{
	char text[64];

	snprintf(text, sizeof(text), "%lld",
		 (long long)(int_argument(call->arguments, "a", 0) +
			     int_argument(call->arguments, "b", 0)));
	answer_text(call->id, text, false);
}

static void tool_fail(const struct call *call)
{
	answer_text(call->id, "it did not work", true);
}

static void tool_protocol_error(const struct call *call)
{
	answer_error(call->id, -32602, "bad arguments, says the server");
}

static void tool_hang(const struct call *call)
{
	(void)call;
}

static void tool_die(const struct call *call)
{
	(void)call;
	fprintf(stderr, "the last words\n");
	raise(SIGKILL);
}

/* One red pixel: a PNG of 69 bytes. */
#define RED_DOT                                                                                    \
	"iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSu" \
	"QmCC"

static void tool_image(const struct call *call)
{
	answer_result(call->id,
		      "{\"content\":[{\"type\":\"text\",\"text\":\"a picture\"},"
		      "{\"type\":\"image\",\"mimeType\":\"image/png\",\"data\":\"" RED_DOT "\"}]}");
}

static void tool_structured(const struct call *call)
{
	answer_result(call->id, "{\"content\":[{\"type\":\"text\",\"text\":\"{\\\"n\\\": 1}\"}],"
				"\"structuredContent\":{\"n\":1}}");
}

static void tool_big(const struct call *call)
{
	size_t bytes = (size_t)int_argument(call->arguments, "bytes", 1000);
	char *text;

	if (bytes > BIG_MAX_BYTES)
		bytes = BIG_MAX_BYTES;
	text = mem_new(bytes + 1);
	memset(text, 'x', bytes);
	answer_text(call->id, text, false);
	free(text);
}

static void tool_env(const struct call *call)
{
	char *name = text_argument(call->arguments, "name");
	const char *value = getenv(name);

	answer_text(call->id, value ? value : "(not set)", false);
	free(name);
}

static void tool_cwd(const struct call *call)
{
	char path[4096];

	answer_text(call->id, getcwd(path, sizeof(path)) ? path : "?", false);
}

static void tool_progress(const struct call *call)
{
	struct json_span token = json_span_member(call->meta, "progressToken");
	int64_t steps = int_argument(call->arguments, "steps", 3);
	int64_t pause = int_argument(call->arguments, "pause_ms", 1);

	for (int64_t i = 1; token.at && i <= steps; i++) {
		buf_append_text(&out, "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/progress\","
				      "\"params\":{");
		json_write_member_json(&out, "progressToken", token.at, token.len);
		json_write_member_int(&out, "progress", i);
		json_write_member_int(&out, "total", steps);
		json_write_member(&out, "message", "step");
		buf_append_text(&out, "}}\n");
		flush();
		sleep_ms((long)pause);
	}
	answer_text(call->id, "all steps done", false);
}

static void tool_change_tools(const struct call *call)
{
	tools_changed = true;
	if (initialized) {
		say("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/tools/list_changed\"}\n");
	} else if (subscription) {
		buf_format(
			&out,
			"{\"jsonrpc\":\"2.0\",\"method\":\"notifications/tools/list_changed\","
			"\"params\":{\"_meta\":{\"io.modelcontextprotocol/subscriptionId\":%s}}}\n",
			subscription);
		flush();
	}
	answer_text(call->id, "changed", false);
}

static void tool_stderr(const struct call *call)
{
	char *text = text_argument(call->arguments, "text");

	for (int64_t i = int_argument(call->arguments, "times", 1); i > 0; i--)
		fprintf(stderr, "%s\n", text);
	answer_text(call->id, "written", false);
	free(text);
}

/* Tells the host's log, where the host asked for it. */
static void tool_log(const struct call *call)
{
	struct json_span level =
		initialized ? (struct json_span){log_level, log_level ? strlen(log_level) : 0}
			    : json_span_member(call->meta, "io.modelcontextprotocol/logLevel");

	if (level.at)
		buf_format(&out,
			   "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/message\",\"params\":{"
			   "\"level\":\"warning\",\"logger\":\"disk\",\"data\":{\"asked\":%.*s}}}\n"
			   "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/message\",\"params\":{"
			   "\"level\":\"info\",\"data\":\"a \\u001b[31mtext\"}}\n",
			   (int)level.len, level.at);
	flush();
	answer_text(call->id, "logged", false);
}

static void tool_sleep(const struct call *call)
{
	sleep_ms((long)int_argument(call->arguments, "ms", 100));
	answer_text(call->id, "slept", false);
}

/* The descriptors it was born with, as a list of numbers. */
static void tool_fds(const struct call *call)
{
	struct buf text = BUF_INIT;
	DIR *directory = opendir("/proc/self/fd");
	struct dirent *entry;

	while (directory && (entry = readdir(directory)))
		if (entry->d_name[0] != '.' && strtol(entry->d_name, NULL, 10) != dirfd(directory))
			buf_format(&text, "%s ", entry->d_name);
	if (directory)
		closedir(directory);
	answer_text(call->id, buf_text(&text), false);
	buf_clear(&text);
}

static void tool_session(const struct call *call)
{
	answer_text(call->id, getsid(0) == getpid() ? "its own" : "another's", false);
}

static void tool_link(const struct call *call)
{
	answer_result(call->id, "{\"content\":[{\"type\":\"resource_link\",\"uri\":\"file:///x\","
				"\"name\":\"x\"},{\"type\":\"hologram\"}]}");
}

/* Asks the person: in both eras the answer is the tool's text. */
/* Asks the host in the middle of a call, in the way of the era; the answer is the call's text. */
static void ask_in_call(const struct call *call, const char *request)
{
	struct json_span responses = json_span_member(call->params, "inputResponses");
	struct json_span state = json_span_member(call->params, "requestState");
	struct buf text = BUF_INIT;

	if (initialized) {
		elicited = mem_string_len(call->id.at, call->id.len);
		buf_format(&out, "{\"jsonrpc\":\"2.0\",\"id\":\"e\",%s}\n", request);
		flush();
	} else if (responses.at) {
		buf_append(&text, responses.at, responses.len);
		buf_append(&text, state.at, state.len);
		answer_text(call->id, buf_text(&text), false);
	} else {
		buf_format(&text,
			   "{\"resultType\":\"input_required\",\"inputRequests\":{\"a/b\":{%s}},"
			   "\"requestState\":\"s \\u00e9\\n\"}",
			   request);
		answer_result(call->id, text.data);
	}
	buf_clear(&text);
}

/* params: those of sampling/createMessage. */
static void tool_sample(const struct call *call)
{
	struct json_span params = json_span_member(call->arguments, "params");
	char *request = mem_format("\"method\":\"sampling/createMessage\",\"params\":%.*s",
				   (int)params.len, params.at);

	ask_in_call(call, request);
	free(request);
}

static void tool_elicit(const struct call *call)
{
	static const char request[] =
		"\"method\":\"elicitation/create\",\"params\":{\"message\":\"Who\\u001b[2J is it?\","
		"\"requestedSchema\":{\"type\":\"object\",\"properties\":{"
		"\"name\":{\"type\":\"string\",\"title\":\"Your name\",\"minLength\":2},"
		"\"age\":{\"type\":\"integer\",\"minimum\":1,\"default\":33},"
		"\"pet\":{\"type\":\"string\",\"enum\":[\"cat\",\"dog\"]}},"
		"\"required\":[\"name\"]}}";

	ask_in_call(call, request);
}

/* Never content: asks for the roots again and again. */
static void tool_insatiable(const struct call *call)
{
	answer_result(call->id, "{\"resultType\":\"input_required\",\"inputRequests\":{\"r\":"
				"{\"method\":\"roots/list\"}}}");
}

static void take_answer(const struct jsonrpc_message *message)
{
	struct json_span id = {elicited, elicited ? strlen(elicited) : 0};
	struct json_span said = message->kind == JSONRPC_RESULT ? message->result : message->error;
	char *text;

	fprintf(stderr, "answered: %.*s\n", (int)message->whole.len, message->whole.at);
	if (!elicited)
		return;
	text = mem_string_len(said.at, said.len);
	answer_text(id, text, false);
	free(text);
	free(elicited);
	elicited = NULL;
}

static const struct {
	const char *name, *schema;
	void (*run)(const struct call *call);
} tools[] = {
	{"echo", "{\"text\":{\"type\":\"string\"}},\"required\":[\"text\"]", tool_echo},
	{"add", "{\"a\":{\"type\":\"integer\"},\"b\":{\"type\":\"integer\"}}", tool_add},
	{"fail", "{}", tool_fail},
	{"protocol_error", "{}", tool_protocol_error},
	{"hang", "{}", tool_hang},
	{"die", "{}", tool_die},
	{"image", "{}", tool_image},
	{"structured", "{}", tool_structured},
	{"big", "{\"bytes\":{\"type\":\"integer\"}}", tool_big},
	{"env", "{\"name\":{\"type\":\"string\"}}", tool_env},
	{"cwd", "{}", tool_cwd},
	{"progress", "{\"steps\":{\"type\":\"integer\"},\"pause_ms\":{\"type\":\"integer\"}}",
	 tool_progress},
	{"change_tools", "{}", tool_change_tools},
	{"stderr", "{\"text\":{\"type\":\"string\"},\"times\":{\"type\":\"integer\"}}",
	 tool_stderr},
	{"sleep", "{\"ms\":{\"type\":\"integer\"}}", tool_sleep},
	{"fds", "{}", tool_fds},
	{"session", "{}", tool_session},
	{"link", "{}", tool_link},
	{"question", "{}", tool_elicit},
	{"sample", "{\"params\":{\"type\":\"object\"}}", tool_sample},
	{"insatiable", "{}", tool_insatiable},
	{"log", "{}", tool_log},
};

#define TOOLS (sizeof(tools) / sizeof(tools[0]))

static void write_tool(struct buf *json, const char *name, const char *schema)
{
	if (json->data[json->len - 1] != '[')
		buf_append_char(json, ',');
	buf_format(json,
		   "{\"name\":\"%s\",\"description\":\"The tool %s\",\"inputSchema\":"
		   "{\"$schema\":\"http://json-schema.org/draft-07/schema#\",\"type\":\"object\","
		   "\"properties\":%s}%s}",
		   name, name, schema,
		   mode("odd-output") && strcmp(name, "structured") == 0
			   ? ",\"outputSchema\":{\"type\":\"object\",\"properties\":{\"n\":{"
			     "\"type\":\"string\"}}}"
			   : "");
}

static void append_file(struct buf *json, const char *path)
{
	FILE *file = fopen(path, "r");
	int byte;

	if (!file)
		exit(4);
	if (json->data[json->len - 1] != '[')
		buf_append_char(json, ',');
	while ((byte = getc(file)) != EOF)
		if (byte != '\n') /* a message is one line */
			buf_append_char(json, (char)byte);
	fclose(file);
}

static void list_tools(struct json_span id, struct json_span params)
{
	const char *pages_text = mode("pages"), *more = mode("tools");
	size_t pages = pages_text ? strtoul(pages_text, NULL, 10) : 1;
	char *cursor = text_argument(params, "cursor"), name[32];
	size_t page = strtoul(cursor[0] == 'p' ? cursor + 1 : "0", NULL, 10);
	struct buf json = BUF_INIT;

	buf_append_text(&json, "{\"tools\":[");
	for (size_t i = 0; !mode("bare") && i < TOOLS; i++)
		if (i % pages == page)
			write_tool(&json, tools[i].name, tools[i].schema);
	for (size_t i = 0; more && page == 0 && i < strtoul(more, NULL, 10); i++) {
		snprintf(name, sizeof(name), "more_%zu", i);
		write_tool(&json, name, "{}");
	}
	if (mode("faults") && page == 0)
		fake_faults_list(&json);
	if (mode("list") && page == 0)
		append_file(&json, mode("list"));
	if (mode("bad-tools") && page == 0)
		buf_append_text(&json, ",{\"description\":\"nameless\"},{\"name\":\"echo\"},"
				       "{\"name\":\"odd\",\"inputSchema\":7},17,"
				       "{\"name\":\"lenient\"}");
	if (tools_changed)
		write_tool(&json, "added_later", "{}");
	buf_append_char(&json, ']');
	if (mode("endless-pages"))
		json_write_member(&json, "nextCursor", "");
	else if (page + 1 < pages)
		buf_format(&json, ",\"nextCursor\":\"p%zu\"", page + 1);
	buf_append_char(&json, '}');
	answer(id, "result", json.data, json.len);
	buf_clear(&json);
	free(cursor);
	if (mode("die-when-listed"))
		exit(7);
}

/* Requests of our own; their answers are printed to stderr. */
static void ask_the_host(void)
{
	static const char *const methods[] = {"ping", "roots/list", "sampling/createMessage"};

	for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
		jsonrpc_write_request(&out, own_id++, methods[i], "{}", 2);
		flush();
	}
}

static void die_once(void)
{
	const char *state = mode("state");
	FILE *file;

	if (!mode("once") || !state || access(state, F_OK) == 0)
		return;
	file = fopen(state, "w");
	if (file)
		fclose(file);
	raise(SIGKILL);
}

static void answer_arguments(const struct call *call)
{
	char *text =
		mem_string_len(call->arguments.at ? call->arguments.at : "", call->arguments.len);

	answer_text(call->id, text, false);
	free(text);
}

static bool call_fault(const struct call *call, struct json_span name)
{
	struct buf text = BUF_INIT;
	bool known = mode("faults") && fake_faults_call(call->id, name, call->arguments, &text);

	if (known && text.len > 0)
		answer_text(call->id, text.data, false);
	buf_clear(&text);
	return known;
}

static void call_tool(struct json_span id, struct json_span params)
{
	struct json_span name = json_span_member(params, "name");
	const struct call call = {id, json_span_member(params, "arguments"),
				  json_span_member(params, "_meta"), params};

	die_once();
	if (mode("ask"))
		ask_the_host();
	for (size_t i = 0; i < TOOLS; i++) {
		if (!json_span_equals(name, tools[i].name))
			continue;
		tools[i].run(&call);
		return;
	}
	if (call_fault(&call, name))
		return;
	if (mode("list"))
		answer_arguments(&call);
	else
		answer_error(id, -32602, "Unknown tool");
}

/* before and after: what surrounds the capabilities. */
static void answer_with_features(struct json_span id, const char *before, const char *after)
{
	struct buf json = BUF_INIT;

	buf_format(&json, "%s%s%s%s", before, mode("features") ? FAKE_FEATURES_CAPABILITIES : "",
		   after, mode("features") ? ",\"instructions\":\"Be kind.\"}" : "}");
	answer_result(id, json.data);
	buf_clear(&json);
}

static void initialize(struct json_span id)
{
	if (mode("no-answer"))
		return;
	if (mode("refuse-initialize") || mode("modern")) {
		answer_error(id, -32600, "no initialize today");
		return;
	}
	initialized = true;
	if (mode("odd-version")) {
		answer_result(id, "{\"protocolVersion\":\"1999-01-01\",\"capabilities\":{},"
				  "\"serverInfo\":{\"name\":\"fake\",\"version\":\"1\"}}");
		return;
	}
	answer_with_features(id, "{\"protocolVersion\":\"2025-11-25\",\"capabilities\":{",
			     "\"tools\":"
			     "{\"listChanged\":true}},\"serverInfo\":{\"name\":\"fake\","
			     "\"version\":\"1\"}");
}

static void discover(struct json_span id)
{
	if (mode("die-on-discover"))
		exit(3);
	if (mode("garbage-on-discover")) {
		say("{\"jsonrpc\":\"2.0\",\"id\":1,\"error\":\n");
		return;
	}
	if (mode("silent-on-discover"))
		return;
	if (mode("modern") || mode("dual"))
		answer_with_features(
			id, "{\"supportedVersions\":[\"2026-07-28\"],\"capabilities\":{",
			"\"tools\":{\"listChanged\":true}},\"resultType\":\"complete\"");
	else
		answer_error(id, -32601, "Method not found");
}

static void tell_update(struct json_span uri)
{
	buf_format(&out,
		   "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/resources/updated\","
		   "\"params\":{\"uri\":%.*s}}\n",
		   (int)uri.len, uri.at);
	flush();
}

static void take_watch(const struct jsonrpc_message *message)
{
	struct json_span uri = json_span_member(message->params, "uri");

	answer_result(message->id, "{}");
	tell_update(uri);
	tell_update(uri);
}

static void take_subscription(const struct jsonrpc_message *message)
{
	struct json_span filter = json_span_member(message->params, "notifications");
	struct json_span uris = json_span_member(filter, "resourceSubscriptions"), uri = {NULL, 0};

	if (mode("features") && json_span_kind(uris) == JSON_ARRAY && json_span_next(uris, &uri)) {
		tell_update(uri);
		tell_update(uri);
		return;
	}
	if (json_span_kind(json_span_member(filter, "toolsListChanged")) != JSON_TRUE) {
		answer_error(message->id, -32602, "nothing to listen for");
		return;
	}
	subscription = mem_string_len(message->id.at, message->id.len);
	buf_format(&out,
		   "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/subscriptions/acknowledged\","
		   "\"params\":{\"_meta\":{\"io.modelcontextprotocol/subscriptionId\":%s},"
		   "\"notifications\":{\"toolsListChanged\":true}}}\n",
		   subscription);
	flush();
}

static void set_log_level(const struct jsonrpc_message *message)
{
	struct json_span level = json_span_member(message->params, "level");

	free(log_level);
	log_level = mem_string_len(level.at, level.len);
	answer_result(message->id, "{}");
}

static void use_feature(const struct jsonrpc_message *message)
{
	struct buf result = BUF_INIT;

	if (!mode("features") || !fake_features_answer(message->method, message->params, &result))
		answer_error(message->id, -32601, "Method not found");
	else if (result.len == 0)
		answer_error(message->id, -32602, "there is no such thing");
	else
		answer_result(message->id, result.data);
	buf_clear(&result);
}

/* Its answer is a file's, whatever that is. */
static bool answer_from_file(const struct jsonrpc_message *message)
{
	static const char *const methods[] = {"initialize", "tools/list"};
	static int answers[2];

	for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
		const char *file = mode(methods[i]);
		char *numbered;

		if (!file || !json_span_equals(message->method, methods[i]))
			continue;
		numbered = mem_format("%s.%d", file, ++answers[i]);
		fake_faults_write_file(access(numbered, R_OK) == 0 ? numbered : file, message->id,
				       false);
		free(numbered);
		return true;
	}
	return false;
}

static void take(struct jsonrpc_message *message)
{
	if (message->kind == JSONRPC_RESULT || message->kind == JSONRPC_ERROR) {
		take_answer(message);
		return;
	}
	if (message->kind != JSONRPC_REQUEST) {
		if (json_span_equals(message->method, "notifications/cancelled"))
			fprintf(stderr, "cancelled: %.*s\n", (int)message->params.len,
				message->params.at);
		return;
	}
	if (answer_from_file(message))
		return;
	if (json_span_equals(message->method, "initialize"))
		initialize(message->id);
	else if (json_span_equals(message->method, "server/discover"))
		discover(message->id);
	else if (json_span_equals(message->method, "tools/list"))
		list_tools(message->id, message->params);
	else if (json_span_equals(message->method, "tools/call"))
		call_tool(message->id, message->params);
	else if (json_span_equals(message->method, "subscriptions/listen") && !initialized)
		take_subscription(message);
	else if (json_span_equals(message->method, "resources/subscribe") && initialized &&
		 mode("features"))
		take_watch(message);
	else if (json_span_equals(message->method, "logging/setLevel") && initialized)
		set_log_level(message);
	else
		use_feature(message);
}

/* Returns once the file is written. */
static void leave_grandchild(const char *file_name)
{
	int told[2];
	FILE *file;
	pid_t pid;

	if (pipe(told))
		return;
	pid = fork();
	if (pid != 0) {
		close(told[1]);
		(void)!read(told[0], &(char){0}, 1);
		close(told[0]);
		return;
	}
	setsid();
	signal(SIGTERM, SIG_IGN);
	file = file_name ? fopen(file_name, "w") : NULL;
	if (file) {
		fprintf(file, "%d\n", (int)getpid());
		fclose(file);
	}
	close(told[1]);
	for (;;)
		pause();
}

static void begin(void)
{
	const char *exit_at_start = mode("exit-at-start"), *grandchild = mode("grandchild");
	const char *slow = mode("slow-start"), *more = mode("grandchildren");

	if (slow)
		sleep_ms(strtol(slow, NULL, 10));
	if (mode("stubborn"))
		signal(SIGTERM, SIG_IGN);
	if (grandchild)
		leave_grandchild(grandchild);
	for (long i = more ? strtol(more, NULL, 10) : 0; i > 0; i--)
		leave_grandchild(NULL);
	if (mode("crash-at-start"))
		fake_faults_crash();
	if (exit_at_start) {
		fprintf(stderr, "no reason to live\n");
		exit((int)strtol(exit_at_start, NULL, 10));
	}
}

static int open_record(void)
{
	const char *path = mode("record");

	return path ? open(path, O_WRONLY | O_CREAT | O_APPEND, 0600) : -1;
}

int main(int argc, char **argv)
{
	struct lines lines;
	int record;

	mode_count = argc - 1;
	mode_list = argv + 1;
	begin();
	record = open_record();
	lines_init(&lines, LINE_MAX_BYTES);
	for (;;) {
		size_t space, len;
		char *at = lines_space(&lines, &space), *line;
		ssize_t n = at ? read(STDIN_FILENO, at, space) : 0;

		if (n <= 0 || (record >= 0 && write(record, at, (size_t)n) != n))
			break;
		lines_commit(&lines, (size_t)n);
		while (lines_next(&lines, &line, &len) == LINES_LINE) {
			struct jsonrpc_message message;
			struct err err;

			if (jsonrpc_read(line, len, &json_limits_default, &message, &err))
				fprintf(stderr, "broken: %s\n", err.text);
			else
				take(&message);
		}
	}
	while (mode("stubborn"))
		pause();
	lines_clear(&lines);
	buf_clear(&out);
	return 0;
}
