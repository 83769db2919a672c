/* SPDX-License-Identifier: MIT */
/*
 * Finding parts of a text that json_check has passed. Because the grammar holds already, skipping a
 * value needs to look only at quotes, backslashes and brackets.
 */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/json_check.h"
#include "base/json_scan.h"
#include "base/sanitize.h"

static const char *skip_blanks(const char *at, const char *end)
{
	while (at < end && (*at == ' ' || *at == '\n' || *at == '\t' || *at == '\r'))
		at++;
	return at;
}

/* at is on the opening quote; gives the byte behind the closing one. */
static const char *skip_string(const char *at, const char *end)
{
	for (at++; at < end; at++) {
		const char *quote = memchr(at, '"', (size_t)(end - at));
		const char *backslash;

		if (!quote)
			return end;
		backslash = memchr(at, '\\', (size_t)(quote - at));
		if (!backslash)
			return quote + 1;
		at = backslash + 1; /* the loop steps over what it escapes */
	}
	return end;
}

/* A number, a word, or a run of blanks inside a container. */
static const char *skip_word(const char *at, const char *end)
{
	do
		at++;
	while (at < end && !strchr("\"{}[],: \n\t\r", *at));
	return at;
}

static const char *skip_value(const char *at, const char *end)
{
	unsigned depth = 0;

	do {
		switch (*at) {
		case '"':
			at = skip_string(at, end);
			break;
		case '{':
		case '[':
			depth++;
			at++;
			break;
		case '}':
		case ']':
			depth--;
			at++;
			break;
		case ',':
		case ':':
			at++;
			break;
		default:
			at = skip_word(at, end);
		}
	} while (depth > 0 && at < end);
	return at < end ? at : end;
}

enum json_kind json_span_kind(struct json_span span)
{
	if (!span.at || span.len == 0)
		return JSON_ABSENT;
	switch (*span.at) {
	case '{':
		return JSON_OBJECT;
	case '[':
		return JSON_ARRAY;
	case '"':
		return JSON_STRING;
	case 't':
		return JSON_TRUE;
	case 'f':
		return JSON_FALSE;
	case 'n':
		return JSON_NULL;
	default:
		return JSON_NUMBER;
	}
}

static struct json_span trimmed(struct json_span span)
{
	const char *end = span.at ? span.at + span.len : NULL;

	if (!span.at)
		return span;
	span.at = skip_blanks(span.at, end);
	span.len = (size_t)(end - span.at);
	return span;
}

bool json_span_next_member(struct json_span object, struct json_span *key, struct json_span *value)
{
	const char *end, *at;

	object = trimmed(object);
	if (json_span_kind(object) != JSON_OBJECT)
		return false;
	end = object.at + object.len;
	at = skip_blanks(value->at ? value->at + value->len : object.at + 1, end);
	if (value->at && at < end && *at == ',')
		at = skip_blanks(at + 1, end);
	if (at >= end || *at != '"')
		return false;
	key->at = at;
	at = skip_string(at, end);
	key->len = (size_t)(at - key->at);
	at = skip_blanks(at, end);
	at = skip_blanks(at + 1, end); /* the colon */
	value->at = at;
	value->len = (size_t)(skip_value(at, end) - at);
	return true;
}

bool json_span_members(struct json_span object, const char *const names[], struct json_span spans[],
		       size_t n)
{
	struct json_span key, value = {NULL, 0};

	for (size_t i = 0; i < n; i++)
		spans[i] = (struct json_span){NULL, 0};
	while (json_span_next_member(object, &key, &value))
		for (size_t i = 0; i < n; i++)
			if (json_span_equals(key, names[i]))
				spans[i] = value;
	return json_span_kind(trimmed(object)) == JSON_OBJECT;
}

struct json_span json_span_member(struct json_span object, const char *name)
{
	struct json_span key, value = {NULL, 0};

	while (json_span_next_member(object, &key, &value))
		if (json_span_equals(key, name))
			return value;
	return (struct json_span){NULL, 0};
}

