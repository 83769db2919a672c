/* SPDX-License-Identifier: MIT */
/* cordpair sessions: the kept conversations: list, show, export, delete. */
#include "config.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "agent/session_file.h"
#include "agent/session_store.h"
#include "agent/session_summary.h"
#include "app/ask_session.h"
#include "app/commands.h"
#include "app/session_print.h"
#include "base/json_write.h"
#include "base/log.h"

static struct sessions_options {
	bool all;
} sessions_options;

static const struct option_spec sessions_option_table[] = {
	{0, "all", OPTION_FLAG, offsetof(struct sessions_options, all), NULL,
	 "delete: every session"},
	{0, NULL, OPTION_FLAG, 0, NULL, NULL},
};

struct store {
	struct program *program;
	char *dir;
	struct session_list list;
};

/* list */

/* How its last run ended; NULL: it was killed. */
static const char *status_of(const struct session_summary *summary, const char *path)
{
	return session_is_used(path) ? "running" : summary->status;
}

static void print_row(const struct store *store, const struct session_entry *entry, int digits)
{
	struct session_summary summary;
	struct buf line = BUF_INIT;
	char used[sizeof("2026-12-31 23:59")], cost[32] = "-";
	struct tm local;
	struct err err;
	char *path = session_path(store->dir, entry->id);
	int status = session_summary_read(path, &summary, &err);
	const char *ended = status ? "damaged" : status_of(&summary, path);
	const char *words = status ? err.text : summary.title;

	localtime_r(&entry->used.tv_sec, &local);
	strftime(used, sizeof(used), "%Y-%m-%d %H:%M", &local);
	if (summary.cost > 0)
		snprintf(cost, sizeof(cost), "%.4f", summary.cost);
	buf_format(&line, "%.*s  %s  %8" PRId64 "  %8s  %-11s  ", digits, entry->id, used,
		   summary.messages, cost, ended ? ended : "-");
	if (words)
		sanitize_line(words, strlen(words), SESSION_TITLE_BYTES, &line);
	buf_append_char(&line, '\n');
	output_buf(&store->program->out, &line);
	buf_clear(&line);
	session_summary_clear(&summary);
	free(path);
}

static void write_text(struct buf *out, const char *key, const char *text)
{
	if (text)
		json_write_member(out, key, text);
}

static void write_entry(const struct store *store, const struct session_entry *entry,
			struct buf *out)
{
	struct session_summary summary;
	struct err err;
	char *path = session_path(store->dir, entry->id);
	int status = session_summary_read(path, &summary, &err);

	buf_append_char(out, '{');
	json_write_member(out, "id", entry->id);
	json_write_member(out, "path", path);
	json_write_member_time(out, "used", &entry->used);
	json_write_member_int(out, "bytes", entry->bytes);
	if (status) {
		json_write_member(out, "error", err.text);
	} else {
		write_text(out, "title", summary.title);
		write_text(out, "cwd", summary.cwd);
		write_text(out, "started", summary.started);
		write_text(out, "model", summary.model);
		write_text(out, "status", status_of(&summary, path));
	}
	if (summary.status) {
		json_write_member_int(out, "runs", summary.runs);
		json_write_member_int(out, "messages", summary.messages);
		json_write_key(out, "cost");
		buf_format(out, "%.10g", summary.cost);
	}
	buf_append_char(out, '}');
	session_summary_clear(&summary);
	free(path);
}

static int list_sessions(struct store *store, struct err *err)
{
	struct output *out = &store->program->out;
	const int digits = session_list_digits(&store->list);
	struct buf json = BUF_INIT;

	if (store->program->operands.count > 1)
		return err_set(err, ERR_USAGE, "sessions list: it takes no argument: \"%.80s\"",
			       store->program->operands.item[1]);
	if (!store->program->options.json && store->list.count > 0)
		output_format(out, "%-*s  %-16s  %8s  %8s  %-11s  %s\n", digits, "ID", "USED",
			      "MESSAGES", "USD", "ENDED", "TITLE");
	buf_append_char(&json, '[');
	for (size_t i = 0; i < store->list.count; i++) {
		if (!store->program->options.json) {
			print_row(store, &store->list.entry[i], digits);
			continue;
		}
		buf_append_text(&json, i > 0 ? "," : "");
		write_entry(store, &store->list.entry[i], &json);
	}
	buf_append_text(&json, "]\n");
	if (store->program->options.json)
		output_buf(out, &json);
	buf_clear(&json);
	return 0;
}

