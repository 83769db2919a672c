/* SPDX-License-Identifier: MIT */
/*
 * One table from situations to exit codes, retries and sentences. The endpoint's own words come
 * last and in parentheses: they are shown, and decide only where its status is ambiguous.
 */
#include "config.h"

#include "model/chat_error.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "base/buf.h"
#include "base/sanitize.h"
#include "model/chat_error_facts.h"

#define DETAIL_MAX_BYTES   160
#define NAME_MAX_BYTES	   64
#define RETRY_AFTER_MAX_S  86400
#define OPENROUTER_HOST	   "openrouter.ai"
#define OPENROUTER_CREDITS "https://openrouter.ai/settings/credits"

enum situation {
	WRONG_KEY,
	NO_CREDITS,
	FORBIDDEN,
	NO_MODEL,
	NO_TOOLS,
	NO_ENDPOINT,
	REDIRECTED,
	CONTEXT_FULL,
	TOO_LARGE,
	RATE_LIMITED,
	DAILY_LIMIT,
	TOO_SLOW,
	SERVER_TROUBLE,
	NO_MEDIA,
	REFUSED,
	NO_CALL,
	BROKEN_OFF, /* in mid-stream, for an unknown reason */
	NOT_CHAT,   /* a 200 that is no chat completion */
};

/* In a sentence %H is the endpoint's host, %M the model. What passes has what to do on its own: it
 * is said when no more tries follow. */
static const struct verdict {
	enum err_kind kind;
	bool retryable;
	const char *sentence;
	const char *remedy;
} verdicts[] = {
	[WRONG_KEY] = {ERR_PERMISSION, false,
		       "%H refuses the API key: check OPENROUTER_API_KEY or "
		       "~/.config/cordpair/key",
		       NULL},
	[NO_CREDITS] = {ERR_PERMISSION, false,
			"%H: the account's credits do not suffice: add some%C, or set a smaller "
			"\"max_tokens\"",
			NULL},
	[FORBIDDEN] = {ERR_PERMISSION, false,
		       "%H does not permit this request: check what the account and its key may do",
		       NULL},
	[NO_MODEL] = {ERR_CONFIG, false, "%H: %M is not available: choose another with --model",
		      NULL},
	[NO_TOOLS] = {ERR_CONFIG, false,
		      "%H: %M cannot use tools: choose one that can with --model", NULL},
	[NO_ENDPOINT] = {ERR_CONFIG, false,
			 "%H: there are no chat completions at this address: check --base-url",
			 NULL},
	[REDIRECTED] = {ERR_CONFIG, false,
			"%H answers with a redirect, which is not followed: check --base-url",
			NULL},
	[CONTEXT_FULL] = {ERR_PROTOCOL, false,
			  "%H: the conversation is longer than %M can take: shorten it or choose "
			  "a model with a larger context",
			  NULL},
	[TOO_LARGE] = {ERR_PROTOCOL, false, "%H: the request is too large: shorten it or its files",
		       NULL},
	[RATE_LIMITED] = {ERR_TEMPORARY, true, "%H limits the rate of requests", "try again later"},
	[DAILY_LIMIT] = {ERR_TEMPORARY, false, "%H: the daily limit of free requests is reached",
			 "try again tomorrow, or choose a model that is not free"},
	[TOO_SLOW] = {ERR_TEMPORARY, true, "%H did not answer in time", "try again"},
	[SERVER_TROUBLE] = {ERR_TEMPORARY, true, "%H or the model's provider has a problem",
			    "try again later"},
	[NO_MEDIA] = {ERR_CONFIG, false,
		      "%H: %M does not take an image, sound or file of the conversation: choose "
		      "another with --model",
		      NULL},
	[REFUSED] = {ERR_PROTOCOL, false, "%H refuses the request: --trace shows what was sent",
		     NULL},
	[NO_CALL] = {ERR_TEMPORARY, true, "%H: %M wrote a tool call that could not be used",
		     "try again, or choose another with --model"},
	[BROKEN_OFF] = {ERR_TEMPORARY, true, "%H broke off the answer", "try again"},
	[NOT_CHAT] = {ERR_PROTOCOL, false,
		      "%H does not answer as a chat endpoint does: check --base-url", NULL},
};

static bool says(const char *text, const char *const phrases[])
{
	for (; text && *phrases; phrases++)
		if (strcasestr(text, *phrases))
			return true;
	return false;
}

static bool is_one_of(const char *word, const char *const words[])
{
	for (; word && *words; words++)
		if (strcmp(word, *words) == 0)
			return true;
	return false;
}

/* The few cases that a status does not tell apart. */

static bool is_about_tools(const struct chat_error_facts *facts)
{
	static const char *const phrases[] = {
		"support tool use",	     "not support tools",	 "not support tool",
		"--enable-auto-tool-choice", "support function calling", NULL};

	return says(facts->message, phrases);
}

