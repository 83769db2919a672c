/* SPDX-License-Identifier: MIT */
/* Looks into error bodies; what to make of them is chat_error.c's. */
#include "config.h"

#include "model/chat_error_facts.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/buf.h"
#include "base/json_check.h"
#include "base/sanitize.h"
#include "model/span_text.h"

#define UNWRAP_MAX   4	    /* {"error":[{"error":…}]} and no deeper */
#define SECONDS_MAX  86400  /* beyond, a wait is "long" and nothing more */
#define EPOCH_MS_MIN 1.0e11 /* a larger number counts milliseconds since 1970, not seconds */

/* What an error's type stands for where no HTTP status is told. */
static const struct {
	const char *type;
	long status;
} type_statuses[] = {
	{"authentication", 401},
	{"authentication_error", 401},
	{"invalid_api_key", 401},
	{"payment_required", 402},
	{"insufficient_quota", 402},
	{"permission_denied", 403},
	{"content_policy_violation", 403},
	{"refusal", 403},
	{"not_found", 404},
	{"model_not_found", 404},
	{"timeout", 504},
	{"precondition_failed", 412},
	{"payload_too_large", 413},
	{"unprocessable", 422},
	{"rate_limit_exceeded", 429},
	{"rate_limit_error", 429},
	{"server", 500},
	{"server_error", 500},
	{"internal_server_error", 500},
	{"provider_unavailable", 503},
	{"provider_overloaded", 529},
	{"overloaded_error", 529},
	{"context_length_exceeded", 400},
	{"exceed_context_size_error", 400},
	{"max_tokens_exceeded", 400},
	{"token_limit_exceeded", 400},
	{"string_too_long", 400},
	{"invalid_request", 400},
	{"invalid_request_error", 400},
	{"invalid_prompt", 400},
	{"invalid_image", 400},
};

static long status_of_type(const char *type)
{
	for (size_t i = 0; type && i < sizeof(type_statuses) / sizeof(*type_statuses); i++)
		if (strcmp(type, type_statuses[i].type) == 0)
			return type_statuses[i].status;
	return 0;
}

static bool is_status(int64_t number)
{
	return number >= 400 && number <= 599;
}

static bool is_container(struct json_span span)
{
	return json_span_kind(span) == JSON_OBJECT || json_span_kind(span) == JSON_ARRAY;
}

/* Messages */

static void append_line(struct buf *message, const char *text, size_t len)
{
	json_trim(&text, &len);
	if (len == 0)
		return;
	if (message->len > 0)
		buf_append_text(message, ": ");
	sanitize_line(text, len, CHAT_ERROR_MESSAGE_BYTES, message);
}

static void append_string(struct buf *message, struct json_span span)
{
	char *text = span_text_filled(span);

	if (text)
		append_line(message, text, strlen(text));
	free(text);
}

/* The page's title says all that is worth saying of it. */
static void append_page(struct buf *message, const char *body, size_t len)
{
	static const char open_tag[] = "<title>";
	char *page = NULL, *title;
	struct buf copy;

	buf_init(&copy, BUF_MAX_BYTES);
	buf_append(&copy, body, len);
	page = copy.data;
	title = strcasestr(page, open_tag);
	if (title) {
		title += strlen(open_tag);
		append_line(message, title, strcspn(title, "<"));
	}
	buf_clear(&copy);
}

static void append_error_text(struct buf *message, struct json_span error)
{
	static const char *const names[] = {"message", "detail", "msg", "error"};
	size_t before = message->len;

	if (json_span_kind(error) == JSON_STRING) {
		append_string(message, error);
		return;
	}
	for (size_t i = 0; i < sizeof(names) / sizeof(*names) && message->len == before; i++)
		append_string(message, json_span_member(error, names[i]));
}

/* Goes down through what wraps an error, to the object or string that tells it. */
static struct json_span unwrap(struct json_span body)
{
	static const char *const names[] = {"error", "detail"};

	for (int i = 0; i < UNWRAP_MAX; i++) {
		struct json_span spans[2] = {{NULL, 0}, {NULL, 0}}, first = {NULL, 0};

		if (json_span_kind(body) == JSON_ARRAY && json_span_next(body, &first)) {
			body = first;
			continue;
		}
		json_span_members(body, names, spans, 2);
		if (is_container(spans[0]) || json_span_kind(spans[0]) == JSON_STRING)
			body = spans[0];
		else if (is_container(spans[1]))
			body = spans[1];
		else
			break;
	}
	return body;
}

/* The provider's own words, often JSON inside a string. */
static void append_raw(struct buf *message, struct json_span raw)
{
	char *text = span_text_filled(raw);
	struct json_span inner;

	if (text && span_of_json(text, strlen(text), &inner) && is_container(inner))
		append_error_text(message, unwrap(inner));
	else if (text && *text != '<')
		append_line(message, text, strlen(text));
	free(text);
	if (json_span_kind(raw) == JSON_OBJECT)
		append_error_text(message, unwrap(raw));
}

