/* SPDX-License-Identifier: MIT */
/*
 * Gathers what arrives and judges it at the end: tool calls are nobody's before the stream is
 * complete, because finish_reason comes early or twice, and an error may follow it.
 */
#include "config.h"

#include "model/chat_stream.h"

#include <stdlib.h>
#include <string.h>

#include "base/json_check.h"
#include "base/mem.h"
#include "model/chat_calls.h"
#include "model/chat_reasoning.h"
#include "model/span_text.h"

/* What is beyond is no count of this world, and may not spoil the sums. */
#define TOKENS_MAX   INT64_C(1000000000000)
#define COST_MAX_USD 1e6

struct chat_stream {
	struct chat_stream_listener listener;
	void *arg;
	char *base_url, *model; /* for sentences */

	struct buf text, reasoning, reasoning_content, refusal;
	bool has_reasoning_content;
	struct chat_calls calls;
	struct chat_reasoning details;
	struct chat_usage usage;
	char *finish_reason, *native_finish_reason;
	char *id, *answered_by, *provider;

	bool done;  /* [DONE], or a whole body */
	bool shown; /* text of the answer arrived; reasoning may begin anew */
	bool quiet; /* gather without telling */
	bool failed;
	struct chat_error_advice advice;
};

struct chat_stream *chat_stream_new(const struct chat_stream_listener *listener, void *arg)
{
	struct chat_stream *stream = mem_new(sizeof(*stream));

	if (listener)
		stream->listener = *listener;
	stream->arg = arg;
	buf_init(&stream->text, CHAT_ANSWER_MAX_BYTES);
	buf_init(&stream->reasoning, CHAT_ANSWER_MAX_BYTES);
	buf_init(&stream->reasoning_content, CHAT_ANSWER_MAX_BYTES);
	buf_init(&stream->refusal, CHAT_ANSWER_MAX_BYTES);
	stream->advice.retry_after_ms = -1;
	return stream;
}

void chat_stream_free(struct chat_stream **stream_p)
{
	struct chat_stream *stream = *stream_p;

	if (!stream)
		return;
	buf_clear(&stream->text);
	buf_clear(&stream->reasoning);
	buf_clear(&stream->reasoning_content);
	buf_clear(&stream->refusal);
	chat_calls_clear(&stream->calls);
	chat_reasoning_clear(&stream->details);
	free(stream->finish_reason);
	free(stream->native_finish_reason);
	free(stream->id);
	free(stream->answered_by);
	free(stream->provider);
	free(stream->base_url);
	free(stream->model);
	free(stream);
	*stream_p = NULL;
}

void chat_stream_set_names(struct chat_stream *stream, const char *base_url, const char *model)
{
	free(stream->base_url);
	free(stream->model);
	stream->base_url = mem_string_or_null(base_url);
	stream->model = mem_string_or_null(model);
}

struct chat_error_advice chat_stream_advice(const struct chat_stream *stream)
{
	return stream->advice;
}

bool chat_stream_is_done(const struct chat_stream *stream)
{
	return stream->done;
}

bool chat_stream_untouched(const struct chat_stream *stream)
{
	return !stream->shown;
}

char *chat_stream_partial_text(const struct chat_stream *stream)
{
	return mem_string_len(buf_text(&stream->text), stream->text.len);
}

/* Texts */

typedef void text_fn(void *arg, const char *text, size_t len);

static int too_large(struct err *err)
{
	return err_set(err, ERR_PROTOCOL, "the model's answer is larger than %zu MiB",
		       CHAT_ANSWER_MAX_BYTES >> 20);
}

/* Adds a string's text and tells it; anything else is nothing. */
static int add_text(struct chat_stream *stream, struct json_span span, struct buf *to,
		    text_fn *tell, struct err *err)
{
	size_t before = to->len;

	if (json_span_kind(span) != JSON_STRING)
		return 0;
	if (json_span_unescape(span, to))
		return too_large(err);
	if (tell && to->len > before && !stream->quiet)
		tell(stream->arg, to->data + before, to->len - before);
	return 0;
}

static int add_answer(struct chat_stream *stream, struct json_span span, struct err *err)
{
	int status = add_text(stream, span, &stream->text, stream->listener.on_text, err);

	if (stream->text.len > 0 && !stream->quiet)
		stream->shown = true;
	return status;
}

