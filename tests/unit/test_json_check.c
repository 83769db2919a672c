/* SPDX-License-Identifier: MIT */
/* What is JSON and what is not; spans; keys; limits. */
#include "unit.h"

#include "base/json_check.h"
#include "base/mem.h"

/* Checks an exact-size copy, so that a sanitizer sees any read behind the end. */
static int check(const char *text, size_t len, struct json_fault *fault)
{
	char *copy = malloc(len ? len : 1);
	int status;

	memcpy(copy, text, len);
	status = json_check(copy, len, &json_limits_default, NULL, fault);
	free(copy);
	return status;
}

static void accepts(void **state)
{
	static const char *const texts[] = {
		"\"\x7f\"",
		"null",
		" true ",
		"false",
		"0",
		"-0",
		"-0.0e+10",
		"1E400",
		"123456789012345678901234567890",
		"\"\"",
		"\"caf\xc3\xa9\"",
		"\"\\u00e9\\ud83d\\ude00\\n\\/\"",
		"\"\x7f\"",
		"[]",
		"{}",
		"[1,[2,[3]],{\"a\":{}}]",
		"{\"a\":1,\"b\":[true,null]}",
		"{\"\":0}",
		"\t\r\n[\n]\n",
		"{\"a\":1,\"A\":2}",
		"\"\\u0000\"",
		"\"0123456789abcdef0123456789abcdef\"",
		"{\"a\":{\"a\":{\"a\":1}},\"b\":{\"a\":2}}",
		"\"\xf4\x8f\xbf\xbf\"",
	};
	struct json_fault fault;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (check(texts[i], strlen(texts[i]), &fault))
			fail_msg("refused %s: %s", texts[i], fault.what);
}

static void refuses(void **state)
{
	static const char *const texts[] = {
		"",
		" ",
		"nul",
		"True",
		"NaN",
		"Infinity",
		"-",
		"01",
		"-01",
		"1.",
		".5",
		"1e",
		"1e+",
		"+1",
		"0x10",
		"'a'",
		"\"a",
		"\"\\x\"",
		"\"\\u12\"",
		"\"\\u12g4\"",
		"\"\\ud800\"",
		"\"\\udc00\"",
		"\"\\ud800\\u0041\"",
		"\"a\tb\"",
		"\"a\nb\"",
		"[1,]",
		"[,1]",
		"[1 2]",
		"[1",
		"]",
		"{",
		"{\"a\"}",
		"{\"a\":}",
		"{\"a\":1,}",
		"{a:1}",
		"{\"a\":1 \"b\":2}",
		"[1}",
		"{\"a\":1]",
		"1 2",
		"[] []",
		"{\"a\":1,\"a\":2}",
		"{\"\\u0061\":1,\"a\":2}",
		"{\"caf\xc3\xa9\":1,\"caf\\u00e9\":2}",
		"{\"a\\u0000b\":1}",
		"\"\xc0\xaf\"",
		"\"\xed\xa0\x80\"",
		"\"\xf4\x90\x80\x80\"",
		"\"\xff\"",
		"\"\xc3\"",
		"\"\xe2\x82\"",
		"/* c */ 1",
		"[1,//\n2]",
		"\xef\xbb\xbf[]",
		"nullx",
		"truefalse",
		"\"a\"b",
	};
	struct json_fault fault;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (check(texts[i], strlen(texts[i]), &fault) == 0)
			fail_msg("accepted %s", texts[i]);
	assert_int_equal(check("\"a\0b\"", 5, &fault), -1);
}

static void refuses_every_prefix(void **state)
{
	static const char text[] =
		"{\"id\":-12.5e3,\"r\":[true,{\"k\\u00e9\":\"\xe2\x82\xac\"},null]}";
	struct json_fault fault;

	(void)state;
	for (size_t len = 0; len < sizeof(text) - 1; len++)
		assert_int_equal(check(text, len, &fault), -1);
	assert_int_equal(check(text, sizeof(text) - 1, &fault), 0);
}

static void names_the_place(void **state)
{
	static const char text[] = "{\n  \"a\": 1,\n  \"b\": nope\n}";
	struct json_fault fault;
	unsigned line, column;

	(void)state;
	assert_int_equal(check(text, sizeof(text) - 1, &fault), -1);
	json_position(text, fault.offset, &line, &column);
	assert_int_equal(line, 3);
	assert_int_equal(column, 8);
	assert_false(fault.limit);
}

