/* SPDX-License-Identifier: MIT */
/* The arrays are copied as they are; marks are put between their bytes. */
#include "config.h"

#include "model/cache_marks.h"

#include <stdbool.h>

#include "base/json_check.h"

#define MARK "\"cache_control\":{\"type\":\"ephemeral\"}"

/* Appends what is between *from and to. */
static void copy_up_to(struct buf *out, const char **from, const char *to)
{
	buf_append(out, *from, (size_t)(to - *from));
	*from = to;
}

static const char *last_byte(struct json_span span)
{
	return span.at + span.len - 1;
}

static struct json_span last_element(struct json_span array)
{
	struct json_span at = {NULL, 0}, last = {NULL, 0};

	while (json_span_next(array, &at))
		last = at;
	return last;
}

void cache_marks_write_tools(struct buf *out, const char *tools, size_t len)
{
	struct json_span last = last_element((struct json_span){tools, len});
	const char *from = tools;

	if (json_span_kind(last) == JSON_OBJECT) {
		copy_up_to(out, &from, last_byte(last));
		buf_append_text(out, "," MARK);
	}
	copy_up_to(out, &from, tools + len);
}

/* Copies up to this message's end, with the mark. */
static void mark_message(struct buf *out, const char **from, struct json_span message)
{
	struct json_span content = json_span_member(message, "content"), part;

	if (json_span_kind(content) == JSON_STRING && content.len > 2) {
		copy_up_to(out, from, content.at);
		buf_append_text(out, "[{\"type\":\"text\",\"text\":");
		copy_up_to(out, from, content.at + content.len);
		buf_append_text(out, "," MARK "}]");
	} else if (json_span_kind(content) == JSON_ARRAY) {
		part = last_element(content);
		if (json_span_kind(part) == JSON_OBJECT) {
			copy_up_to(out, from, last_byte(part));
			buf_append_text(out, "," MARK);
		}
	}
	copy_up_to(out, from, message.at + message.len);
}

void cache_marks_write_messages(struct buf *out, const char *messages, size_t len)
{
	enum { SYSTEM, PREVIOUS, LAST, COUNT };
	struct json_span mark[COUNT] = {{NULL, 0}}, at = {NULL, 0}, array = {messages, len};
	const char *from = messages;

	while (json_span_next(array, &at)) {
		struct json_span role = json_span_member(at, "role");

		if (!mark[LAST].at && json_span_equals(role, "system"))
			mark[SYSTEM] = at;
		if (json_span_equals(role, "assistant"))
			mark[PREVIOUS] = mark[LAST];
		mark[LAST] = at;
	}
	for (size_t i = 0; i < COUNT; i++)
		if (mark[i].at && mark[i].at >= from) /* the same one is marked once */
			mark_message(out, &from, mark[i]);
	copy_up_to(out, &from, messages + len);
}
