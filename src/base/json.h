/* SPDX-License-Identifier: MIT */
/*
 * json: the document model, json-c behind one boundary.
 *
 * Every text is checked by json_check before json-c sees it, json-c parses with flags 0, and every
 * free goes through json_put(), which works round the leak of json-c 0.19. A tree belongs to one
 * thread at a time. Getters check the type first and never coerce.
 *
 * Integers keep their value up to 64 bits, fractions keep their text. An integer beyond 64 bits is
 * refused (json-c would clamp it silently).
 */
#ifndef CORDPAIR_BASE_JSON_H
#define CORDPAIR_BASE_JSON_H

#include <json-c/json_types.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/json_check.h"

/*
 * Parses one value. The caller owns the tree: json_put(). JSON null is a NULL tree, so *value is
 * the result and the return tells success. Error: ERR_PROTOCOL, text "line L, column C: what".
 */
int json_parse(const char *text, size_t len, const struct json_limits *limits,
	       struct json_object **value, struct err *err) __attribute__((warn_unused_result));

/* Drops a reference and sets *value to NULL. */
void json_put(struct json_object **value);

/* Members by type; NULL, fallback or false when absent or of another type. Borrowed. */
struct json_object *json_member(const struct json_object *object, const char *key);
struct json_object *json_member_object(const struct json_object *object, const char *key);
struct json_object *json_member_array(const struct json_object *object, const char *key);
const char *json_member_string(const struct json_object *object, const char *key);
bool json_member_bool(const struct json_object *object, const char *key, bool fallback);
int64_t json_member_int(const struct json_object *object, const char *key, int64_t fallback);

bool json_is_object(const struct json_object *value);
bool json_is_array(const struct json_object *value);
bool json_is_string(const struct json_object *value);
/* The text of a string value (may hold NUL; *len may be NULL), or NULL. Borrowed. */
const char *json_string(const struct json_object *value, size_t *len);
/* "string", "number", "null" … for messages. */
const char *json_type_name(const struct json_object *value);

#endif
