/* SPDX-License-Identifier: MIT */
/*
 * Each keyword in a function (JSON Schema 2020-12 core 10 and 11, validation 6; draft 7). A keyword
 * says nothing about values of other types than its own.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/json_equal.h"
#include "base/json_number.h"
#include "base/json_schema_check.h"
#include "base/mem.h"
#include "base/sanitize.h"

#define SHOWN_MAX_BYTES 60

static const struct json_span no_key = {NULL, 0};

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

static void show(struct json_span value, struct buf *out)
{
	sanitize_line(value.at, value.len, SHOWN_MAX_BYTES, out);
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
		show(item, &shown);
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

	show(argument, &shown);
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

/* Compiled once for each place in the schema. */
static const struct json_pattern *pattern_at(struct json_schema *schema, struct json_span text)
{
	struct buf pattern = BUF_INIT;

	for (size_t i = 0; i < schema->patterns; i++)
		if (schema->pattern[i].at == text.at)
			return schema->pattern[i].compiled;
	(void)!json_span_unescape(text, &pattern);
	schema->pattern =
		mem_resize_array(schema->pattern, schema->patterns + 1, sizeof(*schema->pattern));
	schema->pattern[schema->patterns] =
		(struct schema_pattern){text.at, json_pattern_new(buf_text(&pattern), pattern.len)};
	buf_clear(&pattern);
	if (!schema->pattern[schema->patterns].compiled)
		schema_warn(schema, "the pattern %.100s is not judged", text.at);
	return schema->pattern[schema->patterns++].compiled;
}

static enum json_pattern_verdict match(struct schema_frame *frame, struct json_span pattern_text,
				       struct json_span string)
{
	const struct json_pattern *pattern = pattern_at(frame->run->schema, pattern_text);
	enum json_pattern_verdict verdict = PATTERN_UNJUDGED;
	struct buf text = BUF_INIT;

	if (pattern && json_span_unescape(string, &text) == 0)
		verdict = json_pattern_match(pattern, buf_text(&text), text.len);
	if (pattern && verdict == PATTERN_UNJUDGED)
		schema_warn(frame->run->schema, "a pattern is too costly to be judged");
	buf_clear(&text);
	return verdict;
}

static bool keyword_pattern(struct schema_frame *frame, struct json_span argument)
{
	struct buf shown = BUF_INIT;

	if (frame->kind != JSON_STRING || json_span_kind(argument) != JSON_STRING ||
	    match(frame, argument, frame->value) != PATTERN_DIFFERS)
		return true;
	show(argument, &shown);
	schema_misfit(frame, "expected a text that matches %s", buf_text(&shown));
	buf_clear(&shown);
	return false;
}

/* Objects */

static struct json_span member_by_key(struct json_span object, struct json_span key)
{
	struct buf name = BUF_INIT;
	struct json_span found = {NULL, 0};

	if (json_span_unescape(key, &name) == 0)
		found = json_span_member(object, buf_text(&name));
	buf_clear(&name);
	return found;
}

static bool require(struct schema_frame *frame, struct json_span list)
{
	struct json_span item = {NULL, 0};

	while (json_span_kind(list) == JSON_ARRAY && json_span_next(list, &item)) {
		struct buf shown = BUF_INIT;
		bool missing = !member_by_key(frame->value, item).at;

		show(item, &shown);
		if (missing)
			schema_misfit(frame, "%s is missing", buf_text(&shown));
		buf_clear(&shown);
		if (missing)
			return false;
	}
	return true;
}

static bool keyword_required(struct schema_frame *frame, struct json_span argument)
{
	return frame->kind != JSON_OBJECT || require(frame, argument);
}

static bool keyword_properties(struct schema_frame *frame, struct json_span argument)
{
	struct json_span key = {NULL, 0}, value = {NULL, 0};

	if (frame->kind != JSON_OBJECT)
		return true;
	for (size_t i = 0; json_span_next_member(frame->value, &key, &value); i++) {
		struct json_span schema = member_by_key(argument, key);

		if (!schema.at)
			continue;
		schema_mark(frame, i);
		if (!schema_apply_at(frame, schema, value, key, 0))
			return false;
	}
	return true;
}

