/* SPDX-License-Identifier: MIT */
/*
 * A schema and a value, separated by a line break: the verdict is the same twice, and a misfit is
 * one sentence. Bounded whatever the schema is.
 */
#include "config.h"

#include "base/json_check.h"
#include "base/json_schema.h"
#include "base/mem.h"
#include "fuzz.h"

static void judge(const char *schema_text, size_t schema_len, struct json_span value)
{
	struct err err, again;
	struct json_schema *schema = json_schema_new(schema_text, schema_len, &err);
	int first, second;

	if (!schema) {
		MUST(*err.text);
		return;
	}
	first = json_schema_check(schema, value, "it", &err);
	second = json_schema_check(schema, value, "it", &again);
	MUST(first == second);
	MUST(first == 0 ||
	     (*err.text && !strchr(err.text, '\n') && strcmp(err.text, again.text) == 0));
	json_schema_free(&schema);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	const uint8_t *end = len ? memchr(bytes, '\n', len) : NULL;
	const size_t schema_len = end ? (size_t)(end - bytes) : 0;
	char *schema, *value;
	struct json_fault fault;

	if (!end)
		return 0;
	schema = mem_string_len((const char *)bytes, schema_len);
	value = mem_string_len((const char *)end + 1, len - schema_len - 1);
	if (json_check(schema, schema_len, &json_limits_default, NULL, &fault) == 0 &&
	    json_check(value, strlen(value), &json_limits_default, NULL, &fault) == 0)
		judge(schema, schema_len, (struct json_span){value, strlen(value)});
	free(schema);
	free(value);
	return 0;
}
