/* SPDX-License-Identifier: MIT */
/*
 * The HTTP /call adapter: a server that is not MCP, made to look like one. `initialize` is answered
 * here; tools/list from the entry or from `tools_url`; tools/call is
 * `POST url {"name", "arguments"}`, answered by `{"result": any JSON}` or `{"error": …}`.
 *
 * What the server says of a failure becomes a result with isError, as a tool's own; what fails
 * below that (network, HTTP, not JSON) fails the call. The model reads both.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/json_write.h"
#include "base/lines.h"
#include "base/mem.h"
#include "base/sanitize.h"
#include "io/http.h"
#include "mcp/tool.h"
#include "mcp/transport.h"

#define CALL_RESPONSE_MAX_BYTES ((size_t)32 << 20) /* after decoding */
#define CALL_ERROR_SHOWN_BYTES	500

struct call_exchange { /* one request under way, or one answer that waits for its turn */
	struct transport_call *owner;
	struct call_exchange *next, **previous;
	int64_t id;
	bool lists;	    /* tools_url, not a call */
	char *request_body; /* borrowed by http until done */
	struct http_exchange *http;
	struct buf body;
	struct buf answer; /* the JSON-RPC message, complete */
};

struct transport_call {
	struct transport transport;
	struct loop *loop;
	struct http *http;
	struct server_config *config;
	const struct transport_listener *listener;
	void *arg;
	struct call_exchange *first;
	const char **headers; /* the entry's, and the content type */
};

static struct transport_call *self(struct transport *transport)
{
	return (struct transport_call *)transport;
}

static struct call_exchange *exchange_new(struct transport_call *owner, int64_t id)
{
	struct call_exchange *exchange = mem_new(sizeof(*exchange));

	exchange->owner = owner;
	exchange->id = id;
	buf_init(&exchange->body, CALL_RESPONSE_MAX_BYTES);
	buf_init(&exchange->answer, LINE_MAX_BYTES);
	exchange->next = owner->first;
	exchange->previous = &owner->first;
	if (owner->first)
		owner->first->previous = &exchange->next;
	owner->first = exchange;
	return exchange;
}

static void exchange_free(struct call_exchange *exchange)
{
	*exchange->previous = exchange->next;
	if (exchange->next)
		exchange->next->previous = exchange->previous;
	loop_defer_cancel(exchange->owner->loop, exchange);
	http_cancel(&exchange->http);
	buf_clear(&exchange->body);
	buf_clear(&exchange->answer);
	free(exchange->request_body);
	free(exchange);
}

/* Answers */

static void deliver(void *arg)
{
	struct call_exchange *exchange = arg;
	struct transport_call *call = exchange->owner;
	struct jsonrpc_message message;
	size_t len = exchange->answer.len;
	char *block = buf_take(&exchange->answer);
	struct err err;
	int status = jsonrpc_read(block, len, &json_limits_splice, &message, &err);

	exchange_free(exchange);
	if (status) /* too large to be made a message of */
		call->listener->on_noise(call->arg, err.text, true);
	else
		call->listener->on_message(call->arg, &message, &block);
	free(block);
}

static void begin_answer(struct call_exchange *exchange)
{
	buf_truncate(&exchange->answer, 0);
	buf_append_text(&exchange->answer, "{\"jsonrpc\":\"2.0\"");
	json_write_member_int(&exchange->answer, "id", exchange->id);
	json_write_key(&exchange->answer, "result");
}

static void answer_failure(struct call_exchange *exchange, const char *text, size_t len)
{
	struct buf shown = BUF_INIT;
	struct buf *out = &exchange->answer;

	buf_append_text(&shown, "Error: ");
	sanitize_line(text, len, CALL_ERROR_SHOWN_BYTES, &shown);
	if (exchange->lists) {
		buf_truncate(out, 0);
		buf_append_text(out, "{\"jsonrpc\":\"2.0\"");
		json_write_member_int(out, "id", exchange->id);
		buf_append_text(out, ",\"error\":{\"code\":-32603");
		json_write_member(out, "message", buf_text(&shown) + strlen("Error: "));
		buf_append_text(out, "}}");
	} else {
		begin_answer(exchange);
		buf_append_text(out, "{\"content\":[{\"type\":\"text\",\"text\":");
		json_write_string_len(out, shown.data, shown.len);
		buf_append_text(out, "}],\"isError\":true}}");
	}
	buf_clear(&shown);
}

