/* SPDX-License-Identifier: MIT */
/*
 * The result of tools/call as a text. No tree is made: the answer's bytes are kept once, and the
 * text is the only copy of their content.
 */
#include "config.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "base/json_write.h"
#include "base/mem.h"
#include "base/sanitize.h"
#include "mcp/tool.h"

#define RESULT_TEXT_MAX_BYTES ((size_t)80 << 20)
#define NAME_SHOWN_BYTES      200

struct rendering {
	struct buf text;
	bool any; /* something was written: the next content begins with a newline */
	struct json_span structured;
	bool structured_said; /* some text content is the structured content */
};

static void begin_content(struct rendering *rendering)
{
	if (rendering->any)
		buf_append_char(&rendering->text, '\n');
	rendering->any = true;
}

/* A short member for a one-line description; "" when absent. */
static void append_short(struct buf *out, struct json_span span, const char *fallback)
{
	struct buf text;

	buf_init(&text, BUF_MAX_BYTES);
	if (json_span_kind(span) == JSON_STRING && json_span_unescape(span, &text) == 0)
		sanitize_line(buf_text(&text), text.len, NAME_SHOWN_BYTES, out);
	else
		buf_append_text(out, fallback);
	buf_clear(&text);
}

/* Is this text content the structured content over again, as JSON or as its only member? */
static bool says_the_same(struct json_span structured, const char *text, size_t len)
{
	struct json_span key = {NULL, 0}, value = {NULL, 0}, only;
	struct json_fault fault;
	struct buf a = BUF_INIT, b = BUF_INIT;
	bool same = false;

	if (json_span_next_member(structured, &key, &value)) {
		only = value;
		if (!json_span_next_member(structured, &key, &value) &&
		    json_span_kind(only) == JSON_STRING && json_span_unescape(only, &a) == 0 &&
		    a.len == len && (len == 0 || memcmp(a.data, text, len) == 0))
			same = true;
	}
	buf_truncate(&a, 0);
	if (!same && json_check(text, len, &json_limits_splice, NULL, &fault) == 0 &&
	    json_write_compact(&a, structured.at, structured.len) == 0 &&
	    json_write_compact(&b, text, len) == 0)
		same = a.len == b.len && memcmp(buf_text(&a), buf_text(&b), a.len) == 0;
	buf_clear(&a);
	buf_clear(&b);
	return same;
}

static void render_text(struct rendering *rendering, struct json_span item)
{
	struct json_span text = json_span_member(item, "text");
	size_t start;

	if (json_span_kind(text) != JSON_STRING)
		return;
	begin_content(rendering);
	start = rendering->text.len;
	if (json_span_unescape(text, &rendering->text))
		return;
	if (rendering->structured.at && !rendering->structured_said)
		rendering->structured_said =
			says_the_same(rendering->structured, buf_text(&rendering->text) + start,
				      rendering->text.len - start);
}

static void render_binary(struct rendering *rendering, const char *what, struct json_span mime,
			  struct json_span data)
{
	struct buf *out = &rendering->text;
	long size = json_span_kind(data) == JSON_STRING
			    ? base64_decoded_size(data.at + 1, data.len - 2)
			    : -1;

	begin_content(rendering);
	buf_format(out, "[%s: ", what);
	append_short(out, mime, "of an unknown type");
	if (size >= 0)
		buf_format(out, ", %ld bytes", size);
	buf_append_text(out, "]");
}

static void render_image(struct rendering *rendering, struct json_span item)
{
	render_binary(rendering, "image", json_span_member(item, "mimeType"),
		      json_span_member(item, "data"));
}

static void render_audio(struct rendering *rendering, struct json_span item)
{
	render_binary(rendering, "audio", json_span_member(item, "mimeType"),
		      json_span_member(item, "data"));
}

static void render_link(struct rendering *rendering, struct json_span item)
{
	struct buf *out = &rendering->text;

	begin_content(rendering);
	buf_append_text(out, "[resource: ");
	append_short(out, json_span_member(item, "uri"), "without a URI");
	buf_append_text(out, ", ");
	append_short(out, json_span_member(item, "name"), "without a name");
	buf_append_text(out, "]");
}

static void render_resource(struct rendering *rendering, struct json_span item)
{
	struct json_span resource = json_span_member(item, "resource");

	if (json_span_member(resource, "blob").at)
		render_binary(rendering, "resource", json_span_member(resource, "mimeType"),
			      json_span_member(resource, "blob"));
	else
		render_text(rendering, resource);
}

static void render_unknown(struct rendering *rendering, struct json_span type)
{
	begin_content(rendering);
	buf_append_text(&rendering->text, "[content of the type \"");
	append_short(&rendering->text, type, "?");
	buf_append_text(&rendering->text, "\", which cannot be shown]");
}

