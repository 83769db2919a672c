/* SPDX-License-Identifier: MIT */
/* Every answer says where it is in the result and how to read on. */
#include "config.h"

#include "agent/read_result.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "agent/tool_definition.h"
#include "base/mem.h"
#include "base/sanitize.h"

#define READ_MIN_BYTES	    100
#define CONTEXT_BYTES	    100 /* on each side of a place that was found */
#define NUMBER_DIGITS_BYTES 32

static const char schema[] =
	"{\"type\":\"object\",\"properties\":{"
	"\"id\":{\"type\":\"integer\",\"description\":\"of the result\"},"
	"\"offset\":{\"type\":\"integer\",\"description\":\"where to begin, in bytes; 0 if left "
	"out\"},"
	"\"length\":{\"type\":\"integer\",\"description\":\"how many bytes\"},"
	"\"search\":{\"type\":\"string\",\"description\":\"list the places that have exactly this "
	"text instead of reading\"}},"
	"\"required\":[\"id\"]}";

void read_result_write(struct buf *out, enum schema_family family)
{
	tool_definition_write(out, READ_RESULT_NAME,
			      "Reads on in a long tool result of which only the beginning was "
			      "given, or searches it.",
			      schema, family, NULL, NULL);
}

/* Models write numbers as strings too. *number stays when there is none; false: it is no number. */
static bool number_argument(struct json_span arguments, const char *name, int64_t *number)
{
	struct json_span value = json_span_member(arguments, name);
	char *text, *end;
	bool good;

	if (json_span_kind(value) == JSON_ABSENT || json_span_kind(value) == JSON_NULL)
		return true;
	if (json_span_int64(value, number))
		return *number >= 0;
	text = json_span_text(value, NUMBER_DIGITS_BYTES);
	*number = text ? strtoll(text, &end, 10) : -1;
	good = text && end != text && !*end && *number >= 0;
	free(text);
	return good;
}

/* Where the next page or search begins. */
static void say_where(struct buf *out, int64_t at, int64_t end, int64_t size)
{
	if (end >= size)
		buf_format(out, "[bytes %" PRId64 " to %" PRId64 ": this is the end]\n", at, end);
	else
		buf_format(out,
			   "[bytes %" PRId64 " to %" PRId64 " of %" PRId64 "; offset %" PRId64
			   " reads on]\n",
			   at, end, size, end);
}

static char *read_page(const struct result_store *store, long id, int64_t offset, size_t length,
		       int64_t size, char **why)
{
	struct buf page, out = BUF_INIT;
	struct err err;
	int64_t at;

	buf_init(&page, length + READ_MIN_BYTES);
	if (result_store_read(store, id, offset, length, &page, &at, &err)) {
		*why = mem_string(err.text);
	} else if (page.len == 0) {
		*why = mem_format("arguments.offset: the result %ld has %" PRId64 " bytes", id,
				  size);
	} else {
		say_where(&out, at, at + (int64_t)page.len, size);
		buf_append(&out, page.data, page.len);
	}
	buf_clear(&page);
	return *why ? NULL : buf_take(&out);
}

static void append_place(const struct result_store *store, long id, int64_t place, size_t len,
			 struct buf *out)
{
	const int64_t from = place > CONTEXT_BYTES ? place - CONTEXT_BYTES : 0;
	const size_t length = (size_t)(place - from) + len + CONTEXT_BYTES;
	struct buf context;
	struct err err;
	int64_t at;

	buf_init(&context, length + READ_MIN_BYTES);
	if (result_store_read(store, id, from, length, &context, &at, &err) == 0) {
		buf_format(out, "at %" PRId64 ": ", place);
		sanitize_line(buf_text(&context), context.len, length, out);
		buf_append_char(out, '\n');
	}
	buf_clear(&context);
}