static bool keyword_pattern_properties(struct schema_frame *frame, struct json_span argument)
{
	struct json_span key = {NULL, 0}, value = {NULL, 0};

	if (frame->kind != JSON_OBJECT)
		return true;
	for (size_t i = 0; json_span_next_member(frame->value, &key, &value); i++) {
		struct json_span pattern = {NULL, 0}, schema = {NULL, 0};

		while (json_span_next_member(argument, &pattern, &schema)) {
			if (match(frame, pattern, key) != PATTERN_MATCHES)
				continue;
			schema_mark(frame, i);
			if (!schema_apply_at(frame, schema, value, key, 0))
				return false;
		}
	}
	return true;
}

static bool is_named(struct schema_frame *frame, struct json_span key)
{
	struct json_span patterns = json_span_member(frame->schema, "patternProperties");
	struct json_span pattern = {NULL, 0}, schema = {NULL, 0};

	if (member_by_key(json_span_member(frame->schema, "properties"), key).at)
		return true;
	while (json_span_kind(patterns) == JSON_OBJECT &&
	       json_span_next_member(patterns, &pattern, &schema))
		if (match(frame, pattern, key) != PATTERN_DIFFERS)
			return true;
	return false;
}

static bool apply_to_rest(struct schema_frame *frame, struct json_span schema, struct json_span key,
			  struct json_span value)
{
	struct buf shown = BUF_INIT;

	if (json_span_kind(schema) != JSON_FALSE)
		return schema_apply_at(frame, schema, value, key, 0);
	show(key, &shown);
	schema_misfit(frame, "%s is not allowed", buf_text(&shown));
	buf_clear(&shown);
	return false;
}

static bool keyword_additional_properties(struct schema_frame *frame, struct json_span argument)
{
	struct json_span key = {NULL, 0}, value = {NULL, 0};

	if (frame->kind != JSON_OBJECT)
		return true;
	for (size_t i = 0; json_span_next_member(frame->value, &key, &value); i++) {
		if (is_named(frame, key))
			continue;
		schema_mark(frame, i);
		if (!apply_to_rest(frame, argument, key, value))
			return false;
	}
	return true;
}

static bool keyword_unevaluated_properties(struct schema_frame *frame, struct json_span argument)
{
	struct json_span key = {NULL, 0}, value = {NULL, 0};

	if (frame->kind != JSON_OBJECT || !frame->marks)
		return true;
	for (size_t i = 0; json_span_next_member(frame->value, &key, &value); i++) {
		if (frame->marks->seen[i])
			continue;
		schema_mark(frame, i);
		if (!apply_to_rest(frame, argument, key, value))
			return false;
	}
	return true;
}

static bool keyword_property_names(struct schema_frame *frame, struct json_span argument)
{
	struct json_span key = {NULL, 0}, value = {NULL, 0};

	if (frame->kind != JSON_OBJECT)
		return true;
	while (json_span_next_member(frame->value, &key, &value))
		if (!schema_apply_at(frame, argument, key, key, 0))
			return false;
	return true;
}

/* dependentRequired, dependentSchemas, and draft 7's dependencies, which is both. */
static bool keyword_dependencies(struct schema_frame *frame, struct json_span argument)
{
	struct json_span key = {NULL, 0}, needs = {NULL, 0};

	if (frame->kind != JSON_OBJECT)
		return true;
	while (json_span_next_member(argument, &key, &needs)) {
		if (!member_by_key(frame->value, key).at)
			continue;
		if (json_span_kind(needs) == JSON_ARRAY ? !require(frame, needs)
							: !schema_apply_here(frame, needs))
			return false;
	}
	return true;
}

/* Arrays */

/* schemas for the first elements, one for each */
static bool apply_in_order(struct schema_frame *frame, struct json_span schemas)
{
	struct json_span schema = {NULL, 0}, item = {NULL, 0};

	for (long i = 0; json_span_next(schemas, &schema) && json_span_next(frame->value, &item);
	     i++) {
		schema_mark(frame, (size_t)i);
		if (!schema_apply_at(frame, schema, item, no_key, i))
			return false;
	}
	return true;
}

static bool apply_from(struct schema_frame *frame, struct json_span schema, long first)
{
	struct json_span item = {NULL, 0};

	for (long i = 0; json_span_next(frame->value, &item); i++) {
		if (i < first)
			continue;
		schema_mark(frame, (size_t)i);
		if (!schema_apply_at(frame, schema, item, no_key, i))
			return false;
	}
	return true;
}