static void render_item(struct rendering *rendering, struct json_span item)
{
	static const struct {
		const char *type;
		void (*render)(struct rendering *rendering, struct json_span item);
	} kinds[] = {
		{"text", render_text},	       {"image", render_image},
		{"audio", render_audio},       {"resource_link", render_link},
		{"resource", render_resource},
	};
	struct json_span type = json_span_member(item, "type");

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (!json_span_equals(type, kinds[i].type))
			continue;
		kinds[i].render(rendering, item);
		return;
	}
	render_unknown(rendering, type);
}

static void render(struct rendering *rendering, struct json_span content)
{
	struct json_span item = {NULL, 0};

	while (json_span_next(content, &item))
		render_item(rendering, item);
	if (!rendering->structured.at || rendering->structured_said)
		return;
	begin_content(rendering);
	json_write_compact(&rendering->text, rendering->structured.at, rendering->structured.len);
}

void content_append_text(struct json_span content, struct buf *out)
{
	struct rendering rendering = {.text = *out};

	render_item(&rendering, content);
	*out = rendering.text;
}

/* Cuts at a character and says how much is missing. */
static void cut(struct tool_result *result, struct buf *text, size_t max_bytes)
{
	struct buf head = BUF_INIT;

	result->text_full_len = result->text_kept = text->len;
	if (max_bytes == 0 || text->len <= max_bytes)
		return;
	result->text_kept = utf8_cut(text->data, max_bytes);
	buf_append(&head, text->data, result->text_kept);
	buf_format(&head, "\n[%zu of %zu bytes were left out here]",
		   result->text_full_len - result->text_kept, result->text_full_len);
	result->whole = buf_take(text);
	*text = head;
}

struct tool_result *tool_result_new(struct json_span result, void *take_block,
				    size_t text_max_bytes, struct err *err)
{
	enum { CONTENT, STRUCTURED, IS_ERROR, COUNT };
	static const char *const names[COUNT] = {"content", "structuredContent", "isError"};
	struct json_span member[COUNT];
	struct rendering rendering = {0};
	struct tool_result *made;
	enum json_kind content;

	buf_init(&rendering.text, RESULT_TEXT_MAX_BYTES);
	if (!json_span_members(result, names, member, COUNT)) {
		free(take_block);
		err_set(err, ERR_PROTOCOL, "its result is not an object");
		return NULL;
	}
	content = json_span_kind(member[CONTENT]);
	if (content != JSON_ARRAY && !(content == JSON_ABSENT && member[STRUCTURED].at)) {
		free(take_block);
		err_set(err, ERR_PROTOCOL, "its result has no \"content\"");
		return NULL;
	}
	rendering.structured = member[STRUCTURED];
	if (json_span_kind(rendering.structured) == JSON_NULL)
		rendering.structured = (struct json_span){NULL, 0};
	render(&rendering, member[CONTENT]);
	if (rendering.text.overflowed) {
		buf_truncate(&rendering.text, 0);
		buf_append_text(&rendering.text, "[a result too large to be shown]");
	}
	made = mem_new(sizeof(*made));
	cut(made, &rendering.text, text_max_bytes);
	made->is_error = json_span_kind(member[IS_ERROR]) == JSON_TRUE;
	made->text_len = rendering.text.len;
	made->text = buf_take(&rendering.text);
	made->json = result;
	made->block = take_block;
	return made;
}

static struct tool_result *take_text(struct buf *text, bool is_error)
{
	struct tool_result *result = mem_new(sizeof(*result));
	struct buf json = BUF_INIT;

	buf_append_text(&json, "{\"content\":[{\"type\":\"text\",\"text\":");
	json_write_string_len(&json, buf_text(text), text->len);
	buf_append_text(&json, is_error ? "}],\"isError\":true}" : "}]}");
	result->is_error = is_error;
	result->text_len = result->text_full_len = text->len;
	result->text = buf_take(text);
	result->json.len = json.len;
	result->block = buf_take(&json);
	result->json.at = result->block;
	return result;
}

struct tool_result *tool_result_failure(const char *format, ...)
{
	struct buf text = BUF_INIT;
	va_list args;

	va_start(args, format);
	buf_vformat(&text, format, args);
	va_end(args);
	return take_text(&text, true);
}

struct tool_result *tool_result_success(const char *text)
{
	struct buf copy = BUF_INIT;

	buf_append_text(&copy, text);
	return take_text(&copy, false);
}

void tool_result_free(struct tool_result **result)
{
	if (!*result)
		return;
	free((*result)->text);
	free((*result)->whole);
	free((*result)->block);
	free(*result);
	*result = NULL;
}
