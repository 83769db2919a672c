/* SPDX-License-Identifier: MIT */
/* When a command would run another program than before. */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "io/executable.h"

static char dir[] = "/tmp/executable-XXXXXX";

static char *put(const char *name, const char *text, mode_t mode)
{
	char *path = mem_format("%s/%s", dir, name);
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(chmod(path, mode), 0);
	return path;
}

static void look(char *const *argv, const char *cwd, char hex[DIGEST_HEX_BYTES])
{
	executable_identity(argv, dir, cwd, hex);
	assert_int_equal(strlen(hex), DIGEST_HEX_BYTES - 1);
}

static void sees_another_command(void **state)
{
	char name[] = "program", other_name[] = "no-such-program";
	char *argv[] = {name, NULL}, *missing[] = {other_name, NULL};
	char first[DIGEST_HEX_BYTES], again[DIGEST_HEX_BYTES], none[DIGEST_HEX_BYTES];
	char *path = put("program", "one", 0700), *by_path[] = {path, NULL};

	(void)state;
	look(argv, NULL, first);
	look(argv, "/", again);
	assert_string_equal(first, again);
	look(by_path, NULL, again);
	assert_string_equal(first, again);
	look(missing, NULL, none);
	assert_string_not_equal(first, none);
	free(put("program", "other", 0700));
	look(argv, NULL, again);
	assert_string_not_equal(first, again);
	assert_int_equal(chmod(path, 0600), 0);
	look(argv, NULL, again);
	assert_string_equal(none, again);
	assert_int_equal(unlink(path), 0);
	free(path);
}

/* A script among the arguments is the program; what the program works on is not. */
static void sees_another_script(void **state)
{
	char words[][12] = {"interpreter", "-u", "server.py", "data.db", "missing.js"};
	char *argv[] = {words[0], words[1], words[2], words[3], words[4], NULL};
	char first[DIGEST_HEX_BYTES], again[DIGEST_HEX_BYTES];
	char *interpreter = put("interpreter", "", 0700), *script = put("server.py", "1", 0600);
	char *data = put("data.db", "1", 0600), *later;

	(void)state;
	look(argv, dir, first);
	look(argv, "/", again);
	assert_string_not_equal(first, again);
	free(put("data.db", "another text", 0600));
	look(argv, dir, again);
	assert_string_equal(first, again);
	free(put("server.py", "another text", 0600));
	look(argv, dir, again);
	assert_string_not_equal(first, again);
	later = put("missing.js", "", 0600);
	look(argv, dir, first);
	assert_string_not_equal(first, again);
	assert_int_equal(unlink(later) | unlink(data) | unlink(script) | unlink(interpreter), 0);
	free(later);
	free(data);
	free(script);
	free(interpreter);
}

static void has_nothing_to_see(void **state)
{
	char *argv[] = {NULL};
	char hex[DIGEST_HEX_BYTES], again[DIGEST_HEX_BYTES];

	(void)state;
	look(argv, NULL, hex);
	executable_identity(argv, NULL, NULL, again);
	assert_string_equal(hex, again);
}

static int make_dir(void **state)
{
	(void)state;
	return mkdtemp(dir) ? 0 : -1;
}

static int remove_dir(void **state)
{
	(void)state;
	return rmdir(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sees_another_command),
		cmocka_unit_test(sees_another_script),
		cmocka_unit_test(has_nothing_to_see),
	};

	return cmocka_run_group_tests_name("executable", tests, make_dir, remove_dir);
}
