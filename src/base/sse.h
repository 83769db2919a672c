/* SPDX-License-Identifier: MIT */
/*
 * sse: a parser of server-sent events (WHATWG HTML, "Parsing an event stream"), independent of how
 * the bytes are cut. LF, CR and CRLF end a line; comments are dropped; fields `event`, `data`, `id`
 * and `retry` are kept. An event without data is not told, except that id and retry take effect.
 */
#ifndef CORDPAIR_BASE_SSE_H
#define CORDPAIR_BASE_SSE_H

#include <stddef.h>

#include "base/err.h"

#define SSE_EVENT_MAX_BYTES ((size_t)64 << 20)

struct sse_event {
	const char *type; /* "message" when the event named none */
	const char *data; /* NUL-terminated */
	size_t len;
	const char *id;	   /* last event id, "" if there was none */
	long retry_ms;	   /* -1: not given so far */
	const char *error; /* the value of a field line `error:` (gpustack), or NULL */
};

typedef void sse_event_fn(void *arg, const struct sse_event *event);

struct sse;
struct sse *sse_new(size_t event_max_bytes, sse_event_fn *on_event, void *arg);
void sse_free(struct sse **sse);
/* -1: an event is larger than the cap (ERR_PROTOCOL). */
int sse_feed(struct sse *sse, const char *bytes, size_t len, struct err *err)
	__attribute__((warn_unused_result));
/* The last event id ("" before one came; borrowed) and the last retry (-1), also of events untold.
 */
const char *sse_last_id(const struct sse *sse);
long sse_retry_ms(const struct sse *sse);
/* The stream ended: an event whose blank line is missing is dropped, as the standard says. */
void sse_finish(struct sse *sse);

#endif
