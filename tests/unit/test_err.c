/* SPDX-License-Identifier: MIT */
/* Texts of errors, their exit codes and which one wins. */
#include "unit.h"

#include <errno.h>

#include "base/err.h"

static void builds_sentences(void **state)
{
	struct err err;
	char lengthy[2 * ERR_TEXT_BYTES];

	(void)state;
	assert_int_equal(err_set(&err, ERR_CONFIG, "\"%s\" is missing", "command"), -1);
	err_prefix(&err, "%s:%d", "40-git.json", 7);
	assert_string_equal(err.text, "40-git.json:7: \"command\" is missing");
	assert_int_equal(err.kind, ERR_CONFIG);
	assert_int_equal(err.os_errno, 0);
	assert_int_equal(err_set(&err, ERR_USAGE, "again: %s", err.text), -1);
	assert_string_equal(err.text, "again: 40-git.json:7: \"command\" is missing");
	assert_int_equal(err_set_os(&err, ERR_RECORD, ENOSPC, "out"), -1);
	assert_int_equal(err.os_errno, ENOSPC);
	assert_string_equal(err.text, "out: No space left on device");
	memset(lengthy, 'x', sizeof(lengthy));
	lengthy[sizeof(lengthy) - 1] = '\0';
	assert_int_equal(err_set_os(&err, ERR_RECORD, ENOSPC, "%s", lengthy), -1);
	err_prefix(&err, "%s", lengthy);
	assert_int_equal(strlen(err.text), ERR_TEXT_BYTES - 1);
}

static void the_stronger_code_wins(void **state)
{
	static const int strongest_first[] = {130, 124, 70, 74, 78, 77, 76, 75,
					      69,  65,	4,  3,	1,  2,	0};

	(void)state;
	for (size_t i = 0; i < COUNT(strongest_first); i++) {
		for (size_t j = i; j < COUNT(strongest_first); j++) {
			const int a = strongest_first[i], b = strongest_first[j];

			assert_int_equal(err_worst_exit_code(a, b), a);
			assert_int_equal(err_worst_exit_code(b, a), a);
		}
	}
}

static void every_kind_has_its_code(void **state)
{
	static const int codes[ERR_KINDS] = {0, 1, 2, 3, 4, 65, 69, 70, 74, 75, 76, 77, 78, 124};

	(void)state;
	for (int kind = 0; kind < ERR_KINDS; kind++)
		assert_int_equal(err_exit_code((enum err_kind)kind), codes[kind]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(builds_sentences),
		cmocka_unit_test(the_stronger_code_wins),
		cmocka_unit_test(every_kind_has_its_code),
	};

	return cmocka_run_group_tests_name("err", tests, NULL, NULL);
}