static int add_reasoning(struct chat_stream *stream, struct json_span span, struct err *err)
{
	return add_text(stream, span, &stream->reasoning, stream->listener.on_reasoning, err);
}

/* Mistral: {"type":"thinking","thinking":[{"type":"text","text":…}]} */
static int add_thinking(struct chat_stream *stream, struct json_span thinking, struct err *err)
{
	struct json_span part = {NULL, 0};

	if (json_span_kind(thinking) != JSON_ARRAY)
		return add_reasoning(stream, thinking, err);
	while (json_span_next(thinking, &part))
		if (add_reasoning(stream, json_span_member(part, "text"), err))
			return -1;
	return 0;
}

static int add_part(struct chat_stream *stream, struct json_span part, struct err *err)
{
	struct json_span thinking = json_span_member(part, "thinking");

	if (json_span_kind(part) == JSON_STRING)
		return add_answer(stream, part, err);
	if (thinking.at)
		return add_thinking(stream, thinking, err);
	return add_answer(stream, json_span_member(part, "text"), err);
}

static int add_content(struct chat_stream *stream, struct json_span content, struct err *err)
{
	struct json_span part = {NULL, 0};

	if (json_span_kind(content) != JSON_ARRAY)
		return add_answer(stream, content, err);
	while (json_span_next(content, &part))
		if (add_part(stream, part, err))
			return -1;
	return 0;
}

/* For endpoints that tell their reasoning in the details only. */
static int add_details_text(struct chat_stream *stream, struct json_span details, struct err *err)
{
	struct json_span detail = {NULL, 0};

	if (json_span_kind(details) != JSON_ARRAY)
		return 0;
	while (json_span_next(details, &detail))
		if (add_reasoning(stream, json_span_member(detail, "text"), err) ||
		    add_reasoning(stream, json_span_member(detail, "summary"), err))
			return -1;
	return 0;
}

static bool is_filled_string(struct json_span span)
{
	return json_span_kind(span) == JSON_STRING && span.len > strlen("\"\"");
}

/* Messages and pieces of messages */

/* The same reasoning may be there under three names: it is shown once. */
static int take_reasoning(struct chat_stream *stream, struct json_span text,
			  struct json_span content, struct json_span details, bool whole,
			  struct err *err)
{
	if (json_span_kind(content) == JSON_STRING) {
		stream->has_reasoning_content = true;
		if (json_span_unescape(content, &stream->reasoning_content))
			return too_large(err);
	}
	if (chat_reasoning_add(&stream->details, details, whole, err))
		return -1;
	if (is_filled_string(text))
		return add_reasoning(stream, text, err);
	if (is_filled_string(content))
		return add_reasoning(stream, content, err);
	return add_details_text(stream, details, err);
}

static int take_message(struct chat_stream *stream, struct json_span message, bool whole,
			struct err *err)
{
	enum { CONTENT, REASONING, REASONING_CONTENT, DETAILS, CALLS, REFUSAL, COUNT };
	static const char *const names[COUNT] = {"content",	      "reasoning",
						 "reasoning_content", "reasoning_details",
						 "tool_calls",	      "refusal"};
	struct json_span spans[COUNT];

	if (!json_span_members(message, names, spans, COUNT))
		return 0;
	if (take_reasoning(stream, spans[REASONING], spans[REASONING_CONTENT], spans[DETAILS],
			   whole, err) ||
	    add_content(stream, spans[CONTENT], err) ||
	    chat_calls_add(&stream->calls, spans[CALLS], whole, err))
		return -1;
	if (json_span_kind(spans[REFUSAL]) == JSON_STRING &&
	    json_span_unescape(spans[REFUSAL], &stream->refusal))
		return too_large(err);
	if (stream->text.len + stream->reasoning.len + stream->reasoning_content.len +
		    stream->refusal.len + stream->calls.bytes + stream->details.bytes >
	    CHAT_ANSWER_MAX_BYTES)
		return too_large(err);
	return 0;
}

static int fail(struct chat_stream *stream, struct json_span error, struct err *err)
{
	chat_error_classify(0, error.at, error.len, NULL, stream->base_url, stream->model, err,
			    &stream->advice);
	return -1;
}

static int take_choice(struct chat_stream *stream, struct json_span choice, bool whole,
		       struct err *err)
{
	enum { INDEX, DELTA, MESSAGE, FINISH, NATIVE_FINISH, ERROR, COUNT };
	static const char *const names[COUNT] = {
		"index", "delta", "message", "finish_reason", "native_finish_reason", "error"};
	struct json_span spans[COUNT], message;

