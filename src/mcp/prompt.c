/* SPDX-License-Identifier: MIT */
/* Roles and texts; everything else of a message is passed over. */
#include "config.h"

#include "mcp/prompt.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "mcp/tool.h"

void prompt_clear(struct prompt *prompt)
{
	for (size_t i = 0; i < prompt->count; i++)
		free(prompt->message[i].text);
	free(prompt->message);
	*prompt = (struct prompt){0};
}

/* One content block, or, as some servers write it, several. */
static char *text_of(struct json_span content)
{
	struct json_span item = {NULL, 0};
	struct buf text;

	buf_init(&text, PROMPT_TEXT_MAX_BYTES);
	if (json_span_kind(content) == JSON_OBJECT)
		content_append_text(content, &text);
	while (json_span_kind(content) == JSON_ARRAY && json_span_next(content, &item)) {
		if (text.len > 0)
			buf_append_char(&text, '\n');
		content_append_text(item, &text);
	}
	return buf_take(&text);
}

static int read_message(struct json_span message, struct prompt *prompt, struct err *err)
{
	struct json_span role = json_span_member(message, "role");
	struct prompt_message *slot;

	if (!json_span_equals(role, "user") && !json_span_equals(role, "assistant"))
		return err_set(err, ERR_PROTOCOL,
			       "a message is neither the user's nor the "
			       "assistant's");
	if (prompt->count == PROMPT_MESSAGES_MAX)
		return err_set(err, ERR_PROTOCOL, "it has more than %d messages",
			       PROMPT_MESSAGES_MAX);
	prompt->message =
		mem_resize_array(prompt->message, prompt->count + 1, sizeof(*prompt->message));
	slot = &prompt->message[prompt->count++];
	slot->assistant = json_span_equals(role, "assistant");
	slot->text = text_of(json_span_member(message, "content"));
	return 0;
}

int prompt_read(struct json_span result, struct prompt *prompt, struct err *err)
{
	struct json_span messages = json_span_member(result, "messages"), message = {NULL, 0};

	*prompt = (struct prompt){0};
	if (json_span_kind(messages) != JSON_ARRAY)
		return err_set(err, ERR_PROTOCOL, "the answer has no messages");
	while (json_span_next(messages, &message))
		if (read_message(message, prompt, err)) {
			prompt_clear(prompt);
			return -1;
		}
	if (prompt->count == 0)
		return err_set(err, ERR_PROTOCOL, "the answer has no messages");
	return 0;
}
