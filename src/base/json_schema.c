/* SPDX-License-Identifier: MIT */
/*
 * Applies schemas to values as they stand in their texts: nothing is compiled, because a schema is
 * small and a call is rare beside what it calls. It recurses to JSON_SCHEMA_DEPTH_MAX and no
 * further; past a limit the value is accepted, with a warning.
 */
#include "config.h"

#include "base/json_schema.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json_schema_check.h"
#include "base/mem.h"
#include "base/sanitize.h"

#define SHOWN_MAX_BYTES 60

/* Making */

/* 1: draft 7 and before; 0: 2020-12 and 2019-09; -1: another. */
static int dialect_of(const char *uri)
{
	static const struct {
		const char *part;
		int draft7;
	} dialects[] = {
		{"json-schema.org/draft/2020-12/schema", 0},
		{"json-schema.org/draft/2019-09/schema", 0},
		{"json-schema.org/draft-07/schema", 1},
		{"json-schema.org/draft-06/schema", 1},
		{"json-schema.org/draft-04/schema", 1},
		{"json-schema.org/schema", 0},
	};

	for (size_t i = 0; i < sizeof(dialects) / sizeof(dialects[0]); i++)
		if (strstr(uri, dialects[i].part))
			return dialects[i].draft7;
	return -1;
}

struct json_schema *json_schema_new(const char *text, size_t len, struct err *err)
{
	struct json_schema *schema;
	struct json_span root = {text, len};
	char *dialect = json_span_text(json_span_member(root, "$schema"), BUF_MAX_BYTES);
	int draft7 = dialect ? dialect_of(dialect) : 0;

	if (draft7 < 0 || len > JSON_SCHEMA_MAX_BYTES) {
		if (draft7 < 0)
			err_set(err, ERR_PROTOCOL,
				"its schema is of a dialect that is not known: %.100s", dialect);
		else
			err_set(err, ERR_PROTOCOL, "its schema is larger than 1 MiB");
		free(dialect);
		return NULL;
	}
	free(dialect);
	schema = mem_new(sizeof(*schema));
	schema->text = mem_string_len(text, len);
	schema->root = (struct json_span){schema->text, len};
	schema->draft7 = draft7 == 1;
	schema->tracks = memmem(text, len, "\"unevaluated", 12) != NULL;
	schema_names_read(schema->root, schema->draft7, &schema->names);
	return schema;
}

void json_schema_free(struct json_schema **schema_p)
{
	struct json_schema *schema = *schema_p;

	if (!schema)
		return;
	*schema_p = NULL;
	for (size_t i = 0; i < schema->patterns; i++)
		json_pattern_free(&schema->pattern[i].compiled);
	free(schema->pattern);
	schema_names_clear(&schema->names);
	free(schema->text);
	free(schema->warning);
	free(schema);
}

const char *json_schema_warning(const struct json_schema *schema)
{
	return schema->warning;
}

void schema_warn(struct json_schema *schema, const char *format, ...)
{
	struct buf text = BUF_INIT;
	va_list args;

	if (schema->warning)
		return;
	va_start(args, format);
	buf_vformat(&text, format, args);
	va_end(args);
	schema->warning = buf_take(&text);
}

/* Saying what does not fit */

static void write_place(const struct schema_place *place, const char *what, struct buf *out)
{
	const struct schema_place *steps[JSON_SCHEMA_DEPTH_MAX];
	size_t count = 0;

	for (; place && count < JSON_SCHEMA_DEPTH_MAX; place = place->parent)
		steps[count++] = place;
	buf_append_text(out, what);
	while (count-- > 0) {
		struct buf key = BUF_INIT;

		if (!steps[count]->key.at) {
			buf_format(out, "[%ld]", steps[count]->index);
			continue;
		}
		(void)!json_span_unescape(steps[count]->key, &key);
		buf_append_char(out, '.');
		sanitize_line(buf_text(&key), key.len, SHOWN_MAX_BYTES, out);
		buf_clear(&key);
	}
}

bool schema_misfit(struct schema_frame *frame, const char *format, ...)
{
	struct schema_run *run = frame->run;
	struct buf text = BUF_INIT;
	va_list args;

	if (run->quiet || run->told)
		return false;
	run->told = true;
	write_place(frame->place, run->what, &text);
	buf_append_text(&text, ": ");
	va_start(args, format);
	buf_vformat(&text, format, args);
	va_end(args);
	err_set(run->err, ERR_ARGUMENTS, "%s", buf_text(&text));
	buf_clear(&text);
	return false;
}

/* Applying */

static size_t count_parts(struct json_span value, enum json_kind kind)
{
	struct json_span key = {NULL, 0}, item = {NULL, 0};
	size_t count = 0;

	if (kind == JSON_OBJECT)
		while (json_span_next_member(value, &key, &item))
			count++;
	else if (kind == JSON_ARRAY)
		while (json_span_next(value, &item))
			count++;
	return count;
}

void schema_mark(struct schema_frame *frame, size_t index)
{
	if (frame->marks && index < frame->marks->count)
		frame->marks->seen[index] = true;
}

