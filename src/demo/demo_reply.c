/* SPDX-License-Identifier: MIT */
/* Shapes only; what is said comes from demo_answer. */
#include "config.h"

#include "demo/demo_reply.h"

#include <string.h>
#include <time.h>

#include "base/json_write.h"
#include "base/sanitize.h"

#define PIECE_BYTES	48 /* of a text or of arguments, in one chunk */
#define BYTES_PER_TOKEN 4  /* a guess, as good as any for a program without a tokenizer */

static const char *finish_of(const struct demo_answer *answer)
{
	return answer->calls > 0 ? "tool_calls" : "stop";
}

/* `{"id":…,"provider":…,"model":…,"object":…,"created":…` */
static void open_object(struct buf *out, const struct demo_reply_facts *facts, const char *object)
{
	buf_append_char(out, '{');
	json_write_key(out, "id");
	buf_format(out, "\"gen-demo-%ld\"", facts->number);
	json_write_member(out, "provider", "cordpair demo");
	json_write_member(out, "model", facts->model);
	json_write_member(out, "object", object);
	json_write_member_int(out, "created", (int64_t)time(NULL));
}

static size_t answer_bytes(const struct demo_answer *answer)
{
	size_t bytes = answer->text.len;

	for (size_t i = 0; i < answer->calls; i++)
		bytes += strlen(answer->call[i].name) + strlen(answer->call[i].arguments);
	return bytes;
}

static void write_usage(struct buf *out, const struct demo_answer *answer,
			const struct demo_reply_facts *facts)
{
	size_t prompt = facts->request_bytes / BYTES_PER_TOKEN;
	size_t completion = answer_bytes(answer) / BYTES_PER_TOKEN + 1;

	json_write_key(out, "usage");
	buf_append_char(out, '{');
	json_write_member_int(out, "prompt_tokens", (int64_t)prompt);
	json_write_member_int(out, "completion_tokens", (int64_t)completion);
	json_write_member_int(out, "total_tokens", (int64_t)(prompt + completion));
	json_write_member_int(out, "cost", 0);
	buf_append_char(out, '}');
}

static void write_finish(struct buf *out, const char *finish)
{
	json_write_member(out, "finish_reason", finish);
	json_write_member(out, "native_finish_reason", finish);
	json_write_member_json(out, "logprobs", "null", strlen("null"));
}

static void write_id(struct buf *out, const struct demo_reply_facts *facts, size_t i)
{
	json_write_key(out, "id");
	buf_format(out, "\"call_demo_%ld_%zu\"", facts->number, i);
}

/* Streams */

