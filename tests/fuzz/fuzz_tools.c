/* SPDX-License-Identifier: MIT */
/*
 * tools/list to the tools array: every tool that is taken has a name and schemas that are objects;
 * for every family its schema is a JSON object, and the arguments' names come back.
 */
#include "config.h"

#include "base/json.h"
#include "fuzz.h"
#include "mcp/tool.h"
#include "model/schema_lower.h"

static void is_object(const char *text)
{
	struct json_object *value = NULL;
	struct err err;

	MUST(json_parse(text, strlen(text), &json_limits_default, &value, &err) == 0);
	MUST(json_is_object(value));
	json_put(&value);
}

static void lower(const char *schema)
{
	static const enum schema_family families[] = {
		SCHEMA_FLOOR,	SCHEMA_OPENAI,	SCHEMA_ANTHROPIC, SCHEMA_GOOGLE,
		SCHEMA_BEDROCK, SCHEMA_MISTRAL, SCHEMA_XAI};

	for (size_t i = 0; i < sizeof(families) / sizeof(families[0]); i++) {
		struct schema_lowered lowered;
		struct buf back = BUF_INIT;

		schema_lower(schema, families[i], &lowered);
		is_object(lowered.parameters);
		MUST(lowered.changes <= SCHEMA_CHANGES_MAX && lowered.keys <= SCHEMA_KEYS_MAX);
		MUST(schema_keys_restore(lowered.key, lowered.keys, "{\"a\":1}", 7, &back) == 0);
		is_object(buf_text(&back));
		buf_clear(&back);
		schema_lowered_clear(&lowered);
	}
}

static void on_fault(void *arg, const char *text)
{
	(void)arg;
	MUST(*text);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct tool_list list = {0};
	struct json_fault fault;
	char *cursor = NULL;
	struct err err;

	if (json_check((const char *)bytes, len, &json_limits_default, NULL, &fault))
		return 0;
	if (tool_list_add_page(&list, (const char *)bytes, len, &cursor, on_fault, NULL, &err) == 0)
		for (size_t i = 0; i < list.count; i++) {
			MUST(*list.tool[i].name);
			MUST(strlen(list.tool[i].name) <= TOOL_NAME_MAX_BYTES);
			lower(list.tool[i].input_schema);
		}
	free(cursor);
	tool_list_clear(&list);
	return 0;
}
