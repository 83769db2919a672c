/* SPDX-License-Identifier: MIT */
/* What runs and what servers.d has now: the steps between them. */
#include "unit.h"

#include "base/buf.h"
#include "base/mem.h"
#include "config/entry_read.h"
#include "config/servers_diff.h"

#define FILES	"/etc/cordpair/servers.d/"
#define RUN_MAX 3
#define NOW_MAX 4

struct running { /* NAME, its digests as short texts, its file */
	const char *name, *identity, *rules, *file;
};

struct now { /* as servers_dir has it; identity NULL: there is no config */
	const char *name;
	enum server_standing standing;
	enum servers_tier tier;
	const char *file, *identity, *rules, *reason;
	bool whole_file, disables;
	const char *switched_by;
};

struct row {
	const char *what;
	struct running running[RUN_MAX];
	struct now now[NOW_MAX];
	const char *unread; /* a directory of the user's tier */
	const char *steps;
};

#define A_RUNS                                        \
	{                                             \
		{                                     \
			"a", "1", "r", FILES "a.json" \
		}                                     \
	}
#define GOOD(name, identity, rules)                                                                \
	{                                                                                          \
		name, SERVER_ENABLED, TIER_USER, FILES name ".json", identity, rules, NULL, false, \
			false, NULL                                                                \
	}

static const struct row rows[] = {
	{"nothing runs, nothing is there", {{0}}, {{0}}, NULL, ""},
	{"the same", A_RUNS, {GOOD("a", "1", "r")}, NULL, "a kept"},
	{"other rules", A_RUNS, {GOOD("a", "1", "s")}, NULL, "a rules"},
	{"another process", A_RUNS, {GOOD("a", "2", "r")}, NULL, "a changed"},
	{"another process and other rules", A_RUNS, {GOOD("a", "2", "s")}, NULL, "a changed"},
	{"gone", A_RUNS, {{0}}, NULL, "a removed: it is not in servers.d any more"},
	{"a new one", {{0}}, {GOOD("a", "1", "r")}, NULL, "a added"},
	{"a new one beside it",
	 A_RUNS,
	 {GOOD("a", "1", "r"), GOOD("b", "1", "r")},
	 NULL,
	 "a kept, b added"},
	{"each by itself",
	 {{"a", "1", "r", FILES "a.json"},
	  {"b", "1", "r", FILES "b.json"},
	  {"c", "1", "r", FILES "c.json"}},
	 {GOOD("a", "2", "r"), GOOD("c", "1", "r"), GOOD("d", "1", "r")},
	 NULL,
	 "a changed, b removed: it is not in servers.d any more, c kept, d added"},
	{"the same in another file",
	 A_RUNS,
	 {{"a", SERVER_ENABLED, TIER_USER, FILES "50-a.json", "1", "r", NULL, false, false, NULL}},
	 NULL,
	 "a kept"},
	{"disabled by its entry",
	 A_RUNS,
	 {{"a", SERVER_DISABLED, TIER_USER, FILES "a.json", "1", "r", "its entry says so", false,
	   false, NULL}},
	 NULL,
	 "a removed: its entry says so"},
	{"masked",
	 A_RUNS,
	 {{"a", SERVER_MASKED, TIER_USER, FILES "a.json", NULL, NULL, "x masks it", false, false,
	   NULL}},
	 NULL,
	 "a removed: x masks it"},
	{"disabled, and never ran",
	 {{0}},
	 {{"a", SERVER_DISABLED, TIER_USER, FILES "a.json", "1", "r", "no", false, false, NULL}},
	 NULL,
	 ""},
	{"broken, and never ran",
	 {{0}},
	 {{"a", SERVER_BROKEN, TIER_USER, FILES "a.json", NULL, NULL, "bad", true, false, NULL}},
	 NULL,
	 ""},
	{"its file is broken",
	 A_RUNS,
	 {{"a", SERVER_BROKEN, TIER_USER, FILES "a.json", NULL, NULL, "bad", true, false, NULL}},
	 NULL,
	 "a held: bad"},
	{"its entry is broken, its file is not",
	 A_RUNS,
	 {{"a", SERVER_BROKEN, TIER_USER, FILES "a.json", NULL, NULL, "bad", false, false, NULL}},
	 NULL,
	 "a held: bad"},
	{"a variable of it is not set",
	 A_RUNS,
	 {{"a", SERVER_UNRESOLVED, TIER_USER, FILES "a.json", NULL, NULL, "not set", false, false,
	   NULL}},
	 NULL,
	 "a held: not set"},
	{"it is defined twice now",
	 A_RUNS,
	 {{"a", SERVER_CONFLICT, TIER_USER, FILES "a.json", NULL, NULL, "twice", false, false,
	   NULL}},
	 NULL,
	 "a held: twice"},
	{"a broken file of several: its name tells nothing",
	 {{"a", "1", "r", FILES "all.json"},
	  {"b", "1", "r", FILES "all.json"},
	  {"c", "1", "r", FILES "c.json"}},
	 {{"all", SERVER_BROKEN, TIER_USER, FILES "all.json", NULL, NULL, "bad", true, false,
	   NULL}},
	 NULL,
	 "a held: bad, b held: bad, c removed: it is not in servers.d any more"},
	{"an entry of a file is broken, and another one is gone from it",
	 {{"a", "1", "r", FILES "all.json"}, {"b", "1", "r", FILES "all.json"}},
	 {{"a", SERVER_BROKEN, TIER_USER, FILES "all.json", NULL, NULL, "bad", false, false, NULL}},
	 NULL,
	 "a held: bad, b removed: it is not in servers.d any more"},
	{"its file is broken, and a lower tier has one of its name",
	 {{"a", "1", "r", FILES "all.json"}},
	 {{"all", SERVER_BROKEN, TIER_USER, FILES "all.json", NULL, NULL, "bad", true, false, NULL},
	  {"a", SERVER_ENABLED, TIER_ADMIN, "/x/a.json", "2", "r", NULL, false, false, NULL}},
	 NULL,
	 "a held: bad"},
	{"its file is broken, and a higher tier has one of its name",
	 {{"a", "1", "r", FILES "all.json"}},
	 {{"all", SERVER_BROKEN, TIER_ADMIN, FILES "all.json", NULL, NULL, "bad", true, false,
	   NULL},
	  {"a", SERVER_ENABLED, TIER_USER, "/x/a.json", "2", "r", NULL, false, false, NULL}},
	 NULL,
	 "a changed"},
	{"its file is broken, and it is switched off",
	 {{"a", "1", "r", FILES "all.json"}},
	 {{"all", SERVER_BROKEN, TIER_USER, FILES "all.json", NULL, NULL, "bad", true, false, NULL},
	  {"a", SERVER_DISABLED, TIER_USER, "/x/90-a.json", NULL, NULL, "off", false, true, NULL}},
	 NULL,
	 "a removed: off"},
	{"its file is broken, and a switch says yes",
	 {{"a", "1", "r", FILES "all.json"}},
	 {{"all", SERVER_BROKEN, TIER_VENDOR, FILES "all.json", NULL, NULL, "bad", true, false,
	   NULL},
	  {"a", SERVER_DISABLED, TIER_USER, "/x/90-a.json", NULL, NULL, "on", false, false, NULL}},
	 NULL,
	 "a held: bad"},
	{"its directory cannot be read", A_RUNS, {{0}}, "/etc/cordpair/servers.d", "a held: no"},
	{"another directory cannot be read",
	 A_RUNS,
	 {{0}},
	 "/etc/cordpair",
	 "a removed: it is not in servers.d any more"},
	{"a directory of a name that its own begins with",
	 A_RUNS,
	 {{0}},
	 "/etc/cordpair/servers",
	 "a removed: it is not in servers.d any more"},
};

