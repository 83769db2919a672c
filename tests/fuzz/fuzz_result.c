/* SPDX-License-Identifier: MIT */
/*
 * A result of tools/call: its text is UTF-8 and within its limit; what goes out beside it is JSON,
 * and can be left out again.
 */
#include "config.h"

#include "agent/attachments.h"
#include "base/sanitize.h"
#include "fuzz.h"

#define TEXT_MAX_BYTES	 64
#define MARKER_MAX_BYTES 100 /* behind a text that was cut */

static void is_utf8(const char *text, size_t len)
{
	for (size_t i = 0, n; i < len; i += n) {
		uint32_t rune;

		n = utf8_decode(text + i, len - i, &rune);
		MUST(n > 0);
	}
}

static void is_json(const char *text, size_t len)
{
	struct json_fault fault;

	MUST(json_check(text, len, &json_limits_default, NULL, &fault) == 0);
}

static void take_attachments(const struct tool_result *result)
{
	struct conversation *conversation = conversation_new();
	struct attachments attachments;
	const char *json;
	size_t len;

	attachments_init(&attachments);
	attachments_take(&attachments, "call", result, MEDIA_ALL, SCHEMA_FLOOR);
	attachments_add(&attachments, conversation, SCHEMA_FLOOR);
	json = conversation_json(conversation, &len);
	MUST(json);
	is_json(json, len);
	MUST(attachments_drop(conversation, MEDIA_ALL, true, "why") == (attachments.count > 0));
	MUST(attachments_drop(conversation, MEDIA_ALL, true, "why") == 0);
	json = conversation_json(conversation, &len);
	is_json(json, len);
	free(attachments_notice(&attachments, 0));
	attachments_clear(&attachments);
	conversation_free(&conversation);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct tool_result *result;
	struct json_fault fault;
	char *block;
	struct err err;

	if (json_check((const char *)bytes, len, &json_limits_default, NULL, &fault))
		return 0;
	block = malloc(len);
	MUST(block);
	memcpy(block, bytes, len);
	result = tool_result_new((struct json_span){block, len}, block, TEXT_MAX_BYTES, &err);
	if (!result)
		return 0;
	MUST(result->text_len <= TEXT_MAX_BYTES + MARKER_MAX_BYTES);
	is_utf8(result->text, result->text_len);
	take_attachments(result);
	tool_result_free(&result);
	return 0;
}
