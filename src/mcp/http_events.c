/* SPDX-License-Identifier: MIT */
/*
 * The events of one stream, in their order. A large one is read by a worker, and what comes after
 * it waits: its connection is not read meanwhile, so that what waits is at most what curl had in
 * its hands already.
 */
#include "config.h"

#include <stdlib.h>

#include "base/mem.h"
#include "mcp/transport_http.h"

struct http_text {
	struct http_text *next;
	struct http_events *events;
	char *text;
	size_t len;
	struct jsonrpc_message got;
	bool unreadable;
	struct err err;
};

static void text_free(void *arg)
{
	struct http_text *text = arg;

	free(text->text);
	free(text);
}

void http_events_init(struct http_events *events, struct transport_http *owner,
		      struct http_message *message, void (*drained)(void *arg), void *arg)
{
	*events = (struct http_events){
		.owner = owner, .message = message, .drained = drained, .arg = arg};
	events->last = &events->first;
}

void http_events_drop(struct http_events *events)
{
	struct http_text *text = events->first;

	if (events->job) { /* the first is the worker's */
		events->first = text->next;
		worker_cancel(events->job, text_free);
		events->job = NULL;
	}
	while ((text = events->first)) {
		events->first = text->next;
		text_free(text);
	}
	events->last = &events->first;
}

static void read_text(void *arg)
{
	struct http_text *text = arg;

	text->unreadable = jsonrpc_read(text->text, text->len, &json_limits_splice, &text->got,
					&text->err) != 0;
}

/* Whoever is told may end the stream, and all that waits is gone then. */
static void deliver(struct http_events *events, struct http_text *text)
{
	struct transport_http *owner = events->owner;

	events->first = text->next;
	if (!events->first)
		events->last = &events->first;
	if (text->unreadable)
		owner->listener->on_noise(owner->arg, text->err.text, false);
	else
		http_take_message(owner, events->message, &text->got, &text->text);
	text_free(text);
}

static void text_read(void *arg);

static void go_on(struct http_events *events)
{
	struct http_text *text;

	while (!events->job && (text = events->first))
		if (text->len > WORKER_JSON_MIN_BYTES) {
			events->job = worker_submit(events->owner->context->workers, read_text,
						    text_read, text);
		} else {
			read_text(text);
			deliver(events, text);
		}
	if (!events->job)
		events->drained(events->arg);
}

static void text_read(void *arg)
{
	struct http_text *text = arg;
	struct http_events *events = text->events;

	events->job = NULL;
	deliver(events, text);
	go_on(events);
}

bool http_events_take(struct http_events *events, const char *bytes, size_t len)
{
	struct http_text *text;
	char *none = NULL;

	if (!events->first && len <= WORKER_JSON_MIN_BYTES) {
		http_take_text(events->owner, events->message, bytes, len, &none);
		return true;
	}
	text = mem_new(sizeof(*text));
	text->events = events;
	text->text = mem_string_len(bytes, len);
	text->len = len;
	*events->last = text;
	events->last = &text->next;
	if (!events->job)
		go_on(events);
	return false;
}