/* The one session that a command is about. */
static const struct session_entry *find(const struct store *store, const char *id, struct err *err)
{
	if (options_is_id(id))
		return session_list_find(&store->list, id, err);
	err_set(err, ERR_USAGE,
		"\"%.60s\" is no session: at least %d of its digits, as `cordpair sessions` shows "
		"them",
		id, OPTIONS_ID_MIN);
	return NULL;
}

static int print_one(struct store *store,
		     int (*print)(struct program *program, const char *path, struct err *err),
		     struct err *err)
{
	const struct strings *operands = &store->program->operands;
	const struct session_entry *entry;
	char *path;
	int status;

	if (operands->count != 2)
		return err_set(err, ERR_USAGE, "which session? cordpair sessions %s ID",
			       operands->item[0]);
	entry = find(store, operands->item[1], err);
	if (!entry)
		return -1;
	path = session_path(store->dir, entry->id);
	status = print(store->program, path, err);
	free(path);
	return status;
}

static int show_session(struct store *store, struct err *err)
{
	return print_one(
		store, store->program->options.json ? session_print_json : session_print_text, err);
}

static int export_session(struct store *store, struct err *err)
{
	return print_one(store,
			 store->program->options.json ? session_print_json : session_print_lines,
			 err);
}

/* delete: what can be deleted is, also where another cannot. */

static int delete_all(struct store *store, struct err *err)
{
	size_t deleted = 0;
	int status = 0;

	if (store->program->operands.count > 1)
		return err_set(err, ERR_USAGE, "sessions delete: --all, or some: \"%.80s\"",
			       store->program->operands.item[1]);
	for (size_t i = 0; i < store->list.count; i++)
		if (session_delete(store->dir, store->list.entry[i].id, err))
			status = -1;
		else
			deleted++;
	log_notice("%zu session%s deleted", deleted, deleted == 1 ? "" : "s");
	return status;
}

static int delete_sessions(struct store *store, struct err *err)
{
	const struct strings *operands = &store->program->operands;
	const struct session_entry *entry;

	if (sessions_options.all)
		return delete_all(store, err);
	if (operands->count < 2)
		return err_set(err, ERR_USAGE,
			       "which sessions? cordpair sessions delete ID..., or --all");
	for (size_t i = 1; i < operands->count; i++)
		if (!find(store, operands->item[i], err))
			return -1;
	for (size_t i = 1; i < operands->count; i++) {
		entry = find(store, operands->item[i], err);
		if (!entry || session_delete(store->dir, entry->id, err))
			return -1;
	}
	return 0;
}

static const struct action {
	const char *name;
	int (*run)(struct store *store, struct err *err);
} actions[] = {
	{"list", list_sessions},
	{"show", show_session},
	{"export", export_session},
	{"delete", delete_sessions},
};

static int run_action(struct store *store, const char *name, struct err *err)
{
	for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++)
		if (strcmp(actions[i].name, name) == 0)
			return actions[i].run(store, err);
	return err_set(err, ERR_USAGE,
		       "sessions: \"%.80s\" is none of list, show, export and delete", name);
}

static void run_sessions(struct program *program)
{
	const struct strings *operands = &program->operands;
	struct store store = {.program = program, .dir = ask_session_dir()};
	struct err err;
	int status;

	if (!store.dir)
		status = err_set(&err, ERR_CONFIG, "no session is kept: HOME is not set");
	else
		status = session_store_list(store.dir, &store.list, &err);
	if (status == 0)
		status = run_action(&store, operands->count > 0 ? operands->item[0] : "list", &err);
	if (status)
		program_fail(program, &err);
	session_list_clear(&store.list);
	free(store.dir);
}

const struct command command_sessions = {
	.name = "sessions",
	.operands = "[list | show ID | export ID | delete ID... | delete --all]",
	.summary = "List, show, export or delete the kept conversations",
	.details =
		"Every `ask` is kept; `ask --resume [ID]` goes on with one. At least four digits of "
		"the ID\nare needed. export prints the lines of the file, with --json one object.",
	.options = sessions_option_table,
	.targets = &sessions_options,
	.run = run_sessions,
};
