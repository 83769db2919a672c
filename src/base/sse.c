/* SPDX-License-Identifier: MIT */
/*
 * Collects one line at a time, then one event at a time. What is not asked for (comments, unknown
 * fields) is dropped as soon as its line ends.
 */
#include "config.h"

#include "base/sse.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"

struct sse {
	sse_event_fn *on_event;
	void *arg;
	struct buf line, data, type, id, error;
	bool has_data, has_error;
	bool after_cr; /* an LF now belongs to the CR before it */
	bool started;  /* past a byte order mark */
	long retry_ms;
	size_t event_max;
};

struct sse *sse_new(size_t event_max_bytes, sse_event_fn *on_event, void *arg)
{
	struct sse *sse = mem_new(sizeof(*sse));

	sse->on_event = on_event;
	sse->arg = arg;
	sse->retry_ms = -1;
	sse->event_max = event_max_bytes;
	buf_init(&sse->line, event_max_bytes);
	buf_init(&sse->data, event_max_bytes);
	buf_init(&sse->type, event_max_bytes);
	buf_init(&sse->id, event_max_bytes);
	buf_init(&sse->error, event_max_bytes);
	return sse;
}

void sse_free(struct sse **sse_p)
{
	struct sse *sse = *sse_p;

	if (!sse)
		return;
	buf_clear(&sse->line);
	buf_clear(&sse->data);
	buf_clear(&sse->type);
	buf_clear(&sse->id);
	buf_clear(&sse->error);
	free(sse);
	*sse_p = NULL;
}

static void forget_event(struct sse *sse)
{
	buf_truncate(&sse->data, 0);
	buf_truncate(&sse->type, 0);
	buf_truncate(&sse->error, 0);
	sse->has_data = sse->has_error = false;
}

static void dispatch(struct sse *sse)
{
	struct sse_event event = {
		.type = sse->type.len > 0 ? sse->type.data : "message",
		.data = buf_text(&sse->data),
		.len = sse->data.len,
		.id = buf_text(&sse->id),
		.retry_ms = sse->retry_ms,
		.error = sse->has_error ? buf_text(&sse->error) : NULL,
	};

	if (sse->has_data || sse->has_error)
		sse->on_event(sse->arg, &event);
	forget_event(sse);
}

static int set(struct buf *field, const char *value, size_t len)
{
	buf_truncate(field, 0);
	return buf_append(field, value, len);
}

static void set_retry(struct sse *sse, const char *value, size_t len)
{
	if (len == 0 || len > 9 || strspn(value, "0123456789") < len)
		return;
	sse->retry_ms = strtol(value, NULL, 10);
}

/* value is followed by a NUL: it ends the line. */
static int take_field(struct sse *sse, const char *name, size_t name_len, const char *value,
		      size_t len)
{
#define IS(text) (name_len == sizeof(text) - 1 && memcmp(name, text, name_len) == 0)
	if (IS("data")) {
		if (sse->has_data && buf_append_char(&sse->data, '\n'))
			return -1;
		sse->has_data = true;
		return buf_append(&sse->data, value, len);
	}
	if (IS("event"))
		return set(&sse->type, value, len);
	if (IS("id"))
		return memchr(value, '\0', len) ? 0 : set(&sse->id, value, len);
	if (IS("retry"))
		set_retry(sse, value, len);
	if (IS("error")) {
		sse->has_error = true;
		return set(&sse->error, value, len);
	}
	return 0;
#undef IS
}

static int end_line(struct sse *sse)
{
	const char *line = buf_text(&sse->line);
	size_t len = sse->line.len;
	const char *colon;
	int status = 0;

	if (len == 0) {
		dispatch(sse);
		return 0;
	}
	colon = memchr(line, ':', len);
	if (!colon) {
		status = take_field(sse, line, len, "", 0);
	} else if (colon != line) {
		size_t name_len = (size_t)(colon - line), value_at = name_len + 1;

		if (value_at < len && line[value_at] == ' ')
			value_at++;
		status = take_field(sse, line, name_len, line + value_at, len - value_at);
	}
	buf_truncate(&sse->line, 0);
	return status;
}

static int too_large(const struct sse *sse, struct err *err)
{
	return err_set(err, ERR_PROTOCOL, "an event of the stream is larger than %zu MiB",
		       sse->event_max >> 20);
}

int sse_feed(struct sse *sse, const char *bytes, size_t len, struct err *err)
{
	const char *end = bytes + len;

	while (bytes < end) {
		size_t run = 0, left = (size_t)(end - bytes);

		if (sse->after_cr && *bytes == '\n') {
			sse->after_cr = false;
			bytes++;
			continue;
		}
		sse->after_cr = false;
		while (run < left && bytes[run] != '\n' && bytes[run] != '\r')
			run++;
		if (buf_append(&sse->line, bytes, run))
			return too_large(sse, err);
		bytes += run;
		if (bytes == end)
			break;
		sse->after_cr = *bytes++ == '\r';
		if (!sse->started && sse->line.len >= 3 &&
		    memcmp(sse->line.data, "\xef\xbb\xbf", 3) == 0)
			buf_consume(&sse->line, 3);
		sse->started = true;
		if (end_line(sse))
			return too_large(sse, err);
	}
	return 0;
}

const char *sse_last_id(const struct sse *sse)
{
	return buf_text(&sse->id);
}

long sse_retry_ms(const struct sse *sse)
{
	return sse->retry_ms;
}

void sse_finish(struct sse *sse)
{
	buf_truncate(&sse->line, 0);
	forget_event(sse);
}
