/* SPDX-License-Identifier: MIT */
/* Growing bytes with a maximum; doubles, so that appending is linear in the end. */
#include "config.h"

#include "base/buf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define BUF_FIRST_BYTES ((size_t)128)
#define DAY_S		((int64_t)24 * 60 * 60)
#define CYCLE_DAYS	((int64_t)146097) /* 400 years of the calendar */

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

static bool is_leap(int64_t year)
{
	return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

/* Not gmtime_r() and strftime(): they take locks of libc and allocate, and a program that says its
 * last words may have run out of memory while it held one. */
int buf_append_time(struct buf *buf, const struct timespec *when)
{
	static const int month_days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	int64_t days = when->tv_sec / DAY_S, second = when->tv_sec % DAY_S, year, month = 0;

	if (second < 0) {
		second += DAY_S;
		days--;
	}
	/* From the cycle of 400 years that 1970 is in, so that the loop is short. */
	year = 1970 + days / CYCLE_DAYS * 400;
	days %= CYCLE_DAYS;
	if (days < 0) {
		days += CYCLE_DAYS;
		year -= 400;
	}
	for (; days >= 365 + is_leap(year); year++)
		days -= 365 + is_leap(year);
	for (; days >= month_days[month] + (month == 1 && is_leap(year)); month++)
		days -= month_days[month] + (month == 1 && is_leap(year));
	return buf_format(buf, "%04lld-%02d-%02dT%02d:%02d:%02d.%03ldZ", (long long)year,
			  (int)month + 1, (int)days + 1, (int)(second / 3600),
			  (int)(second / 60 % 60), (int)(second % 60), when->tv_nsec / 1000000);
}
