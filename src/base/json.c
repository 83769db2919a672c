/* SPDX-License-Identifier: MIT */
/* The only file that calls json-c's parser and frees its trees. */
#include "config.h"

#include "base/json.h"

#include <json-c/json.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

/* json-c clamps integers beyond 64 bits silently: find them before it does. */
static const char *find_oversized_integer(const char *text, size_t len)
{
	static const char most_negative[] = "9223372036854775808",
			  largest[] = "18446744073709551615";
	bool in_string = false;

	for (size_t i = 0; i < len; i++) {
		size_t digits = 0;
		bool negative;
		const char *limit;

		if (in_string) {
			if (text[i] == '\\')
				i++;
			else if (text[i] == '"')
				in_string = false;
			continue;
		}
		if (text[i] == '"')
			in_string = true;
		if (text[i] != '-' && (text[i] < '0' || text[i] > '9'))
			continue;
		negative = text[i] == '-';
		i += negative;
		while (i + digits < len && text[i + digits] >= '0' && text[i + digits] <= '9')
			digits++;
		limit = negative ? most_negative : largest;
		if (i + digits < len && strchr(".eE", text[i + digits])) {
			while (i + digits < len && strchr("+-.eE0123456789", text[i + digits]))
				digits++;
		} else if (digits > strlen(limit) ||
			   (digits == strlen(limit) && memcmp(text + i, limit, digits) > 0)) {
			return text + i;
		}
		i += digits - 1;
	}
	return NULL;
}

static int fail_at(const char *text, size_t offset, const char *what, struct err *err)
{
	unsigned line, column;

	json_position(text, offset, &line, &column);
	return err_set(err, ERR_PROTOCOL, "line %u, column %u: %s", line, column, what);
}

int json_parse(const char *text, size_t len, const struct json_limits *limits,
	       struct json_object **value, struct err *err)
{
	struct json_tokener *tokener;
	struct json_fault fault;
	const char *oversized;
	enum json_tokener_error error;
	char *copy;

	if (json_check(text, len, limits, NULL, &fault))
		return fail_at(text, fault.offset, fault.what, err);
	oversized = find_oversized_integer(text, len);
	if (oversized)
		return fail_at(text, (size_t)(oversized - text), "an integer beyond 64 bits", err);
	if (len > INT_MAX - 1)
		return err_set(err, ERR_PROTOCOL, "more than 2 GiB of JSON");
	tokener = json_tokener_new_ex(JSON_DEPTH_MAX + 1);
	if (!tokener)
		mem_exhausted();
	/* A bare number is complete only when json-c sees the NUL behind it. */
	copy = mem_string_len(text, len);
	*value = json_tokener_parse_ex(tokener, copy, (int)len + 1);
	error = json_tokener_get_error(tokener);
	json_tokener_free(tokener);
	free(copy);
	if (error == json_tokener_success)
		return 0;
	/* The text is well-formed: only memory can have failed. */
	json_put(value);
	mem_exhausted();
}

/*
 * json-c 0.19 leaks every container that is not empty when it is put (fixed after 0.19). There,
 * containers are emptied from the bottom up first; the depth is bounded by what was parsed.
 */
static void empty_tree(struct json_object *value)
{
	if (json_object_is_type(value, json_type_array)) {
		for (size_t i = json_object_array_length(value); i > 0; i--) {
			empty_tree(json_object_array_get_idx(value, i - 1));
			json_object_array_del_idx(value, i - 1, 1);
		}
	} else if (json_object_is_type(value, json_type_object)) {
		struct json_object_iterator at = json_object_iter_begin(value);
		struct json_object_iterator end = json_object_iter_end(value);

		while (!json_object_iter_equal(&at, &end)) {
			char *key = mem_string(json_object_iter_peek_name(&at));

			empty_tree(json_object_iter_peek_value(&at));
			json_object_object_del(value, key);
			free(key);
			at = json_object_iter_begin(value);
		}
	}
}

void json_put(struct json_object **value)
{
	static const int leaking_version = 0 << 16 | 19 << 8;

	if (*value && json_c_version_num() == leaking_version)
		empty_tree(*value);
	json_object_put(*value);
	*value = NULL;
}

struct json_object *json_member(const struct json_object *object, const char *key)
{
	struct json_object *value = NULL;

	if (!json_is_object(object))
		return NULL;
	json_object_object_get_ex(object, key, &value);
	return value;
}

struct json_object *json_member_object(const struct json_object *object, const char *key)
{
	struct json_object *value = json_member(object, key);

	return json_is_object(value) ? value : NULL;
}

struct json_object *json_member_array(const struct json_object *object, const char *key)
{
	struct json_object *value = json_member(object, key);

	return json_is_array(value) ? value : NULL;
}

const char *json_member_string(const struct json_object *object, const char *key)
{
	return json_string(json_member(object, key), NULL);
}

bool json_member_bool(const struct json_object *object, const char *key, bool fallback)
{
	const struct json_object *value = json_member(object, key);

	return json_object_is_type(value, json_type_boolean) ? json_object_get_boolean(value)
							     : fallback;
}

int64_t json_member_int(const struct json_object *object, const char *key, int64_t fallback)
{
	const struct json_object *value = json_member(object, key);

	return json_object_is_type(value, json_type_int) ? json_object_get_int64(value) : fallback;
}

bool json_is_object(const struct json_object *value)
{
	return value && json_object_is_type(value, json_type_object);
}

bool json_is_array(const struct json_object *value)
{
	return value && json_object_is_type(value, json_type_array);
}

bool json_is_string(const struct json_object *value)
{
	return value && json_object_is_type(value, json_type_string);
}

const char *json_string(const struct json_object *value, size_t *len)
{
	if (!json_is_string(value))
		return NULL;
	if (len)
		*len = (size_t)json_object_get_string_len(value);
	return json_object_get_string((struct json_object *)(uintptr_t)value);
}

const char *json_type_name(const struct json_object *value)
{
	switch (json_object_get_type(value)) {
	case json_type_null:
		return "null";
	case json_type_boolean:
		return "boolean";
	case json_type_double:
		return "number";
	case json_type_int:
		return "integer";
	case json_type_object:
		return "object";
	case json_type_array:
		return "array";
	case json_type_string:
		return "string";
	}
	return "unknown";
}