/*
 * The call failed below the tool: the model reads it too, and the exit code says of what kind it
 * was. A list of tools that failed is told as the server's error.
 */
static void fail(struct call_exchange *exchange, enum err_kind kind, const char *text)
{
	struct transport_call *call = exchange->owner;
	const int64_t id = exchange->id;
	struct buf shown = BUF_INIT;
	struct err err;

	if (exchange->lists) {
		answer_failure(exchange, text, strlen(text));
		deliver(exchange);
		return;
	}
	sanitize_line(text, strlen(text), CALL_ERROR_SHOWN_BYTES, &shown);
	err_set(&err, kind, "server \"%s\": %s", call->config->name, buf_text(&shown));
	buf_clear(&shown);
	exchange_free(exchange);
	call->listener->on_failed(call->arg, id, &err);
}

/* A string is a text; any other value is its JSON. */
static void answer_result(struct call_exchange *exchange, struct json_span result)
{
	struct buf *out = &exchange->answer;

	begin_answer(exchange);
	buf_append_text(out, "{\"content\":[{\"type\":\"text\",\"text\":");
	if (json_span_kind(result) == JSON_STRING)
		buf_append(out, result.at, result.len);
	else
		json_write_string_len(out, result.at, result.len);
	buf_append_text(out, "}]}}");
}

static void answer_error(struct call_exchange *exchange, struct json_span error)
{
	struct json_span message = json_span_member(error, "message");
	struct buf text = BUF_INIT;

	if (json_span_unescape(json_span_kind(message) == JSON_STRING ? message : error, &text)) {
		buf_truncate(&text, 0);
		buf_append(&text, error.at, error.len);
	}
	answer_failure(exchange, buf_text(&text), text.len);
	buf_clear(&text);
}

/* Tools: the entry's, a server's array, {"tools": […]}, or OpenAI's {"type", "function"} form. */

static void write_tool(struct buf *out, struct json_span item)
{
	enum { FUNCTION, NAME, DESCRIPTION, PARAMETERS, INPUT, COUNT };
	static const char *const names[COUNT] = {"function", "name", "description", "parameters",
						 "inputSchema"};
	struct json_span member[COUNT], schema;

	if (!json_span_members(item, names, member, COUNT)) {
		buf_append_text(out, "{}");
		return;
	}
	if (json_span_kind(member[FUNCTION]) == JSON_OBJECT)
		json_span_members(member[FUNCTION], names, member, COUNT);
	schema = member[INPUT].at ? member[INPUT] : member[PARAMETERS];
	buf_append_char(out, '{');
	if (member[NAME].at)
		json_write_member_json(out, "name", member[NAME].at, member[NAME].len);
	if (member[DESCRIPTION].at)
		json_write_member_json(out, "description", member[DESCRIPTION].at,
				       member[DESCRIPTION].len);
	if (schema.at)
		json_write_member_json(out, "inputSchema", schema.at, schema.len);
	buf_append_char(out, '}');
}

static void answer_tools(struct call_exchange *exchange, struct json_span list)
{
	struct buf *out = &exchange->answer;
	struct json_span item = {NULL, 0};
	bool any = false;

	begin_answer(exchange);
	buf_append_text(out, "{\"tools\":[");
	while (json_span_next(list, &item)) {
		if (any)
			buf_append_char(out, ',');
		write_tool(out, item);
		any = true;
	}
	buf_append_text(out, "]}}");
}

static void answer_from_tools_url(struct call_exchange *exchange, struct json_span body)
{
	static const char none[] = "\"tools_url\" answered with no list of tools";
	struct json_span list =
		json_span_kind(body) == JSON_ARRAY ? body : json_span_member(body, "tools");

	if (json_span_kind(list) == JSON_ARRAY)
		answer_tools(exchange, list);
	else
		answer_failure(exchange, none, strlen(none));
}

static void answer_from_call(struct call_exchange *exchange, struct json_span body)
{
	static const char none[] = "it answered with neither \"result\" nor \"error\"";
	struct json_span result = json_span_member(body, "result");
	struct json_span error = json_span_member(body, "error");

	if (error.at && json_span_kind(error) != JSON_NULL)
		answer_error(exchange, error);
	else if (result.at)
		answer_result(exchange, result);
	else
		answer_failure(exchange, none, strlen(none));
}

