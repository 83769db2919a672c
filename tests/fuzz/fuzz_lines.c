/* SPDX-License-Identifier: MIT */
/* The line framer: the same lines however the bytes are cut; what is too long is told once. */
#include "config.h"

#include "base/lines.h"
#include "fuzz.h"

#define LINE_MAX_FUZZED 64

static void drain(struct lines *lines, struct buf *told)
{
	char *line;
	size_t len;

	for (;;) {
		switch (lines_next(lines, &line, &len)) {
		case LINES_MORE:
			return;
		case LINES_TOO_LONG:
			buf_append_text(told, "(too long)\n");
			break;
		case LINES_LINE:
			MUST(line[len] == '\0' && len <= LINE_MAX_FUZZED);
			MUST(!memchr(line, '\n', len));
			buf_append(told, line, len);
			buf_append_char(told, '\n');
			break;
		}
	}
}

static void feed(const uint8_t *bytes, size_t len, struct cutter *cutter, struct buf *told)
{
	struct lines lines;

	lines_init(&lines, LINE_MAX_FUZZED);
	while (len > 0) {
		size_t space, piece = cut_next(cutter, len);
		char *at = lines_space(&lines, &space);

		MUST(at && space > 0);
		piece = piece < space ? piece : space;
		memcpy(at, bytes, piece);
		lines_commit(&lines, piece);
		bytes += piece;
		len -= piece;
		drain(&lines, told);
	}
	lines_clear(&lines);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct cutter as_said = {bytes, len < 16 ? len : 16, 0}, whole = {NULL, 0, 0};
	struct buf a = BUF_INIT, b = BUF_INIT;

	feed(bytes, len, &as_said, &a);
	feed(bytes, len, &whole, &b);
	MUST(a.len == b.len && memcmp(buf_text(&a), buf_text(&b), a.len) == 0);
	buf_clear(&a);
	buf_clear(&b);
	return 0;
}