static long length_of(struct json_span array)
{
	struct json_span item = {NULL, 0};
	long length = 0;

	while (json_span_kind(array) == JSON_ARRAY && json_span_next(array, &item))
		length++;
	return length;
}

static bool keyword_prefix_items(struct schema_frame *frame, struct json_span argument)
{
	return frame->kind != JSON_ARRAY || json_span_kind(argument) != JSON_ARRAY ||
	       apply_in_order(frame, argument);
}

static bool keyword_items(struct schema_frame *frame, struct json_span argument)
{
	if (frame->kind != JSON_ARRAY)
		return true;
	if (json_span_kind(argument) == JSON_ARRAY) /* before 2020-12 */
		return apply_in_order(frame, argument);
	return apply_from(frame, argument,
			  length_of(json_span_member(frame->schema, "prefixItems")));
}

static bool keyword_additional_items(struct schema_frame *frame, struct json_span argument)
{
	struct json_span items = json_span_member(frame->schema, "items");

	return frame->kind != JSON_ARRAY || json_span_kind(items) != JSON_ARRAY ||
	       apply_from(frame, argument, length_of(items));
}

static bool keyword_unevaluated_items(struct schema_frame *frame, struct json_span argument)
{
	struct json_span item = {NULL, 0};

	if (frame->kind != JSON_ARRAY || !frame->marks)
		return true;
	for (long i = 0; json_span_next(frame->value, &item); i++) {
		if (frame->marks->seen[i])
			continue;
		schema_mark(frame, (size_t)i);
		if (!schema_apply_at(frame, argument, item, no_key, i))
			return false;
	}
	return true;
}

static double number_or(struct json_span span, double fallback)
{
	return json_span_kind(span) == JSON_NUMBER ? strtod(span.at, NULL) : fallback;
}

static bool keyword_contains(struct schema_frame *frame, struct json_span argument)
{
	const bool draft7 = frame->run->schema->draft7;
	double least = draft7 ? 1 : number_or(json_span_member(frame->schema, "minContains"), 1);
	double most = draft7 ? -1 : number_or(json_span_member(frame->schema, "maxContains"), -1);
	struct json_span item = {NULL, 0};
	double found = 0;

	if (frame->kind != JSON_ARRAY)
		return true;
	for (long i = 0; json_span_next(frame->value, &item); i++) {
		frame->run->quiet++;
		if (schema_apply_at(frame, argument, item, no_key, i)) {
			schema_mark(frame, (size_t)i);
			found++;
		}
		frame->run->quiet--;
	}
	if (found < least)
		return schema_misfit(frame, "expected at least %.0f elements of a certain form",
				     least);
	return most < 0 || found <= most ||
	       schema_misfit(frame, "expected at most %.0f elements of a certain form", most);
}

static bool keyword_unique_items(struct schema_frame *frame, struct json_span argument)
{
	long repeated;

	if (frame->kind != JSON_ARRAY || json_span_kind(argument) != JSON_TRUE)
		return true;
	repeated = json_first_repeated(frame->value);
	return repeated < 0 || schema_misfit(frame, "element %ld is there already", repeated);
}

/* Combinations */

static bool keyword_all_of(struct schema_frame *frame, struct json_span argument)
{
	struct json_span schema = {NULL, 0};

	while (json_span_kind(argument) == JSON_ARRAY && json_span_next(argument, &schema))
		if (!schema_apply_here(frame, schema))
			return false;
	return true;
}

static unsigned count_fitting(struct schema_frame *frame, struct json_span list)
{
	struct json_span schema = {NULL, 0};
	unsigned fitting = 0;

	/* All are tried: each that fits may have looked at other parts. */
	while (json_span_kind(list) == JSON_ARRAY && json_span_next(list, &schema))
		fitting += schema_try_here(frame, schema);
	return fitting;
}

static bool keyword_any_of(struct schema_frame *frame, struct json_span argument)
{
	return count_fitting(frame, argument) > 0 ||
	       schema_misfit(frame, "expected one of the forms of \"anyOf\", it fits none");
}

