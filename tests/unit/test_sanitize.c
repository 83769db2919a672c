/* SPDX-License-Identifier: MIT */
/* What reaches a terminal: the same however the text was cut, and never a control of it. */
#include "unit.h"

#include "base/sanitize.h"

#define LOST "\xef\xbf\xbd"

static const struct {
	const char *bytes;
	size_t len;
	const char *safe;
} cases[] = {
	{LITERAL("plain\ttext\n"), "plain\ttext\n"},
	{LITERAL("caf\xc3\xa9 \xf0\x9f\x98\x80"), "caf\xc3\xa9 \xf0\x9f\x98\x80"},
	{LITERAL("a\x1b[31mred\x1b[0m"), "ared"},
	{LITERAL("a\x1b]0;title\x07z"), "az"},
	{LITERAL("a\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\z"), "alinkz"},
	{LITERAL("a\x1bPq#0\x1b\\z"), "az"},
	{LITERAL("a\x1b_apc\x1b\\z"), "az"},
	{LITERAL("a\x1b(Bz"), "az"},
	{LITERAL("a\x1b]52;c;unfinished\nz"), "a\nz"},
	{LITERAL("a\xc2\x9b"
		 "31mz"),
	 "az"},
	{LITERAL("a\x9b"
		 "31mz"),
	 "az"},
	{LITERAL("a\xc2\x9d"
		 "0;t\x07z"),
	 "az"},
	{LITERAL("a\xc2\x85z"), "a\\u{85}z"},
	{LITERAL("a\x07\x08\rz"), "a\\u{7}\\u{8}\\u{d}z"},
	{LITERAL("a\0z"), "a\\u{0}z"},
	{LITERAL("a\x7fz"), "a\\u{7f}z"},
	{LITERAL("a\xe2\x80\xaez"), "a\\u{202e}z"},
	{LITERAL("a\xe2\x81\xa6z"), "a\\u{2066}z"},
	{LITERAL("a\xe2\x80\x8bz"), "a\\u{200b}z"},
	{LITERAL("a\xf3\xa0\x81\x81z"), "a\\u{e0041}z"},
	{LITERAL("a\xffz"), "a" LOST "z"},
	{LITERAL("a\xc3z"), "a" LOST "z"},
	{LITERAL("a\xed\xa0\x80z"), "a" LOST LOST LOST "z"},
	{LITERAL("a\xc0\xafz"), "a" LOST LOST "z"},
	{LITERAL("a\xf0z"), "a" LOST "z"},
	{LITERAL("a\xf0\x9fz\n"), "a" LOST LOST "z\n"},
	{LITERAL("a\xe2\x82"), "a" LOST},
	{LITERAL("a\xf0\x1b[1mz"), "a" LOST "z"},
};

static void same_text_however_cut(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		for (size_t cut = 0; cut <= cases[i].len; cut++) {
			for (size_t step = 1; step < 8; step += 6) {
				struct sanitizer sanitizer = {0};
				struct buf out = BUF_INIT;

				sanitize_stream(&sanitizer, cases[i].bytes, cut, &out);
				for (size_t at = cut; at < cases[i].len; at += step) {
					size_t left = cases[i].len - at;

					sanitize_stream(&sanitizer, cases[i].bytes + at,
							step < left ? step : left, &out);
				}
				sanitize_stream_end(&sanitizer, &out);
				assert_string_equal(buf_text(&out), cases[i].safe);
				buf_clear(&out);
			}
		}
	}
}

static void no_control_gets_through(void **state)
{
	uint32_t rune;

	(void)state;
	for (unsigned first = 0; first < 256; first++) {
		for (unsigned second = 0; second < 256; second++) {
			const char bytes[] = {(char)first, (char)second, 'a', '\n'};
			struct buf out = BUF_INIT;

			sanitize_text(bytes, sizeof(bytes), &out);
			for (size_t at = 0, n; at < out.len; at += n) {
				n = utf8_decode(out.data + at, out.len - at, &rune);
				assert_true(n > 0);
				assert_true(rune >= 0x20 || rune == '\n' || rune == '\t');
				assert_false(rune >= 0x7f && rune < 0xa0);
			}
			buf_clear(&out);
		}
	}
}

static void makes_one_line(void **state)
{
	struct buf out = BUF_INIT;

	(void)state;
	buf_append_text(&out, "> ");
	sanitize_line(LITERAL("a\nb\tc\n"), 100, &out);
	assert_string_equal(out.data, "> a b c");
	buf_truncate(&out, 0);
	sanitize_line(LITERAL("caf\xc3\xa9s and more"), 7, &out);
	assert_string_equal(out.data, "caf\xe2\x80\xa6");
	buf_truncate(&out, 0);
	sanitize_line(LITERAL("caf\xc3\xa9s"), 6, &out);
	assert_string_equal(out.data, "caf\xc3\xa9s");
	buf_clear(&out);
}

static void utf8_round_trips(void **state)
{
	(void)state;
	for (uint32_t rune = 0; rune < 0x110000; rune++) {
		char bytes[4];
		uint32_t back;
		size_t n = utf8_encode(rune, bytes);

		if (rune >= 0xd800 && rune < 0xe000) {
			assert_int_equal(utf8_decode(bytes, n, &back), 0);
			continue;
		}
		if (utf8_decode(bytes, n, &back) != n || back != rune)
			fail_msg("U+%04x does not come back", (unsigned)rune);
		if (n > 1 && (utf8_decode(bytes, n - 1, &back) || utf8_cut(bytes, n - 1)))
			fail_msg("U+%04x was cut", (unsigned)rune);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(same_text_however_cut),
		cmocka_unit_test(no_control_gets_through),
		cmocka_unit_test(makes_one_line),
		cmocka_unit_test(utf8_round_trips),
	};

	return cmocka_run_group_tests_name("sanitize", tests, NULL, NULL);
}