static void http_data(void *arg, const char *bytes, size_t len)
{
	struct call_exchange *exchange = arg;

	buf_append(&exchange->body, bytes, len);
}

static enum err_kind kind_of_status(long status)
{
	if (status >= 500 || status == 429 || status == 408)
		return ERR_TEMPORARY;
	if (status == 401 || status == 403)
		return ERR_PERMISSION;
	return status < 400 ? ERR_CONFIG : ERR_PROTOCOL; /* a redirect: the address is wrong */
}

static void answer_status(struct call_exchange *exchange, long status)
{
	struct json_span body = {buf_text(&exchange->body), exchange->body.len}, error;
	struct json_fault fault;
	char *text;

	if (json_check(body.at, body.len, &json_limits_splice, NULL, &fault) == 0) {
		error = json_span_member(body, "error");
		if (error.at && json_span_kind(error) != JSON_NULL) {
			answer_error(exchange, error);
			deliver(exchange);
			return;
		}
	}
	if (status >= 300 && status < 400)
		text = mem_format("it answered with HTTP %ld, a redirect, which is not "
				  "followed",
				  status);
	else
		text = mem_format("it answered with HTTP %ld: %.*s", status, CALL_ERROR_SHOWN_BYTES,
				  buf_text(&exchange->body));
	fail(exchange, kind_of_status(status), text);
	free(text);
}

static void http_done(void *arg, const struct err *err)
{
	struct call_exchange *exchange = arg;
	struct json_span body = {buf_text(&exchange->body), exchange->body.len};
	long status = err ? 0 : http_status(exchange->http);
	struct json_fault fault;
	char *text;

	if (err) {
		fail(exchange, err->kind, err->text);
	} else if (status < 200 || status >= 300) {
		answer_status(exchange, status);
	} else if (json_check(body.at, body.len, &json_limits_splice, NULL, &fault)) {
		text = mem_format("its answer is not JSON: %s at byte %zu", fault.what,
				  fault.offset + 1);
		fail(exchange, ERR_PROTOCOL, text);
		free(text);
	} else {
		if (exchange->lists)
			answer_from_tools_url(exchange, body);
		else
			answer_from_call(exchange, body);
		deliver(exchange);
	}
}

static const struct http_listener http_listener = {.on_data = http_data, .on_done = http_done};

/* Requests */

static int start_http(struct call_exchange *exchange, const char *method, const char *url,
		      struct err *err)
{
	struct transport_call *call = exchange->owner;
	const struct http_request request = {
		.method = method,
		.url = url,
		.headers = call->headers,
		.body = exchange->request_body,
		.body_len = exchange->request_body ? strlen(exchange->request_body) : 0,
		.response_max_bytes = CALL_RESPONSE_MAX_BYTES,
	};

	exchange->http = http_start(call->http, &request, &http_listener, exchange, err);
	if (exchange->http)
		return 0;
	err_prefix(err, "server \"%s\"", call->config->name);
	return -1;
}

static int request_initialize(struct call_exchange *exchange, struct json_span params,
			      struct err *err)
{
	(void)params;
	(void)err;
	begin_answer(exchange);
	buf_append_text(&exchange->answer,
			"{\"protocolVersion\":\"2025-11-25\",\"capabilities\":{\"tools\":{}},"
			"\"serverInfo\":{\"name\":\"call\",\"version\":\"1\"}}}");
	loop_defer(exchange->owner->loop, deliver, exchange);
	return 0;
}

static int request_tools(struct call_exchange *exchange, struct json_span params, struct err *err)
{
	const struct server_config *config = exchange->owner->config;

	(void)params;
	exchange->lists = true;
	if (!config->tools)
		return start_http(exchange, "GET", config->tools_url, err);
	answer_tools(exchange, (struct json_span){config->tools, strlen(config->tools)});
	loop_defer(exchange->owner->loop, deliver, exchange);
	return 0;
}

static int request_call(struct call_exchange *exchange, struct json_span params, struct err *err)
{
	static const char *const names[] = {"name", "arguments"};
	struct json_span member[2];
	struct buf body = BUF_INIT;

	json_span_members(params, names, member, 2);
	buf_append_char(&body, '{');
	json_write_member_json(&body, "name", member[0].at, member[0].len);
	json_write_member_json(&body, "arguments", member[1].at, member[1].len);
	buf_append_char(&body, '}');
	exchange->request_body = buf_take(&body);
	return start_http(exchange, "POST", exchange->owner->config->url, err);
}

