/* SPDX-License-Identifier: MIT */
/*
 * The subset that Gemini takes: one type, "nullable" instead of null, anyOf alone, enums of
 * strings. A keyword outside of it goes into the description, where the model can read it.
 */
#include "config.h"

#include <json-c/json_object.h>
#include <json-c/linkhash.h>
#include <string.h>

#include "base/json.h"
#include "model/schema_lowering.h"

static bool is_one_of(const char *word, const char *const words[])
{
	for (; *words; words++)
		if (strcmp(word, *words) == 0)
			return true;
	return false;
}

/* Keywords that stay. */
static const char *const taken[] = {"type",    "description", "nullable",  "enum",	"format",
				    "items",   "properties",  "required",  "minItems",	"maxItems",
				    "minimum", "maximum",     "minLength", "maxLength", "pattern",
				    "anyOf",   NULL};
/* Keywords that the model does not miss. */
static const char *const missed_by_nobody[] = {"title",
					       "examples",
					       "deprecated",
					       "readOnly",
					       "writeOnly",
					       "id",
					       "example",
					       "additionalProperties",
					       "unevaluatedProperties",
					       "$vocabulary",
					       "discriminator",
					       NULL};

static struct json_object *new_list_of(struct json_object *value)
{
	struct json_object *list = json_object_new_array();

	json_object_array_add(list, json_object_get(value));
	return list;
}

static void rename_member(struct json_object *schema, const char *from, const char *to)
{
	struct json_object *value = json_object_get(json_member(schema, from));

	json_object_object_del(schema, from);
	json_object_object_add(schema, to, value);
}

static bool is_null_type(const struct json_object *type)
{
	const char *name = json_string(type, NULL);

	return name && strcmp(name, "null") == 0;
}

static void make_nullable(struct json_object *schema)
{
	json_object_object_add(schema, "nullable", json_object_new_boolean(1));
}

/* allOf, oneOf and const, in the words that are taken. */
static void unify_choices(struct schema_lowering *lowering, struct json_object *schema)
{
	struct json_object *all = json_object_get(json_member_array(schema, "allOf"));
	struct json_object *constant;

	if (all) {
		schema_note(lowering, "allOf", false, "its branches are merged");
		json_object_object_del(schema, "allOf");
		for (size_t i = 0; i < json_object_array_length(all); i++)
			schema_merge(schema, json_object_array_get_idx(all, i));
		json_put(&all);
	}
	if (json_member_array(schema, "oneOf") && !json_member_array(schema, "anyOf")) {
		schema_note(lowering, "oneOf", false, "is \"anyOf\"");
		rename_member(schema, "oneOf", "anyOf");
	}
	if (json_object_object_get_ex(schema, "const", &constant)) {
		schema_note(lowering, "const", false, "is an \"enum\" of one");
		json_object_object_add(schema, "enum", new_list_of(constant));
		json_object_object_del(schema, "const");
	}
}

/* What a branch of one type takes over of a schema of several. */
static const struct {
	const char *keyword, *type;
} type_keywords[] = {
	{"items", "array"},	 {"prefixItems", "array"}, {"minItems", "array"},
	{"maxItems", "array"},	 {"properties", "object"}, {"required", "object"},
	{"minLength", "string"}, {"maxLength", "string"},  {"pattern", "string"},
	{"format", "string"},	 {"minimum", "number"},	   {"maximum", "number"},
	{"minimum", "integer"},	 {"maximum", "integer"},
};

static struct json_object *branch_of(const struct json_object *schema, struct json_object *type)
{
	struct json_object *branch = json_object_new_object();
	const char *name = json_string(type, NULL);

	json_object_object_add(branch, "type", json_object_get(type));
	for (size_t i = 0; i < sizeof(type_keywords) / sizeof(type_keywords[0]); i++) {
		struct json_object *value = json_member(schema, type_keywords[i].keyword);

		if (value && strcmp(type_keywords[i].type, name) == 0)
			json_object_object_add(branch, type_keywords[i].keyword,
					       json_object_get(value));
	}
	if (strcmp(name, "array") == 0 && !json_member(branch, "items"))
		json_object_object_add(branch, "items", json_object_new_object());
	return branch;
}

