/* SPDX-License-Identifier: MIT */
/* Each content block has its writer; a message is one of three: a person's, a model's, results. */
#include "config.h"

#include "agent/sampling_messages.h"

#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "base/json_write.h"
#include "base/mem.h"
#include "mcp/tool.h"
#include "model/content_part.h"

#define NAME_MAX_BYTES ((size_t)256)
#define STOPS_MAX      4 /* what providers take */

/* Walks a content that is one block or an array of them: start with *block = {NULL, 0}. */
static bool next_block(struct json_span content, struct json_span *block)
{
	if (json_span_kind(content) == JSON_ARRAY)
		return json_span_next(content, block);
	if (json_span_kind(content) != JSON_OBJECT || block->at)
		return false;
	*block = content;
	return true;
}

static bool block_is(struct json_span block, const char *type)
{
	return json_span_equals(json_span_member(block, "type"), type);
}

static size_t count_blocks(struct json_span content, const char *type)
{
	struct json_span block = {NULL, 0};
	size_t count = 0;

	while (next_block(content, &block))
		count += !type || block_is(block, type);
	return count;
}

static void append_comma(struct buf *out)
{
	if (out->len > 0 && !strchr("[{", out->data[out->len - 1]))
		buf_append_char(out, ',');
}

/* A person's parts */

static void write_text_part(struct json_span block, struct buf *out)
{
	struct buf text;

	buf_init(&text, SAMPLING_TEXT_MAX_BYTES);
	content_append_text(block, &text);
	content_part_write_text(out, buf_text(&text), text.len);
	buf_clear(&text);
}

/* mimeType and data, both plain enough to stand in an address; false: told as a text instead. */
static bool take_binary(struct json_span block, char **type, char **data)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789/+.-";

	*type = json_span_text(json_span_member(block, "mimeType"), NAME_MAX_BYTES);
	*data = json_span_text(json_span_member(block, "data"), SAMPLING_TEXT_MAX_BYTES);
	if (*type && *data && (*type)[strspn(*type, plain)] == '\0' &&
	    base64_decoded_size(*data, strlen(*data)) >= 0)
		return true;
	free(*type);
	free(*data);
	return false;
}

static void write_media_part(enum media_kind kind, struct json_span block, struct buf *out)
{
	struct media_type type = {.kind = kind};
	char *mime, *data;

	if (!take_binary(block, &mime, &data)) {
		write_text_part(block, out);
		return;
	}
	type.mime = mime;
	type.format = strstr(mime, "wav") ? "wav" : "mp3"; /* of a sound */
	content_part_write(out, &type, NULL, data, strlen(data));
	free(mime);
	free(data);
}

/* One text is written as a string, which every endpoint takes. */
static bool write_plain_person(struct json_span content, struct buf *out)
{
	struct json_span block = {NULL, 0};

	if (count_blocks(content, NULL) != 1 || count_blocks(content, "text") != 1)
		return false;
	(void)next_block(content, &block);
	buf_append_text(out, "{\"role\":\"user\",\"content\":");
	block = json_span_member(block, "text");
	if (json_span_kind(block) == JSON_STRING)
		buf_append(out, block.at, block.len);
	else
		buf_append_text(out, "\"\"");
	buf_append_char(out, '}');
	return true;
}

static void write_person(struct json_span content, struct buf *out)
{
	struct json_span block = {NULL, 0};

	if (write_plain_person(content, out))
		return;
	buf_append_text(out, "{\"role\":\"user\",\"content\":[");
	while (next_block(content, &block)) {
		append_comma(out);
		if (block_is(block, "image"))
			write_media_part(MEDIA_IMAGE, block, out);
		else if (block_is(block, "audio"))
			write_media_part(MEDIA_AUDIO, block, out);
		else
			write_text_part(block, out);
	}
	buf_append_text(out, "]}");
}

/* A model's message */

static void write_tool_use(struct json_span block, struct buf *out)
{
	char *id = json_span_text(json_span_member(block, "id"), NAME_MAX_BYTES);
	char *name = json_span_text(json_span_member(block, "name"), NAME_MAX_BYTES);
	struct json_span input = json_span_member(block, "input");

	append_comma(out);
	buf_append_char(out, '{');
	json_write_member(out, "id", id ? id : "");
	json_write_member(out, "type", "function");
	json_write_key(out, "function");
	buf_append_char(out, '{');
	json_write_member(out, "name", name ? name : "");
	json_write_key(out, "arguments");
	if (input.at)
		json_write_string_len(out, input.at, input.len);
	else
		json_write_string(out, "{}");
	buf_append_text(out, "}}");
	free(id);
	free(name);
}

