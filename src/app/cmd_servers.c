/* SPDX-License-Identifier: MIT */
/*
 * cordpair servers: what servers.d says, how the servers are that the daemon has, and switching
 * entries on and off. Starts nothing, but by `restart`.
 */
#include "config.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "app/commands.h"
#include "app/servers_live.h"
#include "app/servers_run.h"
#include "base/json_write.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/paths.h"
#include "io/log_file.h"

#define LOG_LINES_SHOWN 200

static struct servers_options {
	bool origin;
} servers_options;

static const struct option_spec servers_option_table[] = {
	{0, "origin", OPTION_FLAG, offsetof(struct servers_options, origin), NULL,
	 "with show: every file that is involved"},
	{0, NULL, OPTION_FLAG, 0, NULL, NULL},
};

static const char *type_name(const struct server_config *config)
{
	static const char *const names[] = {
		[SERVER_TYPE_STDIO] = "stdio",
		[SERVER_TYPE_HTTP] = "http",
		[SERVER_TYPE_CALL] = "call",
	};

	return names[config->type];
}

/* list */

static void write_entry_json(struct buf *out, const struct servers_live *live,
			     const struct server_entry *entry)
{
	const struct json_span server = servers_live_find(live, entry->name);

	buf_append_char(out, '{');
	json_write_member(out, "name", entry->name);
	json_write_member(out, "standing", server_standing_name(entry->standing));
	json_write_member(out, "tier", servers_tier_name(entry->tier));
	json_write_member(out, "file", entry->file);
	json_write_member_int(out, "line", entry->line);
	if (entry->config)
		json_write_member(out, "type", type_name(entry->config));
	if (entry->reason)
		json_write_member(out, "reason", entry->reason);
	if (entry->switched_by)
		json_write_member(out, "switched_by", entry->switched_by);
	if (server.at && entry->standing == SERVER_ENABLED)
		json_write_member_json(out, "daemon", server.at, server.len);
	buf_append_char(out, '}');
}

static void list_json(struct program *program, const struct servers_live *live)
{
	struct buf out = BUF_INIT;

	buf_append_char(&out, '[');
	for (size_t i = 0; i < program->dir->entries; i++) {
		if (i > 0)
			buf_append_char(&out, ',');
		write_entry_json(&out, live, &program->dir->entry[i]);
	}
	buf_append_text(&out, "]\n");
	output_buf(&program->out, &out);
	buf_clear(&out);
}

static void list_live(struct program *program, const struct servers_live *live,
		      const struct server_entry *entry)
{
	const struct json_span server = servers_live_find(live, entry->name);
	struct buf line = BUF_INIT;

	if (!server.at || entry->standing != SERVER_ENABLED)
		return;
	servers_live_append_line(server, entry->config, &line);
	output_format(&program->out, "%-20s   %s\n", "", buf_text(&line));
	buf_clear(&line);
}

static void list_table(struct program *program, const struct servers_live *live)
{
	for (size_t i = 0; i < program->dir->entries; i++) {
		const struct server_entry *entry = &program->dir->entry[i];

		output_format(&program->out, "%-20s %-10s %s\n", entry->name,
			      server_standing_name(entry->standing), entry->file);
		if (entry->reason)
			output_format(&program->out, "%-20s   %s\n", "", entry->reason);
		list_live(program, live, entry);
	}
	if (program->dir->entries == 0)
		log_notice("there is no server in any servers.d; see cordpair-servers.d(5)");
}

static void run_list(struct program *program, const char *name)
{
	struct servers_live live;

	(void)name;
	servers_run_load(program);
	servers_live_ask(&live, program);
	if (program->options.json)
		list_json(program, &live);
	else
		list_table(program, &live);
	servers_live_clear(&live);
}

/* show */

static void show_list(struct program *program, const char *label, char *const *items)
{
	if (!items || !items[0])
		return;
	output_format(&program->out, "%-14s", label);
	for (; *items; items++)
		output_format(&program->out, " %s", *items);
	output_own(&program->out, "\n", 1);
}