/* "type": [ … ] becomes one type, or anyOf with a branch for each. */
static void split_types(struct schema_lowering *lowering, struct json_object *schema)
{
	struct json_object *types = json_object_get(json_member_array(schema, "type"));
	struct json_object *branches;

	if (!types)
		return;
	branches = json_object_new_array();
	for (size_t i = 0; i < json_object_array_length(types); i++) {
		struct json_object *type = json_object_array_get_idx(types, i), *branch;

		if (is_null_type(type)) {
			make_nullable(schema);
			continue;
		}
		branch = branch_of(schema, type);
		schema_make_plain(lowering, branch, false);
		json_object_array_add(branches, branch);
	}
	schema_note(lowering, "type", false, "is one type%s",
		    json_object_array_length(branches) > 1 ? " in each branch of \"anyOf\""
							   : " and \"nullable\"");
	json_object_object_del(schema, "type");
	if (json_object_array_length(branches) > 1 && !json_member(schema, "anyOf")) {
		for (size_t i = 0; i < sizeof(type_keywords) / sizeof(type_keywords[0]); i++)
			json_object_object_del(schema, type_keywords[i].keyword);
		json_object_object_add(schema, "anyOf", json_object_get(branches));
	} else if (json_object_array_length(branches) > 0) {
		schema_merge(schema, json_object_array_get_idx(branches, 0));
	}
	json_put(&branches);
	json_put(&types);
}

static struct json_object *branches_without_null(struct json_object *schema)
{
	struct json_object *listed = json_member_array(schema, "anyOf");
	struct json_object *kept = json_object_new_array();

	for (size_t i = 0; i < json_object_array_length(listed); i++) {
		struct json_object *branch = json_object_array_get_idx(listed, i);

		if (is_null_type(json_member(branch, "type")))
			make_nullable(schema);
		else
			json_object_array_add(kept, json_object_get(branch));
	}
	return kept;
}

/* anyOf stands alone: what was beside it is in every branch. */
static void isolate_any_of(struct schema_lowering *lowering, struct json_object *schema)
{
	struct json_object *branches, *beside;

	if (!json_member_array(schema, "anyOf"))
		return;
	branches = branches_without_null(schema);
	json_object_object_del(schema, "anyOf");
	if (json_object_array_length(branches) == 1) {
		schema_note(lowering, "anyOf", false, "of one branch and null is \"nullable\"");
		schema_merge(schema, json_object_array_get_idx(branches, 0));
	} else if (json_object_array_length(branches) > 1) {
		beside = json_object_new_object();
		schema_merge(beside, schema);
		if (json_object_object_length(beside) > 0)
			schema_note(lowering, "anyOf", false,
				    "what is beside it went into its branches");
		json_object_object_foreach(beside, key, value)
		{
			(void)value;
			json_object_object_del(schema, key);
		}
		for (size_t i = 0; i < json_object_array_length(branches); i++)
			schema_merge(json_object_array_get_idx(branches, i), beside);
		json_object_object_add(schema, "anyOf", json_object_get(branches));
		json_put(&beside);
	}
	json_put(&branches);
}

/* prefixItems: each item is any of them. */
static void loosen_tuple(struct schema_lowering *lowering, struct json_object *schema)
{
	struct json_object *list = json_member_array(schema, "prefixItems"), *items;

	if (!list)
		return;
	schema_note(lowering, "prefixItems", true, "each item may be any of them");
	items = json_object_get(json_object_array_get_idx(list, 0));
	for (size_t i = 1; i < json_object_array_length(list); i++) {
		struct json_object *wider =
			schema_either(items, json_object_array_get_idx(list, i));

		json_put(&items);
		items = wider;
	}
	json_object_object_add(schema, "items", items);
	json_object_object_del(schema, "prefixItems");
}

