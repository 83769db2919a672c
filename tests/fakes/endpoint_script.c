/* SPDX-License-Identifier: MIT */
/* The pieces are made whole before anything is sent, then cut or rewritten as the script says. */
#include "config.h"

#include "endpoint_script.h"

#include <json-c/json_object.h>
#include <json-c/json_object_iterator.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/json_write.h"
#include "base/mem.h"
#include "base/sanitize.h"

#define ARGUMENTS_PIECE_BYTES 7

struct maker {
	struct endpoint_answer *answer;
	const struct json_object *script;
	long request;
	bool held; /* the pieces from now on wait for the file */
	struct buf piece;
};

static void end_piece(struct maker *maker)
{
	struct endpoint_answer *answer = maker->answer;
	size_t len = maker->piece.len;

	answer->piece = mem_resize_array(answer->piece, answer->pieces + 1, sizeof(*answer->piece));
	answer->piece[answer->pieces++] = (struct endpoint_piece){
		.bytes = buf_take(&maker->piece), .len = len, .held = maker->held};
	buf_init(&maker->piece, BUF_MAX_BYTES);
}

static void hold_from_here(struct maker *maker)
{
	maker->held = maker->answer->hold != NULL;
}

static void keep_alive(struct maker *maker, const char *line)
{
	for (int64_t i = json_member_int(maker->script, "keep_alive", 0); i > 0; i--) {
		buf_append_text(&maker->piece, line);
		end_piece(maker);
	}
}

/* What every chunk and every whole answer begins with */

static void begin_answer(struct maker *maker, const char *object)
{
	struct buf *out = &maker->piece;
	const char *model = json_member_string(maker->script, "model");

	buf_append_char(out, '{');
	json_write_key(out, "id");
	buf_format(out, "\"gen-%ld\"", maker->request);
	json_write_member(out, "object", object);
	json_write_member_int(out, "created", 1790000000);
	json_write_member(out, "model", model ? model : "test/model-20260101");
	json_write_member(out, "provider", "Fake");
	json_write_key(out, "system_fingerprint");
	buf_append_text(out, "null");
}

/* The member is there and null. */
static bool is_null(const struct json_object *object, const char *key)
{
	return json_object_object_get_ex(object, key, NULL) && !json_member(object, key);
}

static const char *finish_reason(const struct maker *maker)
{
	const char *finish = json_member_string(maker->script, "finish");

	if (finish || is_null(maker->script, "finish"))
		return finish;
	return json_member_array(maker->script, "calls") ? "tool_calls" : "stop";
}

static void write_usage(struct maker *maker)
{
	const struct json_object *usage = json_member_object(maker->script, "usage");
	struct buf *out = &maker->piece;

	if (is_null(maker->script, "usage"))
		return;
	json_write_key(out, "usage");
	if (usage)
		json_print(usage, out);
	else
		buf_append_text(out, "{\"prompt_tokens\":10,\"completion_tokens\":5,"
				     "\"total_tokens\":15,\"cost\":0.001}");
}

static char *call_id(const struct maker *maker, const struct json_object *call, size_t i)
{
	const char *id = json_member_string(call, "id");

	if (id || is_null(call, "id"))
		return mem_string_or_null(id);
	return mem_format("call_%ld_%zu", maker->request, i);
}

/* The text of a call's arguments; NULL: the member is left out. Caller frees. */
static char *arguments_text(const struct json_object *call)
{
	const struct json_object *arguments = json_member(call, "arguments");
	struct buf text = BUF_INIT;

	if (!arguments)
		return NULL;
	if (json_is_string(arguments))
		return mem_string(json_string(arguments, NULL));
	json_print(arguments, &text);
	return buf_take(&text);
}

/* One element of tool_calls; arguments NULL: without them. */
static void write_call(struct maker *maker, const struct json_object *call, size_t i,
		       const char *arguments)
{
	struct buf *out = &maker->piece;
	char *id = call_id(maker, call, i);

	buf_append_char(out, '{');
	if (!is_null(call, "index"))
		json_write_member_int(out, "index", json_member_int(call, "index", (int64_t)i));
	if (id)
		json_write_member(out, "id", id);
	json_write_member(out, "type", "function");
	json_write_key(out, "function");
	buf_append_char(out, '{');
	if (json_member_string(call, "name"))
		json_write_member(out, "name", json_member_string(call, "name"));
	if (arguments)
		json_write_member(out, "arguments", arguments);
	buf_append_text(out, "}}");
	free(id);
}

/* A stream */

static void begin_chunk(struct maker *maker)
{
	buf_append_text(&maker->piece, "data: ");
	begin_answer(maker, "chat.completion.chunk");
	json_write_key(&maker->piece, "choices");
	buf_append_text(&maker->piece, "[{\"index\":0,\"delta\":{\"role\":\"assistant\"");
}

