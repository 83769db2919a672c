/* SPDX-License-Identifier: MIT */
/* What an answer is once it is whole, and how it is told back to the model. */
#include "config.h"

#include "model/chat.h"

#include <stdlib.h>
#include <string.h>

#include "base/json_write.h"
#include "model/chat_calls.h"
#include "model/tool_names.h"

void chat_answer_free(struct chat_answer **answer_p)
{
	struct chat_answer *answer = *answer_p;

	if (!answer)
		return;
	for (size_t i = 0; i < answer->calls; i++) {
		free(answer->call[i].id);
		free(answer->call[i].name);
		free(answer->call[i].arguments);
		free(answer->call[i].broken);
	}
	free(answer->call);
	free(answer->text);
	free(answer->reasoning);
	free(answer->reasoning_details);
	free(answer->reasoning_content);
	free(answer->finish_reason);
	free(answer->native_finish_reason);
	free(answer->refusal);
	free(answer->id);
	free(answer->model);
	free(answer->provider);
	free(answer);
	*answer_p = NULL;
}

void chat_answer_renew_call_id(struct chat_answer *answer, size_t i)
{
	free(answer->call[i].id);
	answer->call[i].id = chat_calls_new_id();
}

/*
 * A name that the model invented may hold what no endpoint accepts back, and the whole request
 * would fail for it.
 */
static void write_name(const char *name, struct buf *out)
{
	char safe[TOOL_NAMES_MAX_BYTES + 1];
	size_t n = 0;

	for (; n < TOOL_NAMES_MAX_BYTES && name[n]; n++) {
		char byte = name[n];
		bool allowed = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
			       (byte >= '0' && byte <= '9') || byte == '_' || byte == '-';

		safe[n] = allowed ? byte : '_';
	}
	safe[n] = '\0';
	json_write_member(out, "name", n > 0 ? safe : "unnamed");
}

static void write_call(const struct chat_tool_call *call, struct buf *out)
{
	buf_append_char(out, '{');
	json_write_member(out, "id", call->id);
	json_write_member(out, "type", "function");
	json_write_key(out, "function");
	buf_append_char(out, '{');
	write_name(call->name, out);
	json_write_member(out, "arguments", call->arguments ? call->arguments : "{}");
	buf_append_text(out, "}}");
}

void chat_answer_write_message(const struct chat_answer *answer, struct buf *out)
{
	buf_append_char(out, '{');
	json_write_member(out, "role", "assistant");
	json_write_key(out, "content");
	/* Bedrock refuses an empty text beside tool calls; null is accepted everywhere. */
	if (answer->text_len == 0 && answer->calls > 0)
		buf_append_text(out, "null");
	else
		json_write_string_len(out, answer->text, answer->text_len);
	if (answer->reasoning_details)
		json_write_member_json(out, "reasoning_details", answer->reasoning_details,
				       strlen(answer->reasoning_details));
	if (answer->reasoning_content)
		json_write_member(out, "reasoning_content", answer->reasoning_content);
	if (answer->calls > 0) {
		json_write_key(out, "tool_calls");
		buf_append_char(out, '[');
		for (size_t i = 0; i < answer->calls; i++) {
			if (i > 0)
				buf_append_char(out, ',');
			write_call(&answer->call[i], out);
		}
		buf_append_char(out, ']');
	}
	buf_append_char(out, '}');
}

void chat_usage_add(struct chat_usage *sum, const struct chat_usage *usage)
{
	if (!usage->present)
		return;
	sum->present = true;
	sum->prompt_tokens += usage->prompt_tokens;
	sum->completion_tokens += usage->completion_tokens;
	sum->total_tokens += usage->total_tokens;
	sum->cached_tokens += usage->cached_tokens;
	sum->reasoning_tokens += usage->reasoning_tokens;
	sum->has_cost = sum->has_cost || usage->has_cost;
	sum->cost += usage->has_cost ? usage->cost : 0;
}

void chat_usage_write(const struct chat_usage *usage, struct buf *out)
{
	json_write_key(out, "usage");
	buf_append_char(out, '{');
	if (usage->present) {
		json_write_member_int(out, "prompt_tokens", usage->prompt_tokens);
		json_write_member_int(out, "completion_tokens", usage->completion_tokens);
		json_write_member_int(out, "total_tokens", usage->total_tokens);
		json_write_member_int(out, "cached_tokens", usage->cached_tokens);
		json_write_member_int(out, "reasoning_tokens", usage->reasoning_tokens);
	}
	if (usage->has_cost) {
		json_write_key(out, "cost");
		buf_format(out, "%.10g", usage->cost);
	}
	buf_append_char(out, '}');
}
