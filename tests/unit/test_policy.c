/* SPDX-License-Identifier: MIT */
/* Which rule decides, what --yes-to lifts, and what globs match. */
#include "unit.h"

#include "trust/policy.h"

static char read_glob[] = "read_*", write_glob[] = "write_*", all_glob[] = "*",
	    secret_glob[] = "*_secret";
static char *allow[] = {read_glob, NULL};
static char *ask[] = {write_glob, read_glob, NULL};
static char *deny[] = {secret_glob, NULL};
static char *none[] = {NULL};
static char *all[] = {all_glob, NULL};

static struct policy_decision decide(const struct policy_rules *rules, const char *tool,
				     const char *yes)
{
	struct strings yes_to = {&yes, yes ? 1 : 0};
	const struct policy_question question = {"files", tool, rules, &yes_to};

	return policy_decide(&question);
}

static void the_strictest_match_wins(void **state)
{
	const struct policy_rules rules = {POLICY_DENY, allow, none, deny};
	const struct policy_rules both = {POLICY_ALLOW, all, ask, deny};

	(void)state;
	assert_int_equal(decide(&rules, "read_file", NULL).verdict, POLICY_ALLOW);
	assert_string_equal(decide(&rules, "read_file", NULL).rule, "read_*");
	assert_int_equal(decide(&rules, "read_secret", NULL).verdict, POLICY_DENY);
	assert_int_equal(decide(&rules, "other", NULL).verdict, POLICY_DENY);
	assert_null(decide(&rules, "other", NULL).rule);
	assert_int_equal(decide(&both, "read_file", NULL).verdict, POLICY_ASK);
	assert_int_equal(decide(&both, "other", NULL).verdict, POLICY_ALLOW);
	assert_int_equal(decide(&both, "write_secret", NULL).verdict, POLICY_DENY);
}

static void yes_to_never_lifts_a_deny(void **state)
{
	const struct policy_rules rules = {POLICY_ASK, none, none, deny};
	const struct policy_rules closed = {POLICY_DENY, none, none, none};
	struct policy_decision decision = decide(&rules, "read", "files:*");

	(void)state;
	assert_int_equal(decision.verdict, POLICY_ALLOW);
	assert_true(decision.lifted);
	assert_string_equal(decision.rule, "files:*");
	assert_int_equal(decide(&rules, "a_secret", "*:*").verdict, POLICY_DENY);
	assert_int_equal(decide(&closed, "read", "*:*").verdict, POLICY_DENY);
	assert_int_equal(decide(&rules, "read", "other:*").verdict, POLICY_ASK);
	assert_int_equal(decide(&rules, "read", "file:read").verdict, POLICY_ASK);
	assert_int_equal(decide(&rules, "a:b", "files:a:b").verdict, POLICY_ALLOW);
	assert_int_equal(decide(&rules, "read", NULL).verdict, POLICY_ASK);
}

static void checks_yes_to(void **state)
{
	static const char *const wrong[] = {"", "files", ":", "files:", ":read"};
	struct err err;

	(void)state;
	assert_int_equal(policy_check_yes_to("files:read_*", &err), 0);
	for (size_t i = 0; i < COUNT(wrong); i++) {
		assert_int_equal(policy_check_yes_to(wrong[i], &err), -1);
		assert_int_equal(err.kind, ERR_USAGE);
	}
}

static void globs(void **state)
{
	static const struct {
		const char *pattern, *text;
		bool matches;
	} cases[] = {
		{"", "", true},		{"", "a", false},	   {"*", "", true},
		{"?", "", false},	{"a?c", "abc", true},	   {"a*c", "ac", true},
		{"a*c", "abcb", false}, {"*a*b", "xaxbxab", true}, {"[a]", "a", false},
		{"[a]", "[a]", true},	{"\\*", "*", false},	   {"read_*", "READ_x", false},
		{"**", "x", true},	{"a", "ab", false},
	};
	char pattern[401], text[4001];

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		if (glob_match(cases[i].pattern, cases[i].text) != cases[i].matches)
			fail_msg("%s against %s", cases[i].pattern, cases[i].text);
	/* What makes a backtracking matcher run for years. */
	for (size_t i = 0; i < 400; i += 2)
		memcpy(pattern + i, "*a", 2);
	pattern[400] = '\0';
	memset(text, 'a', sizeof(text));
	text[3999] = 'b';
	text[4000] = '\0';
	assert_false(glob_match(pattern, text));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_strictest_match_wins),
		cmocka_unit_test(yes_to_never_lifts_a_deny),
		cmocka_unit_test(checks_yes_to),
		cmocka_unit_test(globs),
	};

	return cmocka_run_group_tests_name("policy", tests, NULL, NULL);
}