static void limits_depth_and_nodes(void **state)
{
	const struct json_limits three = {JSON_DEPTH_MAX, 3};
	char deep[2 * (JSON_DEPTH_MAX + 1)];
	struct json_fault fault;
	size_t nodes;

	(void)state;
	memset(deep, '[', JSON_DEPTH_MAX + 1);
	memset(deep + JSON_DEPTH_MAX + 1, ']', JSON_DEPTH_MAX + 1);
	assert_int_equal(check(deep + 1, 2 * JSON_DEPTH_MAX, &fault), 0);
	assert_int_equal(check(deep, sizeof(deep), &fault), -1);
	assert_true(fault.limit);
	assert_int_equal(json_check("[1,2]", 5, &three, &nodes, &fault), 0);
	assert_int_equal(nodes, 3);
	assert_int_equal(json_check("[1,2,3]", 7, &three, NULL, &fault), -1);
	assert_true(fault.limit);
}

static void finds_duplicates_among_many(void **state)
{
	struct buf text = BUF_INIT;
	struct json_fault fault;

	(void)state;
	buf_append_char(&text, '{');
	for (int i = 0; i < 5000; i++)
		buf_format(&text, "\"key%d\":{\"key%d\":[]},", i, i);
	buf_append_text(&text, "\"last\":0}");
	assert_int_equal(check(text.data, text.len, &fault), 0);
	buf_truncate(&text, text.len - 1);
	buf_append_text(&text, ",\"key\\u0034\":1}");
	assert_int_equal(check(text.data, text.len, &fault), -1);
	assert_string_equal(fault.what, "a key that is there already");
	buf_clear(&text);
}

/* Also where a set is made for them, and where it grows. */
static void finds_the_last_duplicate(void **state)
{
	(void)state;
	for (int keys = 1; keys < 100; keys++) {
		struct buf text = BUF_INIT;
		struct json_fault fault;

		buf_append_char(&text, '{');
		for (int i = 0; i < keys; i++)
			buf_format(&text, "\"key%d\":%d,", i, i);
		buf_append_text(&text, "\"k\\u0065y0\":0}");
		assert_int_equal(check(text.data, text.len, &fault), -1);
		assert_string_equal(fault.what, "a key that is there already");
		buf_clear(&text);
	}
}

static void finds_members(void **state)
{
	static const char text[] =
		" {\"a\": [1, \"}\\\"\"] , \"b\\u0062\":{\"x\":{}},\"n\":-7,\"s\":\"q\\\\\\u20ac\"}";
	struct json_span whole = {text, sizeof(text) - 1}, element = {NULL, 0};
	static const char *const names[] = {"a", "bb", "none", "n"};
	struct json_span spans[4];
	struct buf out = BUF_INIT;
	int64_t number;

	(void)state;
	assert_true(json_span_members(whole, names, spans, 4));
	assert_int_equal(json_span_kind(spans[0]), JSON_ARRAY);
	assert_int_equal(spans[0].len, strlen("[1, \"}\\\"\"]"));
	assert_int_equal(json_span_kind(spans[1]), JSON_OBJECT);
	assert_int_equal(json_span_kind(spans[2]), JSON_ABSENT);
	assert_true(json_span_int64(spans[3], &number));
	assert_int_equal(number, -7);
	assert_true(json_span_next(spans[0], &element));
	assert_memory_equal(element.at, "1", 1);
	assert_true(json_span_next(spans[0], &element));
	assert_true(json_span_equals(element, "}\""));
	assert_false(json_span_next(spans[0], &element));
	assert_int_equal(json_span_unescape(json_span_member(whole, "s"), &out), 0);
	assert_string_equal(out.data, "q\\\xe2\x82\xac");
	buf_clear(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(accepts),
		cmocka_unit_test(refuses),
		cmocka_unit_test(refuses_every_prefix),
		cmocka_unit_test(names_the_place),
		cmocka_unit_test(limits_depth_and_nodes),
		cmocka_unit_test(finds_duplicates_among_many),
		cmocka_unit_test(finds_the_last_duplicate),
		cmocka_unit_test(finds_members),
	};

	return cmocka_run_group_tests_name("json_check", tests, NULL, NULL);
}