static bool keyword_one_of(struct schema_frame *frame, struct json_span argument)
{
	unsigned fitting = count_fitting(frame, argument);

	return fitting == 1 ||
	       schema_misfit(frame, "expected exactly one of the forms of \"oneOf\", it fits %u",
			     fitting);
}

static bool keyword_not(struct schema_frame *frame, struct json_span argument)
{
	struct schema_frame inner = *frame;
	bool fits;

	/* What a `not` looked at never counts. */
	inner.marks = NULL;
	if (frame->marks) {
		struct schema_marks marks = {mem_new_array(frame->marks->count + 1, sizeof(bool)),
					     frame->marks->count};

		inner.marks = &marks;
		fits = schema_try_here(&inner, argument);
		free(marks.seen);
	} else {
		fits = schema_try_here(&inner, argument);
	}
	return !fits || schema_misfit(frame, "it has a form that is not allowed");
}

static bool keyword_if(struct schema_frame *frame, struct json_span argument)
{
	const char *branch = schema_try_here(frame, argument) ? "then" : "else";
	struct json_span schema = json_span_member(frame->schema, branch);

	return !schema.at || schema_apply_here(frame, schema);
}

static bool keyword_ref(struct schema_frame *frame, struct json_span argument)
{
	return schema_apply_reference(frame, argument, false);
}

static bool keyword_dynamic_ref(struct schema_frame *frame, struct json_span argument)
{
	return schema_apply_reference(frame, argument, true);
}

enum { BOTH, NEW, OLD };

static const struct {
	const char *name;
	schema_keyword_fn *apply;
	int drafts;
	bool late; /* after what the others have looked at */
} keywords[] = {
	{"type", keyword_type, BOTH, false},
	{"properties", keyword_properties, BOTH, false},
	{"required", keyword_required, BOTH, false},
	{"items", keyword_items, BOTH, false},
	{"enum", keyword_enum, BOTH, false},
	{"const", keyword_const, BOTH, false},
	{"additionalProperties", keyword_additional_properties, BOTH, false},
	{"minimum", keyword_minimum, BOTH, false},
	{"maximum", keyword_maximum, BOTH, false},
	{"exclusiveMinimum", keyword_exclusive_minimum, BOTH, false},
	{"exclusiveMaximum", keyword_exclusive_maximum, BOTH, false},
	{"multipleOf", keyword_multiple_of, BOTH, false},
	{"minLength", keyword_min_length, BOTH, false},
	{"maxLength", keyword_max_length, BOTH, false},
	{"pattern", keyword_pattern, BOTH, false},
	{"minItems", keyword_min_items, BOTH, false},
	{"maxItems", keyword_max_items, BOTH, false},
	{"uniqueItems", keyword_unique_items, BOTH, false},
	{"minProperties", keyword_min_properties, BOTH, false},
	{"maxProperties", keyword_max_properties, BOTH, false},
	{"patternProperties", keyword_pattern_properties, BOTH, false},
	{"propertyNames", keyword_property_names, BOTH, false},
	{"contains", keyword_contains, BOTH, false},
	{"prefixItems", keyword_prefix_items, NEW, false},
	{"additionalItems", keyword_additional_items, BOTH, false},
	{"dependentRequired", keyword_dependencies, NEW, false},
	{"dependentSchemas", keyword_dependencies, NEW, false},
	{"dependencies", keyword_dependencies, BOTH, false},
	{"allOf", keyword_all_of, BOTH, false},
	{"anyOf", keyword_any_of, BOTH, false},
	{"oneOf", keyword_one_of, BOTH, false},
	{"not", keyword_not, BOTH, false},
	{"if", keyword_if, BOTH, false},
	{"$ref", keyword_ref, BOTH, false},
	{"$dynamicRef", keyword_dynamic_ref, NEW, false},
	{"unevaluatedItems", keyword_unevaluated_items, NEW, true},
	{"unevaluatedProperties", keyword_unevaluated_properties, NEW, true},
};

schema_keyword_fn *schema_keyword(struct json_span name, bool draft7, bool late)
{
	for (size_t i = 0; i < sizeof(keywords) / sizeof(keywords[0]); i++)
		if (keywords[i].late == late && json_span_equals(name, keywords[i].name))
			return keywords[i].drafts == (draft7 ? NEW : OLD) ? NULL
									  : keywords[i].apply;
	return NULL;
}