static bool are_strings(const struct json_object *list)
{
	for (size_t i = 0; i < json_object_array_length(list); i++)
		if (!json_is_string(json_object_array_get_idx(list, i)))
			return false;
	return true;
}

/* Enums of strings stay; others are said, so that a number stays a number. */
static void fit_enum(struct schema_lowering *lowering, struct json_object *schema)
{
	struct json_object *values = json_member_array(schema, "enum");
	struct json_object *kept;

	if (!values)
		return;
	kept = json_object_new_array();
	for (size_t i = 0; i < json_object_array_length(values); i++) {
		struct json_object *value = json_object_array_get_idx(values, i);

		if (value)
			json_object_array_add(kept, json_object_get(value));
		else
			make_nullable(schema);
	}
	json_object_object_add(schema, "enum", kept);
	if (json_object_array_length(kept) == 0)
		json_object_object_del(schema, "enum");
	else if (!are_strings(kept))
		schema_into_description(lowering, schema, "enum");
	else if (!json_member(schema, "type"))
		json_object_object_add(schema, "type", json_object_new_string("string"));
}

static void fit_format(struct schema_lowering *lowering, struct json_object *schema)
{
	static const char *const formats[] = {"enum",  "date-time", "float", "double",
					      "int32", "int64",	    NULL};
	const char *format = json_member_string(schema, "format");

	if (format && !is_one_of(format, formats))
		schema_into_description(lowering, schema, "format");
}

/* A nested object without properties, properties of what is no object, items of nothing. */
static void fit_type(struct schema_lowering *lowering, struct json_object *schema, bool root)
{
	struct json_object *properties = json_member_object(schema, "properties");
	const char *type = json_member_string(schema, "type");

	if (properties && !type && !json_member(schema, "anyOf")) {
		type = "object";
		json_object_object_add(schema, "type", json_object_new_string(type));
	}
	if (properties && !root &&
	    (json_object_object_length(properties) == 0 || !type || strcmp(type, "object") != 0)) {
		schema_note(lowering, "properties", false, "is left out: there are none");
		json_object_object_del(schema, "properties");
	}
	if (!json_member_object(schema, "properties"))
		json_object_object_del(schema, "required");
	if (type && strcmp(type, "array") == 0) {
		struct json_object *items = json_member_object(schema, "items");

		if (items && (json_member(items, "type") || json_member(items, "anyOf")))
			return;
		schema_note(lowering, "items", true, "of any type are taken for strings");
		items = json_object_new_object();
		json_object_object_add(items, "type", json_object_new_string("string"));
		json_object_object_add(schema, "items", items);
	} else if (json_member(schema, "items")) {
		json_object_object_del(schema, "items");
	}
}

/* The first keyword that cannot stay, or NULL. */
static const char *first_refused(const struct json_object *schema)
{
	json_object_object_foreach((struct json_object *)schema, key, value)
	{
		(void)value;
		if (!is_one_of(key, taken))
			return key;
	}
	return NULL;
}

static void drop_refused(struct schema_lowering *lowering, struct json_object *schema)
{
	const char *refused;

	while ((refused = first_refused(schema)) != NULL) {
		char keyword[64];
		size_t len = strlen(refused);

		if (len < sizeof(keyword) && !is_one_of(refused, missed_by_nobody)) {
			memcpy(keyword, refused, len + 1);
			schema_into_description(lowering, schema, keyword);
			continue;
		}
		schema_note(lowering, refused, false, "is left out");
		json_object_object_del(schema, refused);
	}
}

void schema_make_plain(struct schema_lowering *lowering, struct json_object *schema, bool root)
{
	unify_choices(lowering, schema);
	loosen_tuple(lowering, schema);
	split_types(lowering, schema);
	fit_enum(lowering, schema);
	fit_format(lowering, schema);
	fit_type(lowering, schema, root);
	drop_refused(lowering, schema);
	if (!root)
		isolate_any_of(lowering, schema);
}
