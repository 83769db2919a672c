/* SPDX-License-Identifier: MIT */
/* cordpair tools: what the enabled servers offer. */
#include "config.h"

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "app/commands.h"
#include "app/servers_run.h"
#include "app/tools_budget.h"
#include "base/json_write.h"
#include "base/log.h"

#define DESCRIPTION_SHOWN_BYTES 100
#define WHERE_SHOWN_BYTES	200

static struct tools_options {
	bool tsv, openrouter, explain, cost;
} tools_options;

static const struct option_spec tools_option_table[] = {
	{0, "tsv", OPTION_FLAG, offsetof(struct tools_options, tsv), NULL,
	 "print server__tool TAB description"},
	{0, "openrouter", OPTION_FLAG, offsetof(struct tools_options, openrouter), NULL,
	 "print all tools exactly as they are sent to the model"},
	{0, "explain", OPTION_FLAG, offsetof(struct tools_options, explain), NULL,
	 "print what is changed in each schema for the model's provider"},
	{0, "cost", OPTION_FLAG, offsetof(struct tools_options, cost), NULL,
	 "print what each server's definitions cost in tokens, by a rough estimate"},
	{0, NULL, OPTION_FLAG, 0, NULL, NULL},
};

static void print_openrouter(struct program *program)
{
	size_t len;
	const char *json = tool_array_json(program->tools, &len);

	output_own(&program->out, json, len);
	output_own(&program->out, "\n", 1);
}

/* --explain */

static void explain_tool(struct buf *out, const struct toolbox_entry *entry,
			 const struct schema_lowered *lowered)
{
	buf_format(out, "%s\n", entry->name);
	if (entry->refused) {
		buf_append_text(out, "  left out: the provider refused it: ");
		sanitize_line(entry->refused, strlen(entry->refused), SIZE_MAX, out);
		buf_append_char(out, '\n');
	}
	for (size_t i = 0; i < lowered->changes; i++) {
		const struct schema_change *change = &lowered->change[i];
		const char *where = *change->where ? change->where : "/";

		buf_append_text(out, "  ");
		sanitize_line(where, strlen(where), WHERE_SHOWN_BYTES, out);
		buf_append_text(out, ": ");
		sanitize_line(change->what, strlen(change->what), SIZE_MAX, out);
		buf_append_text(out, change->lossy ? " (lossy)\n" : "\n");
	}
	if (lowered->unlisted > 0)
		buf_format(out, "  and %zu more changes\n", lowered->unlisted);
}

static void explain_tool_json(struct buf *out, const struct toolbox_entry *entry,
			      const struct schema_lowered *lowered)
{
	if (out->len > 1)
		buf_append_char(out, ',');
	buf_append_char(out, '{');
	json_write_member(out, "name", entry->name);
	if (entry->refused)
		json_write_member(out, "refused", entry->refused);
	json_write_key(out, "changes");
	buf_append_char(out, '[');
	for (size_t i = 0; i < lowered->changes; i++) {
		buf_append_text(out, i > 0 ? ",{" : "{");
		json_write_member(out, "where", lowered->change[i].where);
		json_write_member(out, "what", lowered->change[i].what);
		json_write_member_bool(out, "lossy", lowered->change[i].lossy);
		buf_append_char(out, '}');
	}
	buf_append_char(out, ']');
	json_write_member_int(out, "unlisted", (int64_t)lowered->unlisted);
	buf_append_char(out, '}');
}

static void print_explanation(struct program *program)
{
	enum schema_family family = toolbox_family(program->toolbox);
	bool as_json = program->options.json;
	struct buf out = BUF_INIT;
	size_t unchanged = 0;

	toolbox_define(program->toolbox); /* finds those that are left out */
	if (as_json)
		buf_append_char(&out, '[');
	else
		buf_format(&out, "The rules of the family \"%s\" (%s).\n",
			   schema_family_name(family),
			   program->model ? program->model : program->profile->title);
	for (size_t i = 0; i < toolbox_count(program->toolbox); i++) {
		const struct toolbox_entry *entry = toolbox_at(program->toolbox, i);
		const struct tool *tool = tool_list_find(server_tools(entry->server), entry->tool);
		struct schema_lowered lowered;

		schema_lower(tool->input_schema, family, &lowered);
		if (as_json)
			explain_tool_json(&out, entry, &lowered);
		else if (lowered.changes > 0 || entry->refused)
			explain_tool(&out, entry, &lowered);
		unchanged += lowered.changes == 0 && !entry->refused;
		schema_lowered_clear(&lowered);
	}
	if (as_json)
		buf_append_text(&out, "]\n");
	else
		buf_format(&out, "%zu of %zu tools are sent as listed.\n", unchanged,
			   toolbox_count(program->toolbox));
	output_buf(&program->out, &out);
	buf_clear(&out);
}

