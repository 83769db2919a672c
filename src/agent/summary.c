/* SPDX-License-Identifier: MIT */
/* One request; the end begins where a step begins, so that calls and results stay together. */
#include "config.h"

#include "agent/summary.h"

#include <stdlib.h>
#include <string.h>

#include "agent/attachments.h"
#include "base/json_write.h"
#include "base/mem.h"
#include "base/sanitize.h"

#define MESSAGES_MIN 2 /* that are worth a summary */
#define INSTRUCTION                                                                              \
	"This conversation has become too long. Sum it up, in at most 800 words, for yourself: " \
	"you will go on with this summary in place of the messages so far. Keep what was asked " \
	"and decided, facts, names, paths, numbers and ids that are still needed, what was "     \
	"done, and what is left to do. Call no tool."
#define HEAD	"Summary of this conversation so far, in place of its messages:\n\n"
#define NO_HEAD "(The earlier messages of this conversation did not fit and were left out.)"
#define PROMPT	"\n\nThe last request, word for word:\n\n"
#define NOTED	"(I go on from this summary.)"
#define OMITTED "(Earlier messages are left out here.)"

struct summary {
	struct summary_spec spec;
	char *tools;
	summary_fn *done;
	void *arg;
	size_t first, end; /* messages to be replaced */
	size_t from;	   /* the first that is sent to be summed up */
	bool any_choice;   /* the endpoint does not know "none" */
	bool before_user;  /* a user message follows them */
	char *prompt;	   /* the last one, where it is among them; or NULL */
	struct chat_exchange *exchange;
};

/* What is replaced */

static bool is_role(struct json_span message, const char *role)
{
	return json_span_equals(json_span_member(message, "role"), role);
}

/* Of several parts the texts. */
static char *text_of(struct json_span content)
{
	struct json_span part = {NULL, 0};
	struct buf text;

	if (json_span_kind(content) != JSON_ARRAY)
		return json_span_text(content, CONVERSATION_MAX_BYTES);
	buf_init(&text, CONVERSATION_MAX_BYTES);
	while (json_span_next(content, &part))
		(void)!json_span_unescape(json_span_member(part, "text"), &text);
	return buf_take(&text);
}

/* The text of a prompt; of a summary's message, the prompt that it repeats. */
static char *prompt_of(struct json_span message)
{
	char *text = text_of(json_span_member(message, "content"));
	char *repeated, *prompt;

	if (!text || (strncmp(text, HEAD, strlen(HEAD)) != 0 &&
		      strncmp(text, NO_HEAD, strlen(NO_HEAD)) != 0))
		return text;
	repeated = strstr(text, PROMPT);
	prompt = repeated ? mem_string(repeated + strlen(PROMPT)) : NULL;
	free(text);
	return prompt;
}

/* Sets first, end, before_user. */
static void choose_end(struct summary *summary, struct json_span all)
{
	struct json_span message = {NULL, 0};

	for (size_t at = 0; json_span_next(all, &message); at++) {
		const size_t rest = (size_t)(all.at + all.len - message.at);

		if (at == 0 && is_role(message, "system"))
			summary->first = 1;
		if (is_role(message, "tool") || attachments_are_in(message) ||
		    at < summary->first + MESSAGES_MIN)
			continue;
		summary->end = at;
		summary->before_user = is_role(message, "user");
		if (rest <= summary->spec.end_bytes)
			return;
	}
}

/* Sets from: a step begins there too. */
static void choose_start(struct summary *summary, struct json_span all)
{
	struct json_span message = {NULL, 0}, end = {NULL, 0};

	for (size_t at = 0; at <= summary->end && json_span_next(all, &end); at++)
		;
	summary->from = summary->first;
	for (size_t at = 0; at < summary->end && json_span_next(all, &message); at++) {
		if (at < summary->first || is_role(message, "tool"))
			continue;
		summary->from = at;
		if ((size_t)(end.at - message.at) <= summary->spec.most_bytes)
			return;
	}
}

static void find_prompt(struct summary *summary, struct json_span all)
{
	struct json_span message = {NULL, 0}, last = {NULL, 0};
	size_t last_at = 0;

	for (size_t at = 0; json_span_next(all, &message); at++) {
		if (!is_role(message, "user") || attachments_are_in(message))
			continue;
		last = message;
		last_at = at;
	}
	summary->prompt = last.at && last_at < summary->end ? prompt_of(last) : NULL;
	if (summary->prompt && strlen(summary->prompt) > summary->spec.prompt_bytes)
		summary->prompt[utf8_cut(summary->prompt, summary->spec.prompt_bytes)] = '\0';
}

/* What stands in their place */

static void write_text_message(struct buf *out, const char *role, const char *text)
{
	buf_append_char(out, '{');
	json_write_member(out, "role", role);
	json_write_member(out, "content", text);
	buf_append_char(out, '}');
}