/* Groq checks what the model wrote. The request is well, and so are its tools. */
static bool is_about_call(const struct chat_error_facts *facts)
{
	static const char *const phrases[] = {"tool call validation failed",
					      "failed to call a function", NULL};
	static const char *const codes[] = {"tool_use_failed", NULL};

	return says(facts->message, phrases) || is_one_of(facts->code, codes);
}

/* With statuses from 400 to 500: OpenRouter has 404 for it, llama.cpp 500. Not the name of a part
 * alone: it may be that of a tool's property. */
static bool is_about_media(const struct chat_error_facts *facts)
{
	static const char *const phrases[] = {"image input",
					      "audio input",
					      "file input",
					      "image_url is only supported",
					      "unknown variant `image_url`",
					      "image(s) may be provided",
					      "image exceeds",
					      "process image",
					      "process input image",
					      "not support image",
					      "not a multimodal model",
					      "the pdf specified",
					      NULL};
	static const char *const codes[] = {"invalid_image", "image_too_large", "image_too_small",
					    "unsupported_image_format", NULL};

	return says(facts->message, phrases) || is_one_of(facts->code, codes) ||
	       is_one_of(facts->type, codes);
}

static bool is_about_model(const struct chat_error_facts *facts)
{
	static const char *const phrases[] = {"is not a valid model", "model not found",
					      "no such model", "model does not exist", NULL};
	static const char *const codes[] = {"model_not_found", "model_deprecated", "no_endpoints",
					    NULL};

	return says(facts->message, phrases) || is_one_of(facts->code, codes);
}

static bool is_about_context(const struct chat_error_facts *facts)
{
	static const char *const phrases[] = {"maximum context length",
					      "maximum number of tokens allowed",
					      "length of all messages is too long",
					      "context window",
					      "context length",
					      "prompt is too long",
					      "exceeds the available context",
					      NULL};
	static const char *const types[] = {"context_length_exceeded", "exceed_context_size_error",
					    "too_many_prompt_tokens", NULL};

	return says(facts->message, phrases) || is_one_of(facts->type, types) ||
	       is_one_of(facts->code, types);
}

/* "… maximum context length is 200000 tokens. However, you requested about 2500021 tokens" */
static long context_tokens(const struct chat_error_facts *facts)
{
	static const char *const phrases[] = {
		"maximum context length is ", "available context size (",
		"maximum number of tokens allowed (",
		"tokens > ", /* "prompt is too long: 210000 tokens > 200000 maximum" */
	};

	for (size_t i = 0; i < sizeof(phrases) / sizeof(phrases[0]); i++) {
		const char *at = strcasestr(facts->message, phrases[i]);
		long tokens = at ? strtol(at + strlen(phrases[i]), NULL, 10) : 0;

		if (tokens > 0)
			return tokens;
	}
	return 0;
}

static bool is_about_credits(const struct chat_error_facts *facts)
{
	static const char *const words[] = {"insufficient_quota", NULL};

	return is_one_of(facts->type, words) || is_one_of(facts->code, words);
}

static bool is_about_tool_choice(const struct chat_error_facts *facts)
{
	static const char *const phrases[] = {"tool_choice", NULL};

	return says(facts->message, phrases);
}

/* "You requested up to 65536 tokens, but can only afford 1200." */
static long affordable_tokens(const struct chat_error_facts *facts)
{
	static const char phrase[] = "can only afford ";
	const char *at = strcasestr(facts->message, phrase);
	long tokens = at ? strtol(at + strlen(phrase), NULL, 10) : 0;

	return tokens > 0 ? tokens : 0;
}

static bool is_daily(const struct chat_error_facts *facts)
{
	static const char *const phrases[] = {"per-day", "per day", "daily limit", NULL};

	return says(facts->message, phrases);
}

static enum situation situation_of_request_error(long status, const struct chat_error_facts *facts)
{
	if (is_about_call(facts))
		return NO_CALL;
	if (is_about_tools(facts))
		return NO_TOOLS;
	if (is_about_context(facts))
		return CONTEXT_FULL;
	if (is_about_tool_choice(facts))
		return REFUSED;
	if (is_about_media(facts))
		return NO_MEDIA;
	if (is_about_model(facts))
		return NO_MODEL;
	if (status == 404)
		return facts->in_json ? NO_MODEL : NO_ENDPOINT;
	return status == 413 ? TOO_LARGE : REFUSED;
}