static void end_chunk(struct maker *maker, const char *finish, bool usage)
{
	struct buf *out = &maker->piece;

	buf_append_char(out, '}');
	json_write_member(out, "finish_reason", finish);
	json_write_member(out, "native_finish_reason", finish);
	buf_append_text(out, "}]");
	if (usage)
		write_usage(maker);
	buf_append_text(out, "}\n\n");
	end_piece(maker);
}

static void stream_text_piece(struct maker *maker, const char *key, const char *text, size_t len)
{
	begin_chunk(maker);
	json_write_key(&maker->piece, key);
	json_write_string_len(&maker->piece, text, len);
	end_chunk(maker, NULL, false);
	hold_from_here(maker);
}

/* A text goes out word by word, a list piece by piece. */
static void stream_text(struct maker *maker, const char *member, const char *key)
{
	const struct json_object *value = json_member(maker->script, member);
	const char *text = json_string(value, NULL);

	for (size_t i = 0; json_is_array(value) && i < json_object_array_length(value); i++) {
		const char *part = json_string(json_object_array_get_idx(value, i), NULL);

		if (part)
			stream_text_piece(maker, key, part, strlen(part));
	}
	while (text && *text) {
		size_t len = strcspn(text, " ");

		len += text[len] == ' ';
		stream_text_piece(maker, key, text, len);
		text += len;
	}
}

static void stream_details(struct maker *maker)
{
	const struct json_object *details = json_member_array(maker->script, "reasoning_details");

	for (size_t i = 0; details && i < json_object_array_length(details); i++) {
		begin_chunk(maker);
		json_write_key(&maker->piece, "reasoning_details");
		buf_append_char(&maker->piece, '[');
		json_print(json_object_array_get_idx(details, i), &maker->piece);
		buf_append_char(&maker->piece, ']');
		end_chunk(maker, NULL, false);
	}
}

static void begin_call_chunk(struct maker *maker)
{
	begin_chunk(maker);
	buf_append_text(&maker->piece, ",\"content\":null,\"tool_calls\":[");
}

static void end_call_chunk(struct maker *maker)
{
	buf_append_char(&maker->piece, ']');
	end_chunk(maker, NULL, false);
}

static void stream_call(struct maker *maker, const struct json_object *call, size_t i)
{
	char *arguments = arguments_text(call);
	size_t left = arguments ? strlen(arguments) : 0;

	begin_call_chunk(maker);
	write_call(maker, call, i, arguments ? "" : NULL);
	end_call_chunk(maker);
	for (const char *at = arguments; left > 0;) {
		size_t len =
			left > ARGUMENTS_PIECE_BYTES ? utf8_cut(at, ARGUMENTS_PIECE_BYTES) : left;

		begin_call_chunk(maker);
		buf_format(&maker->piece, "{\"index\":%lld,\"function\":{\"arguments\":",
			   (long long)json_member_int(call, "index", (int64_t)i));
		json_write_string_len(&maker->piece, at, len);
		buf_append_text(&maker->piece, "}}");
		end_call_chunk(maker);
		at += len;
		left -= len;
	}
	free(arguments);
}

static void make_stream(struct maker *maker)
{
	const struct json_object *calls = json_member_array(maker->script, "calls");
	const char *finish = finish_reason(maker);

	stream_text(maker, "reasoning", "reasoning");
	stream_details(maker);
	stream_text(maker, "text", "content");
	for (size_t i = 0; calls && i < json_object_array_length(calls); i++)
		stream_call(maker, json_object_array_get_idx(calls, i), i);
	if (finish) {
		begin_chunk(maker);
		buf_append_text(&maker->piece, ",\"content\":\"\"");
		end_chunk(maker, finish, false);
	}
	if (!is_null(maker->script, "usage")) {
		begin_chunk(maker);
		buf_append_text(&maker->piece, ",\"content\":\"\"");
		end_chunk(maker, finish, true);
	}
	if (json_member_bool(maker->script, "done", true)) {
		buf_append_text(&maker->piece, "data: [DONE]\n\n");
		end_piece(maker);
	}
}

static void make_sse(struct maker *maker, const struct json_object *list)
{
	for (size_t i = 0; i < json_object_array_length(list); i++) {
		const struct json_object *item = json_object_array_get_idx(list, i);

		if (json_is_string(item)) {
			buf_append_text(&maker->piece, json_string(item, NULL));
		} else {
			buf_append_text(&maker->piece, "data: ");
			json_print(item, &maker->piece);
			buf_append_text(&maker->piece, "\n\n");
		}
		end_piece(maker);
		hold_from_here(maker);
	}
}

/* One body */

