/* SPDX-License-Identifier: MIT */
/*
 * The keywords that judge the value itself (JSON Schema 2020-12, validation 6; draft 7). A keyword
 * says nothing about values of other types than its own.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/json_equal.h"
#include "base/json_number.h"
#include "base/json_schema_check.h"

/* Any value */

static const struct {
	const char *type, *words;
	enum json_kind kind;
} types[] = {
	{"null", "null", JSON_NULL},
	{"boolean", "a boolean", JSON_TRUE},
	{"boolean", "a boolean", JSON_FALSE},
	{"number", "a number", JSON_NUMBER},
	{"integer", "an integer", JSON_NUMBER},
	{"string", "a string", JSON_STRING},
	{"array", "an array", JSON_ARRAY},
	{"object", "an object", JSON_OBJECT},
};

#define TYPES (sizeof(types) / sizeof(types[0]))

static bool is_type(const struct schema_frame *frame, struct json_span name)
{
	for (size_t i = 0; i < TYPES; i++)
		if (types[i].kind == frame->kind && json_span_equals(name, types[i].type))
			return strcmp(types[i].type, "integer") != 0 ||
			       json_number_is_integer(frame->value);
	return false;
}

static const char *words_of(struct json_span name)
{
	for (size_t i = 0; i < TYPES; i++)
		if (json_span_equals(name, types[i].type))
			return types[i].words;
	return "another type";
}

static const char *words_for(enum json_kind kind)
{
	for (size_t i = 0; i < TYPES; i++)
		if (types[i].kind == kind)
			return types[i].words;
	return "nothing";
}

static bool keyword_type(struct schema_frame *frame, struct json_span argument)
{
	struct json_span item = {NULL, 0};
	struct buf wanted = BUF_INIT;

	if (json_span_kind(argument) == JSON_STRING)
		return is_type(frame, argument) ||
		       schema_misfit(frame, "expected %s, got %s", words_of(argument),
				     words_for(frame->kind));
	while (json_span_kind(argument) == JSON_ARRAY && json_span_next(argument, &item)) {
		if (is_type(frame, item)) {
			buf_clear(&wanted);
			return true;
		}
		if (wanted.len > 0)
			buf_append_text(&wanted, " or ");
		buf_append_text(&wanted, words_of(item));
	}
	if (json_span_kind(argument) == JSON_ARRAY)
		schema_misfit(frame, "expected %s, got %s", buf_text(&wanted),
			      words_for(frame->kind));
	buf_clear(&wanted);
	return json_span_kind(argument) != JSON_ARRAY;
}

static bool keyword_enum(struct schema_frame *frame, struct json_span argument)
{
	struct json_span item = {NULL, 0};
	struct buf shown = BUF_INIT;
	bool fits = json_span_kind(argument) != JSON_ARRAY;

	while (!fits && json_span_next(argument, &item)) {
		fits = json_equal(item, frame->value);
		if (shown.len > 150)
			continue;
		if (shown.len > 0)
			buf_append_text(&shown, ", ");
		schema_show(item, &shown);
	}
	if (!fits)
		schema_misfit(frame, "expected one of %s", buf_text(&shown));
	buf_clear(&shown);
	return fits;
}

static bool keyword_const(struct schema_frame *frame, struct json_span argument)
{
	struct buf shown = BUF_INIT;
	bool fits = json_equal(argument, frame->value);

	schema_show(argument, &shown);
	if (!fits)
		schema_misfit(frame, "expected %s", buf_text(&shown));
	buf_clear(&shown);
	return fits;
}

/* Numbers */

static bool is_number(const struct schema_frame *frame, struct json_span argument)
{
	return frame->kind == JSON_NUMBER && json_span_kind(argument) == JSON_NUMBER;
}

static bool bound(struct schema_frame *frame, struct json_span argument, const char *words,
		  int lowest, int highest)
{
	int order;

	if (!is_number(frame, argument))
		return true;
	order = json_number_compare(frame->value, argument);
	return (order >= lowest && order <= highest) ||
	       schema_misfit(frame, "expected %s %.*s", words, (int)argument.len, argument.at);
}

static bool keyword_minimum(struct schema_frame *frame, struct json_span argument)
{
	return bound(frame, argument, "at least", 0, 1);
}

static bool keyword_maximum(struct schema_frame *frame, struct json_span argument)
{
	return bound(frame, argument, "at most", -1, 0);
}

static bool keyword_exclusive_minimum(struct schema_frame *frame, struct json_span argument)
{
	return bound(frame, argument, "more than", 1, 1);
}

static bool keyword_exclusive_maximum(struct schema_frame *frame, struct json_span argument)
{
	return bound(frame, argument, "less than", -1, -1);
}

static bool keyword_multiple_of(struct schema_frame *frame, struct json_span argument)
{
	return !is_number(frame, argument) || json_number_is_multiple(frame->value, argument) ||
	       schema_misfit(frame, "expected a multiple of %.*s", (int)argument.len, argument.at);
}

