/* SPDX-License-Identifier: MIT */
/*
 * lines: bytes in, whole lines out, without a copy where that is possible.
 *
 * Pull style, so that the owner can stop in the middle: ask for space, read into it, commit, then
 * take lines until there is none. A line ends with LF; a CR before it is dropped; empty lines are
 * skipped. A line longer than the cap is thrown away as it arrives and reported once.
 */
#ifndef CORDPAIR_BASE_LINES_H
#define CORDPAIR_BASE_LINES_H

#include <stdbool.h>
#include <stddef.h>

#define LINE_MAX_BYTES	 ((size_t)64 << 20)
#define LINES_READ_BYTES ((size_t)64 << 10)

struct lines {
	char *data;
	size_t cap, start, scanned, end; /* data[start..end) is unread; no LF before scanned */
	size_t line_max;
	bool discarding; /* inside a line that is too long */
};

enum lines_state {
	LINES_MORE,    /* no whole line yet */
	LINES_LINE,    /* *line is a line */
	LINES_TOO_LONG /* a line was longer than the cap and is lost; told once for each */
};

void lines_init(struct lines *lines, size_t line_max_bytes);
void lines_clear(struct lines *lines);

/* Where to read to; *space (at least one byte) is how much fits. NULL: no memory. */
char *lines_space(struct lines *lines, size_t *space);
void lines_commit(struct lines *lines, size_t n);

/* The line is NUL-terminated in place and stays valid until the next call of lines_space/next. */
enum lines_state lines_next(struct lines *lines, char **line, size_t *len);

/* At the end of the stream: the line that has no end; LINES_MORE when there is none. */
enum lines_state lines_last(struct lines *lines, char **line, size_t *len);

/*
 * Right after LINES_LINE: makes the line's memory the caller's (free()). A large line is moved, not
 * copied; *line stays the address to use and *block what to free.
 */
void lines_take(struct lines *lines, char **line, size_t len, char **block);

/* Bytes that are buffered and not yet taken: at the end of the stream, an unfinished line. */
size_t lines_pending(const struct lines *lines);

#endif
