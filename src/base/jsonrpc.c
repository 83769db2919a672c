/* SPDX-License-Identifier: MIT */
/* Reads the envelope of a message by one scan; writes messages as text. */
#include "config.h"

#include "base/jsonrpc.h"

#include <string.h>

#include "base/json_scan.h"
#include "base/json_write.h"

#define RESEMBLES_BYTES 4096 /* how far "jsonrpc" is looked for */

enum {
	MEMBER_JSONRPC,
	MEMBER_ID,
	MEMBER_METHOD,
	MEMBER_PARAMS,
	MEMBER_RESULT,
	MEMBER_ERROR,
	MEMBERS
};

static const char *const member_names[MEMBERS] = {
	"jsonrpc", "id", "method", "params", "result", "error",
};

static int no_message(struct err *err, const char *what)
{
	return err_set(err, ERR_PROTOCOL, "not a JSON-RPC message: %s", what);
}

static int classify(const struct json_span member[MEMBERS], struct jsonrpc_message *message,
		    struct err *err)
{
	enum json_kind id = json_span_kind(member[MEMBER_ID]);
	bool id_usable = id == JSON_NUMBER || id == JSON_STRING;

	message->id = member[MEMBER_ID];
	message->method = member[MEMBER_METHOD];
	message->params = member[MEMBER_PARAMS];
	message->result = member[MEMBER_RESULT];
	message->error = member[MEMBER_ERROR];
	if (!json_span_equals(member[MEMBER_JSONRPC], "2.0"))
		return no_message(err, "\"jsonrpc\" is not \"2.0\"");
	if (json_span_kind(message->method) == JSON_STRING) {
		if (id != JSON_ABSENT && !id_usable)
			return no_message(err, "a request's id is neither a number nor a string");
		message->kind = id_usable ? JSONRPC_REQUEST : JSONRPC_NOTIFICATION;
		return 0;
	}
	if (message->method.at)
		return no_message(err, "\"method\" is not a string");
	if (message->result.at && message->error.at)
		return no_message(err, "it has both a result and an error");
	if (message->error.at) {
		if (json_span_kind(message->error) != JSON_OBJECT)
			return no_message(err, "\"error\" is not an object");
		message->kind = JSONRPC_ERROR;
		return 0;
	}
	if (!message->result.at)
		return no_message(err, "it has no method, result or error");
	if (!id_usable)
		return no_message(err, "a result without an id");
	message->kind = JSONRPC_RESULT;
	return 0;
}

int jsonrpc_read(const char *line, size_t len, const struct json_limits *limits,
		 struct jsonrpc_message *message, struct err *err)
{
	struct json_span member[MEMBERS];
	struct json_fault fault;

	*message = (struct jsonrpc_message){.whole = {line, len}};
	if (json_scan(line, len, limits, member_names, member, MEMBERS, &message->nodes, &fault))
		return err_set(err, ERR_PROTOCOL, "not JSON: %s at byte %zu", fault.what,
			       fault.offset + 1);
	while (len > 0 && strchr(" \t\r\n", *line)) {
		line++;
		len--;
	}
	if (*line == '[') {
		message->whole = (struct json_span){line, len};
		message->kind = JSONRPC_BATCH;
		return 0;
	}
	if (*line != '{')
		return no_message(err, "it is not an object");
	return classify(member, message, err);
}

int jsonrpc_read_span(struct json_span span, struct jsonrpc_message *message, struct err *err)
{
	struct json_span member[MEMBERS];

	*message = (struct jsonrpc_message){.whole = span};
	if (!json_span_members(span, member_names, member, MEMBERS))
		return no_message(err, "it is not an object");
	return classify(member, message, err);
}

bool jsonrpc_resembles(const char *line, size_t len)
{
	static const char mark[] = "\"jsonrpc\"";

	while (len > 0 && strchr(" \t\r\n", *line)) {
		line++;
		len--;
	}
	return len > 0 && *line == '{' &&
	       memmem(line, len < RESEMBLES_BYTES ? len : RESEMBLES_BYTES, mark, strlen(mark));
}

static int write_end(struct buf *out)
{
	return buf_append(out, "}\n", 2);
}

static void write_method(struct buf *out, const char *method, const char *params, size_t params_len)
{
	json_write_member(out, "method", method);
	if (params)
		json_write_member_json(out, "params", params, params_len);
}

static void write_id(struct buf *out, struct json_span id)
{
	if (id.at)
		json_write_member_json(out, "id", id.at, id.len);
	else
		json_write_member_json(out, "id", "null", 4);
}

int jsonrpc_write_request(struct buf *out, int64_t id, const char *method, const char *params,
			  size_t params_len)
{
	buf_append_text(out, "{\"jsonrpc\":\"2.0\"");
	json_write_member_int(out, "id", id);
	write_method(out, method, params, params_len);
	return write_end(out);
}

int jsonrpc_write_notification(struct buf *out, const char *method, const char *params,
			       size_t params_len)
{
	buf_append_text(out, "{\"jsonrpc\":\"2.0\"");
	write_method(out, method, params, params_len);
	return write_end(out);
}

int jsonrpc_write_result(struct buf *out, struct json_span id, const char *result,
			 size_t result_len)
{
	buf_append_text(out, "{\"jsonrpc\":\"2.0\"");
	write_id(out, id);
	json_write_member_json(out, "result", result, result_len);
	return write_end(out);
}

int jsonrpc_write_error(struct buf *out, struct json_span id, int code, const char *message)
{
	buf_append_text(out, "{\"jsonrpc\":\"2.0\"");
	write_id(out, id);
	json_write_key(out, "error");
	buf_append_char(out, '{');
	json_write_member_int(out, "code", code);
	json_write_member(out, "message", message);
	buf_append_char(out, '}');
	return write_end(out);
}