bool json_span_next(struct json_span array, struct json_span *at)
{
	const char *end, *next;

	array = trimmed(array);
	if (json_span_kind(array) != JSON_ARRAY)
		return false;
	end = array.at + array.len;
	next = skip_blanks(at->at ? at->at + at->len : array.at + 1, end);
	if (at->at && next < end && *next == ',')
		next = skip_blanks(next + 1, end);
	if (next >= end || *next == ']')
		return false;
	at->at = next;
	at->len = (size_t)(skip_value(next, end) - next);
	return true;
}

static uint32_t hex4(const char *at)
{
	char digits[5] = {at[0], at[1], at[2], at[3], '\0'};

	return (uint32_t)strtoul(digits, NULL, 16);
}

static size_t decode_escape(const char **at, char utf8[4])
{
	static const char plain[] = "\"\\/bfnrt", means[] = "\"\\/\b\f\n\r\t";
	const char *escape = *at;
	uint32_t rune;

	if (escape[1] != 'u') {
		const char *found = strchr(plain, escape[1]);

		*at += 2;
		utf8[0] = found ? means[found - plain] : escape[1];
		return 1;
	}
	rune = hex4(escape + 2);
	*at += 6;
	if (rune >= 0xd800 && rune < 0xdc00) {
		rune = 0x10000 + ((rune - 0xd800) << 10) + (hex4(escape + 8) - 0xdc00);
		*at += 6;
	}
	return utf8_encode(rune, utf8);
}

/* By the first byte; the text is known to be UTF-8. */
static size_t utf8_length(unsigned char first)
{
	return first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
}

size_t json_decode_next(const char **at, const char *end, char utf8[4])
{
	size_t n;

	if (*at >= end)
		return 0;
	if (**at == '\\')
		return decode_escape(at, utf8);
	n = utf8_length((unsigned char)**at);
	memcpy(utf8, *at, n);
	*at += n;
	return n;
}

int json_span_unescape(struct json_span string, struct buf *out)
{
	const char *at, *end;

	if (json_span_kind(string) != JSON_STRING)
		return -1;
	at = string.at + 1;
	end = string.at + string.len - 1;
	while (at < end) {
		const char *escape = memchr(at, '\\', (size_t)(end - at));
		char utf8[4];
		size_t n;

		if (buf_append(out, at, (size_t)((escape ? escape : end) - at)))
			return -1;
		if (!escape)
			break;
		at = escape;
		n = json_decode_next(&at, end, utf8);
		if (buf_append(out, utf8, n))
			return -1;
	}
	return 0;
}

bool json_span_equals(struct json_span string, const char *text)
{
	const char *at, *end;
	char utf8[4];
	size_t n, len = strlen(text);

	if (json_span_kind(string) != JSON_STRING)
		return false;
	at = string.at + 1;
	end = string.at + string.len - 1;
	if (!memchr(at, '\\', (size_t)(end - at)))
		return (size_t)(end - at) == len && memcmp(at, text, len) == 0;
	while ((n = json_decode_next(&at, end, utf8)) > 0) {
		if (len < n || memcmp(text, utf8, n))
			return false;
		text += n;
		len -= n;
	}
	return len == 0;
}

bool json_span_int64(struct json_span number, int64_t *value)
{
	char digits[24];
	char *end;
	long long parsed;

	if (json_span_kind(number) != JSON_NUMBER || number.len >= sizeof(digits))
		return false;
	memcpy(digits, number.at, number.len);
	digits[number.len] = '\0';
	errno = 0;
	parsed = strtoll(digits, &end, 10);
	if (errno || *end)
		return false;
	*value = parsed;
	return true;
}

char *json_span_text(struct json_span string, size_t max_bytes)
{
	struct buf text;

	buf_init(&text, max_bytes);
	if (json_span_kind(string) == JSON_STRING && json_span_unescape(string, &text) == 0 &&
	    strlen(buf_text(&text)) == text.len)
		return buf_take(&text);
	buf_clear(&text);
	return NULL;
}

static bool is_blank(char byte)
{
	return byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n';
}

void json_trim(const char **text, size_t *len)
{
	while (*len > 0 && is_blank(**text)) {
		++*text;
		--*len;
	}
	while (*len > 0 && is_blank((*text)[*len - 1]))
		--*len;
}