/* One chunk; delta is `"content":…` or `"tool_calls":…`. */
static void send_chunk(struct http_reply *reply, const struct demo_reply_facts *facts,
		       const struct buf *delta, const char *finish,
		       const struct demo_answer *usage_of)
{
	struct buf out = BUF_INIT;

	buf_append_text(&out, "data: ");
	open_object(&out, facts, "chat.completion.chunk");
	buf_append_text(&out, ",\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",");
	buf_append(&out, buf_text(delta), delta->len);
	buf_append_char(&out, '}');
	write_finish(&out, finish);
	buf_append_text(&out, "}]");
	if (usage_of)
		write_usage(&out, usage_of, facts);
	buf_append_text(&out, "}\n\n");
	http_reply_write(reply, buf_text(&out), out.len);
	buf_clear(&out);
}

static void send_text(struct http_reply *reply, const struct demo_reply_facts *facts,
		      const struct buf *text)
{
	const char *at = buf_text(text);
	size_t left = text->len;

	while (left > 0) {
		size_t len = left < PIECE_BYTES ? left : utf8_cut(at, PIECE_BYTES);
		struct buf delta = BUF_INIT;

		buf_append_text(&delta, "\"content\":");
		json_write_string_len(&delta, at, len);
		send_chunk(reply, facts, &delta, NULL, NULL);
		buf_clear(&delta);
		at += len;
		left -= len;
	}
}

/* name NULL: a later piece of the arguments. */
static void send_call_piece(struct http_reply *reply, const struct demo_reply_facts *facts,
			    size_t i, const char *name, const char *piece, size_t len)
{
	struct buf delta = BUF_INIT;

	buf_format(&delta, "\"content\":null,\"tool_calls\":[{\"index\":%zu", i);
	if (name) {
		write_id(&delta, facts, i);
		json_write_member(&delta, "type", "function");
	}
	buf_append_text(&delta, ",\"function\":{");
	if (name)
		json_write_member(&delta, "name", name);
	json_write_key(&delta, "arguments");
	json_write_string_len(&delta, piece, len);
	buf_append_text(&delta, "}}]");
	send_chunk(reply, facts, &delta, NULL, NULL);
	buf_clear(&delta);
}

static void send_call(struct http_reply *reply, const struct demo_reply_facts *facts, size_t i,
		      const struct demo_call *call)
{
	const char *at = call->arguments;
	size_t left = strlen(at);

	send_call_piece(reply, facts, i, call->name, "", 0);
	while (left > 0) {
		size_t len = left < PIECE_BYTES ? left : utf8_cut(at, PIECE_BYTES);

		send_call_piece(reply, facts, i, NULL, at, len);
		at += len;
		left -= len;
	}
}

void demo_reply_stream(struct http_reply *reply, const struct demo_answer *answer,
		       const struct demo_reply_facts *facts)
{
	static const char *const headers[] = {"Content-Type: text/event-stream", NULL};
	static const char comment[] = ": OPENROUTER PROCESSING\n\n", done[] = "data: [DONE]\n\n";
	const char *finish = finish_of(answer);
	struct buf empty = BUF_INIT;

	http_reply_begin(reply, 200, headers);
	http_reply_write(reply, comment, strlen(comment));
	for (size_t i = 0; i < answer->calls; i++)
		send_call(reply, facts, i, &answer->call[i]);
	if (answer->calls == 0)
		send_text(reply, facts, &answer->text);
	buf_append_text(&empty, "\"content\":\"\"");
	send_chunk(reply, facts, &empty, finish, NULL);
	send_chunk(reply, facts, &empty, finish, answer);
	buf_clear(&empty);
	http_reply_write(reply, done, strlen(done));
	http_reply_end(reply);
}

/* Bodies */

static void write_calls(struct buf *out, const struct demo_answer *answer,
			const struct demo_reply_facts *facts)
{
	json_write_key(out, "tool_calls");
	buf_append_char(out, '[');
	for (size_t i = 0; i < answer->calls; i++) {
		buf_format(out, "%s{\"type\":\"function\",\"index\":%zu", i > 0 ? "," : "", i);
		write_id(out, facts, i);
		buf_append_text(out, ",\"function\":{");
		json_write_member(out, "name", answer->call[i].name);
		json_write_member(out, "arguments", answer->call[i].arguments);
		buf_append_text(out, "}}");
	}
	buf_append_char(out, ']');
}

void demo_reply_body(struct http_reply *reply, const struct demo_answer *answer,
		     const struct demo_reply_facts *facts)
{
	static const char *const headers[] = {"Content-Type: application/json", NULL};
	struct buf out = BUF_INIT;

	/* OpenRouter keeps the connection alive with blank lines until the answer is there. */
	buf_append_text(&out, "\n         \n");
	open_object(&out, facts, "chat.completion");
	buf_append_text(&out, ",\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\"");
	json_write_member(&out, "content", answer->calls > 0 ? NULL : buf_text(&answer->text));
	if (answer->calls > 0)
		write_calls(&out, answer, facts);
	buf_append_char(&out, '}');
	write_finish(&out, finish_of(answer));
	buf_append_text(&out, "}]");
	write_usage(&out, answer, facts);
	buf_append_char(&out, '}');
	http_reply_send(reply, 200, headers, buf_text(&out), out.len);
	buf_clear(&out);
}
