/* SPDX-License-Identifier: MIT */
/* Pages of tools/list, and results of tools/call as text. */
#include "unit.h"

#include "base/mem.h"
#include "mcp/tool.h"

static void note_fault(void *arg, const char *text)
{
	buf_format(arg, "%s\n", text);
}

static void reads_pages(void **state)
{
	static const char page[] =
		"{\"tools\":[{\"name\":\"a\",\"title\":\"A\",\"description\":\"caf\\u00e9\","
		"\"inputSchema\":{ \"type\" : \"object\" },\"annotations\":{\"readOnlyHint\":true}},"
		"{\"name\":\"b\",\"execution\":{\"taskSupport\":\"required\"}},"
		"{\"name\":\"c\",\"inputSchema\":null,\"_meta\":{\"ui\":{\"visibility\":[\"app\"]}}}],"
		"\"nextCursor\":\"\"}";
	struct tool_list list = {0};
	struct buf faults = BUF_INIT;
	struct err err;
	char *cursor;

	(void)state;
	assert_int_equal(
		tool_list_add_page(&list, LITERAL(page), &cursor, note_fault, &faults, &err), 0);
	assert_int_equal(faults.len, 0);
	assert_int_equal(list.count, 3);
	assert_string_equal(cursor, "");
	free(cursor);
	assert_string_equal(list.tool[0].description, "caf\xc3\xa9");
	assert_string_equal(list.tool[0].title, "A");
	assert_string_equal(list.tool[0].input_schema, "{\"type\":\"object\"}");
	assert_true(list.tool[0].read_only);
	assert_string_equal(list.tool[1].input_schema, "{\"type\":\"object\"}");
	assert_true(list.tool[1].task_required);
	assert_false(list.tool[1].hidden);
	assert_true(list.tool[2].hidden);
	assert_ptr_equal(tool_list_find(&list, "b"), &list.tool[1]);
	assert_null(tool_list_find(&list, "B"));
	tool_list_clear(&list);
	buf_clear(&faults);
}

/* What is written again is read as the same; what differs is seen. */
static void writes_and_compares(void **state)
{
	static const char page[] =
		"{\"tools\":[{\"name\":\"a\",\"title\":\"A \\\"b\\\"\",\"description\":\"caf\\u00e9\","
		"\"inputSchema\":{\"type\":\"object\"},\"outputSchema\":{\"type\":\"object\"},"
		"\"annotations\":{\"readOnlyHint\":true}},"
		"{\"name\":\"b\",\"execution\":{\"taskSupport\":\"required\"},"
		"\"_meta\":{\"ui\":{\"visibility\":[]}}}]}";
	struct tool_list list = {0}, again = {0};
	struct buf faults = BUF_INIT, text = BUF_INIT;
	struct tool other;
	struct err err;
	char *cursor;

	(void)state;
	assert_int_equal(
		tool_list_add_page(&list, LITERAL(page), &cursor, note_fault, &faults, &err), 0);
	buf_append_text(&text, "{\"tools\":");
	tool_list_write(&list, &text);
	buf_append_char(&text, '}');
	assert_int_equal(
		tool_list_add_page(&again, text.data, text.len, &cursor, note_fault, &faults, &err),
		0);
	assert_int_equal(faults.len, 0);
	assert_int_equal(again.count, 2);
	for (size_t i = 0; i < 2; i++)
		assert_true(tool_equal(&list.tool[i], &again.tool[i]));
	assert_false(tool_equal(&list.tool[0], &list.tool[1]));
	assert_false(tool_equal(&list.tool[0], NULL));
	assert_true(tool_equal(NULL, NULL));
	other = list.tool[0];
	other.description = NULL;
	assert_false(tool_equal(&list.tool[0], &other));
	other = list.tool[0];
	other.read_only = false;
	assert_false(tool_equal(&list.tool[0], &other));
	tool_list_clear(&list);
	tool_list_clear(&again);
	buf_clear(&text);
	buf_clear(&faults);
}

static void leaves_out_what_cannot_be_called(void **state)
{
	static const char page[] =
		"{\"tools\":[7,{\"description\":\"x\"},{\"name\":\"\"},{\"name\":5},"
		"{\"name\":\"s\",\"inputSchema\":[]},{\"name\":\"a\\u0000b\"},"
		"{\"name\":\"ok\"},{\"name\":\"ok\",\"title\":\"again\"}]}";
	struct tool_list list = {0};
	struct buf faults = BUF_INIT;
	struct err err;
	char *cursor;
	size_t lines = 0;

	(void)state;
	assert_int_equal(
		tool_list_add_page(&list, LITERAL(page), &cursor, note_fault, &faults, &err), 0);
	assert_null(cursor);
	assert_int_equal(list.count, 1);
	assert_string_equal(list.tool[0].name, "ok");
	assert_null(list.tool[0].title);
	for (const char *at = faults.data; *at; at++)
		lines += *at == '\n';
	assert_int_equal(lines, 7);
	assert_non_null(strstr(faults.data, "tool \"s\" is left out"));
	assert_int_equal(tool_list_add_page(&list, LITERAL("{\"tools\":{}}"), &cursor, note_fault,
					    &faults, &err),
			 -1);
	assert_int_equal(err.kind, ERR_PROTOCOL);
	assert_null(cursor);
	tool_list_clear(&list);
	buf_clear(&faults);
}

