/* SPDX-License-Identifier: MIT */
/* What a server says of its bytes is not believed: only what they begin with. */
#include "config.h"

#include "agent/attachments.h"

#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "base/mem.h"
#include "base/sanitize.h"

#define HEAD_OF_MESSAGE "Attachments from tool call "
/* Mistral refuses a user message right behind tool messages. */
#define BETWEEN		 "OK"
#define HEAD_DIGITS	 ((size_t)(MEDIA_TYPE_HEAD_BYTES + 2) / 3 * 4) /* of base64 */
#define NAME_MAX_BYTES	 ((size_t)4 << 10)
#define CALL_SHOWN_BYTES 80

/* Twice, as servers may break base64 into lines and escape its slashes. */
#define BASE64_MAX_BYTES (2 * (CONTENT_FILE_MAX_BYTES / 3 * 4))

void attachments_init(struct attachments *attachments)
{
	*attachments = (struct attachments){0};
	buf_init(&attachments->parts, 2 * BASE64_MAX_BYTES);
}

void attachments_clear(struct attachments *attachments)
{
	buf_clear(&attachments->parts);
}

/* The base64 of a content block, or {NULL, 0}; *name: of what it is a content, or {NULL, 0}. */
static struct json_span data_of(struct json_span block, struct json_span *name)
{
	struct json_span type = json_span_member(block, "type");
	struct json_span resource = json_span_member(block, "resource");

	*name = (struct json_span){NULL, 0};
	if (json_span_equals(type, "image") || json_span_equals(type, "audio"))
		return json_span_member(block, "data");
	if (!json_span_equals(type, "resource"))
		return (struct json_span){NULL, 0};
	*name = json_span_member(resource, "uri");
	return json_span_member(resource, "blob");
}

/* Takes out what breaks it into lines. */
static size_t join_lines(char *base64)
{
	char *to = base64;

	for (const char *from = base64; *from; from++)
		if (!strchr("\r\n\t ", *from))
			*to++ = *from;
	*to = '\0';
	return (size_t)(to - base64);
}

/* As a data URL must have it: the standard alphabet, padded. Nearly all are. */
static char *make_standard(char *take_base64, size_t *len)
{
	struct buf bytes = BUF_INIT, made = BUF_INIT;

	if (*len % 4 == 0 && !take_base64[strcspn(take_base64, "-_")])
		return take_base64;
	if (base64_decode(&bytes, take_base64, *len) == 0)
		base64_append(&made, bytes.data, bytes.len);
	buf_clear(&bytes);
	free(take_base64);
	*len = made.len;
	return buf_take(&made);
}

static const struct media_type *type_of(const char *base64, size_t len)
{
	const size_t digits = len < HEAD_DIGITS ? len : HEAD_DIGITS;
	const struct media_type *type = NULL;
	struct buf head = BUF_INIT;

	if (base64_decode(&head, base64, digits) == 0)
		type = media_type_of(buf_text(&head), head.len);
	buf_clear(&head);
	return type;
}

/* The last component of a URI. */
static char *file_name(struct json_span uri, const struct media_type *type)
{
	char *text = json_span_text(uri, NAME_MAX_BYTES);
	const char *slash = text ? strrchr(text, '/') : NULL;
	char *name;

	if (slash && slash[1])
		name = mem_string(slash + 1);
	else
		name = mem_format("attachment.%s", type->format);
	free(text);
	return name;
}

static void append_part(struct attachments *attachments, const struct media_type *type,
			struct json_span uri, const char *base64, size_t len)
{
	char *name = file_name(uri, type);

	buf_append_char(&attachments->parts, ',');
	content_part_write(&attachments->parts, type, name, base64, len);
	attachments->count++;
	free(name);
}

/* Why it may not go out is counted. */
static bool may_go(struct attachments *attachments, const struct media_type *type, long size,
		   unsigned kinds, enum schema_family family)
{
	if (!type)
		attachments->unknown++;
	else if (!(kinds & type->kind))
		attachments->untaken |= type->kind;
	else if ((size_t)size > content_part_max_bytes(type->kind, family))
		attachments->too_large++;
	else if (attachments->count == CONTENT_PARTS_MAX ||
		 attachments->parts.len + (size_t)size / 3 * 4 > CONTENT_PARTS_MAX_BYTES)
		attachments->too_many++;
	else
		return true;
	return false;
}

static void begin_call(struct attachments *attachments, const char *call_id)
{
	char *text = mem_format(HEAD_OF_MESSAGE "%.*s:", CALL_SHOWN_BYTES, call_id);

	if (attachments->parts.len > 0)
		buf_append_char(&attachments->parts, ',');
	content_part_write_text(&attachments->parts, text, strlen(text));
	free(text);
}

