/* SPDX-License-Identifier: MIT */
/*
 * A terminal gets valid UTF-8 without control characters, however the text is cut; one line stays
 * one line.
 */
#include "config.h"

#include "base/sanitize.h"
#include "fuzz.h"

static void is_safe(const struct buf *text, bool one_line)
{
	for (size_t i = 0; i < text->len;) {
		uint32_t rune;
		size_t n = utf8_decode(text->data + i, text->len - i, &rune);

		MUST(n > 0);
		MUST(rune >= 0x20 || (!one_line && (rune == '\n' || rune == '\t')));
		MUST(rune != 0x7f && !(rune >= 0x80 && rune < 0xa0));
		MUST(!(rune >= 0x202a && rune <= 0x202e) && !(rune >= 0x2066 && rune <= 0x2069));
		i += n;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	const char *text = (const char *)bytes;
	struct cutter cutter = {bytes, len < 16 ? len : 16, 0};
	struct buf whole = BUF_INIT, pieces = BUF_INIT, line = BUF_INIT;
	struct sanitizer state = {0};

	sanitize_text(text, len, &whole);
	is_safe(&whole, false);
	sanitize_line(text, len, 50, &line);
	is_safe(&line, true);
	for (size_t at = 0; at < len;) {
		size_t piece = cut_next(&cutter, len - at);

		sanitize_stream(&state, text + at, piece, &pieces);
		at += piece;
	}
	sanitize_stream_end(&state, &pieces);
	MUST(whole.len == pieces.len &&
	     memcmp(buf_text(&whole), buf_text(&pieces), whole.len) == 0);
	buf_clear(&whole);
	buf_clear(&pieces);
	buf_clear(&line);
	return 0;
}
