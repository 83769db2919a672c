/* SPDX-License-Identifier: MIT */
/* Growth, the maximum, and what stays true of a buffer. */
#include "unit.h"

#include "base/buf.h"

static void grows_and_ends_with_nul(void **state)
{
	struct buf buf = BUF_INIT;
	char *text;

	(void)state;
	assert_string_equal(buf_text(&buf), "");
	for (int i = 0; i < 10000; i++) {
		assert_int_equal(buf_format(&buf, "%d,", i % 10), 0);
		assert_int_equal(buf.data[buf.len], '\0');
	}
	assert_int_equal(buf.len, 20000);
	buf_consume(&buf, 19998);
	assert_string_equal(buf.data, "9,");
	buf_consume(&buf, 2);
	assert_string_equal(buf_text(&buf), "");
	memcpy(buf_reserve(&buf, 3), "abc", 3);
	buf.len += 3;
	text = buf_take(&buf);
	assert_memory_equal(text, "abc", 3);
	free(text);
	assert_int_equal(buf.len, 0);
	text = buf_take(&buf);
	assert_string_equal(text, "");
	free(text);
}

static void nothing_passes_the_maximum(void **state)
{
	struct buf buf;

	(void)state;
	buf_init(&buf, 4);
	assert_int_equal(buf_append_text(&buf, "abcd"), 0);
	assert_int_equal(buf_append_char(&buf, 'e'), -1);
	assert_true(buf.overflowed);
	assert_string_equal(buf.data, "abcd");
	buf_truncate(&buf, 1);
	assert_false(buf.overflowed);
	assert_int_equal(buf_format(&buf, "%s", "bcde"), -1);
	assert_int_equal(buf_append_char(&buf, 'b'), -1);
	assert_string_equal(buf.data, "a");
	buf_clear(&buf);
	assert_null(buf_reserve(&buf, 5));
	assert_null(buf_reserve(&buf, SIZE_MAX));
	buf_clear(&buf);
	assert_int_equal(buf_append(&buf, "abcd", 4), 0);
	buf_clear(&buf);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(grows_and_ends_with_nul),
		cmocka_unit_test(nothing_passes_the_maximum),
	};

	return cmocka_run_group_tests_name("buf", tests, NULL, NULL);
}
