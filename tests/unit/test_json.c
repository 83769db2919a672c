/* SPDX-License-Identifier: MIT */
/* What is parsed is printed again byte for byte; numbers keep their value; what is no JSON goes. */
#include "unit.h"

#include <json-c/json.h>

#include "base/json.h"
#include "base/json_write.h"

static int parse(const char *text, size_t len, struct json_object **value)
{
	struct err err = {0};

	return json_parse(text, len, &json_limits_default, value, &err);
}

static void prints_what_was_parsed(void **state)
{
	static const char *const texts[] = {
		"null",
		"true",
		"[]",
		"{}",
		"\"\"",
		"0",
		"-1",
		"9223372036854775807",
		"-9223372036854775808",
		"18446744073709551615",
		"9007199254740993",
		"1.10",
		"0.1",
		"1e2",
		"-0.0",
		"3.141592653589793238462643383279",
		"\"caf\xc3\xa9\"",
		"\"\xf0\x9f\x98\x80\"",
		"\"a/b\"",
		"\"\\u0000\"",
		"\"\\\"\\\\\\n\\r\\t\"",
		"{\"caf\xc3\xa9\":[1,{\"b\":null}],\"a\":\"x\"}",
		"{\"z\":1,\"a\":2,\"m\":3}",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++) {
		struct json_object *value = NULL;
		struct buf out = BUF_INIT;

		assert_int_equal(parse(texts[i], strlen(texts[i]), &value), 0);
		assert_int_equal(json_print(value, &out), 0);
		assert_string_equal(out.data, texts[i]);
		buf_clear(&out);
		json_put(&value);
		assert_null(value);
	}
}

static void refuses_what_json_c_would_take(void **state)
{
	static const char *const texts[] = {
		"{\"a\":1,\"a\":2}",
		"'a'",
		"NaN",
		"[1,]",
		"\"\\ud800\"",
		"\"\\udc00x\"",
		"\"\xed\xa0\x80\"",
		"18446744073709551616",
		"-9223372036854775809",
		"{\"a\\u0000b\":1}",
		"{\"caf\xc3\xa9\":1,\"caf\\u00e9\":2}",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++) {
		struct json_object *value = NULL;

		if (parse(texts[i], strlen(texts[i]), &value) == 0)
			fail_msg("parsed %s", texts[i]);
		assert_null(value);
	}
}

static void getters_never_coerce(void **state)
{
	static const char text[] = "{\"s\":\"1\",\"n\":1,\"b\":true,\"o\":{},\"a\":[],\"z\":null}";
	struct json_object *value = NULL;
	size_t len;

	(void)state;
	assert_int_equal(parse(LITERAL(text), &value), 0);
	assert_string_equal(json_member_string(value, "s"), "1");
	assert_null(json_member_string(value, "n"));
	assert_int_equal(json_member_int(value, "s", -7), -7);
	assert_int_equal(json_member_int(value, "n", -7), 1);
	assert_true(json_member_bool(value, "b", false));
	assert_true(json_member_bool(value, "n", true));
	assert_false(json_member_bool(value, "n", false));
	assert_non_null(json_member_object(value, "o"));
	assert_null(json_member_object(value, "a"));
	assert_non_null(json_member_array(value, "a"));
	assert_null(json_member_array(value, "none"));
	assert_null(json_member(value, "z"));
	assert_string_equal(json_string(json_member(value, "s"), &len), "1");
	assert_int_equal(len, 1);
	assert_null(json_string(json_member(value, "n"), NULL));
	assert_null(json_member_string(json_member(value, "s"), "x"));
	json_put(&value);
}

static void writes_strings(void **state)
{
	static const struct {
		const char *bytes;
		size_t len;
		const char *json;
	} cases[] = {
		{LITERAL(""), "\"\""},
		{LITERAL("a\"b\\c"), "\"a\\\"b\\\\c\""},
		{LITERAL("\x01\x1f"), "\"\\u0001\\u001f\""},
		{LITERAL("a\0b"), "\"a\\u0000b\""},
		{LITERAL("caf\xc3\xa9"), "\"caf\xc3\xa9\""},
		{LITERAL("\xff"), "\"\xef\xbf\xbd\""},
		{LITERAL("a\xc3"), "\"a\xef\xbf\xbd\""},
		{LITERAL("\xc3\x41"), "\"\xef\xbf\xbd\x41\""},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct buf out = BUF_INIT;

		assert_int_equal(json_write_string_len(&out, cases[i].bytes, cases[i].len), 0);
		assert_string_equal(out.data, cases[i].json);
		buf_clear(&out);
	}
}

