/* SPDX-License-Identifier: MIT */
/*
 * One request, as many tries as it takes. What the bytes mean is chat_stream's; whether they are a
 * stream of events or one body is found out from the bytes, because endpoints answer errors as
 * plain JSON to streaming requests, and send blanks before a body to keep the connection alive.
 */
#include "config.h"

#include "model/chat_client.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "base/mem.h"
#include "base/sanitize.h"
#include "base/sse.h"
#include "model/chat_error.h"
#include "model/chat_stream.h"

#define CHECK_NETWORK "check the network and --base-url"

struct chat_client {
	struct loop *loop;
	struct http *http;
	struct chat_endpoint endpoint; /* its texts are owned */
	char *url;
};

enum answer_form { FORM_UNKNOWN, FORM_EVENTS, FORM_BODY };

struct chat_exchange {
	struct chat_client *client;
	const struct chat_listener *listener; /* NULL: over, or cancelled */
	void *arg;
	struct buf request;
	char *model;
	bool streaming;
	unsigned tries;

	/* Of this try */
	struct http_exchange *http;
	struct chat_stream *stream;
	struct sse *sse;
	enum answer_form form;
	struct buf body;
	bool failed;
	struct err err;
	struct chat_error_advice advice;

	struct loop_timer timer; /* until the next try, or from [DONE] to the end */
};

struct chat_client *chat_client_new(struct loop *loop, struct http *http,
				    const struct chat_endpoint *endpoint)
{
	struct chat_client *client = mem_new(sizeof(*client));

	client->loop = loop;
	client->http = http;
	client->endpoint.base_url = mem_string(endpoint->base_url);
	client->endpoint.api_key = mem_string_or_null(endpoint->api_key);
	client->endpoint.profile = endpoint->profile;
	client->url = chat_endpoint_url(endpoint, "/chat/completions");
	return client;
}

void chat_client_free(struct chat_client **client_p)
{
	struct chat_client *client = *client_p;
	char *api_key;

	if (!client)
		return;
	*client_p = NULL;
	api_key = (char *)client->endpoint.api_key;
	if (api_key)
		explicit_bzero(api_key, strlen(api_key));
	free(api_key);
	free((char *)client->endpoint.base_url);
	free(client->url);
	free(client);
}

/* The end of an exchange */

static void forget_try(struct chat_exchange *exchange)
{
	http_cancel(&exchange->http);
	loop_timer_stop(&exchange->timer);
	chat_stream_free(&exchange->stream);
	sse_free(&exchange->sse);
	buf_clear(&exchange->body);
	exchange->form = FORM_UNKNOWN;
	exchange->advice = (struct chat_error_advice){.retry_after_ms = -1};
	exchange->failed = false;
}

static void exchange_destroy(void *object)
{
	struct chat_exchange *exchange = object;

	forget_try(exchange);
	buf_clear(&exchange->request);
	free(exchange->model);
	free(exchange);
}

static void exchange_end(struct chat_exchange *exchange)
{
	exchange->listener = NULL;
	http_cancel(&exchange->http);
	loop_timer_stop(&exchange->timer);
	loop_free_later(exchange->client->loop, exchange, exchange_destroy);
}

void chat_client_cancel(struct chat_exchange **exchange_p)
{
	struct chat_exchange *exchange = *exchange_p;

	if (!exchange)
		return;
	*exchange_p = NULL;
	exchange_end(exchange);
}

static void tell_failure(struct chat_exchange *exchange)
{
	const struct chat_listener *listener = exchange->listener;
	char *partial = chat_stream_partial_text(exchange->stream);
	const char *refusal = exchange->advice.refusal;
	const struct chat_failure failure = {
		.err = exchange->err,
		.partial = partial,
		.refusal = *refusal ? refusal : NULL,
		.affordable_tokens = exchange->advice.affordable_tokens,
		.context_full = exchange->advice.context_full,
		.media_refused = exchange->advice.media_refused,
		.context_tokens = exchange->advice.context_tokens,
	};

	exchange_end(exchange);
	listener->on_done(exchange->arg, NULL, &failure);
	free(partial);
}

static void tell_answer(struct chat_exchange *exchange, struct chat_answer *answer)
{
	const struct chat_listener *listener = exchange->listener;

	exchange_end(exchange);
	listener->on_done(exchange->arg, answer, NULL);
}

/* Trying again */

static void try_now(void *arg);

/* 500 ms, doubled each time, ±20 % so that clients do not come back together. */
static long back_off_ms(unsigned tries)
{
	long delay_ms = CHAT_RETRY_FIRST_MS;
	uint16_t random;

	for (unsigned i = 1; i < tries && delay_ms < CHAT_RETRY_MAX_MS; i++)
		delay_ms *= 2;
	if (delay_ms > CHAT_RETRY_MAX_MS)
		delay_ms = CHAT_RETRY_MAX_MS;
	random_bytes(&random, sizeof(random));
	return delay_ms * 4 / 5 + delay_ms * 2 / 5 * random / UINT16_MAX;
}