static struct server_config *config_of(const char *name, const char *identity, const char *rules,
				       const char *file)
{
	struct server_config *config = server_config_new(name);

	snprintf(config->identity, sizeof(config->identity), "%s", identity);
	snprintf(config->rules, sizeof(config->rules), "%s", rules);
	config->file = mem_string(file);
	return config;
}

static struct server_entry entry_of(const struct now *now)
{
	return (struct server_entry){
		.name = mem_string(now->name),
		.standing = now->standing,
		.tier = now->tier,
		.file = mem_string(now->file),
		.reason = mem_string_or_null(now->reason),
		.config = now->identity ? config_of(now->name, now->identity, now->rules, now->file)
					: NULL,
		.switched_by = mem_string_or_null(now->switched_by),
		.definition = now->whole_file ? NULL : mem_string("{}"),
		.disables = now->disables,
	};
}

static struct servers_dir *dir_of(const struct row *row)
{
	struct servers_dir *dir = mem_new(sizeof(*dir));

	dir->entry = mem_new_array(NOW_MAX, sizeof(*dir->entry));
	for (size_t i = 0; i < NOW_MAX && row->now[i].name; i++)
		dir->entry[dir->entries++] = entry_of(&row->now[i]);
	if (row->unread) {
		dir->unread = mem_new(sizeof(*dir->unread));
		dir->unreads = 1;
		dir->unread[0].directory = mem_string(row->unread);
		dir->unread[0].why = mem_string("no");
		dir->unread[0].tier = TIER_USER;
	}
	return dir;
}