static void write_model(struct json_span content, struct buf *out)
{
	struct json_span block = {NULL, 0};
	struct buf text;

	buf_init(&text, SAMPLING_TEXT_MAX_BYTES);
	while (next_block(content, &block)) {
		if (block_is(block, "tool_use"))
			continue;
		if (text.len > 0)
			buf_append_char(&text, '\n');
		content_append_text(block, &text);
	}
	buf_append_text(out, "{\"role\":\"assistant\"");
	json_write_key(out, "content");
	if (text.len > 0 || count_blocks(content, "tool_use") == 0)
		json_write_string_len(out, buf_text(&text), text.len);
	else
		buf_append_text(out, "null");
	buf_clear(&text);
	if (count_blocks(content, "tool_use") > 0) {
		json_write_key(out, "tool_calls");
		buf_append_char(out, '[');
		block = (struct json_span){NULL, 0};
		while (next_block(content, &block))
			if (block_is(block, "tool_use"))
				write_tool_use(block, out);
		buf_append_char(out, ']');
	}
	buf_append_char(out, '}');
}

/* Results */

static void write_result(struct json_span block, struct buf *out)
{
	char *id = json_span_text(json_span_member(block, "toolUseId"), NAME_MAX_BYTES);
	struct json_span content = json_span_member(block, "content"), part = {NULL, 0};
	struct buf text;

	buf_init(&text, SAMPLING_TEXT_MAX_BYTES);
	while (next_block(content, &part)) {
		if (text.len > 0)
			buf_append_char(&text, '\n');
		content_append_text(part, &text);
	}
	append_comma(out);
	buf_append_text(out, "{\"role\":\"tool\"");
	json_write_member(out, "tool_call_id", id ? id : "");
	json_write_key(out, "content");
	json_write_string_len(out, buf_text(&text), text.len);
	buf_append_char(out, '}');
	buf_clear(&text);
	free(id);
}

static bool answers(struct json_span results, struct json_span use)
{
	char *id = json_span_text(json_span_member(use, "id"), NAME_MAX_BYTES);
	struct json_span block = {NULL, 0};
	bool found = false;

	while (id && !found && next_block(results, &block))
		found = json_span_equals(json_span_member(block, "toolUseId"), id);
	free(id);
	return found;
}

/* Right behind a model's tool uses come exactly their results, in one message. */
static int check_results(struct json_span before, struct json_span content, struct err *err)
{
	const size_t uses = count_blocks(before, "tool_use");
	const size_t results = count_blocks(content, "tool_result");
	struct json_span block = {NULL, 0};

	if (results > 0 && results != count_blocks(content, NULL))
		return err_set(err, ERR_USAGE,
			       "a message with a tool_result may hold nothing but tool_results");
	if (results != uses)
		return err_set(err, ERR_USAGE, "%zu tool_results answer %zu tool_uses", results,
			       uses);
	while (uses > 0 && next_block(before, &block))
		if (block_is(block, "tool_use") && !answers(content, block))
			return err_set(err, ERR_USAGE, "a tool_use has no tool_result");
	return 0;
}

/* The whole */

static int write_message(struct json_span before, struct json_span message, struct buf *out,
			 struct err *err)
{
	struct json_span content = json_span_member(message, "content"), block = {NULL, 0};
	const bool model = json_span_equals(json_span_member(message, "role"), "assistant");

	if (!model && !json_span_equals(json_span_member(message, "role"), "user"))
		return err_set(err, ERR_USAGE,
			       "a message is neither the user's nor the "
			       "assistant's");
	if (model && count_blocks(content, "tool_result") > 0)
		return err_set(err, ERR_USAGE, "a tool_result is the user's to give");
	if (check_results(before, content, err))
		return -1;
	if (count_blocks(content, "tool_result") > 0) {
		while (next_block(content, &block))
			write_result(block, out);
		return 0;
	}
	append_comma(out);
	if (model)
		write_model(content, out);
	else
		write_person(content, out);
	return 0;
}

int sampling_write_messages(struct json_span params, struct buf *out, struct err *err)
{
	struct json_span messages = json_span_member(params, "messages"), message = {NULL, 0};
	struct json_span before = {NULL, 0}, nothing = {NULL, 0};
	char *system =
		json_span_text(json_span_member(params, "systemPrompt"), SAMPLING_TEXT_MAX_BYTES);
	size_t count = 0;
	int status = 0;

	buf_append_char(out, '[');
	if (system) {
		buf_append_text(out, "{\"role\":\"system\"");
		json_write_member(out, "content", system);
		buf_append_char(out, '}');
	}
	free(system);
	while (status == 0 && json_span_kind(messages) == JSON_ARRAY &&
	       json_span_next(messages, &message)) {
		if (++count > SAMPLING_MESSAGES_MAX)
			return err_set(err, ERR_USAGE, "it has more than %d messages",
				       SAMPLING_MESSAGES_MAX);
		status = write_message(before, message, out, err);
		before = json_span_equals(json_span_member(message, "role"), "assistant")
				 ? json_span_member(message, "content")
				 : nothing;
	}
	buf_append_char(out, ']');
	if (status == 0 && count == 0)
		status = err_set(err, ERR_USAGE, "it has no messages");
	if (status == 0 && count_blocks(before, "tool_use") > 0)
		status = err_set(err, ERR_USAGE, "the last tool_use has no tool_result");
	return status;
}