/* Sizes */

static size_t size_of(const struct schema_frame *frame)
{
	struct json_span key = {NULL, 0}, item = {NULL, 0};
	struct buf text = BUF_INIT;
	size_t size = 0;

	if (frame->kind == JSON_OBJECT) {
		while (json_span_next_member(frame->value, &key, &item))
			size++;
	} else if (frame->kind == JSON_ARRAY) {
		while (json_span_next(frame->value, &item))
			size++;
	} else if (json_span_unescape(frame->value, &text) == 0) {
		for (size_t i = 0; i < text.len; i++)
			size += ((unsigned char)text.data[i] & 0xc0) != 0x80;
	}
	buf_clear(&text);
	return size;
}

static bool limit(struct schema_frame *frame, struct json_span argument, enum json_kind kind,
		  bool least, const char *unit)
{
	double size, wanted;

	if (frame->kind != kind || json_span_kind(argument) != JSON_NUMBER)
		return true;
	size = (double)size_of(frame);
	wanted = strtod(argument.at, NULL);
	return (least ? size >= wanted : size <= wanted) ||
	       schema_misfit(frame, "expected at %s %.0f %s, got %.0f", least ? "least" : "most",
			     wanted, unit, size);
}

static bool keyword_min_length(struct schema_frame *frame, struct json_span argument)
{
	return limit(frame, argument, JSON_STRING, true, "characters");
}

static bool keyword_max_length(struct schema_frame *frame, struct json_span argument)
{
	return limit(frame, argument, JSON_STRING, false, "characters");
}

static bool keyword_min_items(struct schema_frame *frame, struct json_span argument)
{
	return limit(frame, argument, JSON_ARRAY, true, "elements");
}

static bool keyword_max_items(struct schema_frame *frame, struct json_span argument)
{
	return limit(frame, argument, JSON_ARRAY, false, "elements");
}

static bool keyword_min_properties(struct schema_frame *frame, struct json_span argument)
{
	return limit(frame, argument, JSON_OBJECT, true, "members");
}

static bool keyword_max_properties(struct schema_frame *frame, struct json_span argument)
{
	return limit(frame, argument, JSON_OBJECT, false, "members");
}

/* Patterns */

static bool keyword_pattern(struct schema_frame *frame, struct json_span argument)
{
	struct buf shown = BUF_INIT;

	if (frame->kind != JSON_STRING || json_span_kind(argument) != JSON_STRING ||
	    schema_match(frame, argument, frame->value) != PATTERN_DIFFERS)
		return true;
	schema_show(argument, &shown);
	schema_misfit(frame, "expected a text that matches %s", buf_text(&shown));
	buf_clear(&shown);
	return false;
}

/* Parts */

static bool keyword_required(struct schema_frame *frame, struct json_span argument)
{
	return frame->kind != JSON_OBJECT || schema_require(frame, argument);
}

static bool keyword_unique_items(struct schema_frame *frame, struct json_span argument)
{
	long repeated;

	if (frame->kind != JSON_ARRAY || json_span_kind(argument) != JSON_TRUE)
		return true;
	repeated = json_first_repeated(frame->value);
	return repeated < 0 || schema_misfit(frame, "element %ld is there already", repeated);
}

const struct schema_keyword schema_validation_keywords[] = {
	{"type", keyword_type, SCHEMA_BOTH_DRAFTS, false},
	{"required", keyword_required, SCHEMA_BOTH_DRAFTS, false},
	{"enum", keyword_enum, SCHEMA_BOTH_DRAFTS, false},
	{"const", keyword_const, SCHEMA_BOTH_DRAFTS, false},
	{"minimum", keyword_minimum, SCHEMA_BOTH_DRAFTS, false},
	{"maximum", keyword_maximum, SCHEMA_BOTH_DRAFTS, false},
	{"exclusiveMinimum", keyword_exclusive_minimum, SCHEMA_BOTH_DRAFTS, false},
	{"exclusiveMaximum", keyword_exclusive_maximum, SCHEMA_BOTH_DRAFTS, false},
	{"multipleOf", keyword_multiple_of, SCHEMA_BOTH_DRAFTS, false},
	{"minLength", keyword_min_length, SCHEMA_BOTH_DRAFTS, false},
	{"maxLength", keyword_max_length, SCHEMA_BOTH_DRAFTS, false},
	{"pattern", keyword_pattern, SCHEMA_BOTH_DRAFTS, false},
	{"minItems", keyword_min_items, SCHEMA_BOTH_DRAFTS, false},
	{"maxItems", keyword_max_items, SCHEMA_BOTH_DRAFTS, false},
	{"uniqueItems", keyword_unique_items, SCHEMA_BOTH_DRAFTS, false},
	{"minProperties", keyword_min_properties, SCHEMA_BOTH_DRAFTS, false},
	{"maxProperties", keyword_max_properties, SCHEMA_BOTH_DRAFTS, false},
	{NULL, NULL, SCHEMA_BOTH_DRAFTS, false},
};
