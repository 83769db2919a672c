/* SPDX-License-Identifier: MIT */
/* Which lines are messages, of which kind, and what is written for an answer. */
#include "unit.h"

#include "base/jsonrpc.h"

static int read_line(const char *line, struct jsonrpc_message *message)
{
	struct err err = {0};

	return jsonrpc_read(line, strlen(line), &json_limits_default, message, &err);
}

static void tells_kinds(void **state)
{
	static const struct {
		const char *line;
		enum jsonrpc_kind kind;
	} cases[] = {
		{"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}", JSONRPC_REQUEST},
		{"{\"jsonrpc\":\"2.0\",\"id\":\"a\",\"method\":\"m\",\"params\":{}}",
		 JSONRPC_REQUEST},
		{"{\"jsonrpc\":\"2.0\",\"method\":\"notifications/x\"}", JSONRPC_NOTIFICATION},
		{"{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}", JSONRPC_RESULT},
		{"{\"id\":1,\"jsonrpc\":\"2.0\",\"error\":{\"code\":-1,\"message\":\"x\"}}",
		 JSONRPC_ERROR},
		{"{\"jsonrpc\":\"2.0\",\"id\":null,\"error\":{\"code\":-1,\"message\":\"x\"}}",
		 JSONRPC_ERROR},
		{"[{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}]", JSONRPC_BATCH},
	};
	struct jsonrpc_message message;

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		if (read_line(cases[i].line, &message))
			fail_msg("refused %s", cases[i].line);
		assert_int_equal(message.kind, cases[i].kind);
	}
}

static void refuses_what_is_no_message(void **state)
{
	static const char *const lines[] = {
		"Server started on stdio",
		"42",
		"\"x\"",
		"null",
		"{}",
		"{\"id\":1}",
		"{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}",
		"{\"level\":\"info\",\"msg\":\"x\"}",
		"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":7}",
		"{\"jsonrpc\":\"2.0\",\"id\":{},\"method\":\"m\"}",
		"{\"jsonrpc\":\"2.0\",\"id\":1,\"error\":\"no\"}",
	};
	struct jsonrpc_message message;

	(void)state;
	for (size_t i = 0; i < COUNT(lines); i++)
		if (read_line(lines[i], &message) == 0)
			fail_msg("accepted %s", lines[i]);
}

static void gives_parts(void **state)
{
	static const char line[] = "{\"jsonrpc\":\"2.0\",\"id\":12,\"result\":{\"a\":[1, 2]}}";
	struct jsonrpc_message message;
	int64_t id;

	(void)state;
	assert_int_equal(read_line(line, &message), 0);
	assert_true(json_span_int64(message.id, &id));
	assert_int_equal(id, 12);
	assert_int_equal(message.result.len, strlen("{\"a\":[1, 2]}"));
	assert_memory_equal(message.result.at, "{\"a\":[1, 2]}", message.result.len);
	assert_null(message.method.at);
	assert_null(message.error.at);
}

static void writes_lines(void **state)
{
	const struct json_span id = {LITERAL("\"a\\u0041\"")}, none = {NULL, 0};
	struct buf out = BUF_INIT;

	(void)state;
	jsonrpc_write_request(&out, 7, "tools/call", LITERAL("{\"x\":1}"));
	jsonrpc_write_notification(&out, "notifications/initialized", NULL, 0);
	jsonrpc_write_result(&out, id, LITERAL("{}"));
	jsonrpc_write_error(&out, none, JSONRPC_PARSE_ERROR, "no \"JSON\"");
	assert_string_equal(
		out.data,
		"{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"tools/call\",\"params\":{\"x\":1}}\n"
		"{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}\n"
		"{\"jsonrpc\":\"2.0\",\"id\":\"a\\u0041\",\"result\":{}}\n"
		"{\"jsonrpc\":\"2.0\",\"id\":null,\"error\":{\"code\":-32700,\"message\":"
		"\"no \\\"JSON\\\"\"}}\n");
	buf_clear(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tells_kinds),
		cmocka_unit_test(refuses_what_is_no_message),
		cmocka_unit_test(gives_parts),
		cmocka_unit_test(writes_lines),
	};

	return cmocka_run_group_tests_name("jsonrpc", tests, NULL, NULL);
}
