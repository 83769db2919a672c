/* SPDX-License-Identifier: MIT */
/* Shortens by itself, and asks agent/summary for what it cannot do alone. */
#include "config.h"

#include "agent/context.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "agent/media_room.h"
#include "agent/read_result.h"
#include "agent/summary.h"
#include "base/json_write.h"
#include "base/mem.h"
#include "model/content_part.h"

/* A token is 3 to 4 bytes of most texts; the rate of an answer is believed within these. */
#define TOKENS_PER_BYTE	    (2.0 / 7)
#define TOKENS_PER_BYTE_MIN 0.125
#define TOKENS_PER_BYTE_MAX 1.0
#define SHORTENED_BYTES	    600 /* a result of that size is not worth to be shortened */

struct context {
	struct context_spec spec;
	const struct context_listener *listener;
	void *arg;
	int64_t tokens; /* that the model takes; 0: not known */
	double rate;	/* tokens of a byte */
	size_t sent;	/* bytes of the last request */
	size_t refused; /* bytes that were too long; 0: none since the last answer */
	struct summary *summary;
	bool summarised; /* since the last answer */
	bool freed;
};

struct context *context_new(const struct context_spec *spec,
			    const struct context_listener *listener, void *arg)
{
	struct context *context = mem_new(sizeof(*context));

	context->spec = *spec;
	context->listener = listener;
	context->arg = arg;
	context->tokens = spec->tokens;
	context->rate = TOKENS_PER_BYTE;
	return context;
}

static void context_destroy(void *object)
{
	free(object);
}

void context_free(struct context **context_p)
{
	struct context *context = *context_p;

	if (!context)
		return;
	*context_p = NULL;
	context->freed = true;
	summary_free(&context->summary);
	loop_free_later(context->spec.loop, context, context_destroy);
}

/* Sizes */

static size_t bytes_of(const struct context *context, int64_t tokens)
{
	return tokens > 0 ? (size_t)((double)tokens / context->rate) : 0;
}

static size_t percent(const struct context *context, int part)
{
	return bytes_of(context, context->tokens * part / 100);
}

/* The answer needs room too. */
static size_t high_bytes(const struct context *context)
{
	const size_t high = percent(context, CONTEXT_HIGH_PERCENT);
	const size_t low = percent(context, CONTEXT_LOW_PERCENT);
	const size_t beside = bytes_of(context, context->tokens - context->spec.max_tokens);

	return beside < low ? low : beside < high ? beside : high;
}

size_t context_result_bytes(const struct context *context, size_t wanted)
{
	const size_t most = percent(context, CONTEXT_RESULT_PERCENT);

	return context->tokens > 0 && most < wanted ? most : wanted;
}

void context_note_answer(struct context *context, const struct chat_usage *usage)
{
	double rate;

	context->summarised = false;
	context->refused = 0;
	if (!usage->present || usage->prompt_tokens <= 0 || context->sent == 0)
		return;
	rate = (double)usage->prompt_tokens / (double)context->sent;
	context->rate = rate < TOKENS_PER_BYTE_MIN   ? TOKENS_PER_BYTE_MIN
			: rate > TOKENS_PER_BYTE_MAX ? TOKENS_PER_BYTE_MAX
						     : rate;
}

void context_note_refusal(struct context *context, long tokens)
{
	const int64_t sent = (int64_t)((double)context->sent * context->rate);

	context->refused = context->sent;
	context->tokens = tokens > 0 ? tokens : sent * 9 / 10;
	/* The estimate was too low: what was sent is more than that. */
	if (sent <= context->tokens && context->sent > 0)
		context->rate = (double)context->tokens * 1.1 / (double)context->sent;
}

/* Shortening */

struct shortening {
	struct context *context;
	size_t end; /* messages from there on stay */
	size_t bytes, target;
};

/* The same message with another text. */
static void write_message(struct json_span message, const char *content, struct buf *out)
{
	struct json_span name = {NULL, 0}, value = {NULL, 0};

	buf_append_char(out, '{');
	while (json_span_next_member(message, &name, &value)) {
		if (out->data[out->len - 1] != '{')
			buf_append_char(out, ',');
		buf_append(out, name.at, name.len);
		buf_append_char(out, ':');
		if (json_span_equals(name, "content"))
			json_write_string(out, content);
		else
			buf_append(out, value.at, value.len);
	}
	buf_append_char(out, '}');
}

static bool shorten(void *arg, size_t at, struct json_span message, struct buf *out)
{
	struct shortening *shortening = arg;
	const size_t start = out->len;
	struct json_span content;
	char *text, *shortened;

	if (at >= shortening->end || shortening->bytes <= shortening->target ||
	    !json_span_equals(json_span_member(message, "role"), "tool"))
		return false;
	content = json_span_member(message, "content");
	text = json_span_text(content, CONVERSATION_MAX_BYTES);
	if (!text || strlen(text) <= SHORTENED_BYTES) {
		free(text);
		return false;
	}
	shortened = read_result_shorten(shortening->context->spec.results, text, strlen(text),
					CONTEXT_HEAD_BYTES);
	write_message(message, shortened, out);
	shortening->bytes -= message.len;
	shortening->bytes += out->len - start;
	free(shortened);
	free(text);
	return true;
}

