/* SPDX-License-Identifier: MIT */
/*
 * The official JSON Schema test suite (draft 2020-12 and draft 7, without refRemote and optional):
 * at least 99 % of the required tests, and no false accept among the keywords that decide most.
 * The suite lies beside the sources; without it the test says so and is skipped.
 */
#include "unit.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/json_schema.h"
#include "base/mem.h"

#define SUITE_MAX_BYTES ((size_t)4 << 20)

/* What has to be fetched, or is the metaschema itself, is not judged: each is accepted. */
static const struct {
	const char *file, *reason;
} exceptions[] = {
	{"defs.json", "refers to the metaschema"},
	{"definitions.json", "refers to the metaschema"},
	{"ref.json", "remote ref, containing refs itself: the metaschema"},
	{"vocabulary.json", "a metaschema of the suite's server"},
	{"dynamicRef.json", "refers to resources of the suite's server"},
};

static const char *const no_false_accepts[] = {
	"type.json",
	"required.json",
	"enum.json",
	"const.json",
	"properties.json",
	"additionalProperties.json",
	"items.json",
	"minimum.json",
	"maximum.json",
	"exclusiveMinimum.json",
	"exclusiveMaximum.json",
	"minLength.json",
	"maxLength.json",
	"minItems.json",
	"maxItems.json",
	"minProperties.json",
	"maxProperties.json",
};

struct tally {
	const char *file;
	unsigned right, wrong, unexpected;
};

static bool is_exception(const char *file)
{
	for (size_t i = 0; i < sizeof(exceptions) / sizeof(exceptions[0]); i++)
		if (strcmp(exceptions[i].file, file) == 0)
			return true;
	return false;
}

static bool is_decisive(const char *file)
{
	for (size_t i = 0; i < sizeof(no_false_accepts) / sizeof(no_false_accepts[0]); i++)
		if (strcmp(no_false_accepts[i], file) == 0)
			return true;
	return false;
}

static void run_case(struct tally *tally, struct json_schema *schema, struct json_span group,
		     struct json_span test)
{
	struct json_span data = json_span_member(test, "data");
	bool valid = json_span_kind(json_span_member(test, "valid")) == JSON_TRUE, fits;
	struct json_span title = json_span_member(group, "description");
	struct json_span name = json_span_member(test, "description");
	struct err err;

	fits = json_schema_check(schema, data, "data", &err) == 0;
	if (fits == valid) {
		tally->right++;
		return;
	}
	tally->wrong++;
	print_message("%s: %.*s: %.*s: %s\n", tally->file, (int)title.len, title.at, (int)name.len,
		      name.at, fits ? "accepted" : err.text);
	/* An exception is accepted because it is not judged, never refused. */
	if (!is_exception(tally->file) || !fits)
		tally->unexpected++;
	assert_false(fits && is_decisive(tally->file));
}

static void run_group(struct tally *tally, struct json_span group, bool draft7)
{
	static const char dialect[] = "\"$schema\":\"http://json-schema.org/draft-07/schema#\"";
	struct json_span text = json_span_member(group, "schema"), test = {NULL, 0};
	struct json_span tests = json_span_member(group, "tests");
	bool object = json_span_kind(text) == JSON_OBJECT;
	struct json_schema *schema;
	struct err err;
	char *named;

	/* The suite says the draft by the folder; servers say it by "$schema". */
	named = draft7 && object && !json_span_member(text, "$schema").at
			? mem_format("{%s%s%.*s", dialect,
				     text.at[1 + strspn(text.at + 1, " \n")] == '}' ? "" : ",",
				     (int)text.len - 1, text.at + 1)
			: mem_string_len(text.at, text.len);
	schema = json_schema_new(named, strlen(named), &err);
	while (json_span_next(tests, &test)) {
		if (schema)
			run_case(tally, schema, group, test);
		else if (json_span_kind(json_span_member(test, "valid")) == JSON_TRUE)
			tally->right++;
		else
			tally->wrong++;
	}
	json_schema_free(&schema);
	free(named);
}

static void run_file(struct tally *tally, const char *path, bool draft7)
{
	FILE *file = fopen(path, "re");
	char *text = mem_new(SUITE_MAX_BYTES + 1);
	struct json_span groups = {text, 0}, group = {NULL, 0};
	struct json_fault fault;

	assert_non_null(file);
	groups.len = fread(text, 1, SUITE_MAX_BYTES, file);
	fclose(file);
	/* Some hold what no text of ours may: two keys that are the same after unescaping. */
	if (json_check(text, groups.len, &json_limits_splice, NULL, &fault))
		fail_msg("%s: %s", path, fault.what);
	while (json_span_next(groups, &group))
		run_group(tally, group, draft7);
	free(text);
}

/* The caller frees. */
static char *suite_folder(const char *draft)
{
	const char *top = getenv("TOP_SRCDIR");

	return mem_format("%s/../shared/spec/json-schema/tests/%s", top ? top : ".", draft);
}

static bool is_there(const char *draft)
{
	char *folder = suite_folder(draft);
	DIR *directory = opendir(folder);

	if (directory)
		closedir(directory);
	free(folder);
	return directory != NULL;
}

static void run_draft(const char *draft, bool draft7)
{
	char *folder = suite_folder(draft);
	DIR *directory = opendir(folder);
	struct tally tally = {0};
	struct dirent *entry;

	assert_non_null(directory);
	while ((entry = readdir(directory))) {
		size_t len = strlen(entry->d_name);
		char *path = mem_format("%s/%s", folder, entry->d_name);

		tally.file = entry->d_name;
		if (len > 5 && strcmp(entry->d_name + len - 5, ".json") == 0 &&
		    strcmp(entry->d_name, "refRemote.json") != 0)
			run_file(&tally, path, draft7);
		free(path);
	}
	closedir(directory);
	free(folder);
	print_message("%s: %u of %u\n", draft, tally.right, tally.right + tally.wrong);
	assert_int_equal(tally.unexpected, 0);
	assert_true(tally.right * 100 >= (tally.right + tally.wrong) * 99);
}

static void draft_2020_12(void **state)
{
	(void)state;
	run_draft("draft2020-12", false);
}

static void draft_7(void **state)
{
	(void)state;
	run_draft("draft7", true);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(draft_2020_12),
		cmocka_unit_test(draft_7),
	};

	if (!is_there("draft2020-12") || !is_there("draft7")) {
		puts("1..0 # SKIP no JSON Schema test suite beside the source tree");
		return 0;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
