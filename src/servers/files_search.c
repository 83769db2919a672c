/* SPDX-License-Identifier: MIT */
/*
 * Whole lines of a block are searched at once by memmem(), and lines are looked at only where there
 * is a match. What is behind the last line end is kept for the next block.
 */
#include "config.h"

#include "servers/files_search.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/sanitize.h"
#include "servers/files_text.h"
#include "servers/mcp_tool.h"

struct search {
	char *text;
	size_t text_len;
	bool ignore_case; /* of ASCII letters; other letters must be the same */
	int64_t deadline_ms;
	char *block;  /* SEARCH_BLOCK_BYTES */
	char *folded; /* the same in lower case; is `block` when the case matters */

	/* of the file */
	int64_t block_offset;
	int64_t line; /* that begins at or before the block's first byte */
	search_match_fn *on_match;
	void *arg;
};

static void fold(char *out, const char *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++)
		out[i] = bytes[i] >= 'A' && bytes[i] <= 'Z' ? (char)(bytes[i] + 'a' - 'A')
							    : bytes[i];
}

struct search *search_new(const char *text, bool ignore_case, int64_t deadline_ms)
{
	struct search *search = mem_new(sizeof(*search));

	search->text = mem_string(text);
	search->text_len = strlen(text);
	search->ignore_case = ignore_case;
	search->deadline_ms = deadline_ms;
	search->block = mem_new_array(SEARCH_BLOCK_BYTES, 1);
	search->folded = search->block;
	if (ignore_case) {
		search->folded = mem_new_array(SEARCH_BLOCK_BYTES, 1);
		fold(search->text, search->text, search->text_len);
	}
	return search;
}

void search_free(struct search **search)
{
	if (!*search)
		return;
	if ((*search)->folded != (*search)->block)
		free((*search)->folded);
	free((*search)->block);
	free((*search)->text);
	free(*search);
	*search = NULL;
}

static int64_t count_lines(const char *at, const char *end)
{
	int64_t count = 0;

	while (at < end && (at = memchr(at, '\n', (size_t)(end - at)))) {
		count++;
		at++;
	}
	return count;
}

/* The part of a line to show: all of it, or what is around the match. */
static void cut_line(struct search_match *match, const char *line, const char *end, const char *hit)
{
	size_t lead = (size_t)(hit - line);

	if ((size_t)(end - line) > SEARCH_LINE_BYTES && lead > SEARCH_LINE_BYTES / 4) {
		line = hit - SEARCH_LINE_BYTES / 4;
		while (line < hit && ((unsigned char)*line & 0xc0) == 0x80)
			line++;
	}
	match->text = line;
	match->len = (size_t)(end - line);
	if (match->len > SEARCH_LINE_BYTES)
		match->len = utf8_cut(line, SEARCH_LINE_BYTES);
	if (match->len > 0 && line[match->len - 1] == '\r')
		match->len--;
}

/* Searches block[0..len), whole lines; false: enough. */
static bool search_block(struct search *search, size_t len)
{
	const char *block = search->block, *end = block + len, *counted = block, *at = block;

	while (at < end) {
		const char *found = memmem(search->folded + (at - block), (size_t)(end - at),
					   search->text, search->text_len);
		const char *hit, *line, *line_end;
		struct search_match match;

		if (!found)
			break;
		hit = block + (found - search->folded);
		line = memrchr(block, '\n', (size_t)(hit - block));
		line = line ? line + 1 : block;
		line_end = memchr(hit, '\n', (size_t)(end - hit));
		if (!line_end)
			line_end = end;
		search->line += count_lines(counted, line);
		counted = line;
		match.line = search->line;
		match.offset = search->block_offset + (line - block);
		cut_line(&match, line, line_end, hit);
		if (!search->on_match(search->arg, &match))
			return false;
		at = line_end < end ? line_end + 1 : end;
	}
	search->line += count_lines(counted, end);
	return true;
}

/*
 * How much of the block can be searched: up to the last line end; all of it when it is the file's
 * last, or one line fills it. *keep is where the next block begins.
 */
static size_t whole_lines(const struct search *search, size_t len, bool last, size_t *keep)
{
	const char *lf;

	*keep = len;
	if (last)
		return len;
	lf = memrchr(search->block, '\n', len);
	if (lf) {
		*keep = (size_t)(lf - search->block) + 1;
		return *keep;
	}
	/* A match may lie across the border: too short to be found twice. */
	*keep = len - (search->text_len - 1);
	return len;
}

enum search_end search_file(struct search *search, int fd, search_match_fn *on_match, void *arg)
{
	size_t held = 0;

	search->block_offset = 0;
	search->line = 1;
	search->on_match = on_match;
	search->arg = arg;
	for (;;) {
		struct err err;
		size_t wanted = SEARCH_BLOCK_BYTES - held, len, usable, keep;
		ssize_t n = file_read_at(fd, search->block + held, wanted,
					 search->block_offset + (off_t)held, &err);

		if (n < 0)
			return SEARCH_UNREADABLE;
		len = held + (size_t)n;
		if (search->block_offset == 0 &&
		    text_is_binary(search->block, len < TEXT_PROBE_BYTES ? len : TEXT_PROBE_BYTES))
			return SEARCH_BINARY;
		if (search->ignore_case)
			fold(search->folded, search->block, len);
		usable = whole_lines(search, len, (size_t)n < wanted, &keep);
		if (!search_block(search, usable))
			return SEARCH_STOPPED;
		if ((size_t)n < wanted)
			return SEARCH_WHOLE;
		if (mcp_clock_ms() >= search->deadline_ms)
			return SEARCH_TIME;
		held = len - keep;
		memmove(search->block, search->block + keep, held);
		search->block_offset += (int64_t)keep;
	}
}

/* At most strlen(pattern) * strlen(name) steps: only the last '*' is ever tried again. */
bool search_glob(const char *pattern, const char *name)
{
	const char *star = NULL, *retry = NULL;

	while (*name) {
		if (*pattern == '*') {
			star = ++pattern;
			retry = name;
		} else if (*pattern == '?' || *pattern == *name) {
			pattern++;
			name++;
		} else if (star) {
			pattern = star;
			name = ++retry;
		} else {
			return false;
		}
	}
	while (*pattern == '*')
		pattern++;
	return *pattern == '\0';
}