/* The description's first line, safe to show. */
static void append_description(struct buf *out, const char *description, size_t max_bytes)
{
	size_t len = description ? strcspn(description, "\n") : 0;

	sanitize_line(description ? description : "", len, max_bytes, out);
}

static void print_tsv(struct program *program)
{
	struct buf line = BUF_INIT;

	for (size_t i = 0; i < toolbox_count(program->toolbox); i++) {
		const struct toolbox_entry *entry = toolbox_at(program->toolbox, i);

		buf_truncate(&line, 0);
		buf_format(&line, "%s\t", entry->name);
		append_description(&line, entry->description, SIZE_MAX);
		buf_append_char(&line, '\n');
		output_buf(&program->out, &line);
	}
	buf_clear(&line);
}

static void write_tool_json(struct buf *out, const struct toolbox_entry *entry)
{
	const struct tool *tool = tool_list_find(server_tools(entry->server), entry->tool);

	buf_append_char(out, '{');
	json_write_member(out, "server", server_name(entry->server));
	json_write_member(out, "tool", entry->tool);
	json_write_member(out, "name", entry->name);
	json_write_member(out, "title", tool->title);
	json_write_member(out, "description", tool->description);
	json_write_member_bool(out, "read_only", tool->read_only);
	json_write_member_json(out, "input_schema", tool->input_schema, strlen(tool->input_schema));
	if (tool->output_schema)
		json_write_member_json(out, "output_schema", tool->output_schema,
				       strlen(tool->output_schema));
	buf_append_char(out, '}');
}

static void print_json(struct program *program)
{
	struct buf out = BUF_INIT;

	buf_append_char(&out, '[');
	for (size_t i = 0; i < toolbox_count(program->toolbox); i++) {
		if (i > 0)
			buf_append_char(&out, ',');
		write_tool_json(&out, toolbox_at(program->toolbox, i));
	}
	buf_append_text(&out, "]\n");
	output_buf(&program->out, &out);
	buf_clear(&out);
}

static void print_table(struct program *program)
{
	const struct server *last = NULL;
	struct buf line = BUF_INIT;

	for (size_t i = 0; i < toolbox_count(program->toolbox); i++) {
		const struct toolbox_entry *entry = toolbox_at(program->toolbox, i);

		buf_truncate(&line, 0);
		if (entry->server != last)
			buf_format(&line, "%s%s\n", last ? "\n" : "", server_name(entry->server));
		last = entry->server;
		buf_append_text(&line, "  ");
		sanitize_line(entry->tool, strlen(entry->tool), SIZE_MAX, &line);
		buf_append_text(&line, "\n");
		if (entry->description && *entry->description) {
			buf_append_text(&line, "      ");
			append_description(&line, entry->description, DESCRIPTION_SHOWN_BYTES);
			buf_append_char(&line, '\n');
		}
		output_buf(&program->out, &line);
	}
	buf_clear(&line);
}

static void print_tools(struct program *program)
{
	servers_run_set_model(program, program->profile, program->model);
	if (tools_options.cost)
		tools_budget_print_costs(program, program->operands.count > 0);
	else if (tools_options.explain)
		print_explanation(program);
	else if (tools_options.openrouter)
		print_openrouter(program);
	else if (tools_options.tsv)
		print_tsv(program);
	else if (program->options.json)
		print_json(program);
	else
		print_table(program);
}

/* A server that was asked for by its name and is not there is a failure; others are only named. */
static void check_named(struct program *program)
{
	for (size_t i = 0; i < server_pool_count(program->pool); i++)
		if (server_get_state(server_pool_at(program->pool, i)) != SERVER_READY &&
		    program->operands.count > 0)
			program_set_exit(program, err_exit_code(ERR_UNAVAILABLE));
}

static void run_tools(struct program *program)
{
	struct err err;

	if (program->operands.count > 0)
		program->without_server = "it cannot be asked";
	if (servers_run_select(program, program->operands.item, program->operands.count, &err)) {
		program_fail(program, &err);
		return;
	}
	if (server_pool_count(program->pool) == 0)
		log_notice("no server is enabled; `cordpair servers enable files` enables one");
	if (servers_run_start(program))
		return;
	print_tools(program);
	check_named(program);
	(void)!servers_run_check_required(program);
}

const struct command command_tools = {
	.name = "tools",
	.operands = "[SERVER]...",
	.summary = "List the tools of the enabled servers",
	.details = NULL,
	.options = tools_option_table,
	.targets = &tools_options,
	.run = run_tools,
};
