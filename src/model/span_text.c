/* SPDX-License-Identifier: MIT */
/* Reads single values; knows nothing of what they mean. */
#include "config.h"

#include "model/span_text.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

#define NUMBER_MAX_BYTES 64

char *span_text(struct json_span span)
{
	struct buf text = BUF_INIT;

	if (json_span_unescape(span, &text)) {
		buf_clear(&text);
		return NULL;
	}
	return buf_take(&text);
}

char *span_text_filled(struct json_span span)
{
	char *text = span_text(span);

	if (text && !*text) {
		free(text);
		text = NULL;
	}
	return text;
}

void span_text_keep(char **text, struct json_span span)
{
	char *value = span_text_filled(span);

	if (!value)
		return;
	free(*text);
	*text = value;
}

bool span_is_given(struct json_span span)
{
	enum json_kind kind = json_span_kind(span);

	return kind != JSON_ABSENT && kind != JSON_NULL && kind != JSON_FALSE;
}

int64_t span_int(struct json_span span, int64_t fallback)
{
	int64_t value;

	return json_span_int64(span, &value) ? value : fallback;
}

bool span_double(struct json_span span, double *value)
{
	char text[NUMBER_MAX_BYTES];

	if (json_span_kind(span) != JSON_NUMBER || span.len >= sizeof(text))
		return false;
	memcpy(text, span.at, span.len);
	text[span.len] = '\0';
	*value = strtod(text, NULL);
	return true;
}

bool span_of_json(const char *text, size_t len, struct json_span *span)
{
	struct json_fault fault;

	if (json_check(text, len, &json_limits_splice, NULL, &fault))
		return false;
	json_trim(&text, &len);
	*span = (struct json_span){text, len};
	return true;
}
