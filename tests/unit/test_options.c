/* SPDX-License-Identifier: MIT */
/* Command lines to structs, and the hint beside a wrong one. */
#include "unit.h"

#include "base/options.h"

struct target {
	bool quiet, verbose;
	const char *model;
	struct strings servers;
	long timeout_ms, turns;
	const char *id;
};

static const struct option_spec table[] = {
	{'q', "quiet", OPTION_FLAG, offsetof(struct target, quiet), NULL, "less"},
	{'v', "verbose", OPTION_FLAG, offsetof(struct target, verbose), NULL, "more"},
	{'m', "model", OPTION_TEXT, offsetof(struct target, model), "MODEL", "which"},
	{'s', "server", OPTION_LIST, offsetof(struct target, servers), "NAME", "which"},
	{0, "timeout", OPTION_SECONDS, offsetof(struct target, timeout_ms), "S", "how long"},
	{0, "id", OPTION_ID, offsetof(struct target, id), "[ID]", "maybe which"},
	{0, "turns", OPTION_COUNT, offsetof(struct target, turns), "N", "how many"},
	{0},
};

static int parse(const char *const line[], struct target *target, struct strings *operands,
		 struct err *err)
{
	const struct option_spec *const tables[] = {table, NULL};
	void *const targets[] = {target};
	int argc = 0;

	while (line[argc])
		argc++;
	return options_parse(argc, (char **)(uintptr_t)line, tables, targets, operands, err);
}

static void fills_targets(void **state)
{
	const char *const line[] = {
		"x", "one",	  "-qv", "-mfirst",   "--model=last", "-s", "a",  "--server",
		"b", "--timeout", "2.5", "--turns=3", "two",	      "--", "-q", NULL};
	struct target target = {0};
	struct strings operands = {0};
	struct err err;

	(void)state;
	assert_int_equal(parse(line, &target, &operands, &err), 0);
	assert_true(target.quiet && target.verbose);
	assert_string_equal(target.model, "last");
	assert_int_equal(target.servers.count, 2);
	assert_string_equal(target.servers.item[1], "b");
	assert_int_equal(target.timeout_ms, 2500);
	assert_int_equal(target.turns, 3);
	assert_int_equal(operands.count, 3);
	assert_string_equal(operands.item[0], "one");
	assert_string_equal(operands.item[1], "two");
	assert_string_equal(operands.item[2], "-q");
	strings_clear(&target.servers);
	strings_clear(&operands);
}

static void dash_is_an_operand(void **state)
{
	const char *const line[] = {"x", "-", NULL};
	struct target target = {0};
	struct strings operands = {0};
	struct err err;

	(void)state;
	assert_int_equal(parse(line, &target, &operands, &err), 0);
	assert_int_equal(operands.count, 1);
	strings_clear(&operands);
}

static void value_may_be_missing(void **state)
{
	static const struct {
		const char *line[4], *id;
		size_t operands;
	} cases[] = {
		{{"x", "--id", NULL}, "", 0},
		{{"x", "--id", "beef", NULL}, "beef", 0},
		{{"x", "--id", "bee", NULL}, "", 1},
		{{"x", "--id", "--quiet", NULL}, "", 0},
		{{"x", "--id=b", "beef", NULL}, "b", 1},
		{{"x", "--id", "beefs", NULL}, "", 1},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct target target = {0};
		struct strings operands = {0};
		struct err err;

		assert_int_equal(parse(cases[i].line, &target, &operands, &err), 0);
		assert_string_equal(target.id, cases[i].id);
		assert_int_equal(operands.count, cases[i].operands);
		strings_clear(&operands);
	}
}

static void refuses(void **state)
{
	static const char *const lines[][4] = {
		{"x", "--modle", "y", NULL},	  {"x", "-z", NULL},
		{"x", "--model", NULL},		  {"x", "-s", NULL},
		{"x", "--quiet=yes", NULL},	  {"x", "--timeout", "soon", NULL},
		{"x", "--timeout", "-1", NULL},	  {"x", "--timeout", "nan", NULL},
		{"x", "--timeout", "1e99", NULL}, {"x", "--turns", "2.5", NULL},
		{"x", "--turns", "-1", NULL},	  {"x", "--turns", "99999999999999999999", NULL},
		{"x", "--turns", "", NULL},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(lines); i++) {
		struct target target = {0};
		struct strings operands = {0};
		struct err err = {0};

		if (parse(lines[i], &target, &operands, &err) == 0)
			fail_msg("accepted %s %s", lines[i][1], lines[i][2] ? lines[i][2] : "");
		assert_int_equal(err.kind, ERR_USAGE);
		if (i == 0)
			assert_non_null(strstr(err.text, "--model"));
		strings_clear(&target.servers);
		strings_clear(&operands);
	}
}

static void names_the_nearest(void **state)
{
	static const char *const names[] = {"servers", "serve", "tools"};

	(void)state;
	assert_string_equal(options_nearest("toosl", names, 3), "tools");
	assert_string_equal(options_nearest("server", names, 2), "servers");
	assert_null(options_nearest("x", names, 3));
	assert_null(options_nearest("completely-else", names, 3));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fills_targets),	cmocka_unit_test(dash_is_an_operand),
		cmocka_unit_test(value_may_be_missing), cmocka_unit_test(refuses),
		cmocka_unit_test(names_the_nearest),
	};

	return cmocka_run_group_tests_name("options", tests, NULL, NULL);
}
