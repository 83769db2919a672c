/* SPDX-License-Identifier: MIT */
/* Names toward the model: always allowed, different for different pairs, the same every time. */
#include "unit.h"

#include "model/tool_names.h"

static const char *name_of(const char *server, const char *tool)
{
	static char name[TOOL_NAMES_MAX_BYTES + 1];

	memset(name, '?', sizeof(name));
	tool_name_for_model(server, tool, name);
	return name;
}

static void assert_allowed(const char *name)
{
	const char *rest = name;

	assert_true(strlen(name) >= 1 && strlen(name) <= TOOL_NAMES_MAX_BYTES);
	assert_false(*name >= '0' && *name <= '9');
	assert_int_not_equal(*name, '-');
	rest += strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-");
	assert_int_equal(*rest, '\0');
}

static void plain_names_stay(void **state)
{
	(void)state;
	assert_string_equal(name_of("files", "list_files"), "files__list_files");
	assert_string_equal(name_of("a-b", "C9"), "a-b__C9");
	assert_string_equal(name_of("3d", "x"), "_3d__x");
}

static void all_pairs_differ(void **state)
{
	static const char *const servers[] = {"a",   "a_", "a__b", "_a", "b",	    "1a",
					      "_1a", "a-", "a.",   "A",	 "\xc3\xa9"};
	static const char *const tools[] = {
		"b",
		"_b",
		"b__c",
		"c",
		"a.b",
		"a/b",
		"a_b",
		"1",
		"\xe2\x82\xac",
		"b_0123abcd",
		"",
		"an_extremely_long_name_of_a_tool_that_cannot_fit_into_sixty_four_bytes_one",
		"an_extremely_long_name_of_a_tool_that_cannot_fit_into_sixty_four_bytes_two",
	};
	static char names[COUNT(servers) * COUNT(tools)][TOOL_NAMES_MAX_BYTES + 1];
	size_t count = 0;

	(void)state;
	for (size_t s = 0; s < COUNT(servers); s++) {
		for (size_t t = 0; t < COUNT(tools); t++, count++) {
			tool_name_for_model(servers[s], tools[t], names[count]);
			assert_allowed(names[count]);
			assert_string_equal(name_of(servers[s], tools[t]), names[count]);
			for (size_t i = 0; i < count; i++)
				assert_string_not_equal(names[i], names[count]);
		}
	}
}

/* A tool that is called as another one's hashed name is. */
static void a_hash_cannot_be_forged(void **state)
{
	char hashed[TOOL_NAMES_MAX_BYTES + 1];

	(void)state;
	tool_name_for_model("a", "b.c", hashed);
	assert_memory_equal(hashed, "a__b_c_", 7);
	assert_string_not_equal(name_of("a", hashed + 3), hashed);
}

static void fits_to_the_byte(void **state)
{
	char tool[TOOL_NAMES_MAX_BYTES + 1];

	(void)state;
	memset(tool, 'x', sizeof(tool));
	tool[TOOL_NAMES_MAX_BYTES - 3] = '\0';
	assert_int_equal(strlen(name_of("a", tool)), TOOL_NAMES_MAX_BYTES);
	assert_string_equal(name_of("a", tool) + 3, tool);
	tool[TOOL_NAMES_MAX_BYTES - 3] = 'x';
	tool[TOOL_NAMES_MAX_BYTES - 2] = '\0';
	assert_int_equal(strlen(name_of("a", tool)), TOOL_NAMES_MAX_BYTES);
	assert_int_equal(name_of("a", tool)[TOOL_NAMES_MAX_BYTES - 9], '_');
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain_names_stay),
		cmocka_unit_test(all_pairs_differ),
		cmocka_unit_test(a_hash_cannot_be_forged),
		cmocka_unit_test(fits_to_the_byte),
	};

	return cmocka_run_group_tests_name("tool_names", tests, NULL, NULL);
}
