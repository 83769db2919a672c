/* SPDX-License-Identifier: MIT */
/* Costs are of the definitions as the chosen model's provider gets them. */
#include "config.h"

#include "app/tools_budget.h"

#include <stdlib.h>
#include <string.h>

#include "app/model_catalogue.h"
#include "base/json_write.h"
#include "base/mem.h"
#include "base/sanitize.h"

struct cost {				   /* of a tool, or of a server with all of its */
	const struct toolbox_entry *entry; /* the first */
	size_t tools, bytes;
};

struct costs {
	struct cost *server, *tool;
	size_t servers, tools;
	struct cost all;
	struct tool_budget budget;
	int64_t context; /* 0: not known */
};

struct tool_budget tools_budget(const struct settings *settings, int64_t context)
{
	const size_t tokens = context > 0 ? (size_t)context : TOOL_ARRAY_CONTEXT;

	return (struct tool_budget){
		.tools = (size_t)settings->tools_max,
		.tokens = tokens / 100 * (size_t)settings->tools_percent,
		.pinned = settings->pinned_tools,
		.prompt = "",
	};
}

static int dearest_first(const void *a, const void *b)
{
	const struct cost *left = a, *right = b;

	if (left->bytes != right->bytes)
		return left->bytes > right->bytes ? -1 : 1;
	return strcmp(left->entry->name, right->entry->name);
}

static void count_costs(struct program *program, struct costs *costs)
{
	struct toolbox *toolbox = program->toolbox;
	const size_t tools = toolbox_count(toolbox);

	toolbox_define(toolbox);
	costs->server = mem_new_array(tools + 1, sizeof(struct cost));
	costs->tool = mem_new_array(tools + 1, sizeof(struct cost));
	for (size_t i = 0; i < tools; i++) {
		const struct toolbox_entry *entry = toolbox_at(toolbox, i);
		struct cost *server = &costs->server[costs->servers];

		if (entry->refused)
			continue;
		if (costs->servers == 0 || server[-1].entry->server != entry->server)
			costs->servers++;
		else
			server--;
		if (!server->entry)
			server->entry = entry;
		server->tools++;
		server->bytes += entry->len;
		costs->tool[costs->tools++] = (struct cost){entry, 1, entry->len};
		costs->all.tools++;
		costs->all.bytes += entry->len;
	}
	if (costs->tools == 0)
		return;
	qsort(costs->server, costs->servers, sizeof(struct cost), dearest_first);
	qsort(costs->tool, costs->tools, sizeof(struct cost), dearest_first);
}

/* As a table */

static void print_line(struct buf *out, const struct cost *cost, const char *name)
{
	buf_format(out, "%8zu %6zu  ", tool_tokens(cost->bytes), cost->tools);
	sanitize_line(name, strlen(name), SIZE_MAX, out);
	buf_append_char(out, '\n');
}

static void print_tools(struct buf *out, const struct costs *costs, const struct server *server)
{
	for (size_t i = 0; i < costs->tools; i++) {
		const struct toolbox_entry *entry = costs->tool[i].entry;

		if (entry->server != server)
			continue;
		buf_format(out, "%8zu           ", tool_tokens(costs->tool[i].bytes));
		sanitize_line(entry->tool, strlen(entry->tool), SIZE_MAX, out);
		buf_append_char(out, '\n');
	}
}

static void print_budget(struct buf *out, const struct costs *costs,
			 const struct settings *settings)
{
	buf_format(
		out,
		"\nA token is taken as %d bytes of the definitions. A request has at most %zu tools "
		"and %zu tokens\nof them at first (%ld%% of a context of ",
		TOOL_TOKEN_BYTES, costs->budget.tools, costs->budget.tokens,
		settings->tools_percent);
	if (costs->context > 0)
		buf_format(out, "%lld).\n", (long long)costs->context);
	else
		buf_format(out, "%d: the model's is not known; `cordpair models` reads it).\n",
			   TOOL_ARRAY_CONTEXT);
}

static void print_table(struct buf *out, const struct costs *costs, const struct settings *settings,
			bool each_tool)
{
	buf_format(out, "%8s %6s  %s\n", "TOKENS", "TOOLS", "SERVER");
	for (size_t i = 0; i < costs->servers; i++) {
		const struct server *server = costs->server[i].entry->server;

		print_line(out, &costs->server[i], server_name(server));
		if (each_tool)
			print_tools(out, costs, server);
	}
	if (costs->servers != 1)
		print_line(out, &costs->all, "(all)");
	print_budget(out, costs, settings);
}

/* As JSON */

static void write_cost(struct buf *out, const struct cost *cost)
{
	json_write_member_int(out, "bytes", (int64_t)cost->bytes);
	json_write_member_int(out, "tokens", (int64_t)tool_tokens(cost->bytes));
}

static void write_tools(struct buf *out, const struct costs *costs, const struct server *server)
{
	bool first = true;

	json_write_key(out, "tools");
	buf_append_char(out, '[');
	for (size_t i = 0; i < costs->tools; i++) {
		const struct toolbox_entry *entry = costs->tool[i].entry;

		if (entry->server != server)
			continue;
		buf_append_text(out, first ? "{" : ",{");
		first = false;
		json_write_member(out, "tool", entry->tool);
		json_write_member(out, "name", entry->name);
		write_cost(out, &costs->tool[i]);
		buf_append_char(out, '}');
	}
	buf_append_char(out, ']');
}

static void write_json(struct buf *out, const struct costs *costs)
{
	buf_append_char(out, '{');
	json_write_key(out, "servers");
	buf_append_char(out, '[');
	for (size_t i = 0; i < costs->servers; i++) {
		const struct server *server = costs->server[i].entry->server;

		buf_append_text(out, i > 0 ? ",{" : "{");
		json_write_member(out, "server", server_name(server));
		write_cost(out, &costs->server[i]);
		write_tools(out, costs, server);
		buf_append_char(out, '}');
	}
	buf_append_char(out, ']');
	json_write_member_int(out, "count", (int64_t)costs->all.tools);
	write_cost(out, &costs->all);
	json_write_member_int(out, "bytes_per_token", TOOL_TOKEN_BYTES);
	json_write_member_int(out, "budget_tools", (int64_t)costs->budget.tools);
	json_write_member_int(out, "budget_tokens", (int64_t)costs->budget.tokens);
	if (costs->context > 0)
		json_write_member_int(out, "context", costs->context);
	buf_append_text(out, "}\n");
}

void tools_budget_print_costs(struct program *program, bool each_tool)
{
	const struct chat_endpoint endpoint = {program->base_url, NULL, program->profile};
	struct costs costs = {.context = model_catalogue_context(&endpoint, program->model)};
	struct buf out = BUF_INIT;

	costs.budget = tools_budget(&program->settings, costs.context);
	count_costs(program, &costs);
	if (program->options.json)
		write_json(&out, &costs);
	else
		print_table(&out, &costs, &program->settings, each_tool);
	output_buf(&program->out, &out);
	buf_clear(&out);
	free(costs.server);
	free(costs.tool);
}
