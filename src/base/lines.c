/* SPDX-License-Identifier: MIT */
/*
 * One growing block of memory. Lines are handed out in place; what is behind the last one moves to
 * the front only when room is needed, so small lines are never copied.
 */
#include "config.h"

#include "base/lines.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define LINES_MOVE_MIN_BYTES                                                \
	((size_t)256 << 10) /* smaller lines are copied out by lines_take() \
			     */

void lines_init(struct lines *lines, size_t line_max_bytes)
{
	*lines = (struct lines){.line_max = line_max_bytes};
}

void lines_clear(struct lines *lines)
{
	free(lines->data);
	lines_init(lines, lines->line_max);
}

static void move_to_front(struct lines *lines)
{
	size_t len = lines->end - lines->start;

	if (lines->start == 0)
		return;
	if (len > 0)
		memmove(lines->data, lines->data + lines->start, len);
	lines->scanned -= lines->start;
	lines->end = len;
	lines->start = 0;
}

char *lines_space(struct lines *lines, size_t *space)
{
	/* One byte stays free for the NUL behind a line that ends the block. */
	if (lines->start == lines->end)
		lines->start = lines->scanned = lines->end = 0;
	if (lines->cap - lines->end <= LINES_READ_BYTES)
		move_to_front(lines);
	if (lines->cap - lines->end <= LINES_READ_BYTES) {
		size_t cap = lines->cap ? lines->cap * 2 : LINES_READ_BYTES + 1;
		char *data = mem_try_resize(lines->data, cap);

		if (!data)
			return NULL;
		lines->data = data;
		lines->cap = cap;
	}
	*space = lines->cap - lines->end - 1;
	return lines->data + lines->end;
}

void lines_commit(struct lines *lines, size_t n)
{
	lines->end += n;
}

/* No line end in sight: throw the beginning of a line away that is too long already. */
static enum lines_state without_end(struct lines *lines)
{
	lines->scanned = lines->end;
	if (lines->discarding) {
		lines->start = lines->end;
		return LINES_MORE;
	}
	if (lines->end - lines->start <= lines->line_max)
		return LINES_MORE;
	lines->discarding = true;
	lines->start = lines->end;
	return LINES_TOO_LONG;
}

enum lines_state lines_next(struct lines *lines, char **line, size_t *len)
{
	while (lines->scanned < lines->end) {
		char *start = lines->data + lines->start;
		char *lf = memchr(lines->data + lines->scanned, '\n', lines->end - lines->scanned);
		size_t n;

		if (!lf)
			return without_end(lines);
		n = (size_t)(lf - start);
		lines->start = lines->scanned = (size_t)(lf - lines->data) + 1;
		if (lines->discarding) {
			lines->discarding = false;
			continue;
		}
		if (n > lines->line_max)
			return LINES_TOO_LONG;
		if (n > 0 && start[n - 1] == '\r')
			n--;
		if (n == 0)
			continue;
		start[n] = '\0';
		*line = start;
		*len = n;
		return LINES_LINE;
	}
	return LINES_MORE;
}

enum lines_state lines_last(struct lines *lines, char **line, size_t *len)
{
	size_t n = lines->discarding ? 0 : lines_pending(lines);

	if (n == 0)
		return LINES_MORE;
	*line = lines->data + lines->start;
	(*line)[n] = '\0';
	*len = n;
	lines->start = lines->scanned = lines->end;
	return LINES_LINE;
}

void lines_take(struct lines *lines, char **line, size_t len, char **block)
{
	size_t rest = lines->end - lines->start;
	char *old = lines->data;

	if (len < LINES_MOVE_MIN_BYTES) {
		*block = *line = mem_string_len(*line, len);
		return;
	}
	/* The block goes with the line; the little that was read behind it moves to a new one. */
	lines->cap = rest + LINES_READ_BYTES + 1;
	lines->data = mem_new_array(lines->cap, 1);
	if (rest > 0)
		memcpy(lines->data, old + lines->start, rest);
	lines->start = lines->scanned = 0;
	lines->end = rest;
	*block = old;
}

size_t lines_pending(const struct lines *lines)
{
	return lines->end - lines->start;
}