static bool may_try_again(const struct chat_exchange *exchange)
{
	return exchange->advice.retryable && exchange->tries < CHAT_TRIES_MAX &&
	       exchange->advice.retry_after_ms <= CHAT_RETRY_AFTER_MAX_MS &&
	       chat_stream_untouched(exchange->stream);
}

/* Some endpoints quote the key that they refuse. */
static void hide_key(char *text, const char *key)
{
	if (!key || !*key)
		return;
	while ((text = strstr(text, key)))
		memset(text, '*', strlen(key));
}

/* "…; tried 4 times: try again later", whatever has to be left out of the endpoint's words for it.
 */
static void say_remedy(struct chat_exchange *exchange)
{
	const struct chat_error_advice *advice = &exchange->advice;
	struct err *err = &exchange->err;
	const struct err failure = *err;
	struct buf tail = BUF_INIT;
	size_t len = strlen(failure.text);

	if (err->kind != ERR_TEMPORARY)
		return;
	if (exchange->tries > 1)
		buf_format(&tail, "; tried %u times", exchange->tries);
	if (advice->retry_after_ms > CHAT_RETRY_AFTER_MAX_MS)
		buf_format(&tail, ": try again in %ld seconds", advice->retry_after_ms / 1000);
	else
		buf_format(&tail, ": %s", advice->remedy ? advice->remedy : "try again");
	if (len + tail.len >= ERR_TEXT_BYTES)
		len = utf8_cut(failure.text, ERR_TEXT_BYTES - 1 - tail.len);
	err_set(err, failure.kind, "%.*s%s", (int)len, failure.text, buf_text(&tail));
	err->os_errno = failure.os_errno;
	buf_clear(&tail);
}

/* exchange->err and ->advice say what went wrong with this try. */
static void try_failed(struct chat_exchange *exchange)
{
	hide_key(exchange->err.text, exchange->client->endpoint.api_key);
	hide_key(exchange->advice.refusal, exchange->client->endpoint.api_key);
	long delay_ms = exchange->advice.retry_after_ms;

	if (!may_try_again(exchange)) {
		say_remedy(exchange);
		tell_failure(exchange);
		return;
	}
	if (delay_ms < 0)
		delay_ms = back_off_ms(exchange->tries);
	http_cancel(&exchange->http);
	loop_timer_start(exchange->client->loop, &exchange->timer, delay_ms, try_now, exchange);
	if (exchange->listener->on_retry)
		exchange->listener->on_retry(exchange->arg, &exchange->err, delay_ms);
}

static void try_finished(struct chat_exchange *exchange)
{
	struct chat_answer *answer = chat_stream_finish(exchange->stream, &exchange->err);

	if (answer) {
		tell_answer(exchange, answer);
		return;
	}
	exchange->advice = chat_stream_advice(exchange->stream);
	try_failed(exchange);
}

/* What arrives */

static void stream_text(void *arg, const char *text, size_t len)
{
	struct chat_exchange *exchange = arg;

	if (exchange->listener && exchange->listener->on_text)
		exchange->listener->on_text(exchange->arg, text, len);
}

static void stream_reasoning(void *arg, const char *text, size_t len)
{
	struct chat_exchange *exchange = arg;

	if (exchange->listener && exchange->listener->on_reasoning)
		exchange->listener->on_reasoning(exchange->arg, text, len);
}

static const struct chat_stream_listener stream_listener = {
	.on_text = stream_text,
	.on_reasoning = stream_reasoning,
};

static void note_stream_failure(struct chat_exchange *exchange)
{
	exchange->failed = true;
	exchange->advice = chat_stream_advice(exchange->stream);
}

static void classify(struct chat_exchange *exchange, long status, const char *text, size_t len)
{
	chat_error_classify(status, text, len, http_header(exchange->http, "Retry-After"),
			    exchange->client->endpoint.base_url, exchange->model, &exchange->err,
			    &exchange->advice);
	exchange->failed = true;
}

static void take_event(void *arg, const struct sse_event *event)
{
	struct chat_exchange *exchange = arg;

	if (exchange->failed || !exchange->listener)
		return;
	if (event->error)
		classify(exchange, 0, event->error, strlen(event->error));
	else if (chat_stream_chunk(exchange->stream, event->data, event->len, &exchange->err))
		note_stream_failure(exchange);
	else if (strcmp(event->type, "error") == 0)
		classify(exchange, 0, event->data, event->len);
}

/* JSON and HTML begin with a bracket; everything an event stream may begin with does not. */
static enum answer_form form_of(const struct chat_exchange *exchange, char first)
{
	const char *type = http_header(exchange->http, "Content-Type");

	if (http_status(exchange->http) != 200 || strchr("{[<\"", first))
		return FORM_BODY;
	if (type && strstr(type, "event-stream"))
		return FORM_EVENTS;
	return strchr(":deir\xef", first) ? FORM_EVENTS : FORM_BODY;
}

static void skip_blanks(const char **bytes, size_t *len)
{
	while (*len > 0 && strchr(" \t\r\n", **bytes)) {
		++*bytes;
		--*len;
	}
}

static void done_long_ago(void *arg)
{
	struct chat_exchange *exchange = arg;

	http_cancel(&exchange->http);
	try_finished(exchange);
}