	/* One answer was asked for: another choice is not ours. */
	if (!json_span_members(choice, names, spans, COUNT) || span_int(spans[INDEX], 0) != 0)
		return 0;
	span_text_keep(&stream->finish_reason, spans[FINISH]);
	span_text_keep(&stream->native_finish_reason, spans[NATIVE_FINISH]);
	message = whole || json_span_kind(spans[DELTA]) != JSON_OBJECT ? spans[MESSAGE]
								       : spans[DELTA];
	stream->quiet = whole && span_is_given(spans[ERROR]);
	if (take_message(stream, message, whole, err))
		return -1;
	return span_is_given(spans[ERROR]) ? fail(stream, spans[ERROR], err) : 0;
}

/* Usage */

/* What an endpoint counts is never less than nothing, and no sum of it overflows. */
static int64_t tokens_of(struct json_span span, int64_t fallback)
{
	const int64_t tokens = span_int(span, fallback);

	return tokens >= 0 && tokens <= TOKENS_MAX ? tokens : 0;
}

static bool cost_of(struct json_span span, double *cost)
{
	return span_double(span, cost) && *cost >= 0 && *cost <= COST_MAX_USD;
}

/* Perplexity's cost is an object; with the account's own provider key the two parts add up. */
static void take_cost(struct chat_usage *usage, struct json_span object)
{
	enum { COST, BYOK, DETAILS, COUNT };
	static const char *const names[COUNT] = {"cost", "is_byok", "cost_details"};
	struct json_span spans[COUNT];
	double upstream;

	json_span_members(object, names, spans, COUNT);
	usage->has_cost = cost_of(spans[COST], &usage->cost) ||
			  cost_of(json_span_member(spans[COST], "total_cost"), &usage->cost);
	if (usage->has_cost && json_span_kind(spans[BYOK]) == JSON_TRUE &&
	    cost_of(json_span_member(spans[DETAILS], "upstream_inference_cost"), &upstream))
		usage->cost += upstream;
	if (!usage->has_cost)
		usage->cost = 0;
}

/* Some tell it in every chunk, growing: the last one counts. */
static void take_usage(struct chat_stream *stream, struct json_span object)
{
	enum { PROMPT, COMPLETION, TOTAL, PROMPT_DETAILS, COMPLETION_DETAILS, CACHE_HIT, COUNT };
	static const char *const names[COUNT] = {
		"prompt_tokens",	 "completion_tokens",	      "total_tokens",
		"prompt_tokens_details", "completion_tokens_details", "prompt_cache_hit_tokens",
	};
	struct chat_usage *usage = &stream->usage;
	struct json_span spans[COUNT], cached, reasoning;

	if (!json_span_members(object, names, spans, COUNT))
		return;
	cached = json_span_member(spans[PROMPT_DETAILS], "cached_tokens");
	reasoning = json_span_member(spans[COMPLETION_DETAILS], "reasoning_tokens");
	*usage = (struct chat_usage){
		.present = true,
		.prompt_tokens = tokens_of(spans[PROMPT], 0),
		.completion_tokens = tokens_of(spans[COMPLETION], 0),
		.cached_tokens = tokens_of(cached, span_int(spans[CACHE_HIT], 0)),
		.reasoning_tokens = tokens_of(reasoning, 0),
	};
	usage->total_tokens =
		tokens_of(spans[TOTAL], usage->prompt_tokens + usage->completion_tokens);
	take_cost(usage, object);
}

/* Chunks and bodies */

static int take_object(struct chat_stream *stream, struct json_span object, bool whole,
		       struct err *err)
{
	enum { ERROR, CHOICES, USAGE, ID, MODEL, PROVIDER, OBJECT, COUNT };
	static const char *const names[COUNT] = {"error", "choices",  "usage", "id",
						 "model", "provider", "object"};
	struct json_span spans[COUNT], choice = {NULL, 0};
	size_t choices = 0;

