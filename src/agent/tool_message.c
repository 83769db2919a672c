/* SPDX-License-Identifier: MIT */
/* Chat completions have no flag for a tool's error: the text must say it. */
#include "config.h"

#include "agent/tool_message.h"

#include <stdlib.h>
#include <string.h>

#include "agent/read_result.h"

#define NO_OUTPUT "(no output)" /* some providers refuse a message without a text */

/* kept: its beginning, with how to read on; or NULL. */
static void write_text(const struct tool_result *result, const char *kept, struct buf *text)
{
	if (result->is_error && strncmp(result->text, "Error", 5) != 0)
		buf_append_text(text, "Error: ");
	if (kept)
		buf_append_text(text, kept);
	else
		buf_append(text, result->text, result->text_len);
	if (text->len == 0)
		buf_append_text(text, NO_OUTPUT);
}

int tool_message_add(struct conversation *conversation, struct result_store *results,
		     const char *call_id, const struct tool_result *result, struct err *err)
{
	const bool keeps = result->whole && results;
	char *kept = keeps ? read_result_keep(results, result, err) : NULL;
	struct buf text = BUF_INIT;

	write_text(result, kept, &text);
	conversation_add_tool(conversation, call_id, text.data, text.len);
	buf_clear(&text);
	free(kept);
	return keeps && !kept ? -1 : 0;
}

void tool_message_keep(struct conversation *conversation, const char *call_id,
		       const struct tool_result *result)
{
	struct buf text = BUF_INIT;

	if (result->whole)
		return;
	write_text(result, NULL, &text);
	conversation_keep_tool(conversation, call_id, text.data, text.len);
	buf_clear(&text);
}