static struct tool_result *render(const char *json, size_t max_bytes)
{
	char *block = mem_string(json);
	const struct json_span span = {block, strlen(block)};
	struct err err = {0};
	struct tool_result *result = tool_result_new(span, block, max_bytes, &err);

	if (!result)
		assert_int_equal(err.kind, ERR_PROTOCOL);
	return result;
}

#define TEXT(text)	 "{\"type\":\"text\",\"text\":\"" text "\"}"
#define CONTENT(content) "{\"content\":[" content "]"

static void renders_contents(void **state)
{
	static const char *const cases[][2] = {
		{CONTENT("") "}", ""},
		{CONTENT(TEXT("a") "," TEXT("b\\n")) "}", "a\nb\n"},
		{CONTENT(TEXT("") "," TEXT("b")) "}", "\nb"},
		{CONTENT("{\"type\":\"image\",\"mimeType\":\"image/png\",\"data\":\"AAAA\"}") "}",
		 "[image: image/png, 3 bytes]"},
		{CONTENT("{\"type\":\"audio\",\"data\":\"AAA=\"}") "}",
		 "[audio: of an unknown type, 2 bytes]"},
		{CONTENT("{\"type\":\"resource_link\",\"uri\":\"file:///x\",\"name\":\"x\"}") "}",
		 "[resource: file:///x, x]"},
		{CONTENT("{\"type\":\"resource\",\"resource\":{\"uri\":\"u\",\"text\":\"t\"}}") "}",
		 "t"},
		{CONTENT("{\"type\":\"resource\",\"resource\":{\"uri\":\"u\",\"mimeType\":\"a/b\","
			 "\"blob\":\"AA==\"}}") "}",
		 "[resource: a/b, 1 bytes]"},
		{CONTENT("{\"type\":\"new\\u001b[1m\"},5") "}",
		 "[content of the type \"new\", which cannot be shown]\n"
		 "[content of the type \"?\", which cannot be shown]"},
		{"{\"structuredContent\":{\"a\": [1, 2]}}", "{\"a\":[1,2]}"},
		{CONTENT(TEXT("{\\\"a\\\": 1}")) ",\"structuredContent\":{\"a\":1}}", "{\"a\": 1}"},
		{CONTENT(TEXT("x")) ",\"structuredContent\":{\"result\":\"x\"}}", "x"},
		{CONTENT(TEXT("x")) ",\"structuredContent\":{\"a\":1}}", "x\n{\"a\":1}"},
		{CONTENT(TEXT("x")) ",\"structuredContent\":null}", "x"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct tool_result *result = render(cases[i][0], 0);

		assert_non_null(result);
		assert_string_equal(result->text, cases[i][1]);
		assert_int_equal(result->text_len, strlen(cases[i][1]));
		assert_int_equal(result->text_full_len, result->text_len);
		assert_int_equal(result->json.len, strlen(cases[i][0]));
		assert_false(result->is_error);
		tool_result_free(&result);
		assert_null(result);
	}
}

static void cuts_at_a_character(void **state)
{
	struct tool_result *result = render(CONTENT(TEXT("caf\xc3\xa9s")) ",\"isError\":true}", 4);

	(void)state;
	assert_string_equal(result->text, "caf\n[3 of 6 bytes were left out here]");
	assert_int_equal(result->text_full_len, 6);
	assert_true(result->is_error);
	tool_result_free(&result);
	result = render(CONTENT(TEXT("caf\xc3\xa9s")) "}", 6);
	assert_string_equal(result->text, "caf\xc3\xa9s");
	tool_result_free(&result);
}

static void refuses_what_is_no_result(void **state)
{
	static const char *const texts[] = {"7", "[]", "{}", "{\"content\":{}}",
					    "{\"content\":\"x\"}"};

	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++)
		assert_null(render(texts[i], 0));
}

static void makes_failures(void **state)
{
	struct tool_result *result = tool_result_failure("Error: \"%s\"\n", "x");

	(void)state;
	assert_true(result->is_error);
	assert_string_equal(result->text, "Error: \"x\"\n");
	assert_string_equal(result->json.at, "{\"content\":[{\"type\":\"text\",\"text\":"
					     "\"Error: \\\"x\\\"\\n\"}],\"isError\":true}");
	tool_result_free(&result);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_pages),
		cmocka_unit_test(writes_and_compares),
		cmocka_unit_test(leaves_out_what_cannot_be_called),
		cmocka_unit_test(renders_contents),
		cmocka_unit_test(cuts_at_a_character),
		cmocka_unit_test(refuses_what_is_no_result),
		cmocka_unit_test(makes_failures),
	};

	return cmocka_run_group_tests_name("tool", tests, NULL, NULL);
}
