/* SPDX-License-Identifier: MIT */
/*
 * The root of a tool's parameters: one object, without a choice. OpenAI and Anthropic refuse anyOf,
 * oneOf, allOf, enum and not there; the model then sees the properties of all branches.
 */
#include "config.h"

#include <json-c/json_object.h>
#include <json-c/linkhash.h>
#include <string.h>

#include "base/json.h"
#include "model/schema_lowering.h"

static bool names_contain(const struct json_object *names, const char *name)
{
	for (size_t i = 0; names && i < json_object_array_length(names); i++)
		if (strcmp(json_string(json_object_array_get_idx(names, i), NULL), name) == 0)
			return true;
	return false;
}

static void add_names(struct json_object *into, const struct json_object *from)
{
	struct json_object *names = json_member_array(from, "required");
	struct json_object *own = json_member_array(into, "required");

	if (!names)
		return;
	if (!own) {
		own = json_object_new_array();
		json_object_object_add(into, "required", own);
	}
	for (size_t i = 0; i < json_object_array_length(names); i++) {
		struct json_object *name = json_object_array_get_idx(names, i);

		if (!names_contain(own, json_string(name, NULL)))
			json_object_array_add(own, json_object_get(name));
	}
}

/* enum, or const as one. New reference or NULL. */
static struct json_object *values_of(const struct json_object *schema)
{
	struct json_object *values = json_member_array(schema, "enum"), *constant;

	if (values)
		return json_object_get(values);
	if (!json_object_object_get_ex(schema, "const", &constant))
		return NULL;
	values = json_object_new_array();
	json_object_array_add(values, json_object_get(constant));
	return values;
}

static void add_different(struct json_object *list, struct json_object *value)
{
	for (size_t i = 0; i < json_object_array_length(list); i++)
		if (json_object_equal(json_object_array_get_idx(list, i), value))
			return;
	json_object_array_add(list, json_object_get(value));
}

static void add_branches(struct json_object *list, struct json_object *schema)
{
	struct json_object *branches = json_member_array(schema, "anyOf");

	if (!branches || json_object_object_length(schema) > 1) {
		add_different(list, schema);
		return;
	}
	for (size_t i = 0; i < json_object_array_length(branches); i++)
		add_different(list, json_object_array_get_idx(branches, i));
}

static struct json_object *unite_values(struct json_object *a, struct json_object *b)
{
	struct json_object *values_a = values_of(a), *values_b = values_of(b), *united = NULL;

	if (values_a && values_b &&
	    json_object_equal(json_member(a, "type"), json_member(b, "type"))) {
		struct json_object *values = json_object_new_array();

		united = json_object_new_object();
		for (size_t i = 0; i < json_object_array_length(values_a); i++)
			add_different(values, json_object_array_get_idx(values_a, i));
		for (size_t i = 0; i < json_object_array_length(values_b); i++)
			add_different(values, json_object_array_get_idx(values_b, i));
		json_object_object_add(united, "enum", values);
		schema_merge(united, a);
		json_object_object_del(united, "const");
	}
	json_put(&values_a);
	json_put(&values_b);
	return united;
}

struct json_object *schema_either(struct json_object *a, struct json_object *b)
{
	struct json_object *either, *branches;

	if (json_object_equal(a, b))
		return json_object_get(a);
	either = unite_values(a, b);
	if (either)
		return either;
	either = json_object_new_object();
	branches = json_object_new_array();
	add_branches(branches, a);
	add_branches(branches, b);
	json_object_object_add(either, "anyOf", branches);
	return either;
}

void schema_merge(struct json_object *into, const struct json_object *from)
{
	struct json_object *own = json_member_object(into, "properties");
	struct json_object *others = json_member_object(from, "properties");

	add_names(into, from);
	if (own && others) {
		json_object_object_foreach(others, property, schema)
		{
			if (!json_object_object_get_ex(own, property, NULL))
				json_object_object_add(own, property, json_object_get(schema));
		}
	}
	json_object_object_foreach((struct json_object *)from, key, value)
	{
		if (!json_object_object_get_ex(into, key, NULL))
			json_object_object_add(into, key, json_object_get(value));
	}
}