static enum situation situation_of(long status, const struct chat_error_facts *facts)
{
	switch (status) {
	case 401:
		return WRONG_KEY;
	case 402:
		return NO_CREDITS;
	case 403:
		return FORBIDDEN;
	case 405:
		return NO_ENDPOINT;
	case 408:
	case 504:
	case 524:
		return TOO_SLOW;
	case 429:
		if (is_about_credits(facts))
			return NO_CREDITS;
		return is_daily(facts) ? DAILY_LIMIT : RATE_LIMITED;
	default:
		break;
	}
	if (status >= 500 && is_about_media(facts))
		return NO_MEDIA;
	if (status >= 500)
		return SERVER_TROUBLE;
	if (status >= 400)
		return situation_of_request_error(status, facts);
	if (status >= 300)
		return REDIRECTED;
	return status == 0 && facts->in_json ? BROKEN_OFF : NOT_CHAT;
}

/* The sentence */

static void append_host(struct buf *text, const char *base_url)
{
	const char *start = base_url ? strstr(base_url, "://") : NULL;
	size_t len;

	start = start ? start + 3 : base_url;
	len = start ? strcspn(start, "/?#") : 0;
	if (len == 0)
		buf_append_text(text, "the endpoint");
	else
		sanitize_line(start, len, NAME_MAX_BYTES, text);
}

static void append_model(struct buf *text, const char *model)
{
	if (!model) {
		buf_append_text(text, "the model");
		return;
	}
	buf_append_text(text, "the model \"");
	sanitize_line(model, strlen(model), NAME_MAX_BYTES, text);
	buf_append_char(text, '"');
}

static void append_sentence(struct buf *text, const char *sentence, const char *base_url,
			    const char *model)
{
	for (; *sentence; sentence++) {
		if (*sentence != '%') {
			buf_append_char(text, *sentence);
			continue;
		}
		switch (*++sentence) {
		case 'H':
			append_host(text, base_url);
			break;
		case 'M':
			append_model(text, model);
			break;
		default: /* 'C' */
			if (base_url && strstr(base_url, OPENROUTER_HOST))
				buf_append_text(text, " at " OPENROUTER_CREDITS);
			break;
		}
	}
}

static void append_detail(struct buf *text, long status, const char *message)
{
	if (status == 0 && !*message)
		return;
	buf_append_text(text, " (");
	if (status > 0)
		buf_format(text, "%ld%s", status, *message ? ": " : "");
	sanitize_line(message, strlen(message), DETAIL_MAX_BYTES, text);
	buf_append_char(text, ')');
}

static void set_text(struct err *err, enum err_kind kind, const struct buf *text)
{
	size_t len =
		text->len < ERR_TEXT_BYTES ? text->len : utf8_cut(text->data, ERR_TEXT_BYTES - 1);

	err_set(err, kind, "%.*s", (int)len, text->data);
}

/* Waiting */

/* Retry-After: seconds, or a date (RFC 9110, 10.2.3). */
static long parse_retry_after_ms(const char *value)
{
	struct tm tm = {0};
	double seconds;
	char *end;

	if (!value || !*value)
		return -1;
	seconds = strtod(value, &end);
	if (end == value) {
		if (!strptime(value, "%a, %d %b %Y %H:%M:%S GMT", &tm))
			return -1;
		seconds = difftime(timegm(&tm), time(NULL));
		seconds = seconds > 0 ? seconds : 0;
	}
	if (!(seconds >= 0))
		return -1;
	return (long)((seconds < RETRY_AFTER_MAX_S ? seconds : RETRY_AFTER_MAX_S) * 1000);
}

void chat_error_classify(long http_status, const char *body, size_t len, const char *retry_after,
			 const char *base_url, const char *model, struct err *err,
			 struct chat_error_advice *advice)
{
	struct chat_error_facts facts;
	enum situation situation;
	const struct verdict *verdict;
	struct buf text = BUF_INIT;
	long status;

	chat_error_facts_read(&facts, body ? body : "", body ? len : 0);
	status = http_status > 0 ? http_status : facts.status;
	situation = situation_of(status, &facts);
	verdict = &verdicts[situation];
	append_sentence(&text, verdict->sentence, base_url, model);
	append_detail(&text, status, facts.message);
	set_text(err, verdict->kind, &text);
	buf_clear(&text);
	advice->remedy = verdict->remedy;
	advice->retryable = facts.retryable >= 0 ? facts.retryable == 1 : verdict->retryable;
	advice->retry_after_ms = parse_retry_after_ms(retry_after);
	if (advice->retry_after_ms < 0)
		advice->retry_after_ms = facts.retry_after_ms;
	snprintf(advice->refusal, sizeof(advice->refusal), "%s",
		 situation == REFUSED || situation == NO_MEDIA ? facts.message : "");
	advice->context_full = situation == CONTEXT_FULL || situation == TOO_LARGE;
	advice->context_tokens = situation == CONTEXT_FULL ? context_tokens(&facts) : 0;
	advice->media_refused = situation == NO_MEDIA;
	advice->affordable_tokens = situation == NO_CREDITS ? affordable_tokens(&facts) : 0;
	chat_error_facts_clear(&facts);
}