void attachments_take(struct attachments *attachments, const char *call_id,
		      const struct tool_result *result, unsigned kinds, enum schema_family family)
{
	struct json_span content = json_span_member(result->json, "content"), block = {NULL, 0};
	bool begun = false;

	while (json_span_kind(content) == JSON_ARRAY && json_span_next(content, &block)) {
		struct json_span uri, data = data_of(block, &uri);
		const struct media_type *type = NULL;
		char *base64;
		size_t len;
		long size;

		if (json_span_kind(data) != JSON_STRING)
			continue;
		base64 = json_span_text(data, BASE64_MAX_BYTES);
		if (!base64) {
			attachments->too_large++;
			continue;
		}
		len = join_lines(base64);
		size = base64_decoded_size(base64, len);
		if (size > 0)
			type = type_of(base64, len);
		if (may_go(attachments, type, size, kinds, family)) {
			if (!begun)
				begin_call(attachments, call_id);
			begun = true;
			base64 = make_standard(base64, &len);
			append_part(attachments, type, uri, base64, len);
		}
		free(base64);
	}
}

void attachments_add(const struct attachments *attachments, struct conversation *conversation,
		     enum schema_family family)
{
	if (attachments->count == 0)
		return;
	if (family == SCHEMA_MISTRAL)
		conversation_add_assistant(conversation, BETWEEN, strlen(BETWEEN));
	conversation_add_parts(conversation, attachments->parts.data, attachments->parts.len);
}

/* "2 that are too large"; nothing for 0. */
static void append_count(struct buf *text, size_t count, const char *what)
{
	if (count > 0)
		buf_format(text, "%s%zu %s", text->len > 0 ? ", " : "", count, what);
}

char *attachments_notice(const struct attachments *attachments, unsigned told)
{
	const unsigned untaken = attachments->untaken & ~told;
	struct buf text = BUF_INIT;
	char *notice;

	for (unsigned kind = MEDIA_IMAGE; kind <= MEDIA_FILE; kind <<= 1)
		if (untaken & kind)
			buf_format(&text, "%s%s, which the model does not take",
				   text.len > 0 ? ", " : "", media_kind_plural(kind));
	append_count(&text, attachments->too_large, "too large to be sent");
	append_count(&text, attachments->unknown, "of a type that no model takes");
	append_count(&text, attachments->too_many, "more than a request may have");
	notice = text.len > 0 ? mem_format("tools gave %s: the model gets a description",
					   buf_text(&text))
			      : NULL;
	buf_clear(&text);
	return notice;
}

/* In a conversation */

static bool begins_with(struct json_span string, const char *text)
{
	const size_t len = strlen(text);

	return string.len > len && memcmp(string.at + 1, text, len) == 0;
}

bool attachments_are_in(struct json_span message)
{
	struct json_span content = json_span_member(message, "content"), first = {NULL, 0};

	return json_span_kind(content) == JSON_ARRAY && json_span_next(content, &first) &&
	       begins_with(json_span_member(first, "text"), HEAD_OF_MESSAGE);
}

struct dropping {
	unsigned kinds;
	bool only_tools;
	const char *why;
};

static bool has_kinds(struct json_span content, unsigned kinds)
{
	struct json_span part = {NULL, 0};

	while (json_span_kind(content) == JSON_ARRAY && json_span_next(content, &part))
		if (content_part_kind(part) & kinds)
			return true;
	return false;
}

bool attachments_describe(struct json_span message, unsigned kinds, const char *why,
			  struct buf *out)
{
	struct json_span content = json_span_member(message, "content"), part = {NULL, 0};

	if (!has_kinds(content, kinds))
		return false;
	buf_append_text(out, "{\"role\":\"user\",\"content\":");
	while (json_span_next(content, &part)) {
		buf_append_char(out, out->data[out->len - 1] == ':' ? '[' : ',');
		if (content_part_kind(part) & kinds)
			content_part_write_description(out, part, why);
		else
			buf_append(out, part.at, part.len);
	}
	buf_append_text(out, "]}");
	return true;
}

static bool drop(void *arg, size_t at, struct json_span message, struct buf *out)
{
	const struct dropping *dropping = arg;

	(void)at;
	if (dropping->only_tools && !attachments_are_in(message))
		return false;
	return attachments_describe(message, dropping->kinds, dropping->why, out);
}

size_t attachments_drop(struct conversation *conversation, unsigned kinds, bool only_tools,
			const char *why)
{
	struct dropping dropping = {kinds, only_tools, why};

	return conversation_has_parts(conversation)
		       ? conversation_rewrite(conversation, drop, &dropping, why)
		       : 0;
}