	json_span_members(object, names, spans, COUNT);
	if (span_is_given(spans[ERROR]) || json_span_equals(spans[OBJECT], "error"))
		return fail(stream, object, err);
	span_text_keep(&stream->id, spans[ID]);
	span_text_keep(&stream->answered_by, spans[MODEL]);
	span_text_keep(&stream->provider, spans[PROVIDER]);
	take_usage(stream, spans[USAGE]);
	if (json_span_kind(spans[CHOICES]) == JSON_ARRAY)
		for (; json_span_next(spans[CHOICES], &choice); choices++)
			if (take_choice(stream, choice, whole, err))
				return -1;
	if (whole && choices == 0) {
		stream->advice.retryable = true;
		return err_set(err, ERR_TEMPORARY, "the endpoint's answer has no choices in it");
	}
	return 0;
}

static int not_an_object(struct chat_stream *stream, const char *text, size_t len, struct err *err)
{
	if (len == 0) {
		stream->advice.retryable = true;
		return err_set(err, ERR_TEMPORARY, "the endpoint's answer is empty");
	}
	chat_error_classify(0, text, len, NULL, stream->base_url, stream->model, err,
			    &stream->advice);
	return -1;
}

static int take(struct chat_stream *stream, const char *json, size_t len, bool whole,
		struct err *err)
{
	struct json_span object;
	int status;

	if (!span_of_json(json, len, &object) || json_span_kind(object) != JSON_OBJECT)
		status = not_an_object(stream, json, len, err);
	else
		status = take_object(stream, object, whole, err);
	if (status)
		stream->failed = true;
	return status;
}

int chat_stream_chunk(struct chat_stream *stream, const char *json, size_t len, struct err *err)
{
	json_trim(&json, &len);
	if (len == 0 || stream->done || stream->failed)
		return 0;
	if (len == strlen("[DONE]") && memcmp(json, "[DONE]", len) == 0) {
		stream->done = true;
		return 0;
	}
	return take(stream, json, len, false, err);
}

int chat_stream_body(struct chat_stream *stream, const char *json, size_t len, struct err *err)
{
	json_trim(&json, &len);
	stream->done = true;
	return take(stream, json, len, true, err);
}

/* The end */

static int check_end(struct chat_stream *stream, struct err *err)
{
	const char *native = stream->native_finish_reason;

	stream->advice.retryable = true;
	if (stream->failed)
		return err_set(err, ERR_TEMPORARY, "the model's answer ended with an error");
	if (!stream->done && !stream->finish_reason)
		return err_set(err, ERR_TEMPORARY,
			       "the model's answer ended before it was complete");
	if (stream->finish_reason && strcmp(stream->finish_reason, "error") == 0)
		return err_set(err, ERR_TEMPORARY,
			       "the provider ended the model's answer with an error%s%.60s",
			       native ? ": " : "", native ? native : "");
	if (!stream->finish_reason && stream->text.len == 0 && stream->calls.count == 0)
		return err_set(err, ERR_TEMPORARY, "the model's answer is empty");
	stream->advice.retryable = false;
	return 0;
}

static char *take_filled(struct buf *text)
{
	return text->len > 0 ? buf_take(text) : NULL;
}

static void move(char **to, char **from)
{
	*to = *from;
	*from = NULL;
}

/* By these ends an answer stops wherever it is, also within a call. */
static bool is_cut_off(const struct chat_stream *stream)
{
	const char *reason = stream->finish_reason;

	return reason && (strcmp(reason, "length") == 0 || strcmp(reason, "content_filter") == 0);
}

struct chat_answer *chat_stream_finish(struct chat_stream *stream, struct err *err)
{
	struct chat_answer *answer;
	bool cut_off;

	if (check_end(stream, err))
		return NULL;
	answer = mem_new(sizeof(*answer));
	cut_off = is_cut_off(stream);
	answer->text_len = stream->text.len;
	answer->text = buf_take(&stream->text);
	answer->reasoning = take_filled(&stream->reasoning);
	answer->reasoning_details = chat_reasoning_take(&stream->details);
	if (stream->has_reasoning_content)
		answer->reasoning_content = buf_take(&stream->reasoning_content);
	answer->refusal = take_filled(&stream->refusal);
	chat_calls_finish(&stream->calls, cut_off, answer);
	move(&answer->finish_reason, &stream->finish_reason);
	move(&answer->native_finish_reason, &stream->native_finish_reason);
	move(&answer->id, &stream->id);
	move(&answer->model, &stream->answered_by);
	move(&answer->provider, &stream->provider);
	answer->usage = stream->usage;
	return answer;
}
