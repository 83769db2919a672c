/* SPDX-License-Identifier: MIT */
/*
 * sanitize: text of servers and models made safe for a terminal, and UTF-8 made valid.
 *
 * Removed or shown as \u{…}: C0 except LF and TAB, DEL, C1 (also as raw bytes), CSI/OSC/DCS
 * sequences, bidi controls, invisible format characters (zero width, tags, variation selectors
 * beyond emoji use). Bytes that are not UTF-8 become U+FFFD.
 */
#ifndef CORDPAIR_BASE_SANITIZE_H
#define CORDPAIR_BASE_SANITIZE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

/* State between pieces of one stream: an escape sequence or a character may be cut anywhere. */
struct sanitizer {
	unsigned char partial[4];
	unsigned char partial_len;
	unsigned char state;
};

/* Appends the safe form of a piece of text for a terminal. Zero the sanitizer first. */
void sanitize_stream(struct sanitizer *state, const char *bytes, size_t len, struct buf *out);
void sanitize_stream_end(struct sanitizer *state, struct buf *out);
/* A whole text; with one_line LF and TAB become blanks and it is cut at max_bytes with "…". */
void sanitize_text(const char *bytes, size_t len, struct buf *out);
void sanitize_line(const char *bytes, size_t len, size_t max_bytes, struct buf *out);

/* Strict UTF-8 decoding (RFC 3629): bytes used (1-4) and *rune, or 0: not a valid sequence. */
size_t utf8_decode(const char *bytes, size_t len, uint32_t *rune);
size_t utf8_encode(uint32_t rune, char out[4]);
/* The largest n <= len at which a valid text can be cut without splitting a character. */
size_t utf8_cut(const char *bytes, size_t len);

#endif
