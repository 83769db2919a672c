/* SPDX-License-Identifier: MIT */
/*
 * files_search: a text in files, block by block, in memory that does not grow with the file.
 *
 * The text is literal: an expression written by a model could take time without end.
 */
#ifndef CORDPAIR_SERVERS_FILES_SEARCH_H
#define CORDPAIR_SERVERS_FILES_SEARCH_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

#define SEARCH_BLOCK_BYTES ((size_t)256 << 10)
#define SEARCH_LINE_BYTES  400	/* of a line that is shown */
#define SEARCH_TEXT_BYTES  1000 /* longest text to look for */

struct search_match {
	int64_t line;	/* 1-based */
	int64_t offset; /* of the line, in bytes (of its part in the block): read_file can begin
			   there */
	const char *text;
	size_t len;
};

/* false: enough, stop. */
typedef bool search_match_fn(void *arg, const struct search_match *match);

enum search_end {
	SEARCH_WHOLE,	/* the whole file was searched */
	SEARCH_STOPPED, /* on_match said so */
	SEARCH_BINARY,	/* not searched */
	SEARCH_TIME,
	SEARCH_UNREADABLE,
};

struct search;

struct search *search_new(const char *text, bool ignore_case, int64_t deadline_ms);
void search_free(struct search **search);
/* Tells each line that has the text once (a line longer than a block: once for each block). */
enum search_end search_file(struct search *search, int fd, search_match_fn *on_match, void *arg);

/* Does a file's name fit a pattern of '*' (anything), '?' (one byte) and plain bytes? */
bool search_glob(const char *pattern, const char *name);

#endif
