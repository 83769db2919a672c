/* SPDX-License-Identifier: MIT */
/* Prints trees and pieces of text. json-c's own printer is used for fractions only. */
#include "config.h"

#include "base/json_write.h"

#include <inttypes.h>
#include <json-c/json.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/sanitize.h"

int json_write_string(struct buf *out, const char *text)
{
	return json_write_string_len(out, text, strlen(text));
}

static const char *short_escape(unsigned char byte)
{
	switch (byte) {
	case '"':
		return "\\\"";
	case '\\':
		return "\\\\";
	case '\n':
		return "\\n";
	case '\r':
		return "\\r";
	case '\t':
		return "\\t";
	case '\b':
		return "\\b";
	case '\f':
		return "\\f";
	default:
		return NULL;
	}
}

/* Length of the run from `at` that may be copied as it is. */
static size_t plain_run(const char *at, const char *end)
{
	const char *start = at;

	while (at < end && (unsigned char)*at >= 0x20 && (unsigned char)*at < 0x80 && *at != '"' &&
	       *at != '\\')
		at++;
	return (size_t)(at - start);
}

int json_write_string_len(struct buf *out, const char *bytes, size_t len)
{
	const char *at = bytes, *end = bytes + len;

	buf_append_char(out, '"');
	while (at < end) {
		size_t n = plain_run(at, end);
		const char *escape;

		buf_append(out, at, n);
		at += n;
		if (at == end)
			break;
		escape = short_escape((unsigned char)*at);
		if (escape) {
			buf_append_text(out, escape);
			at++;
		} else if ((unsigned char)*at < 0x20) {
			buf_format(out, "\\u%04x", (unsigned char)*at++);
		} else {
			n = utf8_decode(at, (size_t)(end - at), &(uint32_t){0});
			if (n > 0)
				buf_append(out, at, n);
			else
				buf_append_text(out, "\xef\xbf\xbd");
			at += n ? n : 1;
		}
	}
	return buf_append_char(out, '"');
}

int json_write_int(struct buf *out, int64_t value)
{
	char digits[24];
	char *at = digits + sizeof(digits);
	uint64_t left = value < 0 ? -(uint64_t)value : (uint64_t)value;

	do
		*--at = (char)('0' + left % 10);
	while (left /= 10);
	if (value < 0)
		*--at = '-';
	return buf_append(out, at, (size_t)(digits + sizeof(digits) - at));
}

int json_write_key(struct buf *out, const char *key)
{
	if (out->len > 0 && out->data[out->len - 1] != '{')
		buf_append_char(out, ',');
	buf_append_char(out, '"');
	buf_append_text(out, key);
	return buf_append(out, "\":", 2);
}

int json_write_member(struct buf *out, const char *key, const char *text)
{
	json_write_key(out, key);
	return text ? json_write_string(out, text) : buf_append_text(out, "null");
}

int json_write_member_int(struct buf *out, const char *key, int64_t value)
{
	json_write_key(out, key);
	return json_write_int(out, value);
}

int json_write_member_bool(struct buf *out, const char *key, int value)
{
	json_write_key(out, key);
	return buf_append_text(out, value ? "true" : "false");
}

int json_write_member_json(struct buf *out, const char *key, const char *json, size_t len)
{
	json_write_key(out, key);
	return buf_append(out, json, len);
}

/* Trees. Their depth is at most JSON_DEPTH_MAX: they were checked, or are our own. */

static int print_double(const struct json_object *value, struct buf *out)
{
	double number = json_object_get_double(value);
	char text[40];

	if (!isfinite(number))
		return buf_append_text(out, "null");
	/* A parsed fraction carries the text it came in: json-c prints that. */
	if (json_object_get_userdata((struct json_object *)(uintptr_t)value))
		return buf_append_text(
			out, json_object_to_json_string_ext((struct json_object *)(uintptr_t)value,
							    JSON_C_TO_STRING_PLAIN));
	snprintf(text, sizeof(text), "%.15g", number);
	if (strtod(text, NULL) != number)
		snprintf(text, sizeof(text), "%.17g", number);
	return buf_append_text(out, text);
}

static int print_int(const struct json_object *value, struct buf *out)
{
	int64_t number = json_object_get_int64(value);

	/* json-c keeps what is beyond int64 as uint64 and clamps it in get_int64(). */
	if (number == INT64_MAX)
		return buf_format(out, "%" PRIu64, json_object_get_uint64(value));
	return json_write_int(out, number);
}

static int print_array(const struct json_object *array, struct buf *out)
{
	size_t count = json_object_array_length(array);

	buf_append_char(out, '[');
	for (size_t i = 0; i < count; i++) {
		if (i > 0)
			buf_append_char(out, ',');
		if (json_print(json_object_array_get_idx(array, i), out))
			return -1;
	}
	return buf_append_char(out, ']');
}

static int print_object(const struct json_object *object, struct buf *out)
{
	bool first = true;

	buf_append_char(out, '{');
	json_object_object_foreach((struct json_object *)(uintptr_t)object, key, member)
	{
		if (!first)
			buf_append_char(out, ',');
		first = false;
		json_write_string(out, key);
		buf_append_char(out, ':');
		if (json_print(member, out))
			return -1;
	}
	return buf_append_char(out, '}');
}

int json_print(const struct json_object *value, struct buf *out)
{
	struct json_object *string = (struct json_object *)(uintptr_t)value;

	switch (json_object_get_type(value)) {
	case json_type_boolean:
		return buf_append_text(out, json_object_get_boolean(value) ? "true" : "false");
	case json_type_int:
		return print_int(value, out);
	case json_type_double:
		return print_double(value, out);
	case json_type_string:
		return json_write_string_len(out, json_object_get_string(string),
					     (size_t)json_object_get_string_len(value));
	case json_type_array:
		return print_array(value, out);
	case json_type_object:
		return print_object(value, out);
	case json_type_null:
		break;
	}
	return buf_append_text(out, "null");
}

int json_write_member_time(struct buf *out, const char *key, const struct timespec *when)
{
	json_write_key(out, key);
	buf_append_char(out, '"');
	buf_append_time(out, when);
	return buf_append_char(out, '"');
}

int json_write_member_now(struct buf *out, const char *key)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return json_write_member_time(out, key, &now);
}

int json_write_compact(struct buf *out, const char *json, size_t len)
{
	const char *end = json + len;

	while (json < end) {
		const char *run = json;

		if (*json == '"') {
			for (json++; json < end && *json != '"'; json++)
				if (*json == '\\')
					json++;
			json++;
		} else {
			while (json < end && *json != '"' && !strchr(" \t\r\n", *json))
				json++;
		}
		if (json > end)
			json = end;
		if (buf_append(out, run, (size_t)(json - run)))
			return -1;
		while (json < end &&
		       (*json == ' ' || *json == '\t' || *json == '\r' || *json == '\n'))
			json++;
	}
	return 0;
}
