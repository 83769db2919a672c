/* SPDX-License-Identifier: MIT */
/*
 * A kept conversation: whatever is in the file, what would be sent is a JSON array of so many
 * messages; once mended nothing in it waits for an answer; and keeping it again changes nothing.
 */
#include "config.h"

#include "agent/conversation.h"
#include "base/json_check.h"
#include "fuzz.h"

static size_t check_messages(struct conversation *conversation, struct json_span *last)
{
	struct json_span all, message = {NULL, 0};
	struct json_fault fault;
	size_t count = 0;

	all.at = conversation_json(conversation, &all.len);
	MUST(all.at);
	MUST(json_check(all.at, all.len, &json_limits_splice, NULL, &fault) == 0);
	while (json_span_next(all, &message)) {
		MUST(json_span_kind(message) == JSON_OBJECT);
		*last = message;
		count++;
	}
	MUST(count == conversation_count(conversation));
	return count;
}

static void check_mended(struct conversation *conversation)
{
	struct json_span last = {NULL, 0}, role;
	size_t count;

	conversation_mend(conversation);
	count = check_messages(conversation, &last);
	role = json_span_member(last, "role");
	MUST(count == 0 || !(json_span_equals(role, "user") || json_span_equals(role, "tool")));
	conversation_mend(conversation);
	MUST(conversation_count(conversation) == count);
	MUST(json_span_member(last, "tool_calls").at == NULL || count > 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct conversation *conversation = conversation_new();
	const struct json_span text = {(const char *)bytes, len};
	struct json_span last = {NULL, 0};
	size_t whole = 0;
	struct err err;

	if (session_text_read("session", text, conversation_take_record, conversation, &whole,
			      &err) == 0) {
		MUST(whole <= len);
		MUST(whole == 0 || bytes[whole - 1] == '\n');
		check_messages(conversation, &last);
		check_mended(conversation);
		conversation_drop_reasoning(conversation);
		check_messages(conversation, &last);
	}
	conversation_free(&conversation);
	return 0;
}
