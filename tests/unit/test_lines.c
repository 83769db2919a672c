/* SPDX-License-Identifier: MIT */
/* The same lines come out however the bytes were cut. */
#include "unit.h"

#include "base/buf.h"
#include "base/lines.h"

/* Takes every line that is there; "<line>" or "!" for one that was too long. */
static void drain(struct lines *lines, bool take, struct buf *out)
{
	enum lines_state state;
	char *line;
	size_t len;

	while ((state = lines_next(lines, &line, &len)) != LINES_MORE) {
		char *block = NULL;

		if (state == LINES_TOO_LONG) {
			buf_append_char(out, '!');
			continue;
		}
		if (take)
			lines_take(lines, &line, len, &block);
		assert_int_equal(line[len], '\0');
		buf_append_char(out, '<');
		buf_append(out, line, len);
		buf_append_char(out, '>');
		free(block);
	}
}

static void feed(struct lines *lines, const char *bytes, size_t len, bool take, struct buf *out)
{
	while (len > 0) {
		size_t space, n;
		char *to = lines_space(lines, &space);

		assert_non_null(to);
		assert_true(space > 0);
		n = len < space ? len : space;
		memcpy(to, bytes, n);
		lines_commit(lines, n);
		bytes += n;
		len -= n;
		drain(lines, take, out);
	}
}

static void same_lines_however_cut(void **state)
{
	static const char text[] = "one\n\ntwo\r\n\r\n123456789\n12345678\n\xff\0x\n"
				   "0123456789012345678901234567890123456789\nend\nrest";
	static const char expected[] = "<one><two>!<12345678><\xff\0x>!<end>";

	(void)state;
	for (size_t cut = 0; cut < sizeof(text); cut++) {
		for (size_t step = 1; step < 5; step += 3) {
			struct lines lines;
			struct buf out = BUF_INIT;

			lines_init(&lines, 8);
			feed(&lines, text, cut, step == 1, &out);
			for (size_t at = cut; at < sizeof(text) - 1; at += step) {
				size_t left = sizeof(text) - 1 - at;

				feed(&lines, text + at, step < left ? step : left, step == 1, &out);
			}
			assert_int_equal(out.len, sizeof(expected) - 1);
			assert_memory_equal(out.data, expected, out.len);
			assert_int_equal(lines_pending(&lines), 4);
			lines_clear(&lines);
			buf_clear(&out);
		}
	}
}

static void takes_large_lines_without_their_neighbours(void **state)
{
	const size_t large = (size_t)3 << 20;
	struct lines lines;
	struct buf text = BUF_INIT, out = BUF_INIT;

	(void)state;
	buf_append_text(&text, "first\n");
	memset(buf_reserve(&text, large), 'x', large);
	text.len += large;
	buf_append_text(&text, "\nlast\nrest");
	lines_init(&lines, LINE_MAX_BYTES);
	feed(&lines, text.data, text.len, true, &out);
	assert_int_equal(out.len, strlen("<first><") + large + strlen("><last>"));
	assert_memory_equal(out.data, "<first><x", 9);
	assert_string_equal(out.data + out.len - 8, "x><last>");
	assert_int_equal(lines_pending(&lines), 4);
	lines_clear(&lines);
	buf_clear(&text);
	buf_clear(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(same_lines_however_cut),
		cmocka_unit_test(takes_large_lines_without_their_neighbours),
	};

	return cmocka_run_group_tests_name("lines", tests, NULL, NULL);
}
