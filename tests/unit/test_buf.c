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

static void times_are_those_of_the_calendar(void **state)
{
	static const int64_t seconds[] = {0,	       -1,	    951782399,	 951782400,
					  951868800,   1798761599,  1798761600,	 4107542400,
					  -2203891200, 32503679999, 253402300799};

	(void)state;
	for (size_t i = 0; i < sizeof(seconds) / sizeof(seconds[0]) + 4000; i++) {
		const size_t known = sizeof(seconds) / sizeof(seconds[0]);
		struct timespec when = {i < known ? seconds[i]
						  : (int64_t)(i - known) * 86399 * 31 - 2000000000,
					7999999};
		struct tm utc;
		struct buf buf = BUF_INIT;
		char wanted[64];

		assert_non_null(gmtime_r(&when.tv_sec, &utc));
		strftime(wanted, sizeof(wanted), "%Y-%m-%dT%H:%M:%S.007Z", &utc);
		assert_int_equal(buf_append_time(&buf, &when), 0);
		assert_string_equal(buf.data, wanted);
		buf_clear(&buf);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(grows_and_ends_with_nul),
		cmocka_unit_test(nothing_passes_the_maximum),
		cmocka_unit_test(times_are_those_of_the_calendar),
	};

	return cmocka_run_group_tests_name("buf", tests, NULL, NULL);
}