static int write_tool(struct json_span tool, enum schema_family family, struct buf *out,
		      struct err *err)
{
	char *name = json_span_text(json_span_member(tool, "name"), NAME_MAX_BYTES);
	char *description =
		json_span_text(json_span_member(tool, "description"), SAMPLING_TEXT_MAX_BYTES);
	struct json_span input = json_span_member(tool, "inputSchema");
	char *schema = input.at ? mem_string_len(input.at, input.len) : mem_string("{}");
	struct schema_lowered lowered;
	int status = 0;

	if (!name || !*name) {
		status = err_set(err, ERR_USAGE, "one of its tools has no name");
	} else {
		schema_lower(schema, family, &lowered);
		append_comma(out);
		buf_append_text(out, "{\"type\":\"function\",\"function\":{");
		json_write_member(out, "name", name);
		if (description)
			json_write_member(out, "description", description);
		json_write_member_json(out, "parameters", lowered.parameters,
				       strlen(lowered.parameters));
		buf_append_text(out, "}}");
		schema_lowered_clear(&lowered);
	}
	free(name);
	free(description);
	free(schema);
	return status;
}

int sampling_write_tools(struct json_span params, enum schema_family family, struct buf *out,
			 struct err *err)
{
	struct json_span tools = json_span_member(params, "tools"), tool = {NULL, 0};
	size_t count = 0;

	if (json_span_kind(tools) != JSON_ARRAY || !json_span_next(tools, &tool))
		return 0;
	buf_append_char(out, '[');
	do {
		if (++count > SAMPLING_TOOLS_MAX)
			return err_set(err, ERR_USAGE, "it has more than %d tools",
				       SAMPLING_TOOLS_MAX);
		if (write_tool(tool, family, out, err))
			return -1;
	} while (json_span_next(tools, &tool));
	buf_append_char(out, ']');
	return 0;
}

void sampling_write_parameters(struct json_span params, struct buf *out)
{
	struct json_span temperature = json_span_member(params, "temperature");
	struct json_span stops = json_span_member(params, "stopSequences"), stop = {NULL, 0};
	size_t count = 0;

	if (json_span_kind(temperature) == JSON_NUMBER)
		buf_format(out, "\"temperature\":%.*s", (int)temperature.len, temperature.at);
	if (json_span_kind(stops) != JSON_ARRAY || !json_span_next(stops, &stop))
		return;
	buf_format(out, "%s\"stop\":[", out->len > 0 ? "," : "");
	do {
		if (json_span_kind(stop) != JSON_STRING)
			continue;
		append_comma(out);
		buf_append(out, stop.at, stop.len);
		count++;
	} while (count < STOPS_MAX && json_span_next(stops, &stop));
	buf_append_char(out, ']');
}

/* Back */

static const char *stop_reason(const struct chat_answer *answer)
{
	if (answer->calls > 0)
		return "toolUse";
	if (answer->finish_reason && strcmp(answer->finish_reason, "length") == 0)
		return "maxTokens";
	return "endTurn";
}

static void write_text_block(const struct chat_answer *answer, struct buf *out)
{
	buf_append_text(out, "{\"type\":\"text\"");
	json_write_key(out, "text");
	json_write_string_len(out, answer->text, answer->text_len);
	buf_append_char(out, '}');
}

void sampling_write_result(const struct chat_answer *answer, struct buf *out)
{
	buf_append_text(out, "{\"role\":\"assistant\",\"content\":");
	if (answer->calls == 0) {
		write_text_block(answer, out);
	} else {
		buf_append_char(out, '[');
		if (answer->text_len > 0)
			write_text_block(answer, out);
		for (size_t i = 0; i < answer->calls; i++) {
			const struct chat_tool_call *call = &answer->call[i];
			const char *input = call->arguments ? call->arguments : "{}";

			append_comma(out);
			buf_append_text(out, "{\"type\":\"tool_use\"");
			json_write_member(out, "id", call->id);
			json_write_member(out, "name", call->name);
			json_write_member_json(out, "input", input, strlen(input));
			buf_append_char(out, '}');
		}
		buf_append_char(out, ']');
	}
	json_write_member(out, "model", answer->model ? answer->model : "unknown");
	json_write_member(out, "stopReason", stop_reason(answer));
	buf_append_char(out, '}');
}