static bool apply_keywords(struct schema_frame *frame, bool late)
{
	struct json_span key = {NULL, 0}, argument = {NULL, 0};
	const bool draft7 = frame->run->schema->draft7;
	bool fits = true;

	/* In draft 7 nothing beside a $ref counts. */
	argument = draft7 ? json_span_member(frame->schema, "$ref") : argument;
	if (argument.at)
		return late || schema_apply_reference(frame, argument, false);
	while (fits && json_span_next_member(frame->schema, &key, &argument)) {
		schema_keyword_fn *keyword = schema_keyword(key, draft7, late);

		if (keyword)
			fits = keyword(frame, argument);
	}
	return fits;
}

static bool apply(struct schema_frame *frame)
{
	struct schema_run *run = frame->run;
	const struct schema_name *resource;
	enum json_kind kind = json_span_kind(frame->schema);
	bool fits;

	if (kind == JSON_FALSE)
		return schema_misfit(frame, "nothing is allowed here");
	if (kind != JSON_OBJECT)
		return true;
	if (++run->steps > JSON_SCHEMA_STEPS_MAX || run->depth >= JSON_SCHEMA_DEPTH_MAX) {
		schema_warn(run->schema, "the schema is too deep or too costly to be judged whole");
		return true;
	}
	resource = schema_names_at(&run->schema->names, frame->schema);
	if (resource) {
		frame->own_scope =
			(struct schema_scope){.base = resource->uri, .outer = frame->scope};
		frame->scope = &frame->own_scope;
	}
	run->depth++;
	fits = apply_keywords(frame, false) && apply_keywords(frame, true);
	run->depth--;
	return fits;
}

static bool apply_with(struct schema_frame *frame, struct json_span schema,
		       const struct schema_scope *scope)
{
	struct schema_marks marks = {NULL, 0};
	struct schema_frame inner = *frame;
	bool fits;

	inner.schema = schema;
	inner.scope = scope;
	if (frame->marks) {
		marks.count = frame->marks->count;
		marks.seen = mem_new_array(marks.count + 1, sizeof(*marks.seen));
		inner.marks = &marks;
	}
	fits = apply(&inner);
	for (size_t i = 0; fits && i < marks.count; i++)
		if (marks.seen[i])
			schema_mark(frame, i);
	free(marks.seen);
	return fits;
}

bool schema_apply_here(struct schema_frame *frame, struct json_span schema)
{
	return apply_with(frame, schema, frame->scope);
}

bool schema_try_here(struct schema_frame *frame, struct json_span schema)
{
	bool fits;

	frame->run->quiet++;
	fits = schema_apply_here(frame, schema);
	frame->run->quiet--;
	return fits;
}

static bool apply_anew(struct schema_run *run, struct json_span schema, struct json_span value,
		       const struct schema_place *place, const struct schema_scope *scope)
{
	struct schema_marks marks = {NULL, 0};
	struct schema_frame frame = {
		.run = run,
		.schema = schema,
		.value = value,
		.kind = json_span_kind(value),
		.place = place,
		.scope = scope,
	};
	bool fits;

	if (run->schema->tracks) {
		marks.count = count_parts(value, frame.kind);
		marks.seen = mem_new_array(marks.count + 1, sizeof(*marks.seen));
		frame.marks = &marks;
	}
	fits = apply(&frame);
	free(marks.seen);
	return fits;
}

bool schema_apply_at(struct schema_frame *frame, struct json_span schema, struct json_span value,
		     struct json_span key, long index)
{
	const struct schema_place place = {.parent = frame->place, .key = key, .index = index};

	return apply_anew(frame->run, schema, value, &place, frame->scope);
}

/* The outermost resource on the way here that has this dynamic anchor. */
static void redirect_dynamically(const struct schema_frame *frame, const char *reference,
				 struct schema_target *target)
{
	const char *anchor = strchr(reference, '#');

	for (const struct schema_scope *scope = frame->scope; anchor && scope;
	     scope = scope->outer) {
		char *uri = mem_format("%s%s", scope->base, anchor);
		const struct schema_name *name = schema_names_find(&frame->run->schema->names, uri);

		if (name && name->dynamic) {
			target->schema = name->schema;
			target->base = scope->base;
		}
		free(uri);
	}
}

bool schema_apply_reference(struct schema_frame *frame, struct json_span argument, bool dynamic)
{
	struct json_schema *schema = frame->run->schema;
	char *reference = json_span_text(argument, BUF_MAX_BYTES);
	struct schema_scope scope = {.outer = frame->scope};
	struct schema_target target;
	bool fits = true;

	if (!reference)
		return true;
	if (schema_names_resolve(&schema->names, frame->scope->base, reference, &target)) {
		schema_warn(schema,
			    "\"$ref\" %.100s leads nowhere within the schema: what it asks "
			    "is not judged",
			    reference);
		/* What it would have looked at is not known: all of it may be. */
		for (size_t i = 0; frame->marks && i < frame->marks->count; i++)
			schema_mark(frame, i);
	} else {
		if (dynamic && target.dynamic)
			redirect_dynamically(frame, reference, &target);
		scope.base = target.base;
		fits = apply_with(frame, target.schema, &scope);
	}
	free(reference);
	return fits;
}

int json_schema_check(struct json_schema *schema, struct json_span value, const char *what,
		      struct err *err)
{
	struct schema_run run = {.schema = schema, .what = what, .err = err};
	const struct schema_scope scope = {.base = schema->names.item[0].uri};

	if (apply_anew(&run, schema->root, value, NULL, &scope))
		return 0;
	if (!run.told)
		err_set(err, ERR_ARGUMENTS, "%s: it does not fit the schema", what);
	return -1;
}
