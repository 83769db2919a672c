/* SPDX-License-Identifier: MIT */
/* ${…} in values: every form, what is unset, what is no form, and that it happens once. */
#include "unit.h"

#include <sys/stat.h>
#include <unistd.h>

#include "config/expand.h"

static const char inputs[] = "[{\"id\":\"token\",\"default\":\"from vscode\"},{\"id\":\"other\"}]";

static enum expand_result run(const char *text, struct buf *out, struct err *err)
{
	const struct expand_context context = {.inputs = {LITERAL(inputs)}};

	buf_init(out, EXPAND_MAX_BYTES);
	memset(err, 0, sizeof(*err));
	return expand(&context, text, strlen(text), out, err);
}

static int set_environment(void **state)
{
	(void)state;
	unsetenv("UNIT_UNSET");
	setenv("UNIT_VALUE", "value", 1);
	setenv("UNIT_EMPTY", "", 1);
	setenv("UNIT_AGAIN", "${UNIT_VALUE}", 1);
	setenv("CORDPAIR_INPUT_API_KEY", "typed", 1);
	setenv("HOME", "/home/unit", 1);
	unsetenv("CREDENTIALS_DIRECTORY");
	unsetenv("XDG_CONFIG_HOME");
	return 0;
}

static void expands(void **state)
{
	static const char *const cases[][2] = {
		{"", ""},
		{"plain $VAR $ {x}", "plain $VAR $ {x}"},
		{"${UNIT_VALUE}", "value"},
		{"a${UNIT_VALUE}b${UNIT_VALUE}", "avaluebvalue"},
		{"${env:UNIT_VALUE}", "value"},
		{"${UNIT_UNSET:-default}", "default"},
		{"${UNIT_UNSET:-}", ""},
		{"${UNIT_EMPTY:-default}", "default"},
		{"${UNIT_EMPTY}", ""},
		{"${env:UNIT_UNSET:-a:-b}", "a:-b"},
		{"${UNIT_AGAIN}", "${UNIT_VALUE}"},
		{"$${UNIT_VALUE}", "${UNIT_VALUE}"},
		{"$$", "$$"},
		{"${userHome}${/}x${pathSeparator}", "/home/unit/x/"},
		{"${input:api-key}", "typed"},
		{"${input:token}", "from vscode"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct buf out;
		struct err err;

		if (run(cases[i][0], &out, &err) != EXPAND_OK)
			fail_msg("%s: %s", cases[i][0], err.text);
		assert_string_equal(buf_text(&out), cases[i][1]);
		buf_clear(&out);
	}
}

static void names_places(void **state)
{
	static const struct {
		const char *text, *wanted;
	} cases[] = {
		{"${cwd}", "/usr"},
		{"${workspaceFolder}/x", "/usr/x"},
		{"${workspaceFolderBasename}", "usr"},
	};
	struct buf out;
	struct err err;

	(void)state;
	assert_int_equal(chdir("/usr"), 0);
	for (size_t i = 0; i < COUNT(cases); i++) {
		assert_int_equal(run(cases[i].text, &out, &err), EXPAND_OK);
		assert_string_equal(buf_text(&out), cases[i].wanted);
		buf_clear(&out);
	}
	unsetenv("HOME");
	assert_int_equal(run("${userHome}", &out, &err), EXPAND_UNSET);
	assert_string_equal(err.text,
			    "${HOME} is not set: set it, or give it a default, ${HOME:-VALUE}");
	buf_clear(&out);
	setenv("HOME", "/home/unit", 1);
}

static void tells_unset_from_bad(void **state)
{
	static const struct {
		const char *text;
		enum expand_result result;
		const char *says;
	} cases[] = {
		{"x${UNIT_UNSET}y", EXPAND_UNSET, "UNIT_UNSET"},
		{"${env:UNIT_UNSET}", EXPAND_UNSET, "UNIT_UNSET"},
		{"${input:other}", EXPAND_UNSET, "CORDPAIR_INPUT_OTHER"},
		{"${file:/nonexistent/unit}", EXPAND_UNSET, "/nonexistent/unit"},
		{"${file:relative}", EXPAND_BAD, "not absolute"},
		{"${input:../x}", EXPAND_BAD, NULL},
		{"${input:}", EXPAND_BAD, NULL},
		{"${}", EXPAND_BAD, "$${"},
		{"${UNIT", EXPAND_BAD, NULL},
		{"${1X}", EXPAND_BAD, NULL},
		{"${UNIT VALUE}", EXPAND_BAD, NULL},
		{"${command:x}", EXPAND_BAD, NULL},
		{"${UNIT_UNSET:-${UNIT_VALUE}}", EXPAND_BAD, NULL},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct buf out;
		struct err err;

		if (run(cases[i].text, &out, &err) != cases[i].result)
			fail_msg("%s gives \"%s\" %s", cases[i].text, buf_text(&out), err.text);
		assert_int_equal(err.kind, ERR_CONFIG);
		if (cases[i].says && !strstr(err.text, cases[i].says))
			fail_msg("%s: %s", cases[i].text, err.text);
		buf_clear(&out);
	}
}

static void a_value_is_never_cut(void **state)
{
	char *text = malloc(EXPAND_MAX_BYTES + 2);
	struct buf out;
	struct err err;

	(void)state;
	memset(text, 'x', EXPAND_MAX_BYTES + 1);
	text[EXPAND_MAX_BYTES + 1] = '\0';
	assert_int_equal(run(text, &out, &err), EXPAND_BAD);
	assert_int_equal(err.kind, ERR_CONFIG);
	buf_clear(&out);
	text[EXPAND_MAX_BYTES] = '\0';
	assert_int_equal(run(text, &out, &err), EXPAND_OK);
	assert_int_equal(out.len, EXPAND_MAX_BYTES);
	buf_clear(&out);
	free(text);
}

static void reads_files(void **state)
{
	char path[] = "/tmp/cordpair-unit-XXXXXX";
	int fd = mkstemp(path);
	char text[64];
	struct buf out;
	struct err err;

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(write(fd, "secret text\r\n", 13), 13);
	close(fd);
	snprintf(text, sizeof(text), "<${file:%s}>", path);
	assert_int_equal(run(text, &out, &err), EXPAND_OK);
	assert_string_equal(out.data, "<secret text>");
	buf_clear(&out);
	/* What anybody may change is not trusted. */
	assert_int_equal(chmod(path, 0666), 0);
	assert_int_equal(run(text, &out, &err), EXPAND_BAD);
	buf_clear(&out);
	unlink(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(expands),
		cmocka_unit_test(names_places),
		cmocka_unit_test(tells_unset_from_bad),
		cmocka_unit_test(a_value_is_never_cut),
		cmocka_unit_test(reads_files),
	};

	return cmocka_run_group_tests_name("expand", tests, set_environment, NULL);
}