static void show_policy(struct program *program, const struct policy_rules *rules)
{
	static const char *const names[] = {"allow", "ask", "deny"};

	output_format(&program->out, "%-14s %s\n", "policy", names[rules->fallback]);
	show_list(program, "  allow", rules->allow);
	show_list(program, "  ask", rules->ask);
	show_list(program, "  deny", rules->deny);
}

static void show_config(struct program *program, const struct server_config *config)
{
	output_format(&program->out, "%-14s %s\n", "type", type_name(config));
	show_list(program, "command", config->argv);
	if (config->cwd)
		output_format(&program->out, "%-14s %s\n", "cwd", config->cwd);
	if (config->url)
		output_format(&program->out, "%-14s %s\n", "url", config->url);
	if (config->tools_url)
		output_format(&program->out, "%-14s %s\n", "tools_url", config->tools_url);
	show_list(program, "env_vars", config->env_vars);
	show_list(program, "roots", config->roots);
	show_list(program, "include_tools", config->include_tools);
	show_list(program, "pinned_tools", config->pinned_tools);
	show_list(program, "exclude_tools", config->exclude_tools);
	show_policy(program, &config->policy);
	output_format(&program->out, "%-14s %ld s, at start %ld s\n", "timeouts",
		      config->timeout_ms / 1000, config->start_timeout_ms / 1000);
}

static void show_entry(struct program *program, const struct server_entry *entry)
{
	output_format(&program->out, "%-14s %s\n%-14s %s\n%-14s %s", "name", entry->name,
		      "standing", server_standing_name(entry->standing), "file", entry->file);
	if (entry->line)
		output_format(&program->out, ":%u", entry->line);
	output_format(&program->out, " (%s)\n", servers_tier_name(entry->tier));
	if (entry->switched_by)
		output_format(&program->out, "%-14s %s\n", "switched by", entry->switched_by);
	if (entry->reason)
		output_format(&program->out, "%-14s %s\n", "reason", entry->reason);
	if (entry->config)
		show_config(program, entry->config);
}

static void show_json(struct program *program, const struct servers_live *live,
		      const struct server_entry *entry)
{
	struct buf json = BUF_INIT;

	write_entry_json(&json, live, entry);
	buf_append_char(&json, '\n');
	output_buf(&program->out, &json);
	buf_clear(&json);
}

/* --origin: the other entries of its name. */
static void show_others(struct program *program, const struct server_entry *entry)
{
	bool first = true;

	for (size_t i = 0; servers_options.origin && i < program->dir->entries; i++) {
		const struct server_entry *other = &program->dir->entry[i];

		if (other == entry || strcmp(other->name, entry->name) != 0)
			continue;
		if (first)
			output_format(&program->out, "\nalso:\n");
		first = false;
		output_format(&program->out, "  %s (%s, %s)%s%s\n", other->file,
			      servers_tier_name(other->tier), server_standing_name(other->standing),
			      other->reason ? ": " : "", other->reason ? other->reason : "");
	}
}

static void run_show(struct program *program, const char *name)
{
	const struct server_entry *entry;
	struct servers_live live;
	struct json_span server;
	struct err err;

	servers_run_load(program);
	entry = servers_dir_find(program->dir, name);
	if (!entry) {
		servers_run_unknown(program, name, &err);
		program_fail(program, &err);
		return;
	}
	servers_live_ask(&live, program);
	server = servers_live_find(&live, name);
	if (program->options.json) {
		show_json(program, &live, entry);
	} else {
		show_entry(program, entry);
		if (server.at && entry->standing == SERVER_ENABLED)
			servers_live_show(program, server, entry->config);
		show_others(program, entry);
	}
	servers_live_clear(&live);
}

/* check */

static void run_check(struct program *program, const char *name)
{
	size_t errors;

	(void)name;
	servers_run_load(program);
	errors = program->dir->faults - program->dir->warnings;
	for (size_t i = 0; i < program->dir->faults; i++)
		if (program->dir->fault[i].err.kind != ERR_NONE)
			program_set_exit(program, err_exit_code(program->dir->fault[i].err.kind));
	output_format(&program->out, "%zu entr%s, %zu error%s\n", program->dir->entries,
		      program->dir->entries == 1 ? "y" : "ies", errors, errors == 1 ? "" : "s");
}