static int replace(const struct summary *summary, const char *text, const char *why)
{
	struct buf content = BUF_INIT, messages = BUF_INIT;
	int status;

	buf_append_text(&content, text ? HEAD : NO_HEAD);
	buf_append_text(&content, text ? text : "");
	if (summary->prompt)
		buf_format(&content, PROMPT "%s", summary->prompt);
	buf_append_char(&messages, '[');
	write_text_message(&messages, "user", buf_text(&content));
	if (summary->before_user) {
		buf_append_char(&messages, ',');
		write_text_message(&messages, "assistant", NOTED);
	}
	buf_append_char(&messages, ']');
	status = conversation_replace(summary->spec.conversation, summary->first,
				      summary->end - summary->first,
				      (struct json_span){messages.data, messages.len}, why);
	buf_clear(&messages);
	buf_clear(&content);
	return status;
}

/* Asking */

static void finish(struct summary *summary, const char *text, const char *failure,
		   const struct chat_usage *usage)
{
	struct summary_result result = {
		.messages = summary->end - summary->first,
		.failure = failure,
	};

	if (usage)
		result.usage = *usage;
	(void)!replace(summary, text, text ? "a summary" : "they did not fit");
	summary->done(summary->arg, &result);
}

static void ask(void *arg);

static void asked(void *arg, struct chat_answer *take_answer, const struct chat_failure *failure)
{
	struct summary *summary = arg;

	summary->exchange = NULL;
	if (!take_answer && !summary->any_choice && failure->refusal &&
	    strstr(failure->refusal, "tool_choice")) {
		summary->any_choice = true;
		ask(summary);
		return;
	}
	if (!take_answer)
		finish(summary, NULL, failure->err.text, NULL);
	else if (take_answer->text_len == 0)
		finish(summary, NULL, "the model gave none", &take_answer->usage);
	else
		finish(summary, take_answer->text, NULL, &take_answer->usage);
	chat_answer_free(&take_answer);
}

static const struct chat_listener listener = {.on_done = asked};

static void write_messages(const struct summary *summary, struct buf *out)
{
	struct json_span all, message = {NULL, 0};

	all.at = conversation_json(summary->spec.conversation, &all.len);
	buf_append_char(out, '[');
	for (size_t at = 0; all.at && at < summary->end && json_span_next(all, &message); at++) {
		if (at == summary->from && at > summary->first && !is_role(message, "user")) {
			write_text_message(out, "user", OMITTED);
			buf_append_char(out, ',');
		}
		if (at >= summary->first && at < summary->from)
			continue;
		buf_append(out, message.at, message.len);
		buf_append_char(out, ',');
	}
	write_text_message(out, "user", INSTRUCTION);
	buf_append_char(out, ']');
}

static void ask(void *arg)
{
	struct summary *summary = arg;
	struct chat_request request = {
		.model = summary->spec.model,
		.routing = summary->spec.routing,
		.tools = summary->tools,
		.tools_len = strlen(summary->tools),
		.tool_choice = summary->any_choice ? CHAT_TOOL_CHOICE_AUTO : CHAT_TOOL_CHOICE_NONE,
	};
	struct buf messages;
	struct err err;

	buf_init(&messages, CONVERSATION_MAX_BYTES);
	write_messages(summary, &messages);
	request.messages = buf_text(&messages);
	request.messages_len = messages.len;
	summary->exchange =
		chat_client_send(summary->spec.client, &request, &listener, summary, &err);
	buf_clear(&messages);
	if (!summary->exchange)
		finish(summary, NULL, err.text, NULL);
}

struct summary *summary_start(const struct summary_spec *spec, summary_fn *done, void *arg)
{
	struct summary *summary = mem_new(sizeof(*summary));
	struct json_span all;

	summary->spec = *spec;
	summary->done = done;
	summary->arg = arg;
	all.at = conversation_json(spec->conversation, &all.len);
	if (all.at)
		choose_end(summary, all);
	if (summary->end == 0) {
		free(summary);
		return NULL;
	}
	choose_start(summary, all);
	find_prompt(summary, all);
	summary->tools = mem_string_len(spec->tools, spec->tools_len);
	loop_defer(spec->loop, ask, summary);
	return summary;
}

static void summary_destroy(void *object)
{
	struct summary *summary = object;

	free(summary->tools);
	free(summary->prompt);
	free(summary);
}

void summary_free(struct summary **summary_p)
{
	struct summary *summary = *summary_p;

	if (!summary)
		return;
	*summary_p = NULL;
	loop_defer_cancel(summary->spec.loop, summary);
	chat_client_cancel(&summary->exchange);
	loop_free_later(summary->spec.loop, summary, summary_destroy);
}