/* Whatever bytes come, what is written is JSON. */
static void writes_any_bytes_as_json(void **state)
{
	struct json_fault fault;

	(void)state;
	for (unsigned first = 0; first < 256; first++) {
		for (unsigned second = 0; second < 256; second++) {
			const char bytes[] = {(char)first, (char)second, 'x'};
			struct buf out = BUF_INIT;

			assert_int_equal(json_write_string_len(&out, bytes, sizeof(bytes)), 0);
			assert_int_equal(
				json_check(out.data, out.len, &json_limits_default, NULL, &fault),
				0);
			assert_int_equal(out.data[out.len - 2], 'x');
			buf_clear(&out);
		}
	}
}

static void writes_members(void **state)
{
	struct buf out = BUF_INIT;

	(void)state;
	buf_append_char(&out, '{');
	json_write_member(&out, "a", "x");
	json_write_member(&out, "n", NULL);
	json_write_member_int(&out, "i", INT64_MIN);
	json_write_member_bool(&out, "b", 1);
	json_write_member_json(&out, "j", LITERAL("[1]"));
	buf_append_char(&out, '}');
	assert_string_equal(out.data, "{\"a\":\"x\",\"n\":null,\"i\":-9223372036854775808,"
				      "\"b\":true,\"j\":[1]}");
	buf_truncate(&out, 0);
	json_write_compact(&out, LITERAL("\"open \\"));
	assert_string_equal(out.data, "\"open \\");
	buf_truncate(&out, 0);
	json_write_compact(&out, LITERAL(" { \"a b\" : [ 1 ,\r\n\t2 ] } "));
	assert_string_equal(out.data, "{\"a b\":[1,2]}");
	buf_clear(&out);
}

static void stops_at_the_maximum(void **state)
{
	struct json_object *value = NULL;
	struct buf out;

	(void)state;
	buf_init(&out, 8);
	assert_int_equal(json_write_string(&out, "0123456789"), -1);
	assert_true(out.overflowed);
	assert_true(out.len <= 8);
	buf_truncate(&out, 0);
	assert_int_equal(json_write_compact(&out, LITERAL("[1, 2, 3, 4]")), -1);
	buf_truncate(&out, 0);
	assert_int_equal(parse(LITERAL("[[\"0123456789\"]]"), &value), 0);
	assert_int_equal(json_print(value, &out), -1);
	json_put(&value);
	buf_truncate(&out, 0);
	assert_int_equal(parse(LITERAL("{\"a\":{\"b\":\"0123456789\"}}"), &value), 0);
	assert_int_equal(json_print(value, &out), -1);
	json_put(&value);
	buf_clear(&out);
}

static void names_types(void **state)
{
	static const char *const cases[][2] = {
		{"null", "null"}, {"true", "boolean"}, {"1", "integer"},   {"1.5", "number"},
		{"{}", "object"}, {"[]", "array"},     {"\"\"", "string"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct json_object *value = NULL;

		assert_int_equal(parse(cases[i][0], strlen(cases[i][0]), &value), 0);
		assert_string_equal(json_type_name(value), cases[i][1]);
		json_put(&value);
	}
}

static int version; /* 0: the real one */

int __real_json_c_version_num(void);
int __wrap_json_c_version_num(void);
int __wrap_json_c_version_num(void)
{
	return version ? version : __real_json_c_version_num();
}

/* 0.19 does not let go of what a container holds: it is empty before it goes. */
static void empties_containers_for_json_c_0_19(void **state)
{
	static const char text[] = "{\"a\":[1,{\"b\":[[]]}],\"c\":{\"d\":null},\"e\":\"x\"}";

	(void)state;
	for (int leaks = 0; leaks <= 1; leaks++) {
		struct json_object *value = NULL, *array;

		assert_int_equal(parse(text, strlen(text), &value), 0);
		array = json_object_get(json_member_array(value, "a"));
		version = leaks ? 19 << 8 : 18 << 8;
		json_put(&value);
		assert_null(value);
		assert_int_equal(json_object_array_length(array), leaks ? 0 : 2);
		json_put(&array);
	}
	version = 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(prints_what_was_parsed),
		cmocka_unit_test(refuses_what_json_c_would_take),
		cmocka_unit_test(getters_never_coerce),
		cmocka_unit_test(writes_strings),
		cmocka_unit_test(writes_any_bytes_as_json),
		cmocka_unit_test(writes_members),
		cmocka_unit_test(stops_at_the_maximum),
		cmocka_unit_test(names_types),
		cmocka_unit_test(empties_containers_for_json_c_0_19),
	};

	return cmocka_run_group_tests_name("json", tests, NULL, NULL);
}