static void write_text_member(struct maker *maker, const char *member, const char *key)
{
	const struct json_object *value = json_member(maker->script, member);
	struct buf text = BUF_INIT;

	if (json_is_string(value))
		buf_append_text(&text, json_string(value, NULL));
	for (size_t i = 0; json_is_array(value) && i < json_object_array_length(value); i++)
		buf_append_text(&text, json_string(json_object_array_get_idx(value, i), NULL));
	if (value)
		json_write_member(&maker->piece, key, buf_text(&text));
	buf_clear(&text);
}

static void write_calls_member(struct maker *maker)
{
	const struct json_object *calls = json_member_array(maker->script, "calls");

	if (!calls)
		return;
	json_write_key(&maker->piece, "tool_calls");
	buf_append_char(&maker->piece, '[');
	for (size_t i = 0; i < json_object_array_length(calls); i++) {
		const struct json_object *call = json_object_array_get_idx(calls, i);
		char *arguments = arguments_text(call);

		if (i > 0)
			buf_append_char(&maker->piece, ',');
		write_call(maker, call, i, arguments);
		free(arguments);
	}
	buf_append_char(&maker->piece, ']');
}

static void make_whole(struct maker *maker)
{
	const struct json_object *details = json_member_array(maker->script, "reasoning_details");
	struct buf *out = &maker->piece;

	begin_answer(maker, "chat.completion");
	json_write_key(out, "choices");
	buf_append_text(out, "[{\"index\":0,\"message\":{\"role\":\"assistant\"");
	write_text_member(maker, "text", "content");
	write_text_member(maker, "reasoning", "reasoning");
	if (details) {
		json_write_key(out, "reasoning_details");
		json_print(details, out);
	}
	write_calls_member(maker);
	buf_append_char(out, '}');
	json_write_member(out, "finish_reason", finish_reason(maker));
	buf_append_text(out, "}]");
	write_usage(maker);
	buf_append_char(out, '}');
	end_piece(maker);
}

static void make_body(struct maker *maker, const struct json_object *body)
{
	if (json_is_string(body)) {
		size_t len;
		const char *text = json_string(body, &len);

		buf_append(&maker->piece, text, len);
	} else {
		json_print(body, &maker->piece);
	}
	end_piece(maker);
}

/* How it is written */

static void rewrite_newlines(struct endpoint_piece *piece)
{
	struct buf text = BUF_INIT;

	for (size_t i = 0; i < piece->len; i++) {
		if (piece->bytes[i] == '\n')
			buf_append_char(&text, '\r');
		buf_append_char(&text, piece->bytes[i]);
	}
	free(piece->bytes);
	piece->len = text.len;
	piece->bytes = buf_take(&text);
}

static void split_into_bytes(struct endpoint_answer *answer)
{
	struct endpoint_piece *piece = answer->piece;
	size_t pieces = answer->pieces;

	answer->piece = NULL;
	answer->pieces = 0;
	for (size_t i = 0; i < pieces; i++) {
		answer->piece = mem_resize_array(answer->piece, answer->pieces + piece[i].len,
						 sizeof(*piece));
		for (size_t b = 0; b < piece[i].len; b++)
			answer->piece[answer->pieces++] = (struct endpoint_piece){
				mem_string_len(piece[i].bytes + b, 1), 1, piece[i].held};
		free(piece[i].bytes);
	}
	free(piece);
}

void endpoint_answer_init(struct endpoint_answer *answer, const struct json_object *script,
			  bool stream, long request)
{
	const struct json_object *body = json_member(script, "body");
	const struct json_object *sse = json_member_array(script, "sse");
	const char *type = json_member_string(script, "type");
	struct maker maker = {.answer = answer, .script = script, .request = request};

	*answer = (struct endpoint_answer){.hold = json_member_string(script, "hold")};
	buf_init(&maker.piece, BUF_MAX_BYTES);
	stream = !body && (stream || sse);
	keep_alive(&maker, stream ? ": OPENROUTER PROCESSING\n\n" : "\n         \n");
	if (sse)
		make_sse(&maker, sse);
	else if (body)
		make_body(&maker, body);
	else if (stream)
		make_stream(&maker);
	else
		make_whole(&maker);
	answer->content_type = type ? type : stream ? "text/event-stream" : "application/json";
	for (size_t i = 0; json_member_bool(script, "crlf", false) && i < answer->pieces; i++)
		rewrite_newlines(&answer->piece[i]);
	if (json_member_bool(script, "by_byte", false))
		split_into_bytes(answer);
	buf_clear(&maker.piece);
}

void endpoint_answer_clear(struct endpoint_answer *answer)
{
	for (size_t i = 0; i < answer->pieces; i++)
		free(answer->piece[i].bytes);
	free(answer->piece);
	*answer = (struct endpoint_answer){0};
}
