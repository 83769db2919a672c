/* SPDX-License-Identifier: MIT */
/* The forms are those that OpenRouter and the OpenAI API document, and recorded traffic has. */
#include "config.h"

#include "model/content_part.h"

#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "base/json_write.h"
#include "base/sanitize.h"

#define TOKEN_BYTES	     3.5 /* of text */
#define BYTES_PER_AUDIO_BYTE (1.0 / 128)
#define BYTES_PER_FILE_BYTE  (1.0 / 16)
#define NAME_SHOWN_BYTES     100

struct model_media content_part_media(const struct profile *profile, const struct model_info *info)
{
	struct model_media media = {.kinds = profile->parts, .known = profile->parts == 0};

	if (info && info->input) {
		media.kinds &= media_kinds_of(info->input);
		media.known = true;
	}
	if (profile->reads_files)
		media.kinds |= MEDIA_FILE;
	return media;
}

size_t content_part_max_bytes(enum media_kind kind, enum schema_family family)
{
	if (kind == MEDIA_AUDIO)
		return CONTENT_AUDIO_MAX_BYTES;
	if (kind == MEDIA_FILE)
		return CONTENT_FILE_MAX_BYTES;
	return family == SCHEMA_ANTHROPIC || family == SCHEMA_BEDROCK || family == SCHEMA_FLOOR
		       ? CONTENT_IMAGE_SMALL_MAX_BYTES
		       : CONTENT_IMAGE_MAX_BYTES;
}

void content_part_write_text(struct buf *out, const char *text, size_t len)
{
	buf_append_text(out, "{\"type\":\"text\",\"text\":");
	json_write_string_len(out, text, len);
	buf_append_char(out, '}');
}

static void write_data_url(struct buf *out, const char *mime, const char *base64, size_t len)
{
	buf_format(out, "\"data:%s;base64,", mime);
	buf_append(out, base64, len);
	buf_append_char(out, '"');
}

void content_part_write(struct buf *out, const struct media_type *type, const char *name,
			const char *base64, size_t len)
{
	switch (type->kind) {
	case MEDIA_IMAGE:
		buf_append_text(out, "{\"type\":\"image_url\",\"image_url\":{\"url\":");
		write_data_url(out, type->mime, base64, len);
		break;
	case MEDIA_AUDIO:
		buf_append_text(out, "{\"type\":\"input_audio\",\"input_audio\":{\"data\":\"");
		buf_append(out, base64, len);
		buf_format(out, "\",\"format\":\"%s\"", type->format);
		break;
	case MEDIA_FILE:
		buf_append_text(out, "{\"type\":\"file\",\"file\":{");
		json_write_member(out, "filename", name);
		json_write_key(out, "file_data");
		write_data_url(out, type->mime, base64, len);
		break;
	}
	buf_append_text(out, "}}");
}

/* Reading */

static const struct {
	enum media_kind kind;
	const char *type, *data;
} forms[] = {
	{MEDIA_IMAGE, "image_url", "url"},
	{MEDIA_AUDIO, "input_audio", "data"},
	{MEDIA_FILE, "file", "file_data"},
};

struct view { /* of a part that is no text */
	unsigned kind;
	struct json_span object, data; /* data: its string, quotes and all */
};

static struct view view_of(struct json_span part)
{
	struct json_span type = json_span_member(part, "type");
	struct view view = {0};

	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		if (!json_span_equals(type, forms[i].type))
			continue;
		view.kind = forms[i].kind;
		view.object = json_span_member(part, forms[i].type);
		view.data = json_span_member(view.object, forms[i].data);
	}
	return view;
}

unsigned content_part_kind(struct json_span part)
{
	return view_of(part).kind;
}

/* "image/png" of a data URL; "mp3" of a sound. */
static void append_type(struct buf *out, const struct view *view)
{
	static const char scheme[] = "\"data:";
	const char *at = view->data.at;
	struct json_span format;

	if (view->kind == MEDIA_AUDIO) {
		format = json_span_member(view->object, "format");
		if (json_span_kind(format) == JSON_STRING)
			sanitize_line(format.at + 1, format.len - 2, NAME_SHOWN_BYTES, out);
	} else if (view->data.len > strlen(scheme) && memcmp(at, scheme, strlen(scheme)) == 0) {
		at += strlen(scheme);
		sanitize_line(at, strcspn(at, ";,\""), NAME_SHOWN_BYTES, out);
	}
}

/* Before base64; 0: that cannot be told, it is an address. */
static size_t size_of(const struct view *view)
{
	const char *comma = NULL;
	long size;

	if (!view->data.at || json_span_kind(view->data) != JSON_STRING)
		return 0;
	if (view->kind != MEDIA_AUDIO)
		comma = memchr(view->data.at, ',', view->data.len);
	else
		comma = view->data.at;
	if (!comma)
		return 0;
	size = base64_decoded_size(comma + 1, (size_t)(view->data.at + view->data.len - 2 - comma));
	return size > 0 ? (size_t)size : 0;
}

void content_part_write_description(struct buf *out, struct json_span part, const char *why)
{
	const struct view view = view_of(part);
	struct buf text = BUF_INIT;

	buf_format(&text, "[%s: ", media_kind_name(view.kind));
	append_type(&text, &view);
	buf_format(&text, ", %zu bytes: %s]", size_of(&view), why);
	content_part_write_text(out, text.data, text.len);
	buf_clear(&text);
}

size_t content_part_weight(struct json_span part)
{
	const struct view view = view_of(part);

	switch (view.kind) {
	case MEDIA_IMAGE:
		return (size_t)(CONTENT_IMAGE_TOKENS * TOKEN_BYTES);
	case MEDIA_AUDIO:
		return (size_t)((double)part.len * BYTES_PER_AUDIO_BYTE);
	case MEDIA_FILE:
		return (size_t)((double)part.len * BYTES_PER_FILE_BYTE);
	default:
		return part.len;
	}
}
