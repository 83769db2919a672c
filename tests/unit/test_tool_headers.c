/* SPDX-License-Identifier: MIT */
/* x-mcp-header: what becomes a header, what makes a tool unusable, and how values are written. */
#include "unit.h"

#include <stdlib.h>

#include "config/server_config.h"
#include "mcp/tool_headers.h"
#include "mcp/transport_http.h"

static struct json_span span_of(const char *text)
{
	return (struct json_span){text, strlen(text)};
}

static void test_values(void **state)
{
	static const char schema[] =
		"{\"type\":\"object\",\"properties\":{"
		"\"region\":{\"type\":\"string\",\"x-mcp-header\":\"Region\"},"
		"\"deep\":{\"type\":\"object\",\"properties\":{"
		"\"n\":{\"type\":[\"integer\",\"null\"],\"x-mcp-header\":\"N\"}}},"
		"\"x-mcp-header\":{\"type\":\"string\"},"
		"\"yes\":{\"type\":\"boolean\",\"x-mcp-header\":\"Yes\"}}}";
	static const struct {
		const char *arguments, *headers;
	} rows[] = {
		{"{}", ""},
		{"{\"region\":\"eu\",\"deep\":{\"n\":7},\"yes\":false}",
		 "Mcp-Param-N: 7|Mcp-Param-Region: eu|Mcp-Param-Yes: false|"},
		{"{\"region\":null,\"deep\":{\"n\":9007199254740992}}", ""},
		{"{\"region\":\"\"}", "Mcp-Param-Region: |"},
		{"{\"region\":\" x\"}", "Mcp-Param-Region: =?base64?IHg=?=|"},
		{"{\"region\":\"\\u00e9\\n\"}", "Mcp-Param-Region: =?base64?w6kK?=|"},
		{"{\"region\":\"=?base64?eA==?=\"}",
		 "Mcp-Param-Region: =?base64?PT9iYXNlNjQ/ZUE9PT89?=|"},
	};
	struct tool_headers headers;

	(void)state;
	tool_headers_read(span_of(schema), &headers);
	assert_null(headers.fault);
	assert_int_equal(headers.count, 3);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char **list = tool_headers_make(&headers, span_of(rows[i].arguments));
		struct buf text = BUF_INIT;
		const char *const names[] = {"Mcp-Param-N:", "Mcp-Param-Region:", "Mcp-Param-Yes:"};

		for (size_t name = 0; name < 3; name++)
			for (char **header = list; *header; header++)
				if (strncmp(*header, names[name], strlen(names[name])) == 0)
					buf_format(&text, "%s|", *header);
		assert_string_equal(buf_text(&text), rows[i].headers);
		buf_clear(&text);
		string_list_free(&list);
	}
	tool_headers_clear(&headers);
}

static void test_faults(void **state)
{
	static const char *const bad[] = {
		"{\"properties\":{\"a\":{\"type\":\"string\",\"x-mcp-header\":\"\"}}}",
		"{\"properties\":{\"a\":{\"type\":\"string\",\"x-mcp-header\":\"a b\"}}}",
		"{\"properties\":{\"a\":{\"type\":\"string\",\"x-mcp-header\":\"a\\u0000\"}}}",
		"{\"properties\":{\"a\":{\"type\":\"string\",\"x-mcp-header\":7}}}",
		"{\"properties\":{\"a\":{\"type\":\"number\",\"x-mcp-header\":\"A\"}}}",
		"{\"properties\":{\"a\":{\"type\":\"object\",\"x-mcp-header\":\"A\"}}}",
		"{\"properties\":{\"a\":{\"x-mcp-header\":\"A\"}}}",
		"{\"properties\":{\"a\":{\"type\":\"string\",\"x-mcp-header\":\"A\"},"
		"\"b\":{\"type\":\"string\",\"x-mcp-header\":\"a\"}}}",
		"{\"properties\":{\"a\":{\"type\":\"array\",\"items\":"
		"{\"type\":\"string\",\"x-mcp-header\":\"A\"}}}}",
		"{\"anyOf\":[{\"properties\":{\"a\":{\"type\":\"string\",\"x-mcp-header\":\"A\"}}}]}",
		"{\"$defs\":{\"a\":{\"type\":\"string\",\"x-mcp-header\":\"A\"}}}",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct tool_headers headers;

		tool_headers_read(span_of(bad[i]), &headers);
		assert_non_null(headers.fault);
		tool_headers_clear(&headers);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_faults),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
