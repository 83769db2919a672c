/* SPDX-License-Identifier: MIT */
/* Growing bytes with a maximum; doubles, so that appending is linear in the end. */
#include "config.h"

#include "base/buf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define BUF_FIRST_BYTES ((size_t)128)

void buf_init(struct buf *buf, size_t max_bytes)
{
	*buf = (struct buf){.max = max_bytes};
}

void buf_clear(struct buf *buf)
{
	free(buf->data);
	buf_init(buf, buf->max);
}

void buf_truncate(struct buf *buf, size_t len)
{
	if (len < buf->len)
		buf->len = len;
	if (buf->data)
		buf->data[buf->len] = '\0';
	buf->overflowed = false;
}

char *buf_reserve(struct buf *buf, size_t n)
{
	size_t need, cap;
	char *data;

	if (buf->overflowed || n > buf->max || buf->len > buf->max - n) {
		buf->overflowed = true;
		return NULL;
	}
	need = buf->len + n + 1;
	if (need <= buf->cap)
		return buf->data + buf->len;
	cap = buf->cap ? buf->cap : BUF_FIRST_BYTES;
	while (cap < need)
		cap *= 2;
	if (cap > buf->max + 1)
		cap = buf->max + 1;
	data = realloc(buf->data, cap);
	if (!data)
		mem_exhausted();
	buf->data = data;
	buf->cap = cap;
	buf->data[buf->len] = '\0';
	return buf->data + buf->len;
}

int buf_append(struct buf *buf, const void *bytes, size_t len)
{
	char *room = buf_reserve(buf, len);

	if (!room)
		return -1;
	if (len)
		memcpy(room, bytes, len);
	buf->len += len;
	buf->data[buf->len] = '\0';
	return 0;
}

int buf_append_text(struct buf *buf, const char *text)
{
	return buf_append(buf, text, strlen(text));
}

int buf_append_char(struct buf *buf, char byte)
{
	return buf_append(buf, &byte, 1);
}

int buf_vformat(struct buf *buf, const char *format, va_list args)
{
	char small[256];
	va_list again;
	char *room;
	int n;

	va_copy(again, args);
	n = vsnprintf(small, sizeof(small), format, args);
	if (n < 0)
		mem_exhausted();
	if ((size_t)n < sizeof(small)) {
		va_end(again);
		return buf_append(buf, small, (size_t)n);
	}
	room = buf_reserve(buf, (size_t)n);
	if (room) {
		vsnprintf(room, (size_t)n + 1, format, again);
		buf->len += (size_t)n;
	}
	va_end(again);
	return room ? 0 : -1;
}

int buf_format(struct buf *buf, const char *format, ...)
{
	va_list args;
	int status;

	va_start(args, format);
	status = buf_vformat(buf, format, args);
	va_end(args);
	return status;
}

void buf_consume(struct buf *buf, size_t n)
{
	if (n > buf->len)
		n = buf->len;
	if (!n)
		return;
	memmove(buf->data, buf->data + n, buf->len - n);
	buf->len -= n;
	buf->data[buf->len] = '\0';
}

const char *buf_text(const struct buf *buf)
{
	return buf->data ? buf->data : "";
}

char *buf_take(struct buf *buf)
{
	char *data = buf->data ? buf->data : mem_string("");

	buf->data = NULL;
	buf_clear(buf);
	return data;
}

int buf_append_time(struct buf *buf, const struct timespec *when)
{
	char text[32] = "";
	struct tm utc;

	if (gmtime_r(&when->tv_sec, &utc))
		strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &utc);
	return buf_format(buf, "%s.%03ldZ", text, when->tv_nsec / 1000000);
}