static void append_list(struct buf *message, struct json_span list)
{
	struct json_span item = {NULL, 0};

	while (json_span_next(list, &item))
		append_string(message, item);
}

/* Waiting */

static long seconds_to_ms(double seconds)
{
	if (!(seconds >= 0))
		return -1;
	return (long)((seconds < SECONDS_MAX ? seconds : SECONDS_MAX) * 1000);
}

/* X-RateLimit-Reset: a moment, in seconds or milliseconds since 1970. */
static long until_reset_ms(struct json_span reset)
{
	char *text = span_text_filled(reset);
	double moment = text ? strtod(text, NULL) : 0;

	free(text);
	if (!text && !span_double(reset, &moment))
		return -1;
	if (!(moment > 0))
		return -1;
	if (moment >= EPOCH_MS_MIN)
		moment /= 1000;
	moment -= (double)time(NULL);
	return seconds_to_ms(moment > 0 ? moment : 0);
}

/* Members */

static void read_availability(struct chat_error_facts *facts, struct json_span availability)
{
	static const char *const names[] = {"retryable", "retry_after", "code"};
	struct json_span spans[3];
	double seconds;

	if (!json_span_members(availability, names, spans, 3))
		return;
	if (json_span_kind(spans[0]) == JSON_TRUE || json_span_kind(spans[0]) == JSON_FALSE)
		facts->retryable = json_span_kind(spans[0]) == JSON_TRUE;
	if (span_double(spans[1], &seconds))
		facts->retry_after_ms = seconds_to_ms(seconds);
	if (!facts->code)
		facts->code = span_text_filled(spans[2]);
}

static void read_metadata(struct chat_error_facts *facts, struct json_span metadata,
			  struct buf *message)
{
	enum { RAW, TYPE, REASONS, HEADERS, COUNT };
	static const char *const names[COUNT] = {"raw", "error_type", "reasons", "headers"};
	struct json_span spans[COUNT];

	if (!json_span_members(metadata, names, spans, COUNT))
		return;
	append_raw(message, spans[RAW]);
	append_list(message, spans[REASONS]);
	span_text_keep(&facts->type, spans[TYPE]);
	if (facts->retry_after_ms < 0)
		facts->retry_after_ms =
			until_reset_ms(json_span_member(spans[HEADERS], "X-RateLimit-Reset"));
}

static void read_status(struct chat_error_facts *facts, struct json_span code,
			struct json_span http_status)
{
	char *text = span_text_filled(code);
	int64_t number = text ? strtol(text, NULL, 10) : span_int(code, 0);

	if (!is_status(number))
		number = span_int(http_status, 0);
	if (is_status(number))
		facts->status = (long)number;
	else if (text && !facts->code)
		facts->code = text;
	if (facts->code != text)
		free(text);
}

static void read_error(struct chat_error_facts *facts, struct json_span error, struct buf *message)
{
	enum { CODE, TYPE, ERROR_TYPE, HTTP_STATUS, METADATA, AVAILABILITY, COUNT };
	static const char *const names[COUNT] = {"code",	"type",	    "error_type",
						 "http_status", "metadata", "availability"};
	struct json_span spans[COUNT];

	append_error_text(message, error);
	if (!json_span_members(error, names, spans, COUNT))
		return;
	read_status(facts, spans[CODE], spans[HTTP_STATUS]);
	span_text_keep(&facts->type, spans[TYPE]);
	span_text_keep(&facts->type, spans[ERROR_TYPE]);
	read_availability(facts, spans[AVAILABILITY]);
	read_metadata(facts, spans[METADATA], message);
	if (facts->status == 0)
		facts->status = status_of_type(facts->type);
	if (facts->status == 0)
		facts->status = status_of_type(facts->code);
}

void chat_error_facts_read(struct chat_error_facts *facts, const char *body, size_t len)
{
	struct buf message = BUF_INIT;
	struct json_span whole;

	*facts = (struct chat_error_facts){.retryable = -1, .retry_after_ms = -1};
	json_trim(&body, &len);
	if (len > 0 && *body == '<') {
		append_page(&message, body, len);
	} else if (len > 0 && span_of_json(body, len, &whole)) {
		read_error(facts, unwrap(whole), &message);
		facts->in_json = message.len > 0;
	} else if (len > 0) {
		append_line(&message, body, len);
	}
	facts->message = buf_take(&message);
}

void chat_error_facts_clear(struct chat_error_facts *facts)
{
	free(facts->message);
	free(facts->type);
	free(facts->code);
	*facts = (struct chat_error_facts){0};
}
