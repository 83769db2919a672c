/* SPDX-License-Identifier: MIT */
/* Works on checked spans of the schema; no schema is ever compiled or followed elsewhere. */
#include "config.h"

#include "app/tool_arguments.h"

#include <stdlib.h>
#include <string.h>

#include "base/json_check.h"
#include "base/json_write.h"
#include "base/mem.h"

static struct json_span span_of(const char *text)
{
	return (struct json_span){text, strlen(text)};
}

/* Does the property's "type" (a string or a list of strings) name this one? */
static bool names_type(struct json_span property, const char *type)
{
	struct json_span span = json_span_member(property, "type"), item = {NULL, 0};

	if (json_span_kind(span) == JSON_STRING)
		return json_span_equals(span, type);
	while (json_span_kind(span) == JSON_ARRAY && json_span_next(span, &item))
		if (json_span_equals(item, type))
			return true;
	return false;
}

static bool is_integer(struct json_span value)
{
	return !memchr(value.at, '.', value.len) && !memchr(value.at, 'e', value.len) &&
	       !memchr(value.at, 'E', value.len);
}

/* Does a value fit one of the types that the property names? */
static bool fits(struct json_span property, struct json_span value)
{
	static const struct {
		enum json_kind kind;
		const char *type;
	} types[] = {
		{JSON_NULL, "null"},	 {JSON_FALSE, "boolean"}, {JSON_TRUE, "boolean"},
		{JSON_NUMBER, "number"}, {JSON_STRING, "string"}, {JSON_ARRAY, "array"},
		{JSON_OBJECT, "object"},
	};
	enum json_kind kind = json_span_kind(value);

	if (!json_span_member(property, "type").at)
		return true;
	if (kind == JSON_NUMBER && is_integer(value) && names_type(property, "integer"))
		return true;
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (types[i].kind == kind && names_type(property, types[i].type))
			return true;
	return false;
}

/* "a number", "an integer or null": for messages. */
static void describe_types(struct json_span property, struct buf *out)
{
	struct json_span span = json_span_member(property, "type"), item = {NULL, 0};

	if (json_span_kind(span) == JSON_STRING) {
		(void)!json_span_unescape(span, out);
		return;
	}
	while (json_span_next(span, &item)) {
		if (out->len > 0)
			buf_append_text(out, " or ");
		(void)!json_span_unescape(item, out);
	}
}

static int wrong_type(const char *key, size_t key_len, struct json_span property,
		      struct json_span value, struct err *err)
{
	struct buf types = BUF_INIT;
	int shown = value.len < 60 ? (int)value.len : 60;

	describe_types(property, &types);
	err_set(err, ERR_ARGUMENTS, "argument \"%.*s\": %.*s does not fit its type, %s",
		(int)key_len, key, shown, value.at, buf_text(&types));
	buf_clear(&types);
	return -1;
}

/* key=value */

static int add_pair(struct buf *out, struct json_span properties, const char *word, struct err *err)
{
	const char *equals = strchr(word, '='), *text;
	struct json_span property, value;
	struct json_fault fault;
	char *key;
	bool is_json;

	if (!equals || equals == word)
		return err_set(err, ERR_USAGE, "\"%s\" is neither a JSON object nor key=value",
			       word);
	key = mem_string_len(word, (size_t)(equals - word));
	text = equals + 1;
	value = span_of(text);
	property = json_span_member(properties, key);
	is_json = json_check(text, value.len, &json_limits_default, NULL, &fault) == 0;
	if (out->len > 1)
		buf_append_char(out, ',');
	json_write_string(out, key);
	buf_append_char(out, ':');
	free(key);
	/* A string is taken as it stands, also "5" and "true", where the schema wants strings. */
	if (is_json && fits(property, value) && !names_type(property, "string"))
		return json_write_compact(out, text, value.len);
	if (!property.at || names_type(property, "string") ||
	    !json_span_member(property, "type").at)
		return json_write_string(out, text);
	return wrong_type(word, (size_t)(equals - word), property, value, err);
}

int tool_arguments_from_json(const char *text, size_t len, struct buf *out, struct err *err)
{
	struct json_fault fault;
	unsigned line, column;

	if (json_check(text, len, &json_limits_default, NULL, &fault)) {
		json_position(text, fault.offset, &line, &column);
		return err_set(err, ERR_ARGUMENTS,
			       "the arguments are not JSON: line %u, column %u: %s", line, column,
			       fault.what);
	}
	if (json_span_kind((struct json_span){text, len}) != JSON_OBJECT)
		return err_set(err, ERR_ARGUMENTS, "the arguments are not a JSON object");
	if (json_write_compact(out, text, len))
		return err_set(err, ERR_ARGUMENTS, "the arguments are larger than %zu MiB",
			       TOOL_ARGUMENTS_MAX_BYTES >> 20);
	return 0;
}

int tool_arguments_from_words(const char *schema, const char *const words[], size_t count,
			      struct buf *out, struct err *err)
{
	struct json_span properties = json_span_member(span_of(schema), "properties");

	if (count == 1 && words[0][strspn(words[0], " \t\n")] == '{')
		return tool_arguments_from_json(words[0], strlen(words[0]), out, err);
	buf_append_char(out, '{');
	for (size_t i = 0; i < count; i++)
		if (add_pair(out, properties, words[i], err))
			return -1;
	if (buf_append_char(out, '}'))
		return err_set(err, ERR_ARGUMENTS, "the arguments are larger than %zu MiB",
			       TOOL_ARGUMENTS_MAX_BYTES >> 20);
	return 0;
}