/* The message that the last calls are in: their results have not been read yet. */
static size_t last_calls(struct conversation *conversation)
{
	struct json_span all, message = {NULL, 0};
	size_t last = 0;

	all.at = conversation_json(conversation, &all.len);
	for (size_t at = 0; all.at && json_span_next(all, &message); at++)
		if (json_span_member(message, "tool_calls").at)
			last = at;
	return last;
}

static size_t size_of(const struct context *context, size_t tools_len)
{
	const struct media_load load = media_load_of(context->spec.conversation);
	size_t len = 0;

	(void)conversation_json(context->spec.conversation, &len);
	return len - load.bytes + load.weight + tools_len;
}

/* What providers take of images, sounds and files, and what fits beside the rest. */
static void drop_media(struct context *context, size_t tools_len)
{
	struct conversation *conversation = context->spec.conversation;
	struct media_load most = {CONTENT_PARTS_MAX, CONTENT_PARTS_MAX_BYTES, SIZE_MAX};
	const size_t size = size_of(context, tools_len);
	size_t dropped = media_room_make(conversation, &most, last_calls(conversation));
	char *text;

	dropped += media_room_make(conversation, &most, SIZE_MAX);
	if (context->tokens > 0 && size > high_bytes(context)) {
		const struct media_load load = media_load_of(conversation);
		const size_t excess = size - high_bytes(context);

		most.weight = load.weight > excess ? load.weight - excess : 0;
		dropped += media_room_make(conversation, &most, last_calls(conversation));
	}
	if (dropped == 0)
		return;
	text = mem_format("the conversation has become long: %zu of its oldest images, sounds or "
			  "files %s left out",
			  dropped, dropped == 1 ? "is" : "are");
	context->listener->on_dropped(context->arg, text);
	free(text);
}

static void tell_shortened(struct context *context, size_t count)
{
	char *text = mem_format("the conversation nears the %" PRId64
				" tokens that the model takes: %zu result%s of tools %s shortened",
				context->tokens, count, count == 1 ? "" : "s",
				count == 1 ? "is" : "are");

	context->listener->on_dropped(context->arg, text);
	free(text);
}

/* What it has then. */
static size_t shorten_results(struct context *context, size_t tools_len)
{
	static const char why[] = "the conversation neared what the model takes";
	struct conversation *conversation = context->spec.conversation;
	struct shortening shortening = {
		.context = context,
		.end = last_calls(conversation),
		.bytes = size_of(context, tools_len),
		.target = percent(context, CONTEXT_LOW_PERCENT),
	};
	size_t count = conversation_rewrite(conversation, shorten, &shortening, why);

	if (shortening.bytes > high_bytes(context)) {
		shortening.end = conversation_count(conversation);
		shortening.target = high_bytes(context);
		count += conversation_rewrite(conversation, shorten, &shortening, why);
	}
	if (count > 0)
		tell_shortened(context, count);
	return shortening.bytes;
}

/* A summary */

static void summary_done(void *arg, const struct summary_result *result)
{
	struct context *context = arg;
	char *text;

	summary_free(&context->summary);
	context->listener->on_spent(context->arg, &result->usage);
	if (result->failure)
		text = mem_format("the conversation does not fit into the %" PRId64
				  " tokens that the model takes: its first %zu messages are left "
				  "out, as there is no summary: %s",
				  context->tokens, result->messages, result->failure);
	else
		text = mem_format("the conversation does not fit into the %" PRId64
				  " tokens that the model takes: its first %zu messages are "
				  "replaced by a summary",
				  context->tokens, result->messages);
	if (!context->freed)
		context->listener->on_dropped(context->arg, text);
	free(text);
	if (!context->freed)
		context->listener->on_room(context->arg);
}

static bool summary_begins(struct context *context, const char *tools, size_t tools_len)
{
	const struct summary_spec spec = {
		.loop = context->spec.loop,
		.client = context->spec.client,
		.model = context->spec.model,
		.routing = context->spec.routing,
		.conversation = context->spec.conversation,
		.tools = tools,
		.tools_len = tools_len,
		.most_bytes = high_bytes(context) > tools_len ? high_bytes(context) - tools_len : 0,
		.end_bytes = percent(context, CONTEXT_END_PERCENT),
		.prompt_bytes = CONTEXT_PROMPT_BYTES,
	};

	if (context->summarised)
		return false;
	context->summary = summary_start(&spec, summary_done, context);
	context->summarised = context->summary != NULL;
	return context->summarised;
}

enum context_room context_make_room(struct context *context, const char *tools, size_t tools_len)
{
	drop_media(context, tools_len);
	context->sent = size_of(context, tools_len);
	if (context->tokens == 0 || context->sent <= high_bytes(context))
		return CONTEXT_FITS;
	context->sent = shorten_results(context, tools_len);
	if (context->sent <= high_bytes(context))
		return CONTEXT_FITS;
	if (summary_begins(context, tools, tools_len))
		return CONTEXT_WAITS;
	return context->refused == 0 || context->sent < context->refused ? CONTEXT_FITS
									 : CONTEXT_FULL;
}