static void take_events(struct chat_exchange *exchange, const char *bytes, size_t len)
{
	if (sse_feed(exchange->sse, bytes, len, &exchange->err)) {
		exchange->failed = true;
		exchange->advice.retryable = false;
	}
	if (!exchange->listener)
		return;
	if (exchange->failed)
		try_failed(exchange);
	else if (chat_stream_is_done(exchange->stream) && !loop_timer_active(&exchange->timer))
		loop_timer_start(exchange->client->loop, &exchange->timer, CHAT_LINGER_MS,
				 done_long_ago, exchange);
}

static void http_data(void *arg, const char *bytes, size_t len)
{
	struct chat_exchange *exchange = arg;

	if (exchange->failed)
		return;
	if (exchange->form == FORM_UNKNOWN) {
		skip_blanks(&bytes, &len);
		if (len == 0)
			return;
		exchange->form = form_of(exchange, *bytes);
	}
	if (exchange->form == FORM_EVENTS)
		take_events(exchange, bytes, len);
	else
		buf_append(&exchange->body, bytes, len);
}

void chat_network_error(const struct http_exchange *http, const struct err *err, struct err *out)
{
	*out = *err;
	if (http_nothing_received(http))
		err_set(out, err->kind, "%.180s: " CHECK_NETWORK, err->text);
}

/* The network's failure: what may be done about it depends on whether anything was there. */
static void take_network_failure(struct chat_exchange *exchange, const struct err *err)
{
	exchange->err = *err;
	exchange->advice.remedy =
		http_nothing_received(exchange->http) ? CHECK_NETWORK : "try again";
	exchange->advice.retryable = err->kind == ERR_TEMPORARY;
	exchange->advice.retry_after_ms = -1;
	exchange->failed = true;
}

static void take_body(struct chat_exchange *exchange)
{
	long status = http_status(exchange->http);

	if (status != 200)
		classify(exchange, status, buf_text(&exchange->body), exchange->body.len);
	else if (exchange->form != FORM_EVENTS &&
		 chat_stream_body(exchange->stream, buf_text(&exchange->body), exchange->body.len,
				  &exchange->err))
		note_stream_failure(exchange);
}

static void http_done(void *arg, const struct err *err)
{
	struct chat_exchange *exchange = arg;

	/* A connection that breaks after [DONE] has done its work. */
	if (exchange->form == FORM_EVENTS && chat_stream_is_done(exchange->stream))
		err = NULL;
	if (err)
		take_network_failure(exchange, err);
	else
		take_body(exchange);
	if (!exchange->listener)
		return;
	loop_timer_stop(&exchange->timer);
	if (exchange->failed)
		try_failed(exchange);
	else
		try_finished(exchange);
}

static const struct http_listener http_listener = {
	.on_data = http_data,
	.on_done = http_done,
};

/* Sending */

static int start_try(struct chat_exchange *exchange, struct err *err)
{
	struct chat_client *client = exchange->client;
	char **headers = chat_endpoint_headers(
		&client->endpoint, exchange->streaming ? "text/event-stream" : "application/json");
	const struct http_request request = {
		.method = "POST",
		.url = client->url,
		.headers = (const char *const *)headers,
		.body = exchange->request.data,
		.body_len = exchange->request.len,
		.idle_timeout_ms =
			exchange->streaming ? CHAT_IDLE_TIMEOUT_MS : CHAT_SILENT_TIMEOUT_MS,
	};

	forget_try(exchange);
	exchange->tries++;
	exchange->stream = chat_stream_new(&stream_listener, exchange);
	chat_stream_set_names(exchange->stream, client->endpoint.base_url, exchange->model);
	exchange->sse = sse_new(SSE_EVENT_MAX_BYTES, take_event, exchange);
	exchange->http = http_start(client->http, &request, &http_listener, exchange, err);
	chat_endpoint_headers_free(&headers);
	return exchange->http ? 0 : -1;
}

static void try_now(void *arg)
{
	struct chat_exchange *exchange = arg;

	if (start_try(exchange, &exchange->err))
		tell_failure(exchange);
}

struct chat_exchange *chat_client_send(struct chat_client *client,
				       const struct chat_request *request,
				       const struct chat_listener *listener, void *arg,
				       struct err *err)
{
	struct chat_exchange *exchange = mem_new(sizeof(*exchange));

	exchange->client = client;
	exchange->listener = listener;
	exchange->arg = arg;
	exchange->model = mem_string_or_null(request->model);
	exchange->streaming = request->stream;
	buf_init(&exchange->request, CHAT_REQUEST_MAX_BYTES);
	buf_init(&exchange->body, HTTP_RESPONSE_MAX_BYTES);
	if (chat_request_write(request, client->endpoint.profile, &exchange->request)) {
		err_set(err, ERR_INCOMPLETE, "the request to the model is larger than %zu MiB",
			CHAT_REQUEST_MAX_BYTES >> 20);
		exchange_destroy(exchange);
		return NULL;
	}
	if (start_try(exchange, err)) {
		exchange_destroy(exchange);
		return NULL;
	}
	return exchange;
}
