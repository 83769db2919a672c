/* SPDX-License-Identifier: MIT */
/*
 * Values are compared by a canonical text. It recurses no deeper than JSON_DEPTH_MAX, which
 * json_check has made sure of.
 */
#include "config.h"

#include "base/json_equal.h"

#include <stdlib.h>
#include <string.h>

#include "base/json_number.h"
#include "base/json_write.h"
#include "base/mem.h"

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void canonical_string(struct json_span string, struct buf *out)
{
	struct buf text = BUF_INIT;

	(void)!json_span_unescape(string, &text);
	json_write_string_len(out, buf_text(&text), text.len);
	buf_clear(&text);
}

static void canonical_array(struct json_span array, struct buf *out)
{
	struct json_span item = {NULL, 0};

	buf_append_char(out, '[');
	while (json_span_next(array, &item)) {
		json_canonical(item, out);
		buf_append_char(out, ',');
	}
	buf_append_char(out, ']');
}

/* Every element or member as its canonical text; *count of them, owned. */
static char **texts_of(struct json_span container, size_t *count)
{
	struct json_span key = {NULL, 0}, value = {NULL, 0};
	const bool object = json_span_kind(container) == JSON_OBJECT;
	char **list = NULL;

	*count = 0;
	while (object ? json_span_next_member(container, &key, &value)
		      : json_span_next(container, &value)) {
		struct buf text = BUF_INIT;

		if (object) {
			canonical_string(key, &text);
			buf_append_char(&text, ':');
		}
		json_canonical(value, &text);
		if ((*count & (*count + 1)) == 0)
			list = mem_resize_array(list, 2 * *count + 2, sizeof(*list));
		list[(*count)++] = buf_take(&text);
	}
	return list;
}

static void texts_free(char **list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		free(list[i]);
	free(list);
}

static void canonical_object(struct json_span object, struct buf *out)
{
	size_t count;
	char **members = texts_of(object, &count);

	if (count > 1)
		qsort(members, count, sizeof(*members), by_text);
	buf_append_char(out, '{');
	for (size_t i = 0; i < count; i++) {
		buf_append_text(out, members[i]);
		buf_append_char(out, ',');
	}
	buf_append_char(out, '}');
	texts_free(members, count);
}

void json_canonical(struct json_span value, struct buf *out)
{
	switch (json_span_kind(value)) {
	case JSON_STRING:
		canonical_string(value, out);
		break;
	case JSON_NUMBER:
		json_number_canonical(value, out);
		break;
	case JSON_ARRAY:
		canonical_array(value, out);
		break;
	case JSON_OBJECT:
		canonical_object(value, out);
		break;
	default:
		buf_append(out, value.at, value.len);
		break;
	}
}

bool json_equal(struct json_span a, struct json_span b)
{
	struct buf first = BUF_INIT, second = BUF_INIT;
	bool equal;

	json_canonical(a, &first);
	json_canonical(b, &second);
	equal = first.len == second.len &&
		memcmp(buf_text(&first), buf_text(&second), first.len) == 0;
	buf_clear(&first);
	buf_clear(&second);
	return equal;
}

struct numbered {
	char *text;
	size_t index;
};

static int by_text_then_index(const void *a, const void *b)
{
	const struct numbered *first = a, *second = b;
	int order = strcmp(first->text, second->text);

	return order ? order : (first->index > second->index) - (first->index < second->index);
}

long json_first_repeated(struct json_span array)
{
	size_t count;
	char **texts = texts_of(array, &count);
	struct numbered *sorted = mem_new_array(count + 1, sizeof(*sorted));
	long repeated = -1;

	for (size_t i = 0; i < count; i++)
		sorted[i] = (struct numbered){texts[i], i};
	qsort(sorted, count, sizeof(*sorted), by_text_then_index);
	for (size_t i = 1; i < count; i++)
		if (strcmp(sorted[i - 1].text, sorted[i].text) == 0 &&
		    (repeated < 0 || (long)sorted[i].index < repeated))
			repeated = (long)sorted[i].index;
	free(sorted);
	texts_free(texts, count);
	return repeated;
}