static char *search(const struct result_store *store, long id, int64_t offset, const char *text,
		    int64_t size)
{
	const size_t len = strlen(text);
	struct buf out = BUF_INIT;
	int64_t place = result_store_find(store, id, offset, text, len);
	size_t found = 0;

	if (place < 0)
		buf_format(&out, "[none of the bytes %" PRId64 " to %" PRId64 " has this text]\n",
			   offset, size);
	for (; place >= 0 && found < READ_RESULT_MATCHES; found++) {
		append_place(store, id, place, len, &out);
		offset = place + (int64_t)len;
		place = result_store_find(store, id, offset, text, len);
	}
	if (place >= 0)
		buf_format(&out, "[there are more: offset %" PRId64 " searches on]\n", offset);
	return buf_take(&out);
}

char *read_result_run(const struct result_store *store, const char *arguments, size_t max_bytes,
		      char **why)
{
	struct json_span object = {arguments, strlen(arguments)};
	int64_t id = 0, offset = 0, length = READ_RESULT_BYTES, size;
	char *text =
		json_span_text(json_span_member(object, "search"), READ_RESULT_SEARCH_MAX_BYTES);
	char *answer = NULL;
	struct err err;

	*why = NULL;
	if (!number_argument(object, "id", &id) || id < 1 || id > RESULT_STORE_MAX)
		*why = mem_string("arguments.id: expected the number of a result");
	else if (!number_argument(object, "offset", &offset))
		*why = mem_string("arguments.offset: expected a number of bytes");
	else if (!number_argument(object, "length", &length))
		*why = mem_string("arguments.length: expected a number of bytes");
	else if (result_store_size(store, (long)id, &size, &err))
		*why = mem_string(err.text);
	else if (text && *text)
		answer = search(store, (long)id, offset, text, size);
	else
		answer = read_page(store, (long)id, offset,
				   length < READ_MIN_BYTES	? READ_MIN_BYTES
				   : (size_t)length > max_bytes ? max_bytes
								: (size_t)length,
				   size, why);
	free(text);
	return answer;
}

#define MARKER_BEGIN "\n[This is the beginning: "
#define MARKER_ID    "{\"id\":"

static void append_marker(struct buf *text, size_t kept, int64_t size, long id)
{
	buf_format(text,
		   MARKER_BEGIN "%zu of %" PRId64 " bytes. All of it is kept: " READ_RESULT_NAME
				" with " MARKER_ID "%ld,\"offset\":%zu} reads on; with "
				"\"search\" it finds a text.]",
		   kept, size, id, kept);
}

/* The number in the marker that a text ends with; 0: it has none. */
static long marked_id(const char *text, size_t len)
{
	const char *line = memrchr(text, '\n', len), *id;

	if (!line || strncmp(line, MARKER_BEGIN, strlen(MARKER_BEGIN)) != 0)
		return 0;
	id = strstr(line, MARKER_ID);
	return id ? strtol(id + strlen(MARKER_ID), NULL, 10) : 0;
}

char *read_result_shorten(struct result_store *store, const char *text, size_t len, size_t head)
{
	const size_t kept = utf8_cut(text, len < head ? len : head);
	long id = store ? marked_id(text, len) : 0;
	int64_t size = (int64_t)len;
	struct buf shortened = BUF_INIT;
	struct err err;

	if (id > 0 && result_store_size(store, id, &size, &err))
		id = 0;
	else if (id == 0 && store)
		id = result_store_add(store, text, len, &err);
	buf_append(&shortened, text, kept);
	if (id > 0)
		append_marker(&shortened, kept, size, id);
	else
		buf_format(&shortened, "\n[%zu of %zu bytes were left out here]", len - kept, len);
	return buf_take(&shortened);
}

char *read_result_keep(struct result_store *store, const struct tool_result *result,
		       struct err *err)
{
	long id = result_store_add(store, result->whole, result->text_full_len, err);
	struct buf text = BUF_INIT;

	if (id < 0)
		return NULL;
	buf_append(&text, result->text, result->text_kept);
	append_marker(&text, result->text_kept, (int64_t)result->text_full_len, id);
	return buf_take(&text);
}
