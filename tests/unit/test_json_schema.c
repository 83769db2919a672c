/* SPDX-License-Identifier: MIT */
/* The sentence for a misfit, and the limits: depth, references in circles, costly patterns. */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/json_schema.h"

static struct json_span span_of(const char *text)
{
	return (struct json_span){text, strlen(text)};
}

static void test_sentences(void **state)
{
	static const struct {
		const char *schema, *value, *sentence; /* NULL: it fits */
	} rows[] = {
		{"{\"type\":\"object\",\"properties\":{\"paths\":{\"type\":\"array\","
		 "\"items\":{\"type\":\"string\"}}}}",
		 "{\"paths\":[\"a\",\"b\",3]}",
		 "arguments.paths[2]: expected a string, got a number"},
		{"{\"required\":[\"a\"]}", "{}", "arguments: \"a\" is missing"},
		{"{\"properties\":{\"a\":{}},\"additionalProperties\":false}", "{\"b\":1}",
		 "arguments: \"b\" is not allowed"},
		{"{\"properties\":{\"n\":{\"type\":[\"integer\",\"null\"]}}}", "{\"n\":1.5}",
		 "arguments.n: expected an integer or null, got a number"},
		{"{\"properties\":{\"n\":{\"type\":\"integer\"}}}", "{\"n\":1.0}", NULL},
		{"{\"properties\":{\"n\":{\"type\":\"integer\"}}}", "{\"n\":\"5\"}",
		 "arguments.n: expected an integer, got a string"},
		{"{\"properties\":{\"n\":{\"minimum\":3}}}", "{\"n\":2}",
		 "arguments.n: expected at least 3"},
		{"{\"properties\":{\"e\":{\"enum\":[\"a\",1]}}}", "{\"e\":\"b\"}",
		 "arguments.e: expected one of \"a\", 1"},
		{"{\"$defs\":{\"s\":{\"maxLength\":2}},\"properties\":{\"s\":{\"$ref\":\"#/$defs/s\"}}}",
		 "{\"s\":\"\\u00e9\\u00e9\\u00e9\"}",
		 "arguments.s: expected at most 2 characters, got 3"},
		{"{\"oneOf\":[{\"required\":[\"a\"]},{\"required\":[\"b\"]}]}", "{}",
		 "arguments: expected exactly one of the forms of \"oneOf\", it fits 0"},
		{"{\"properties\":{\"x\\u001b[2J\":{\"type\":\"null\"}}}", "{\"x\\u001b[2J\":1}",
		 "arguments.x: expected null, got a number"},
		{"{\"$ref\":\"https://example.org/elsewhere\"}", "{}", NULL},
		{"{\"multipleOf\":0.0001}", "0.0075", NULL},
		{"{\"multipleOf\":7}", "1e99999999999999999999",
		 "arguments: expected a multiple of 7"},
		/* As good as 0. */
		{"{\"multipleOf\":1}", "1e-99999999999999999999", NULL},
		{"{\"multipleOf\":12345678901234567890}", "24691357802469135780", NULL},
		{"{\"multipleOf\":12345678901234567890}", "12345678901234500000",
		 "arguments: expected a multiple of 12345678901234567890"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct err err = {0};
		struct json_schema *schema =
			json_schema_new(rows[i].schema, strlen(rows[i].schema), &err);
		int status;

		assert_non_null(schema);
		status = json_schema_check(schema, span_of(rows[i].value), "arguments", &err);
		if (rows[i].sentence) {
			assert_string_equal(err.text, rows[i].sentence);
			assert_int_equal(err.kind, ERR_ARGUMENTS);
		}
		assert_int_equal(status, rows[i].sentence ? -1 : 0);
		json_schema_free(&schema);
	}
}

static const char *warning_for(const char *text, const char *value, int *status)
{
	static char warning[256];
	struct err err;
	struct json_schema *schema = json_schema_new(text, strlen(text), &err);

	assert_non_null(schema);
	*status = json_schema_check(schema, span_of(value), "it", &err);
	snprintf(warning, sizeof(warning), "%s",
		 json_schema_warning(schema) ? json_schema_warning(schema) : "");
	json_schema_free(&schema);
	return warning;
}

static void test_limits(void **state)
{
	struct buf wide = BUF_INIT;
	int status;

	(void)state;
	assert_non_null(strstr(warning_for("{\"$ref\":\"#\"}", "{}", &status), "too deep"));
	assert_int_equal(status, 0);
	/* 2^30 ways through it. */
	buf_append_text(&wide, "{\"$defs\":{\"d0\":{}");
	for (int i = 1; i <= 30; i++)
		buf_format(&wide,
			   ",\"d%d\":{\"allOf\":[{\"$ref\":\"#/$defs/d%d\"},"
			   "{\"$ref\":\"#/$defs/d%d\"}]}",
			   i, i - 1, i - 1);
	buf_append_text(&wide, "},\"$ref\":\"#/$defs/d30\"}");
	assert_non_null(strstr(warning_for(buf_text(&wide), "{}", &status), "too costly"));
	assert_int_equal(status, 0);
	buf_clear(&wide);
	assert_non_null(strstr(warning_for("{\"$ref\":\"#/$defs/nothing\"}", "{}", &status),
			       "leads nowhere"));
#ifdef HAVE_PCRE2
	assert_non_null(strstr(
		warning_for("{\"pattern\":\"^(a+)+$\"}",
			    "\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!\"", &status),
		"too costly"));
	assert_int_equal(status, 0);
	assert_non_null(strstr(warning_for("{\"pattern\":\"(\"}", "\"a\"", &status), "not judged"));
#endif
}

static void test_dialect(void **state)
{
	static const char text[] = "{\"$schema\":\"https://example.org/my-dialect\"}";
	struct err err;

	(void)state;
	assert_null(json_schema_new(text, strlen(text), &err));
	assert_string_equal(
		err.text,
		"its schema is of a dialect that is not known: https://example.org/my-dialect");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sentences),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_dialect),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