/* The properties of a branch that need not be chosen. */
static void add_optional(struct json_object *properties, const struct json_object *branch)
{
	struct json_object *others = json_member_object(branch, "properties");

	if (!others)
		return;
	json_object_object_foreach(others, name, schema)
	{
		struct json_object *own = json_member(properties, name);

		json_object_object_add(properties, name,
				       own ? schema_either(own, schema) : json_object_get(schema));
	}
}

/* Names that every branch requires are required. */
static void add_required_by_all(struct json_object *schema, const struct json_object *branches)
{
	const struct json_object *first = json_object_array_get_idx(branches, 0);
	struct json_object *names = json_member_array(first, "required");
	struct json_object *every = json_object_new_object();
	struct json_object *kept = json_object_new_array();

	for (size_t i = 0; names && i < json_object_array_length(names); i++) {
		struct json_object *name = json_object_array_get_idx(names, i);
		bool all = true;

		for (size_t b = 1; all && b < json_object_array_length(branches); b++)
			all = names_contain(
				json_member_array(json_object_array_get_idx(branches, b),
						  "required"),
				json_string(name, NULL));
		if (all)
			json_object_array_add(kept, json_object_get(name));
	}
	json_object_object_add(every, "required", kept);
	add_names(schema, every);
	json_put(&every);
}

static void flatten(struct schema_lowering *lowering, struct json_object *schema,
		    struct json_object *properties, const char *keyword)
{
	struct json_object *branches = json_member_array(schema, keyword);
	bool all = strcmp(keyword, "allOf") == 0;

	if (!branches)
		return;
	schema_note(lowering, keyword, !all, "the properties of all branches are at the root");
	for (size_t i = 0; i < json_object_array_length(branches); i++) {
		const struct json_object *branch = json_object_array_get_idx(branches, i);

		if (all)
			schema_merge(schema, branch);
		else
			add_optional(properties, branch);
	}
	if (!all)
		add_required_by_all(schema, branches);
	json_object_object_del(schema, keyword);
}

/* The first keyword that is none of type, properties and required; or NULL. */
static const char *first_beside_core(const struct json_object *schema)
{
	json_object_object_foreach((struct json_object *)schema, key, value)
	{
		(void)value;
		if (strcmp(key, "type") != 0 && strcmp(key, "properties") != 0 &&
		    strcmp(key, "required") != 0)
			return key;
	}
	return NULL;
}

static void keep_core(struct schema_lowering *lowering, struct json_object *schema)
{
	const char *key;

	while ((key = first_beside_core(schema)) != NULL) {
		bool missed = strcmp(key, "title") != 0 && strcmp(key, "additionalProperties") != 0;

		schema_note(lowering, key, missed, "is left out at the root");
		json_object_object_del(schema, key);
	}
}

void schema_finish_root(struct schema_lowering *lowering, struct json_object *schema)
{
	static const char *const choices[] = {"allOf", "anyOf", "oneOf"};
	static const char *const refused[] = {"enum", "const", "not", "if", "then", "else"};
	const char *type = json_member_string(schema, "type");
	struct json_object *properties = json_member_object(schema, "properties");

	if (!type || strcmp(type, "object") != 0) {
		schema_note(lowering, "type", false, "is \"object\"");
		json_object_object_add(schema, "type", json_object_new_string("object"));
	}
	if (!properties) {
		properties = json_object_new_object();
		json_object_object_add(schema, "properties", properties);
	}
	for (size_t i = 0; i < sizeof(choices) / sizeof(choices[0]); i++)
		flatten(lowering, schema, properties, choices[i]);
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		if (!json_object_object_get_ex(schema, refused[i], NULL))
			continue;
		schema_note(lowering, refused[i], true, "is left out at the root");
		json_object_object_del(schema, refused[i]);
	}
	if (lowering->rules & SCHEMA_RULE_CORE)
		keep_core(lowering, schema);
}