static const struct {
	const char *method;
	int (*request)(struct call_exchange *exchange, struct json_span params, struct err *err);
} methods[] = {
	{"initialize", request_initialize},
	{"tools/list", request_tools},
	{"tools/call", request_call},
};

static int call_request(struct transport *transport, int64_t id, const char *method,
			const char *params, size_t len, const char *const *headers, struct err *err)
{
	struct call_exchange *exchange = exchange_new(self(transport), id);
	int status = -1;

	(void)headers;
	err_set(err, ERR_INTERNAL, "the /call adapter knows no %s", method);
	for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++)
		if (strcmp(method, methods[i].method) == 0)
			status = methods[i].request(exchange, (struct json_span){params, len}, err);
	if (status)
		exchange_free(exchange);
	return status;
}

static int call_notify(struct transport *transport, const char *method, const char *params,
		       size_t len, struct err *err)
{
	(void)transport;
	(void)method;
	(void)params;
	(void)len;
	(void)err;
	return 0; /* there is nobody to notify */
}

static int call_answer(struct transport *transport, struct json_span id, int code, const char *text,
		       size_t len, struct err *err)
{
	(void)transport;
	(void)id;
	(void)code;
	(void)text;
	(void)len;
	return err_set(err, ERR_INTERNAL, "the /call adapter has no requests to answer");
}

static void call_cancel(struct transport *transport, int64_t id, const char *reason)
{
	(void)reason;
	for (struct call_exchange *exchange = self(transport)->first; exchange;
	     exchange = exchange->next) {
		if (exchange->id != id)
			continue;
		exchange_free(exchange);
		return;
	}
}

static void drop_exchanges(struct transport_call *call)
{
	for (struct call_exchange *exchange = call->first, *next; exchange; exchange = next) {
		next = exchange->next;
		exchange_free(exchange);
	}
}

static void tell_closed(void *arg)
{
	struct transport_call *call = arg;

	call->listener->on_closed(call->arg, "was stopped", false);
}

static void call_stop(struct transport *transport)
{
	struct transport_call *call = self(transport);

	drop_exchanges(call);
	loop_defer(call->loop, tell_closed, call);
}

static pid_t call_pid(const struct transport *transport)
{
	(void)transport;
	return 0;
}

static char *call_stderr_tail(const struct transport *transport, unsigned max_lines)
{
	(void)transport;
	(void)max_lines;
	return mem_string("");
}

static void call_destroy(void *arg)
{
	struct transport_call *call = arg;

	server_config_free(&call->config);
	free(call->headers);
	free(call);
}

static void call_free(struct transport *transport)
{
	struct transport_call *call = self(transport);

	drop_exchanges(call);
	loop_defer_cancel(call->loop, call);
	loop_free_later(call->loop, call, call_destroy);
}

static const struct transport_ops call_ops = {
	.request = call_request,
	.notify = call_notify,
	.answer = call_answer,
	.cancel = call_cancel,
	.stop = call_stop,
	.kill = call_stop,
	.pid = call_pid,
	.stderr_tail = call_stderr_tail,
	.free = call_free,
};

static const char **make_headers(const struct server_config *config)
{
	size_t count = 0;
	const char **headers;

	while (config->headers[count])
		count++;
	headers = mem_new_array(count + 3, sizeof(*headers));
	headers[0] = "Content-Type: application/json";
	headers[1] = "Accept: application/json";
	for (size_t i = 0; i < count; i++)
		headers[i + 2] = config->headers[i];
	return headers;
}

struct transport *transport_call_new(const struct mcp_context *context,
				     const struct server_config *config,
				     const struct transport_listener *listener, void *arg,
				     struct err *err)
{
	struct transport_call *call;

	if (!context->http) {
		err_set(err, ERR_INTERNAL, "server \"%s\" needs HTTP", config->name);
		return NULL;
	}
	call = mem_new(sizeof(*call));
	call->transport.ops = &call_ops;
	call->loop = context->loop;
	call->http = context->http;
	call->config = server_config_ref(config);
	call->listener = listener;
	call->arg = arg;
	call->headers = make_headers(config);
	return &call->transport;
}
