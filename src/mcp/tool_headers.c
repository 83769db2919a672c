/* SPDX-License-Identifier: MIT */
/*
 * Walks a schema with a stack of its own. An annotation counts where only `properties` lead to it,
 * because only there is it known before the call which argument it means; anywhere else it makes
 * the tool unusable over HTTP.
 */
#include "config.h"

#include "mcp/tool_headers.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "mcp/transport_http.h"

#define ANNOTATION	"x-mcp-header"
#define INTEGER_MAX	9007199254740991LL /* 2^53 - 1: what every JSON reader keeps */
#define VALUE_MAX_BYTES ((size_t)8 << 10)

enum place {
	PLACE_SCHEMA,	    /* reached by properties only */
	PLACE_PROPERTIES,   /* the map below its "properties" */
	PLACE_OTHER_SCHEMA, /* anywhere else */
	PLACE_OTHER_MAP,
	PLACE_OTHER_LIST
};

struct step {
	struct json_span span;
	enum place place;
	char *path;
	size_t path_len, depth;
};

struct walk {
	struct step *step;
	size_t count;
	struct tool_headers *headers;
};

static void push(struct walk *walk, struct json_span span, enum place place,
		 const struct step *parent, const char *key)
{
	struct step *step;
	size_t key_len = key ? strlen(key) + 1 : 0, parent_len = parent ? parent->path_len : 0;

	walk->step = mem_resize_array(walk->step, walk->count + 1, sizeof(*walk->step));
	step = &walk->step[walk->count++];
	*step = (struct step){.span = span, .place = place};
	step->path = mem_new(parent_len + key_len + 1);
	if (parent_len)
		memcpy(step->path, parent->path, parent_len);
	if (key)
		memcpy(step->path + parent_len, key, key_len);
	step->path_len = parent_len + key_len;
	step->depth = (parent ? parent->depth : 0) + (key ? 1 : 0);
}

/* RFC 9110, 5.6.2. */
static bool is_token(const char *text)
{
	static const char marks[] = "!#$%&'*+-.^_`|~";

	for (const char *at = text; *at; at++)
		if (!((*at >= '0' && *at <= '9') || (*at >= 'A' && *at <= 'Z') ||
		      (*at >= 'a' && *at <= 'z') || strchr(marks, *at)))
			return false;
	return *text != '\0';
}

static bool type_is_allowed(struct json_span schema)
{
	struct json_span type = json_span_member(schema, "type"), item = {NULL, 0};
	size_t allowed = 0, others = 0;

	if (json_span_kind(type) == JSON_STRING)
		return json_span_equals(type, "string") || json_span_equals(type, "integer") ||
		       json_span_equals(type, "boolean");
	while (json_span_kind(type) == JSON_ARRAY && json_span_next(type, &item)) {
		if (json_span_equals(item, "string") || json_span_equals(item, "integer") ||
		    json_span_equals(item, "boolean"))
			allowed++;
		else if (!json_span_equals(item, "null"))
			others++;
	}
	return allowed == 1 && others == 0;
}

static bool is_taken(const struct tool_headers *headers, const char *name)
{
	for (size_t i = 0; i < headers->count; i++)
		if (strcasecmp(headers->item[i].name, name) == 0)
			return true;
	return false;
}

static const char *add_header(struct tool_headers *headers, const struct step *step,
			      struct json_span annotation)
{
	struct buf name;
	const char *why = NULL;

	buf_init(&name, TOOL_HEADER_NAME_MAX_BYTES);
	if (json_span_kind(annotation) != JSON_STRING || json_span_unescape(annotation, &name) ||
	    strlen(buf_text(&name)) != name.len || !is_token(buf_text(&name)))
		why = "an " ANNOTATION " of it is no header name";
	else if (is_taken(headers, buf_text(&name)))
		why = "two of its parameters have the same " ANNOTATION;
	else if (!type_is_allowed(step->span))
		why = "an " ANNOTATION " of it is on a type that cannot be a header";
	else if (headers->count >= TOOL_HEADERS_MAX)
		why = "it has more than 64 parameters with " ANNOTATION;
	if (!why) {
		headers->item =
			mem_resize_array(headers->item, headers->count + 1, sizeof(*headers->item));
		headers->item[headers->count] =
			(struct tool_header){.name = buf_take(&name),
					     .path = mem_new(step->path_len + 1),
					     .depth = step->depth};
		memcpy(headers->item[headers->count++].path, step->path, step->path_len);
	}
	buf_clear(&name);
	return why;
}

/* What holds data, not schemas. */
static bool is_data(struct json_span key)
{
	static const char *const names[] = {"enum", "const", "default", "examples", ANNOTATION};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (json_span_equals(key, names[i]))
			return true;
	return false;
}

