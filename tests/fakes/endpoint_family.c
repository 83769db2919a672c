/* SPDX-License-Identifier: MIT */
/* One walk over each tool's schema; a schema is at most as deep as the body's JSON may be. */
#include "config.h"

#include "endpoint_family.h"

#include <json-c/json_object.h>
#include <json-c/linkhash.h>
#include <stdbool.h>
#include <string.h>

#include "base/json.h"

#define TOOLS_TAKEN 128

struct check {
	bool names, core, google;
	const char *tool;
	struct err *err;
};

static int refuse(const struct check *check, const char *what, const char *word)
{
	return err_set(check->err, ERR_PROTOCOL,
		       "Invalid schema for function '%.64s': %s \"%.60s\"", check->tool, what,
		       word);
}

static bool is_one_of(const char *word, const char *const words[])
{
	for (; *words; words++)
		if (strcmp(word, *words) == 0)
			return true;
	return false;
}

static bool is_good_name(const char *name)
{
	size_t len = strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				  "0123456789_.-");

	return len > 0 && len <= 64 && !name[len];
}

static int check_schema(const struct check *check, struct json_object *schema, bool root);

static int check_properties(const struct check *check, struct json_object *properties)
{
	json_object_object_foreach(properties, name, schema)
	{
		if (check->names && !is_good_name(name))
			return refuse(check, "property keys should match", name);
		if (check_schema(check, schema, false))
			return -1;
	}
	return 0;
}

static int check_google(const struct check *check, struct json_object *schema)
{
	static const char *const taken[] = {
		"type",	      "description", "nullable", "enum",     "format",	"items",
		"properties", "required",    "minItems", "maxItems", "minimum", "maximum",
		"minLength",  "maxLength",   "pattern",	 "anyOf",    NULL};
	struct json_object *values = json_member(schema, "enum");
	struct json_object *properties = json_member(schema, "properties");
	struct json_object *required = json_member(schema, "required");

	json_object_object_foreach(schema, keyword, value)
	{
		(void)value;
		if (!is_one_of(keyword, taken))
			return refuse(check, "Unknown name", keyword);
	}
	if (json_member(schema, "type") && !json_member_string(schema, "type"))
		return refuse(check, "Proto field is not repeating", "type");
	if (json_member(schema, "anyOf") && json_object_object_length(schema) > 1)
		return refuse(check, "it must be the only field set", "anyOf");
	for (size_t i = 0; values && i < json_object_array_length(values); i++)
		if (!json_is_string(json_object_array_get_idx(values, i)))
			return refuse(check, "it must hold strings", "enum");
	for (size_t i = 0; required && i < json_object_array_length(required); i++) {
		const char *name = json_string(json_object_array_get_idx(required, i), NULL);

		if (!json_object_object_get_ex(properties, name, NULL))
			return refuse(check, "property is not defined", name);
	}
	return 0;
}

static int check_keywords(const struct check *check, struct json_object *schema, bool root)
{
	static const char *const never[] = {"$ref", "$defs", "$schema", "definitions", NULL};
	static const char *const not_root[] = {"anyOf", "oneOf", "allOf", "not", "enum", NULL};
	static const char *const core[] = {"type", "properties", "required", NULL};

	json_object_object_foreach(schema, keyword, value)
	{
		(void)value;
		if (is_one_of(keyword, never) || (root && is_one_of(keyword, not_root)) ||
		    (root && check->core && !is_one_of(keyword, core)))
			return refuse(check, "it is not supported here", keyword);
	}
	return 0;
}

static int check_schema(const struct check *check, struct json_object *schema, bool root)
{
	static const char *const lists[] = {"anyOf", "oneOf", "allOf", "prefixItems", NULL};
	struct json_object *properties = json_member_object(schema, "properties");
	struct json_object *items = json_member(schema, "items");
	const char *type = json_member_string(schema, "type");

	if (!json_is_object(schema))
		return 0;
	if (check_keywords(check, schema, root) || (check->google && check_google(check, schema)))
		return -1;
	if (root && (!type || strcmp(type, "object") != 0 || !properties))
		return refuse(check, "object schema missing", "properties");
	if (type && strcmp(type, "array") == 0 && !items && !json_member(schema, "prefixItems"))
		return refuse(check, "array schema missing", "items");
	if (properties && check_properties(check, properties))
		return -1;
	if (items && check_schema(check, items, false))
		return -1;
	for (size_t l = 0; lists[l]; l++) {
		struct json_object *list = json_member_array(schema, lists[l]);

		for (size_t i = 0; list && i < json_object_array_length(list); i++)
			if (check_schema(check, json_object_array_get_idx(list, i), false))
				return -1;
	}
	return 0;
}

int endpoint_family_check(const struct json_object *body, const char *family, struct err *err)
{
	static const char *const named[] = {"anthropic", "bedrock", "google", NULL};
	struct json_object *tools = json_member_array(body, "tools");
	struct check check = {
		.names = is_one_of(family, named),
		.core = strcmp(family, "bedrock") == 0,
		.google = strcmp(family, "google") == 0,
		.err = err,
	};

	if (!tools)
		return 0;
	if (json_object_array_length(tools) > TOOLS_TAKEN)
		return err_set(err, ERR_PROTOCOL, "array too long: at most %d tools", TOOLS_TAKEN);
	for (size_t i = 0; i < json_object_array_length(tools); i++) {
		const struct json_object *function =
			json_member_object(json_object_array_get_idx(tools, i), "function");

		check.tool = json_member_string(function, "name");
		if (check_schema(&check, json_member_object(function, "parameters"), true))
			return -1;
	}
	return 0;
}
