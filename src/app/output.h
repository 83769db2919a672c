/* SPDX-License-Identifier: MIT */
/*
 * output: stdout. Carries only the answer; what is for a person goes to stderr by base/log.
 *
 * A text of a model or a server is made safe for a terminal when stdout is one, and passes as it is
 * into a pipe or a file. A reader that went away ends the program as SIGPIPE would, but in order.
 */
#ifndef CORDPAIR_APP_OUTPUT_H
#define CORDPAIR_APP_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/sanitize.h"

struct output {
	bool terminal;
	bool open_line; /* the last byte was no newline */
	int exit_code;	/* 0; 141: the reader went away; 74: it cannot be written */
	struct sanitizer sanitizer;
};

void output_init(struct output *output);
/* A piece of somebody else's text. */
void output_text(struct output *output, const char *bytes, size_t len);
/* Ends the text: what the sanitizer holds back, and a newline where one is missing. */
void output_end_text(struct output *output);
/* A text of our own. */
void output_own(struct output *output, const char *bytes, size_t len);
void output_buf(struct output *output, const struct buf *buf);
void output_format(struct output *output, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

#endif
