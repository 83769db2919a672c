/* SPDX-License-Identifier: MIT */
/*
 * The keywords that apply other schemas to the value or its parts (JSON Schema 2020-12, core 10 and
 * 11; draft 7).
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/json_schema_check.h"
#include "base/mem.h"

static const struct json_span no_key = {NULL, 0};

/* Objects */

static bool keyword_properties(struct schema_frame *frame, struct json_span argument)
{
	struct json_span key = {NULL, 0}, value = {NULL, 0};

	if (frame->kind != JSON_OBJECT)
		return true;
	for (size_t i = 0; json_span_next_member(frame->value, &key, &value); i++) {
		struct json_span schema = schema_member_by_key(argument, key);

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
			if (schema_match(frame, pattern, key) != PATTERN_MATCHES)
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

	if (schema_member_by_key(json_span_member(frame->schema, "properties"), key).at)
		return true;
	while (json_span_kind(patterns) == JSON_OBJECT &&
	       json_span_next_member(patterns, &pattern, &schema))
		if (schema_match(frame, pattern, key) != PATTERN_DIFFERS)
			return true;
	return false;
}

static bool apply_to_rest(struct schema_frame *frame, struct json_span schema, struct json_span key,
			  struct json_span value)
{
	struct buf shown = BUF_INIT;

	if (json_span_kind(schema) != JSON_FALSE)
		return schema_apply_at(frame, schema, value, key, 0);
	schema_show(key, &shown);
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
		if (!schema_member_by_key(frame->value, key).at)
			continue;
		if (json_span_kind(needs) == JSON_ARRAY ? !schema_require(frame, needs)
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

const struct schema_keyword schema_applicator_keywords[] = {
	{"properties", keyword_properties, SCHEMA_BOTH_DRAFTS, false},
	{"items", keyword_items, SCHEMA_BOTH_DRAFTS, false},
	{"additionalProperties", keyword_additional_properties, SCHEMA_BOTH_DRAFTS, false},
	{"patternProperties", keyword_pattern_properties, SCHEMA_BOTH_DRAFTS, false},
	{"propertyNames", keyword_property_names, SCHEMA_BOTH_DRAFTS, false},
	{"contains", keyword_contains, SCHEMA_BOTH_DRAFTS, false},
	{"prefixItems", keyword_prefix_items, SCHEMA_NEW_DRAFT, false},
	{"additionalItems", keyword_additional_items, SCHEMA_BOTH_DRAFTS, false},
	{"dependentRequired", keyword_dependencies, SCHEMA_NEW_DRAFT, false},
	{"dependentSchemas", keyword_dependencies, SCHEMA_NEW_DRAFT, false},
	{"dependencies", keyword_dependencies, SCHEMA_BOTH_DRAFTS, false},
	{"allOf", keyword_all_of, SCHEMA_BOTH_DRAFTS, false},
	{"anyOf", keyword_any_of, SCHEMA_BOTH_DRAFTS, false},
	{"oneOf", keyword_one_of, SCHEMA_BOTH_DRAFTS, false},
	{"not", keyword_not, SCHEMA_BOTH_DRAFTS, false},
	{"if", keyword_if, SCHEMA_BOTH_DRAFTS, false},
	{"$ref", keyword_ref, SCHEMA_BOTH_DRAFTS, false},
	{"$dynamicRef", keyword_dynamic_ref, SCHEMA_NEW_DRAFT, false},
	{"unevaluatedItems", keyword_unevaluated_items, SCHEMA_NEW_DRAFT, true},
	{"unevaluatedProperties", keyword_unevaluated_properties, SCHEMA_NEW_DRAFT, true},
	{NULL, NULL, SCHEMA_BOTH_DRAFTS, false},
};
