/* SPDX-License-Identifier: MIT */
/* JSON with comments becomes JSON in place, and every client's form is recognised. */
#include "unit.h"

#include "config/dialect.h"

static void blanks_what_is_no_json(void **state)
{
	static const char *const cases[][2] = {
		{"{\"a\":1}", "{\"a\":1}"},
		{"{\"a\":1,}", "{\"a\":1 }"},
		{"[1, // one\n2,\n]", "[1,       \n2 \n]"},
		{"[1/* , */,/* \n */]", "[1           \n   ]"},
		{"\"// no /* comment\" ", "\"// no /* comment\" "},
		{"\"\\\"//\" // yes", "\"\\\"//\"       "},
		{"{\"u\":\"http://x\"}", "{\"u\":\"http://x\"}"},
		{"\xef\xbb\xbf{}", "   {}"},
		{"[\",\",]", "[\",\" ]"},
		{"[1,,]", "[1, ]"},
		{"[1] /", "[1] /"},
		{"[1] /* open", "[1]        "},
		{"\"open, // x", "\"open, // x"},
		{"\"\\", "\"\\"},
		{"", ""},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		size_t len = strlen(cases[i][0]);
		char *text = malloc(len ? len : 1);

		memcpy(text, cases[i][0], len);
		dialect_to_json(text, len);
		if (len != strlen(cases[i][1]) || memcmp(text, cases[i][1], len) != 0)
			fail_msg("%s gives %.*s", cases[i][0], (int)len, text);
		free(text);
	}
}

static void knows_every_form(void **state)
{
	static const struct {
		const char *text;
		enum dialect dialect;
		const char *map;
	} cases[] = {
		{"{\"command\":\"x\"}", DIALECT_ENTRY, NULL},
		{"{}", DIALECT_ENTRY, NULL},
		{"{\"enabled\":true}", DIALECT_ENTRY, NULL},
		{"{\"mcpServers\":{\"a\":{}}}", DIALECT_MCP_SERVERS, "{\"a\":{}}"},
		{"{\"inputs\":[],\"servers\":{}}", DIALECT_SERVERS, "{}"},
		{"{\"theme\":1,\"context_servers\":{}}", DIALECT_CONTEXT_SERVERS, "{}"},
		{"{\"mcp\":{\"x\":{}}}", DIALECT_MCP, "{\"x\":{}}"},
		{"{\"a\":{\"command\":\"x\"},\"b\":{\"url\":\"y\"}}", DIALECT_BARE_MAP, NULL},
		{"{\"a\":{\"command\":\"x\"},\"b\":1}", DIALECT_ENTRY, NULL},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct json_span root = {cases[i].text, strlen(cases[i].text)};
		const char *map_text = cases[i].map ? cases[i].map : cases[i].text;
		struct json_span map;

		if (dialect_of(root, &map) != cases[i].dialect)
			fail_msg("%s is taken for another form", cases[i].text);
		assert_int_equal(map.len, strlen(map_text));
		assert_memory_equal(map.at, map_text, map.len);
	}
}

static void names_the_root_that_was_meant(void **state)
{
	const struct json_span wrong = {LITERAL("{\"mcpservers\":{}}")};
	const struct json_span old = {LITERAL("{\"x\":1,\"mcp_servers\":{}}")};
	const struct json_span other = {LITERAL("{\"command\":\"x\"}")};

	(void)state;
	assert_string_equal(dialect_nearest_root(wrong), "mcpServers");
	assert_string_equal(dialect_nearest_root(old), "mcpServers");
	assert_null(dialect_nearest_root(other));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(blanks_what_is_no_json),
		cmocka_unit_test(knows_every_form),
		cmocka_unit_test(names_the_root_that_was_meant),
	};

	return cmocka_run_group_tests_name("dialect", tests, NULL, NULL);
}