/* enable, disable */

static void switch_server(struct program *program, const char *name, bool enabled)
{
	const struct servers_dir_options options = servers_run_options(program);
	const struct server_entry *entry;
	char *path = NULL;
	struct err err;

	if (servers_dir_switch(&options, name, enabled, &path, &err)) {
		program_fail(program, &err);
		return;
	}
	if (path)
		log_notice("server \"%s\" is now %s (%s)", name, enabled ? "enabled" : "disabled",
			   path);
	else
		log_notice("server \"%s\" is %s already", name, enabled ? "enabled" : "disabled");
	free(path);
	program->dir = servers_dir_load(&options);
	entry = servers_dir_find(program->dir, name);
	if (enabled && entry && entry->standing == SERVER_UNRESOLVED)
		log_warning("%s", entry->reason);
	servers_dir_free(&program->dir);
}

static void run_enable(struct program *program, const char *name)
{
	switch_server(program, name, true);
}

static void run_disable(struct program *program, const char *name)
{
	switch_server(program, name, false);
}

/* logs */

static void run_logs(struct program *program, const char *name)
{
	char *relative = mem_format("logs/%s.log", name), *path = NULL;
	struct buf text = BUF_INIT;
	struct err err;

	if (server_name_valid(name))
		path = paths_state(relative);
	if (path && log_file_tail(path, LOG_LINES_SHOWN, &text, &err) == 0) {
		output_text(&program->out, buf_text(&text), text.len);
		output_end_text(&program->out);
	} else if (path && err.os_errno != ENOENT) {
		program_fail(program, &err);
	} else {
		servers_run_load(program);
		if (servers_dir_find(program->dir, name)) {
			log_notice("server \"%s\" has written nothing to its stderr so far", name);
		} else {
			servers_run_unknown(program, name, &err);
			program_fail(program, &err);
		}
	}
	buf_clear(&text);
	free(relative);
	free(path);
}

/* The command */

static const struct {
	const char *name;
	bool takes_name;
	void (*run)(struct program *program, const char *name);
} actions[] = {
	{"list", false, run_list},
	{"show", true, run_show},
	{"check", false, run_check},
	{"enable", true, run_enable},
	{"disable", true, run_disable},
	{"logs", true, run_logs},
	{"restart", true, servers_live_restart},
};

static void run_servers(struct program *program)
{
	const struct strings *operands = &program->operands;
	const char *action = operands->count > 0 ? operands->item[0] : "list";
	struct err err;

	err_set(&err, ERR_USAGE,
		"servers: \"%s\" is none of list, show, check, enable, disable, logs, restart",
		action);
	for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++) {
		if (strcmp(action, actions[i].name) != 0)
			continue;
		if (actions[i].takes_name && operands->count < 2) {
			err_set(&err, ERR_USAGE, "servers %s: which server?", action);
			break;
		}
		if (!actions[i].takes_name) {
			actions[i].run(program, NULL);
			return;
		}
		for (size_t n = 1; n < operands->count; n++)
			actions[i].run(program, operands->item[n]);
		return;
	}
	program_fail(program, &err);
}

const struct command command_servers = {
	.name = "servers",
	.operands = "[list | show NAME | check | enable NAME... | disable NAME... | logs NAME | "
		    "restart NAME...]",
	.summary = "Show, check, enable and disable the servers of servers.d",
	.details =
		"list shows every entry, also those that are disabled, masked, overridden or "
		"broken, and\nwhy. check reads every file and tells every fault. logs prints the last "
		"200 lines that a\nserver wrote to its stderr. Where a daemon runs, list and show say "
		"how its servers are, and\nrestart starts one of them anew.",
	.options = servers_option_table,
	.targets = &servers_options,
	.run = run_servers,
};
