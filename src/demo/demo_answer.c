/* SPDX-License-Identifier: MIT */
/* One round of calls for each prompt; after their results there is always an answer. */
#include "config.h"

#include "demo/demo_answer.h"

#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/sanitize.h"
#include "demo/demo_arguments.h"
#include "demo/demo_result.h"
#include "demo/demo_tools.h"

static const char introduction[] =
	"I am the stand-in of `cordpair demo`, not a language model: I pick tools by the words of "
	"the prompt and repeat what they answer.\n";

static const struct json_object *message_at(const struct json_object *messages, size_t i)
{
	return json_object_array_get_idx(messages, i);
}

static bool has_role(const struct json_object *message, const char *role)
{
	const char *is = json_member_string(message, "role");

	return is && strcmp(is, role) == 0;
}

/* The text of a message: a string, or parts of which the texts count. */
static void append_content(const struct json_object *message, struct buf *out)
{
	const struct json_object *parts = json_member_array(message, "content");
	const char *text = json_member_string(message, "content");

	if (text)
		buf_append_text(out, text);
	for (size_t i = 0; parts && i < json_object_array_length(parts); i++) {
		text = json_member_string(json_object_array_get_idx(parts, i), "text");
		if (text)
			buf_append_text(out, text);
	}
}

/* Calls */

static bool called_already(const struct demo_answer *answer, const struct demo_call *call)
{
	for (size_t i = 0; i < answer->calls; i++)
		if (strcmp(answer->call[i].name, call->name) == 0 &&
		    strcmp(answer->call[i].arguments, call->arguments) == 0)
			return true;
	return false;
}

static void make_call(struct demo_answer *answer, const struct json_object *tools,
		      struct demo_clause *clause)
{
	const struct json_object *function = demo_tools_pick(tools, clause);
	struct buf arguments = BUF_INIT;
	struct demo_call call;

	if (!function)
		return;
	demo_arguments_write(function, clause, &arguments);
	call.name = mem_string(json_member_string(function, "name"));
	call.arguments = buf_take(&arguments);
	if (called_already(answer, &call)) {
		free(call.name);
		free(call.arguments);
		return;
	}
	answer->call[answer->calls++] = call;
}

/*
 * A clause that is about no tool belongs to the one before it ("add 2 and 3"), or at the beginning
 * to the one behind it.
 */
static void make_calls(struct demo_answer *answer, const struct json_object *tools,
		       const char *text)
{
	struct demo_prompt prompt;
	struct demo_clause *whole = &prompt.clause[0];
	bool has_tool;

	demo_prompt_read(&prompt, text);
	has_tool = demo_tools_pick(tools, whole) != NULL;
	for (size_t i = 1; i < prompt.clauses; i++) {
		bool next_has_tool = demo_tools_pick(tools, &prompt.clause[i]) != NULL;

		if (has_tool && next_has_tool) {
			make_call(answer, tools, whole);
			whole = &prompt.clause[i];
			continue;
		}
		demo_clause_join(whole, &prompt.clause[i]);
		has_tool = has_tool || next_has_tool;
	}
	make_call(answer, tools, whole);
	demo_prompt_clear(&prompt);
}

/* Texts */

/* The name of the call that a tool message answers. */
static const char *name_of_call(const struct json_object *assistant, const char *id)
{
	const struct json_object *calls = json_member_array(assistant, "tool_calls");

	for (size_t i = 0; id && calls && i < json_object_array_length(calls); i++) {
		const struct json_object *call = json_object_array_get_idx(calls, i);
		const char *call_id = json_member_string(call, "id");

		if (call_id && strcmp(call_id, id) == 0)
			return json_member_string(json_member_object(call, "function"), "name");
	}
	return NULL;
}

/* messages[i] is the assistant's; its tools' answers follow. */
static void answer_from_results(struct demo_answer *answer, const struct json_object *messages,
				size_t i)
{
	const struct json_object *assistant = message_at(messages, i);

	buf_append_text(&answer->text, introduction);
	for (i++; i < json_object_array_length(messages); i++) {
		const struct json_object *message = message_at(messages, i);
		const char *name =
			name_of_call(assistant, json_member_string(message, "tool_call_id"));
		struct buf content = BUF_INIT;

		append_content(message, &content);
		buf_format(&answer->text, "\n%s answered:\n", name ? name : "A tool");
		demo_result_write(buf_text(&content), content.len, &answer->text);
		buf_clear(&content);
	}
}

/* "  NAME: the first sentence of its description" */
static void append_tool(struct buf *out, const struct json_object *function)
{
	const char *name = json_member_string(function, "name");
	const char *description = json_member_string(function, "description");
	const char *end = description ? strstr(description, ". ") : NULL;

	buf_format(out, "  %s", name ? name : "?");
	if (description && *description) {
		buf_append_text(out, ": ");
		sanitize_line(description,
			      end ? (size_t)(end - description) + 1 : strlen(description),
			      DEMO_LINE_MAX_BYTES, out);
	}
	buf_append_char(out, '\n');
}

static void answer_without_tools(struct demo_answer *answer, const struct json_object *tools,
				 bool may_call)
{
	size_t count = tools ? json_object_array_length(tools) : 0;

	buf_append_text(&answer->text, introduction);
	if (!may_call)
		buf_append_text(&answer->text, "\nI was asked to answer without tools.\n");
	else if (count == 0)
		buf_append_text(&answer->text, "\nI was given no tools: enable a server, for "
					       "example with `cordpair servers enable files`.\n");
	else
		buf_append_text(&answer->text,
				"\nNo tool fits the words of this prompt. These are there:\n");
	for (size_t i = 0; may_call && i < count && i < DEMO_TOOLS_SHOWN_MAX; i++)
		append_tool(&answer->text,
			    json_member_object(json_object_array_get_idx(tools, i), "function"));
}

static bool tools_are_forbidden(const struct json_object *request)
{
	const char *choice = json_member_string(request, "tool_choice");

	return choice && strcmp(choice, "none") == 0;
}

/* What comes last: a prompt, or results behind the assistant's calls. */
void demo_answer_make(struct demo_answer *answer, const struct json_object *request)
{
	const struct json_object *messages = json_member_array(request, "messages");
	const struct json_object *tools = json_member_array(request, "tools");
	size_t i = messages ? json_object_array_length(messages) : 0;
	struct buf prompt = BUF_INIT;

	*answer = (struct demo_answer){.text = BUF_INIT};
	while (i > 0 && has_role(message_at(messages, i - 1), "tool"))
		i--;
	if (i > 0 && i < json_object_array_length(messages)) {
		answer_from_results(answer, messages, i - 1);
		return;
	}
	while (i > 0 && !has_role(message_at(messages, i - 1), "user"))
		i--;
	if (i > 0)
		append_content(message_at(messages, i - 1), &prompt);
	if (!tools_are_forbidden(request))
		make_calls(answer, tools, buf_text(&prompt));
	if (answer->calls == 0)
		answer_without_tools(answer, tools, !tools_are_forbidden(request));
	buf_clear(&prompt);
}

void demo_answer_clear(struct demo_answer *answer)
{
	for (size_t i = 0; i < answer->calls; i++) {
		free(answer->call[i].name);
		free(answer->call[i].arguments);
	}
	buf_clear(&answer->text);
}
