/* SPDX-License-Identifier: MIT */
/* Each form is a walk over the records. A file is checked whole before a line of it is printed. */
#include "config.h"

#include "app/session_print.h"

#include <stdlib.h>
#include <string.h>

#include "agent/conversation.h"
#include "agent/turn_limits.h"
#include "base/json_write.h"
#include "base/mem.h"

#define TEXT_MAX_BYTES SESSION_FILE_MAX_BYTES
#define NAME_MAX_BYTES ((size_t)8 << 10)

struct printing {
	struct program *program;
	struct conversation *conversation; /* as it would be sent */
	struct buf out;
	struct buf runs; /* elements */
};

static int print(struct program *program, const char *path,
		 int (*take)(void *arg, const struct session_record *record, struct err *err),
		 void (*end)(struct printing *printing), struct err *err)
{
	struct printing printing = {
		.program = program,
		.conversation = conversation_new(),
		.out = BUF_INIT,
		.runs = BUF_INIT,
	};
	int status = session_file_read(path, take, &printing, NULL, err);

	if (status == 0 && end)
		end(&printing);
	if (status == 0)
		output_text(&program->out, buf_text(&printing.out), printing.out.len);
	if (status == 0)
		output_end_text(&program->out);
	conversation_free(&printing.conversation);
	buf_clear(&printing.out);
	buf_clear(&printing.runs);
	return status;
}

/* For a person */

static void append_member(struct buf *out, const char *before, struct json_span object,
			  const char *member, const char *after)
{
	char *text = json_span_text(json_span_member(object, member), NAME_MAX_BYTES);

	if (text)
		buf_format(out, "%s%s%s", before, text, after);
	free(text);
}

static void append_text(struct buf *out, struct json_span text)
{
	struct buf unescaped;

	buf_init(&unescaped, TEXT_MAX_BYTES);
	if (json_span_unescape(text, &unescaped) == 0)
		buf_append(out, buf_text(&unescaped), unescaped.len);
	if (out->len > 0 && out->data[out->len - 1] != '\n')
		buf_append_char(out, '\n');
	buf_clear(&unescaped);
}

static void append_content(struct buf *out, struct json_span content)
{
	struct json_span part = {NULL, 0}, text;

	if (json_span_kind(content) == JSON_STRING)
		append_text(out, content);
	while (json_span_kind(content) == JSON_ARRAY && json_span_next(content, &part)) {
		text = json_span_member(part, "text");
		if (json_span_kind(text) == JSON_STRING)
			append_text(out, text);
		else
			append_member(out, "(", part, "type", ")\n");
	}
}

static void append_message(struct buf *out, struct json_span message)
{
	struct json_span calls = json_span_member(message, "tool_calls"), call = {NULL, 0};

	buf_append_text(out, "\n");
	append_member(out, "", message, "role", "");
	append_member(out, " ", message, "tool_call_id", "");
	buf_append_text(out, ":\n");
	append_content(out, json_span_member(message, "content"));
	while (json_span_kind(calls) == JSON_ARRAY && json_span_next(calls, &call)) {
		struct json_span function = json_span_member(call, "function");

		append_member(out, "calls ", function, "name", " ");
		append_member(out, "(", call, "id", "): ");
		append_text(out, json_span_member(function, "arguments"));
	}
}

static int64_t count_of(struct json_span object, const char *member)
{
	int64_t count = 0;

	(void)json_span_int64(json_span_member(object, member), &count);
	return count;
}

static void append_end(struct buf *out, struct json_span end)
{
	struct json_span usage = json_span_member(end, "usage");
	struct json_span cost = json_span_member(usage, "cost");
	struct turn_spent spent = {
		.requests = (long)count_of(end, "requests"),
		.calls = (long)count_of(end, "calls"),
		.usage.total_tokens = count_of(usage, "total_tokens"),
		.usage.present = json_span_member(usage, "total_tokens").at != NULL,
		.usage.has_cost = json_span_kind(cost) == JSON_NUMBER,
	};
	char *text;

	if (spent.usage.has_cost)
		spent.usage.cost = strtod(cost.at, NULL); /* the span ends at a brace or a comma */
	text = turn_spent_text(&spent);
	append_member(out, "\n-- ", end, "ts", ": ");
	append_member(out, "", end, "status", "");
	append_member(out, ", ", end, "model", "");
	buf_format(out, ", %s\n", text);
	free(text);
}

static int take_for_person(void *arg, const struct session_record *record, struct err *err)
{
	struct printing *printing = arg;
	struct buf *out = &printing->out;

	switch (record->type) {
	case SESSION_HEAD:
		append_member(out, "session ", record->json, "id", "\n");
		append_member(out, "", record->json, "title", "\n");
		append_member(out, "in ", record->json, "cwd", "\n");
		break;
	case SESSION_RUN:
		append_member(out, "\n-- ", record->json, "ts", ": ");
		append_member(out, "", record->json, "base_url", "");
		append_member(out, ", ", record->json, "model", "");
		buf_append_char(out, '\n');
		break;
	case SESSION_MESSAGE:
		append_message(out, json_span_member(record->json, "message"));
		break;
	case SESSION_REPLACED:
		append_member(out, "\n-- ", record->json, "ts",
			      ": earlier messages are sent otherwise");
		append_member(out, ": ", record->json, "why", "\n");
		break;
	case SESSION_END:
		append_end(out, record->json);
		break;
	default:
		break;
	}
	return conversation_take_record(printing->conversation, record, err);
}

int session_print_text(struct program *program, const char *path, struct err *err)
{
	return print(program, path, take_for_person, NULL, err);
}

/* As JSON */

static int take_for_json(void *arg, const struct session_record *record, struct err *err)
{
	struct printing *printing = arg;
	struct json_span name = {NULL, 0}, value = {NULL, 0};

	if (record->type == SESSION_HEAD) {
		buf_append_char(&printing->out, '{');
		while (json_span_next_member(record->json, &name, &value)) {
			if (json_span_equals(name, "type") || json_span_equals(name, "v"))
				continue;
			buf_append_text(&printing->out, printing->out.len > 1 ? "," : "");
			buf_append(&printing->out, name.at, name.len);
			buf_append_char(&printing->out, ':');
			buf_append(&printing->out, value.at, value.len);
		}
	} else if (record->type == SESSION_RUN || record->type == SESSION_END) {
		buf_append_text(&printing->runs, printing->runs.len > 0 ? "," : "");
		buf_append(&printing->runs, record->json.at, record->json.len);
	}
	return conversation_take_record(printing->conversation, record, err);
}

static void end_json(struct printing *printing)
{
	size_t len = 0;
	const char *messages = conversation_json(printing->conversation, &len);

	json_write_key(&printing->out, "runs");
	buf_format(&printing->out, "[%s]", buf_text(&printing->runs));
	json_write_member_json(&printing->out, "messages", messages ? messages : "[]",
			       messages ? len : 2);
	buf_append_text(&printing->out, "}\n");
}

int session_print_json(struct program *program, const char *path, struct err *err)
{
	return print(program, path, take_for_json, end_json, err);
}

static int take_line(void *arg, const struct session_record *record, struct err *err)
{
	struct printing *printing = arg;

	buf_append(&printing->out, record->json.at, record->json.len);
	buf_append_char(&printing->out, '\n');
	return conversation_take_record(printing->conversation, record, err);
}

int session_print_lines(struct program *program, const char *path, struct err *err)
{
	return print(program, path, take_line, NULL, err);
}
