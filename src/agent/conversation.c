/* SPDX-License-Identifier: MIT */
/*
 * Messages as the bytes that go out. An added message only extends the array, so the provider's
 * prompt cache sees the same prefix in every request; only conversation_drop_reasoning() rewrites.
 */
#include "config.h"

#include "agent/conversation.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/json_check.h"
#include "base/json_write.h"
#include "base/mem.h"

struct conversation {
	struct buf
		json;	/* "[message,message": the closing bracket comes with conversation_json() */
	char **call_id; /* of all tool calls, owned */
	size_t call_ids;
};

struct conversation *conversation_new(void)
{
	struct conversation *conversation = mem_new(sizeof(*conversation));

	buf_init(&conversation->json, CONVERSATION_MAX_BYTES);
	buf_append_char(&conversation->json, '[');
	return conversation;
}

void conversation_free(struct conversation **conversation)
{
	if (!*conversation)
		return;
	buf_clear(&(*conversation)->json);
	for (size_t i = 0; i < (*conversation)->call_ids; i++)
		free((*conversation)->call_id[i]);
	free((*conversation)->call_id);
	free(*conversation);
	*conversation = NULL;
}

static struct buf *next_message(struct conversation *conversation)
{
	if (conversation->json.len > 1)
		buf_append_char(&conversation->json, ',');
	return &conversation->json;
}

static void add_text_message(struct conversation *conversation, const char *role, const char *text,
			     size_t len)
{
	struct buf *out = next_message(conversation);

	buf_append_char(out, '{');
	json_write_member(out, "role", role);
	json_write_key(out, "content");
	json_write_string_len(out, text, len);
	buf_append_char(out, '}');
}

void conversation_add_system(struct conversation *conversation, const char *text)
{
	add_text_message(conversation, "system", text, strlen(text));
}

void conversation_add_user(struct conversation *conversation, const char *text, size_t len)
{
	add_text_message(conversation, "user", text, len);
}

void conversation_add_assistant(struct conversation *conversation, const char *text, size_t len)
{
	add_text_message(conversation, "assistant", text, len);
}

static bool has_call_id(const struct conversation *conversation, const char *id)
{
	for (size_t i = 0; i < conversation->call_ids; i++)
		if (strcmp(conversation->call_id[i], id) == 0)
			return true;
	return false;
}

static void keep_call_id(struct conversation *conversation, const char *id)
{
	conversation->call_id = mem_resize_array(conversation->call_id, conversation->call_ids + 1,
						 sizeof(*conversation->call_id));
	conversation->call_id[conversation->call_ids++] = mem_string(id);
}

void conversation_add_answer(struct conversation *conversation, struct chat_answer *answer)
{
	for (size_t i = 0; i < answer->calls; i++) {
		if (has_call_id(conversation, answer->call[i].id))
			chat_answer_renew_call_id(answer, i);
		keep_call_id(conversation, answer->call[i].id);
	}
	chat_answer_write_message(answer, next_message(conversation));
}

void conversation_add_tool(struct conversation *conversation, const char *call_id, const char *text,
			   size_t len)
{
	struct buf *out = next_message(conversation);

	buf_append_char(out, '{');
	json_write_member(out, "role", "tool");
	json_write_member(out, "tool_call_id", call_id);
	json_write_key(out, "content");
	json_write_string_len(out, text, len);
	buf_append_char(out, '}');
}

const char *conversation_json(struct conversation *conversation, size_t *len)
{
	struct buf *json = &conversation->json;

	if (json->overflowed || buf_append_char(json, ']'))
		return NULL;
	*len = json->len;
	/* The bracket stays in memory behind len: the next message overwrites it. */
	json->len--;
	return json->data;
}

static size_t copy_without_reasoning(struct json_span message, struct buf *out)
{
	struct json_span name = {NULL, 0}, value = {NULL, 0};
	size_t dropped = 0;

	buf_append_char(out, '{');
	while (json_span_next_member(message, &name, &value)) {
		if (json_span_equals(name, "reasoning_details")) {
			dropped = 1;
			continue;
		}
		if (out->data[out->len - 1] != '{')
			buf_append_char(out, ',');
		buf_append(out, name.at, name.len);
		buf_append_char(out, ':');
		buf_append(out, value.at, value.len);
	}
	buf_append_char(out, '}');
	return dropped;
}

size_t conversation_drop_reasoning(struct conversation *conversation)
{
	struct json_span all = {NULL, 0}, message = {NULL, 0};
	size_t dropped = 0;
	struct buf kept;

	all.at = conversation_json(conversation, &all.len);
	if (!all.at)
		return 0;
	buf_init(&kept, CONVERSATION_MAX_BYTES);
	buf_append_char(&kept, '[');
	while (json_span_next(all, &message)) {
		if (kept.len > 1)
			buf_append_char(&kept, ',');
		dropped += copy_without_reasoning(message, &kept);
	}
	buf_clear(&conversation->json);
	conversation->json = kept;
	return dropped;
}
