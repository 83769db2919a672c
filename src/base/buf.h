/* SPDX-License-Identifier: MIT */
/*
 * buf: bytes that grow up to a maximum given at birth.
 *
 * Invariants: data is never NULL after the first append and is always followed by a NUL that len
 * does not count. When an append would pass `max`, nothing is appended, `overflowed` is set and
 * stays set, and later appends do nothing, so a caller may check once at the end.
 */
#ifndef CORDPAIR_BASE_BUF_H
#define CORDPAIR_BASE_BUF_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <time.h>

struct buf {
	char *data; /* NULL while nothing was ever appended; see buf_text() */
	size_t len;
	size_t cap;
	size_t max; /* most bytes it may hold */
	bool overflowed;
};

#define BUF_MAX_BYTES ((size_t)1 << 30)

/* For texts of our own making, which the program itself bounds. */
#define BUF_INIT                     \
	{                            \
		.max = BUF_MAX_BYTES \
	}

void buf_init(struct buf *buf, size_t max_bytes);
void buf_clear(struct buf *buf);		/* frees; usable again, with the same max */
void buf_truncate(struct buf *buf, size_t len); /* keeps the memory; forgives an overflow */
int buf_append(struct buf *buf, const void *bytes, size_t len); /* -1: would pass max */
int buf_append_text(struct buf *buf, const char *text);
int buf_append_char(struct buf *buf, char byte);
int buf_format(struct buf *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));
int buf_vformat(struct buf *buf, const char *format, va_list args)
	__attribute__((format(printf, 2, 0)));
/* Removes the first n bytes. */
void buf_consume(struct buf *buf, size_t n);
/* Makes room for n more bytes and returns where they go; NULL past max. Then add to len. */
char *buf_reserve(struct buf *buf, size_t n);
/* The text, never NULL. */
const char *buf_text(const struct buf *buf);
/* Gives the memory (NUL-terminated, never NULL) to the caller, who frees it. */
char *buf_take(struct buf *buf) __attribute__((warn_unused_result));

/* A time, RFC 3339 in UTC with milliseconds. */
int buf_append_time(struct buf *buf, const struct timespec *when);

#endif
