/* SPDX-License-Identifier: MIT */
/* The form of a server: what it may ask for, what a person may type, and what is said when it does
 * not fit. */
#include "unit.h"

#include "agent/elicitation_form.h"

static int read_form(const char *schema, struct elicitation_form *form, struct err *err)
{
	return elicitation_form_read((struct json_span){schema, strlen(schema)}, form, err);
}

#define FIELD(schema) "{\"properties\":{\"f\":" schema "}}"

static const struct {
	const char *schema, *typed;
	const char *value, *wanted; /* one of them */
} typed[] = {
	{FIELD("{\"type\":\"string\"}"), "a \"b\"", "\"a \\\"b\\\"\"", NULL},
	{FIELD("{\"type\":\"string\",\"minLength\":2,\"maxLength\":3}"), "\xc3\xa9", NULL,
	 "at least 2 characters"},
	{FIELD("{\"type\":\"string\",\"minLength\":2,\"maxLength\":3}"), "\xc3\xa9\xc3\xa9",
	 "\"\xc3\xa9\xc3\xa9\"", NULL},
	{FIELD("{\"type\":\"string\",\"maxLength\":3}"), "abcd", NULL, "at most 3 characters"},
	{FIELD("{\"type\":\"number\"}"), "1.5", "1.5", NULL},
	{FIELD("{\"type\":\"number\"}"), "1,5", NULL, "a number"},
	{FIELD("{\"type\":\"number\"}"), "true", NULL, "a number"},
	{FIELD("{\"type\":\"number\",\"minimum\":2}"), "1.5", NULL, "at least 2"},
	{FIELD("{\"type\":\"number\",\"maximum\":2.5}"), "3", NULL, "at most 2.5"},
	{FIELD("{\"type\":\"integer\"}"), "1.5", NULL, "a whole number"},
	{FIELD("{\"type\":\"integer\"}"), "2.0", "2.0", NULL},
	{FIELD("{\"type\":\"boolean\"}"), "YES", "true", NULL},
	{FIELD("{\"type\":\"boolean\"}"), "n", "false", NULL},
	{FIELD("{\"type\":\"boolean\"}"), "maybe", NULL, "yes or no"},
	{FIELD("{\"type\":\"string\",\"enum\":[\"a\",\"b\"],\"enumNames\":[\"One\"]}"), "one",
	 "\"a\"", NULL},
	{FIELD("{\"type\":\"string\",\"enum\":[\"a\",\"b\"]}"), "2", "\"b\"", NULL},
	{FIELD("{\"type\":\"string\",\"enum\":[\"a\",\"b\"]}"), "3", NULL,
	 "one of 1 to 2, or its name"},
	{FIELD("{\"type\":\"string\",\"oneOf\":[{\"const\":\"a\",\"title\":\"One\"}]}"), "One",
	 "\"a\"", NULL},
	{FIELD("{\"type\":\"string\",\"enum\":[\"2\",\"1\"]}"), "1", "\"1\"", NULL},
	{FIELD("{\"type\":\"array\",\"items\":{\"anyOf\":[{\"const\":\"a\"},{\"const\":\"b\"},"
	       "{\"const\":7}]}}"),
	 " 2 , a,", "[\"b\",\"a\"]", NULL},
	{FIELD("{\"type\":\"array\",\"minItems\":2,\"items\":{\"enum\":[\"a\",\"b\"]}}"), "a", NULL,
	 "at least 2 of them"},
	{FIELD("{\"type\":\"array\",\"items\":{\"enum\":[\"a\"]}}"), "a,c", NULL,
	 "one of 1 to 1, or its name"},
	{FIELD("{\"type\":\"string\",\"format\":\"email\"}"), "a@b.example", "\"a@b.example\"",
	 NULL},
	{FIELD("{\"type\":\"string\",\"format\":\"email\"}"), "a@b@c", NULL, "an e-mail address"},
	{FIELD("{\"type\":\"string\",\"format\":\"email\"}"), "@b", NULL, "an e-mail address"},
	{FIELD("{\"type\":\"string\",\"format\":\"uri\"}"), "mailto:x", "\"mailto:x\"", NULL},
	{FIELD("{\"type\":\"string\",\"format\":\"uri\"}"), "no scheme", NULL,
	 "a URI, as https://example.org/"},
	{FIELD("{\"type\":\"string\",\"format\":\"date\"}"), "2026-07-28", "\"2026-07-28\"", NULL},
	{FIELD("{\"type\":\"string\",\"format\":\"date\"}"), "28.7.2026.", NULL,
	 "a date, as 2026-07-28"},
	{FIELD("{\"type\":\"string\",\"format\":\"date-time\"}"), "2026-07-28T12:00:00Z",
	 "\"2026-07-28T12:00:00Z\"", NULL},
	{FIELD("{\"type\":\"string\",\"format\":\"date-time\"}"), "2026-07-28T12:00:00+02:00",
	 "\"2026-07-28T12:00:00+02:00\"", NULL},
	{FIELD("{\"type\":\"string\",\"format\":\"date-time\"}"), "2026-07-28 at noon, really",
	 NULL, "a date and time, as 2026-07-28T12:00:00Z"},
	{FIELD("{\"type\":\"string\",\"format\":\"colour\"}"), "red", "\"red\"", NULL},
	/* The default. */
	{FIELD("{\"type\":\"number\",\"default\":5}"), "", "5", NULL},
	{FIELD("{\"type\":\"number\",\"default\":null}"), "", NULL, NULL},
	{FIELD("{\"type\":\"number\",\"default\":5}"), "-", NULL, NULL},
	{FIELD("{\"type\":\"number\",\"default\":5}"), "x", NULL, "a number"},
};