static char *steps_of(const struct servers_diff *diff)
{
	static const char *const names[] = {
		[SERVERS_KEPT] = "kept",       [SERVERS_RULES] = "rules",
		[SERVERS_CHANGED] = "changed", [SERVERS_ADDED] = "added",
		[SERVERS_REMOVED] = "removed", [SERVERS_HELD] = "held",
	};
	struct buf text = BUF_INIT;

	for (size_t i = 0; i < diff->steps; i++) {
		const struct servers_step *step = &diff->step[i];
		const struct server_config *config = step->before ? step->before : step->after;

		buf_format(&text, "%s%s %s%s%s", i > 0 ? ", " : "", config->name,
			   names[step->change], step->why ? ": " : "", step->why ? step->why : "");
		assert_int_equal(step->before == NULL, step->change == SERVERS_ADDED);
		assert_int_equal(step->after == NULL,
				 step->change == SERVERS_REMOVED || step->change == SERVERS_HELD);
	}
	return buf_take(&text);
}

static void test_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct row *row = &rows[i];
		struct server_config *running[RUN_MAX] = {NULL};
		struct servers_dir *dir = dir_of(row);
		struct servers_diff diff;
		size_t count = 0;
		char *steps;

		for (; count < RUN_MAX && row->running[count].name; count++) {
			const struct running *one = &row->running[count];

			running[count] = config_of(one->name, one->identity, one->rules, one->file);
		}
		servers_diff_make(&diff, (const struct server_config *const *)running, count, dir);
		steps = steps_of(&diff);
		if (strcmp(steps, row->steps) != 0)
			fail_msg("%s: \"%s\", not \"%s\"", row->what, steps, row->steps);
		free(steps);
		servers_diff_clear(&diff);
		servers_dir_free(&dir);
		for (size_t j = 0; j < count; j++)
			server_config_free(&running[j]);
	}
}

/* What changes which digest. */

#define BASE "\"command\": \"true\""

static const struct {
	const char *members; /* besides the command */
	bool same_identity, same_rules;
} entries[] = {
	{"", true, true},
	{", \"args\": []", true, true},
	{", \"args\": [\"-x\"]", false, true},
	{", \"env\": {\"A\": \"b\"}", false, true},
	{", \"env_vars\": [\"A\"]", false, true},
	{", \"cwd\": \"/\"", false, true},
	{", \"session\": true", false, true},
	{", \"protocol\": \"legacy\"", false, true},
	{", \"roots\": [\"/\"]", false, true},
	{", \"new_privileges\": true", false, true},
	{", \"policy\": \"allow\"", true, false},
	{", \"policy\": {\"deny\": [\"x\"]}", true, false},
	{", \"include_tools\": [\"x\"]", true, false},
	{", \"exclude_tools\": [\"x\"]", true, false},
	{", \"timeout_s\": 5", true, false},
	{", \"start_timeout_s\": 5", true, false},
	{", \"required\": true", true, false},
	{", \"sampling\": true", false, true},
};

static void on_fault(void *arg, const struct err *fault)
{
	(void)arg;
	fail_msg("%s", fault->text);
}

static struct server_config *read_members(const char *members)
{
	struct buf text = BUF_INIT;
	struct entry_source source = {.file = "a.json", .on_fault = on_fault};
	struct entry_reading reading = {0};

	buf_format(&text, "{" BASE "%s}", members);
	source.text = buf_text(&text);
	assert_int_equal(
		entry_read(&source, "a", (struct json_span){text.data, text.len}, &reading),
		ENTRY_GOOD);
	buf_clear(&text);
	return reading.config;
}

static void test_digests(void **state)
{
	struct server_config *base = read_members("");

	(void)state;
	for (size_t i = 0; i < COUNT(entries); i++) {
		struct server_config *config = read_members(entries[i].members);

		if ((strcmp(config->identity, base->identity) == 0) != entries[i].same_identity)
			fail_msg("the identity with %s", entries[i].members);
		if ((strcmp(config->rules, base->rules) == 0) != entries[i].same_rules)
			fail_msg("the rules with %s", entries[i].members);
		server_config_free(&config);
	}
	server_config_free(&base);
}

static void test_a_reference_keeps_it(void **state)
{
	struct server_config *config = server_config_new("a");
	struct server_config *held = server_config_ref(config);

	(void)state;
	server_config_free(&config);
	assert_null(config);
	assert_string_equal(held->name, "a");
	server_config_free(&held);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_digests),
		cmocka_unit_test(test_a_reference_keeps_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