static bool is_map(struct json_span key)
{
	static const char *const names[] = {"properties", "$defs", "definitions",
					    "patternProperties", "dependentSchemas"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (json_span_equals(key, names[i]))
			return true;
	return false;
}

static void walk_schema(struct walk *walk, const struct step *step)
{
	struct json_span annotation = json_span_member(step->span, ANNOTATION);
	struct json_span key = {NULL, 0}, value = {NULL, 0};

	if (annotation.at && step->place == PLACE_SCHEMA)
		walk->headers->fault = add_header(walk->headers, step, annotation);
	else if (annotation.at)
		walk->headers->fault = "an " ANNOTATION " of it is not on a plain parameter";
	while (json_span_next_member(step->span, &key, &value)) {
		if (is_data(key))
			continue;
		if (step->place == PLACE_SCHEMA && json_span_equals(key, "properties"))
			push(walk, value, PLACE_PROPERTIES, step, NULL);
		else if (is_map(key))
			push(walk, value, PLACE_OTHER_MAP, NULL, NULL);
		else
			push(walk, value, PLACE_OTHER_SCHEMA, NULL, NULL);
	}
}

static void walk_map(struct walk *walk, const struct step *step)
{
	const bool plain = step->place == PLACE_PROPERTIES;
	struct json_span key = {NULL, 0}, value = {NULL, 0};

	while (json_span_next_member(step->span, &key, &value)) {
		struct buf name = BUF_INIT;

		(void)!json_span_unescape(key, &name);
		push(walk, value, plain ? PLACE_SCHEMA : PLACE_OTHER_SCHEMA, step, buf_text(&name));
		buf_clear(&name);
	}
}

static void walk_step(struct walk *walk, const struct step *step)
{
	const enum json_kind kind = json_span_kind(step->span);
	struct json_span item = {NULL, 0};

	if (kind == JSON_ARRAY) {
		while (json_span_next(step->span, &item))
			push(walk, item, PLACE_OTHER_SCHEMA, NULL, NULL);
	} else if (kind == JSON_OBJECT) {
		if (step->place == PLACE_PROPERTIES || step->place == PLACE_OTHER_MAP)
			walk_map(walk, step);
		else
			walk_schema(walk, step);
	}
}

void tool_headers_read(struct json_span schema, struct tool_headers *headers)
{
	struct walk walk = {.headers = headers};

	*headers = (struct tool_headers){0};
	/* Nearly every schema has none, and is not walked. */
	if (!memmem(schema.at, schema.len, ANNOTATION, strlen(ANNOTATION)))
		return;
	push(&walk, schema, PLACE_SCHEMA, NULL, NULL);
	while (walk.count > 0) {
		struct step step = walk.step[--walk.count];

		if (!headers->fault)
			walk_step(&walk, &step);
		free(step.path);
	}
	free(walk.step);
}

void tool_headers_clear(struct tool_headers *headers)
{
	for (size_t i = 0; i < headers->count; i++) {
		free(headers->item[i].name);
		free(headers->item[i].path);
	}
	free(headers->item);
	*headers = (struct tool_headers){0};
}

/* A call's values */

static struct json_span value_at(struct json_span arguments, const struct tool_header *header)
{
	const char *key = header->path;

	for (size_t i = 0; i < header->depth; i++, key += strlen(key) + 1)
		arguments = json_span_member(arguments, key);
	return arguments;
}

/* False: null, absent, or nothing that a header can say. */
static bool value_text(struct json_span value, struct buf *text)
{
	int64_t number;

	switch (json_span_kind(value)) {
	case JSON_STRING:
		return json_span_unescape(value, text) == 0 && strlen(buf_text(text)) == text->len;
	case JSON_TRUE:
	case JSON_FALSE:
		return buf_append(text, value.at, value.len) == 0;
	case JSON_NUMBER:
		return json_span_int64(value, &number) && number >= -INTEGER_MAX &&
		       number <= INTEGER_MAX && buf_format(text, "%lld", (long long)number) == 0;
	default:
		return false;
	}
}

char **tool_headers_make(const struct tool_headers *headers, struct json_span arguments)
{
	char **list = mem_new_array(headers->count + 1, sizeof(*list));
	size_t count = 0;

	for (size_t i = 0; i < headers->count; i++) {
		struct buf text, line = BUF_INIT;

		buf_init(&text, VALUE_MAX_BYTES);
		if (value_text(value_at(arguments, &headers->item[i]), &text)) {
			buf_format(&line, "Mcp-Param-%s: ", headers->item[i].name);
			http_header_append_value(&line, buf_text(&text));
			list[count++] = buf_take(&line);
		}
		buf_clear(&text);
	}
	return list;
}