static void takes_what_is_typed(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(typed); i++) {
		struct elicitation_form form;
		struct err err = {0};
		int status;

		assert_int_equal(read_form(typed[i].schema, &form, &err), 0);
		assert_int_equal(form.count, 1);
		status = elicitation_form_enter(&form.field[0], typed[i].typed, &err);
		if (status != (typed[i].wanted ? -1 : 0))
			fail_msg("%s: \"%s\": %s", typed[i].schema, typed[i].typed, err.text);
		if (typed[i].wanted)
			assert_string_equal(err.text, typed[i].wanted);
		else if (typed[i].value)
			assert_string_equal(form.field[0].value, typed[i].value);
		else
			assert_null(form.field[0].value);
		elicitation_form_clear(&form);
	}
}

static void refuses_what_is_no_flat_form(void **state)
{
	static const char *const schemas[] = {
		FIELD("{\"type\":\"object\"}"),
		FIELD("{}"),
		FIELD("7"),
		FIELD("{\"type\":\"array\"}"),
		FIELD("{\"type\":\"array\",\"items\":{\"type\":\"string\"}}"),
	};
	struct elicitation_form form;
	struct buf many = BUF_INIT;
	struct err err;

	(void)state;
	for (size_t i = 0; i < COUNT(schemas); i++) {
		assert_int_equal(read_form(schemas[i], &form, &err), -1);
		assert_int_equal(err.kind, ERR_PROTOCOL);
		assert_int_equal(form.count, 0);
	}
	buf_append_text(&many, "{\"properties\":{");
	for (int i = 0; i < ELICITATION_FIELDS_MAX; i++)
		buf_format(&many, "%s\"f%d\":{\"type\":\"boolean\"}", i ? "," : "", i);
	buf_append_text(&many, "}}");
	assert_int_equal(read_form(many.data, &form, &err), 0);
	assert_int_equal(form.count, ELICITATION_FIELDS_MAX);
	elicitation_form_clear(&form);
	buf_truncate(&many, many.len - 2);
	buf_append_text(&many, ",\"one more\":{\"type\":\"boolean\"}}}");
	assert_int_equal(read_form(many.data, &form, &err), -1);
	assert_string_equal(err.text, "the form is not a flat object of at most 64 plain fields");
	buf_clear(&many);
}

static void shows_and_writes(void **state)
{
	struct elicitation_form form;
	struct buf text = BUF_INIT;
	struct err err;

	(void)state;
	assert_int_equal(
		read_form("{\"required\":[\"n\",\"c\"],\"properties\":{\"n\":{\"type\":\"number\"},"
			  "\"s\":{\"type\":\"string\",\"default\":\"a\\\"b\",\"title\":\"T\"},"
			  "\"c\":{\"type\":\"array\",\"items\":{\"enum\":[\"x\",\"y\"]}}}}",
			  &form, &err),
		0);
	assert_string_equal(elicitation_form_missing(&form), "n");
	elicitation_form_write(&form, &text);
	assert_string_equal(text.data, "{\"s\":\"a\\\"b\"}");
	assert_int_equal(elicitation_form_enter(&form.field[0], "4", &err), 0);
	assert_string_equal(elicitation_form_missing(&form), "c");
	assert_int_equal(elicitation_form_enter(&form.field[2], "2,1", &err), 0);
	assert_null(elicitation_form_missing(&form));
	buf_truncate(&text, 0);
	elicitation_form_write(&form, &text);
	assert_string_equal(text.data, "{\"n\":4,\"s\":\"a\\\"b\",\"c\":[\"y\",\"x\"]}");
	buf_truncate(&text, 0);
	elicitation_form_show(&form.field[2], &text);
	assert_string_equal(text.data, "y, x");
	buf_truncate(&text, 0);
	elicitation_form_show(&form.field[1], &text);
	assert_string_equal(text.data, "a\"b");
	buf_clear(&text);
	elicitation_form_clear(&form);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(takes_what_is_typed),
		cmocka_unit_test(refuses_what_is_no_flat_form),
		cmocka_unit_test(shows_and_writes),
	};

	return cmocka_run_group_tests_name("elicitation_form", tests, NULL, NULL);
}
