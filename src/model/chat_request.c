/* SPDX-License-Identifier: MIT */
/*
 * Writes the request as text: messages and tools are JSON already and are copied as they are. What
 * does not change within a conversation comes first, the messages last.
 */
#include "config.h"

#include "model/chat_request.h"

#include <string.h>

#include "base/json_check.h"
#include "base/json_write.h"
#include "model/cache_marks.h"

static bool has_tools(const struct chat_request *request)
{
	size_t i = 0;

	if (!request->tools || request->tools_len == 0)
		return false;
	while (i < request->tools_len && strchr("[] \t\r\n", request->tools[i]))
		i++;
	return i < request->tools_len;
}

/* Without tools there is one request: writing what nobody reads costs more than it saves. */
static bool is_marked(const struct chat_request *request, const struct profile *profile)
{
	return request->routing && request->routing->cache_marks && profile->own_keys &&
	       has_tools(request);
}

static void write_fallbacks(const char *const *model, struct buf *out)
{
	json_write_key(out, "models");
	buf_append_char(out, '[');
	for (size_t i = 0; model[i]; i++) {
		if (i > 0)
			buf_append_char(out, ',');
		json_write_string(out, model[i]);
	}
	buf_append_char(out, ']');
}

const char *const chat_reasoning_efforts[] = {
	"max", "xhigh", "high", "medium", "low", "minimal", "none", NULL,
};

#define REASONING_TOKENS_MAX 1000000

static bool is_effort(const char *text)
{
	for (const char *const *effort = chat_reasoning_efforts; *effort; effort++)
		if (strcmp(*effort, text) == 0)
			return true;
	return false;
}

/* 0: it is none. */
static long reasoning_tokens(const char *text)
{
	const struct json_span span = {text, strlen(text)};
	int64_t tokens;

	return json_span_int64(span, &tokens) && tokens >= 1 && tokens <= REASONING_TOKENS_MAX
		       ? (long)tokens
		       : 0;
}

bool chat_reasoning_is_valid(const char *text)
{
	return is_effort(text) || reasoning_tokens(text) > 0;
}

/* An object of OpenRouter's own, or the one word that others took over from OpenAI. */
static void write_reasoning(const char *reasoning, const struct profile *profile, struct buf *out)
{
	if (profile->own_keys) {
		json_write_key(out, "reasoning");
		buf_append_char(out, '{');
		if (is_effort(reasoning))
			json_write_member(out, "effort", reasoning);
		else
			json_write_member_int(out, "max_tokens", reasoning_tokens(reasoning));
		buf_append_char(out, '}');
	} else if (profile->reasoning_effort && is_effort(reasoning)) {
		json_write_member(out, "reasoning_effort", reasoning);
	}
}

static void write_openrouter_members(const struct chat_request *request, struct buf *out)
{
	const struct chat_routing *routing = request->routing;

	if (!routing)
		return;
	if (routing->fallback && *routing->fallback)
		write_fallbacks(routing->fallback, out);
	if (routing->provider)
		json_write_member_json(out, "provider", routing->provider,
				       strlen(routing->provider));
	if (routing->service_tier)
		json_write_member(out, "service_tier", routing->service_tier);
	if (routing->session_id)
		json_write_member(out, "session_id", routing->session_id);
}

/*
 * "auto" is the default everywhere, and not every endpoint knows the key. One that does not know
 * "none" is not offered the tools at all.
 */
static void write_tools(const struct chat_request *request, const struct profile *profile,
			struct buf *out)
{
	bool none = request->tool_choice == CHAT_TOOL_CHOICE_NONE;

	if (!has_tools(request) || (none && profile->no_tool_choice))
		return;
	if (is_marked(request, profile)) {
		json_write_key(out, "tools");
		cache_marks_write_tools(out, request->tools, request->tools_len);
	} else {
		json_write_member_json(out, "tools", request->tools, request->tools_len);
	}
	if (none)
		json_write_member(out, "tool_choice", "none");
	else if (request->tool_choice == CHAT_TOOL_CHOICE_REQUIRED && !profile->no_tool_choice)
		json_write_member(out, "tool_choice", "required");
	else if (profile->parallel_on_asking)
		json_write_member_bool(out, "parallel_tool_calls", true);
}

int chat_request_write(const struct chat_request *request, const struct profile *profile,
		       struct buf *out)
{
	buf_append_char(out, '{');
	if (request->model)
		json_write_member(out, "model", request->model);
	if (profile->own_keys)
		write_openrouter_members(request, out);
	if (request->reasoning)
		write_reasoning(request->reasoning, profile, out);
	if (request->max_tokens > 0)
		json_write_member_int(out, profile->max_tokens, request->max_tokens);
	if (request->parameters) {
		if (out->data[out->len - 1] != '{')
			buf_append_char(out, ',');
		buf_append_text(out, request->parameters);
	}
	json_write_member_bool(out, "stream", request->stream);
	if (request->stream && profile->usage_on_asking)
		json_write_member_json(out, "stream_options", "{\"include_usage\":true}",
				       strlen("{\"include_usage\":true}"));
	if (request->response_format)
		json_write_member_json(out, "response_format", request->response_format,
				       strlen(request->response_format));
	write_tools(request, profile, out);
	if (is_marked(request, profile)) {
		json_write_key(out, "messages");
		cache_marks_write_messages(out, request->messages, request->messages_len);
	} else {
		json_write_member_json(out, "messages", request->messages, request->messages_len);
	}
	buf_append_char(out, '}');
	return out->overflowed ? -1 : 0;
}
