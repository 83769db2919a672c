/* SPDX-License-Identifier: MIT */
/*
 * The stream that a server speaks on by itself: GET of Streamable HTTP up to 2025-11-25 (optional:
 * a server without one answers 405), and of HTTP+SSE, where every answer comes on it.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "mcp/transport_http.h"

#define STREAM_FAILURES_MAX 5

static void stream_start(struct transport_http *owner);

static void give_up_fallback(struct transport_http *owner, const char *why)
{
	struct http_message *initialize = owner->fallback;
	struct err err;

	owner->fallback = NULL;
	owner->sse_only = false;
	err_set(&err, ERR_PROTOCOL, "server \"%s\" speaks neither Streamable HTTP nor HTTP+SSE: %s",
		owner->config->name, why);
	http_message_fail(initialize, &err);
}

static void take_endpoint(struct transport_http *owner, const char *reference)
{
	char *url = http_url_resolve(owner->config->url, reference);

	if (!url || !http_url_same_origin(url, owner->config->url)) {
		free(url);
		if (owner->fallback)
			give_up_fallback(owner, "its endpoint is on another host");
		return;
	}
	free(owner->endpoint);
	owner->endpoint = url;
	if (owner->fallback) {
		struct http_message *initialize = owner->fallback;

		owner->fallback = NULL;
		initialize->waits = false;
		http_message_send(initialize);
	}
}

static void pause_for_large(struct transport_http *owner, const struct sse_event *event)
{
	if (!http_events_take(&owner->stream.events, event->data, event->len))
		http_pause(owner->stream.http, true);
}

static void take_event(void *arg, const struct sse_event *event)
{
	struct transport_http *owner = arg;

	owner->stream.failures = 0;
	if (owner->freed || owner->stopping || event->len == 0)
		return;
	if (owner->sse_only && strcmp(event->type, "endpoint") == 0)
		take_endpoint(owner, event->data);
	else if (strcmp(event->type, "message") == 0)
		pause_for_large(owner, event);
}

static void got_headers(void *arg, long status)
{
	struct transport_http *owner = arg;
	const char *type = http_header(owner->stream.http, "Content-Type");

	if (status == 200 && type && strncasecmp(type, "text/event-stream", 17) == 0)
		owner->stream.sse = sse_new(SSE_EVENT_MAX_BYTES, take_event, owner);
	if (owner->opening)
		http_session_opened(owner);
}

static void got_data(void *arg, const char *bytes, size_t len)
{
	struct transport_http *owner = arg;
	struct err err;

	if (owner->stream.sse && sse_feed(owner->stream.sse, bytes, len, &err)) {
		owner->listener->on_noise(owner->arg, err.text, true);
		http_stream_close(owner);
	}
}

static void sse_destroy(void *arg)
{
	struct sse *sse = arg;

	sse_free(&sse);
}

/* It may be inside its own callback. */
static void drop_sse(struct transport_http *owner)
{
	if (owner->stream.sse)
		loop_free_later(owner->context->loop, owner->stream.sse, sse_destroy);
	owner->stream.sse = NULL;
}

static void start_again(void *arg)
{
	stream_start(arg);
}

static void tell_closed(void *arg)
{
	struct transport_http *owner = arg;

	owner->listener->on_closed(owner->arg, "ended its stream of events", false);
}

/* The stream is over, and all that came on it is taken. */
static void take_end(struct transport_http *owner, const struct err *err)
{
	struct http_stream *stream = &owner->stream;
	const bool was_stream = stream->sse != NULL;
	long retry_ms = HTTP_RETRY_DEFAULT_MS;

	if (was_stream) {
		if (sse_retry_ms(stream->sse) >= 0)
			retry_ms = sse_retry_ms(stream->sse);
		free(stream->last_id);
		stream->last_id = mem_string(sse_last_id(stream->sse));
	}
	drop_sse(owner);
	http_exchange_free(&stream->http);
	if (owner->opening)
		http_session_opened(owner);
	if (owner->fallback)
		give_up_fallback(owner,
				 err ? err->text : "its answer to GET is no stream of events");
	else if (owner->sse_only)
		loop_defer(owner->context->loop, tell_closed, owner);
	else if (was_stream && ++stream->failures < STREAM_FAILURES_MAX)
		loop_timer_start(owner->context->loop, &stream->timer,
				 retry_ms < HTTP_RETRY_MAX_MS ? retry_ms : HTTP_RETRY_MAX_MS,
				 start_again, owner);
}

static void events_drained(void *arg)
{
	struct transport_http *owner = arg;

	if (owner->freed || owner->stopping)
		return;
	if (owner->stream.ended)
		take_end(owner, NULL);
	else if (owner->stream.http)
		http_pause(owner->stream.http, false);
}

static void done(void *arg, const struct err *err)
{
	struct transport_http *owner = arg;

	owner->stream.ended = true;
	if (!owner->stream.events.first)
		take_end(owner, err);
}

static const struct http_listener stream_listener = {
	.on_headers = got_headers, .on_data = got_data, .on_done = done};

static void stream_start(struct transport_http *owner)
{
	struct http_stream *stream = &owner->stream;
	const char *last_id = stream->last_id && *stream->last_id ? stream->last_id : NULL;
	char **headers = http_headers_for(owner, NULL, last_id);
	const struct http_request request = {
		.method = "GET",
		.url = owner->config->url,
		.headers = (const char *const *)headers,
		.response_max_bytes = SIZE_MAX,
		.trace_name = owner->config->name,
	};
	struct err err;

	stream->ended = false;
	if (!stream->events.owner)
		http_events_init(&stream->events, owner, NULL, events_drained, owner);
	/* What cannot even be started is as good as a server without the stream. */
	stream->http = http_start(owner->context->http, &request, &stream_listener, owner, &err);
	string_list_free(&headers);
}

void http_stream_open(struct transport_http *owner)
{
	if (!owner->stream.http && !owner->sse_only)
		stream_start(owner);
}

void http_stream_close(struct transport_http *owner)
{
	loop_timer_stop(&owner->stream.timer);
	http_cancel(&owner->stream.http);
	if (owner->stream.events.owner)
		http_events_drop(&owner->stream.events);
	drop_sse(owner);
	free(owner->stream.last_id);
	owner->stream.last_id = NULL;
}

void http_stream_fall_back(struct http_message *initialize)
{
	struct transport_http *owner = initialize->owner;

	owner->sse_only = true;
	owner->fallback = initialize;
	initialize->waits = true;
	http_exchange_free(&initialize->http);
	stream_start(owner);
	if (!owner->stream.http)
		give_up_fallback(owner, "its address cannot be used");
}
