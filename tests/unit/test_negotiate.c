/* SPDX-License-Identifier: MIT */
/* Which answers to server/discover mean the modern era; every other one means the legacy one. */
#include "unit.h"

#include "mcp/negotiate.h"

static void judges_answers(void **state)
{
	static const struct {
		const char *line;
		enum server_era era;
	} cases[] = {
		{"\"result\":{\"supportedVersions\":[\"2026-07-28\"]}", SERVER_ERA_MODERN},
		{"\"result\":{\"supportedVersions\":[\"2099-01-01\",\"2026-07-28\"]}",
		 SERVER_ERA_MODERN},
		{"\"result\":{\"supportedVersions\":[\"2099-01-01\"]}", SERVER_ERA_LEGACY},
		{"\"result\":{\"supportedVersions\":\"2026-07-28\"}", SERVER_ERA_LEGACY},
		{"\"result\":{}", SERVER_ERA_LEGACY},
		{"\"result\":null", SERVER_ERA_LEGACY},
		{"\"error\":{\"code\":-32601,\"message\":\"x\"}", SERVER_ERA_LEGACY},
		{"\"error\":{\"code\":-32022,\"message\":\"x\",\"data\":{\"supported\":"
		 "[\"2026-07-28\"]}}",
		 SERVER_ERA_MODERN},
		{"\"error\":{\"code\":-32022,\"message\":\"x\"}", SERVER_ERA_LEGACY},
		{"\"error\":{\"code\":-32600,\"message\":\"x\",\"data\":{\"supported\":"
		 "[\"2026-07-28\"]}}",
		 SERVER_ERA_LEGACY},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct jsonrpc_message message;
		struct buf line = BUF_INIT;
		struct err err;

		buf_format(&line, "{\"jsonrpc\":\"2.0\",\"id\":1,%s}", cases[i].line);
		assert_int_equal(
			jsonrpc_read(line.data, line.len, &json_limits_default, &message, &err), 0);
		if (negotiate_judge_discover(&message) != cases[i].era)
			fail_msg("%s", line.data);
		buf_clear(&line);
	}
}

static void knows_the_legacy_revisions(void **state)
{
	const struct json_span old = {LITERAL("{\"protocolVersion\":\"2024-11-05\"}")};
	const struct json_span modern = {LITERAL("{\"protocolVersion\":\"2026-07-28\"}")};
	const struct json_span none = {LITERAL("{}")};

	(void)state;
	assert_string_equal(negotiate_legacy_version(old), "2024-11-05");
	assert_null(negotiate_legacy_version(modern));
	assert_null(negotiate_legacy_version(none));
}

static void declares_roots_only_where_there_are_some(void **state)
{
	struct client_identity client = {.name = "cordpair", .version = "1"};
	struct buf out = BUF_INIT;
	char *meta = negotiate_modern_meta(&client);

	(void)state;
	assert_null(strstr(meta, "roots"));
	assert_non_null(strstr(meta, MCP_VERSION_MODERN));
	free(meta);
	client.roots = true;
	buf_append_char(&out, '{');
	negotiate_write_initialize(&out, &client);
	buf_append_char(&out, '}');
	assert_string_equal(out.data, "{\"protocolVersion\":\"2025-11-25\",\"capabilities\":"
				      "{\"roots\":{}},\"clientInfo\":{\"name\":\"cordpair\","
				      "\"version\":\"1\"}}");
	buf_clear(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(judges_answers),
		cmocka_unit_test(knows_the_legacy_revisions),
		cmocka_unit_test(declares_roots_only_where_there_are_some),
	};

	return cmocka_run_group_tests_name("negotiate", tests, NULL, NULL);
}
