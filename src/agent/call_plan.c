/* SPDX-License-Identifier: MIT */
/* What the model did wrong becomes the result of that call, so that it can do better. */
#include "config.h"

#include "agent/call_plan.h"

#include <stdlib.h>
#include <string.h>

#include "agent/find_tools.h"
#include "agent/read_result.h"
#include "base/mem.h"

static char *unknown_tool(const struct tool_array *tools, const char *name)
{
	const char *nearest = toolbox_nearest(tool_array_toolbox(tools), name);
	const char *more = tool_array_has_find(tools) ? "; " FIND_TOOLS_NAME " finds others" : "";

	if (nearest)
		return mem_format("there is no tool called \"%s\"; did you mean \"%s\"?%s", name,
				  nearest, more);
	return mem_format("there is no tool called \"%s\"; call only tools that are listed%s", name,
			  more);
}

static void plan_find(struct planned_call *planned, struct tool_array *tools, const char *arguments)
{
	struct found_tools found;

	planned->answer =
		find_tools_run(tool_array_toolbox(tools), arguments, &found, &planned->refusal);
	if (planned->answer)
		tool_array_show(tools, found.entry, found.count);
}

/* One of the host's own tools: a call on the server that its arguments name. */
static void plan_builtin(struct planned_call *planned, const struct builtin_tool *builtin,
			 const char *arguments, const struct server_pool *pool,
			 struct tool_batch_call *out)
{
	out->server = builtin_tool_server(builtin, arguments, pool, &planned->refusal);
	if (!out->server)
		return;
	out->builtin = builtin;
	out->description = builtin_tool_description(builtin);
	planned->server = mem_string(server_name(out->server));
	planned->tool = mem_string(builtin_tool_name(builtin));
}

static bool reads_result(const struct chat_tool_call *call, const struct call_plan_spec *spec)
{
	return spec->results && result_store_last(spec->results) > 0 &&
	       strcmp(call->name, READ_RESULT_NAME) == 0;
}

static void plan_entry(struct planned_call *planned, struct tool_array *tools,
		       const struct toolbox_entry *entry, const char *arguments,
		       struct tool_batch_call *out)
{
	planned->server = mem_string(server_name(entry->server));
	planned->tool = mem_string(entry->tool);
	out->server = entry->server;
	out->description = entry->description;
	if (arguments)
		planned->arguments = toolbox_arguments(entry, arguments);
	if (!planned->refusal)
		tool_array_note_call(tools, entry);
}

void planned_call_init(struct planned_call *planned, const struct chat_tool_call *call,
		       char *take_refusal, const struct call_plan_spec *spec,
		       struct tool_batch_call *out)
{
	const struct toolbox_entry *entry =
		toolbox_find(tool_array_toolbox(spec->tools), call->name);
	const struct builtin_tool *builtin = entry ? NULL : builtin_tool_find(call->name);
	const bool reads = !entry && reads_result(call, spec);

	const bool finds = !entry && tool_array_has_find(spec->tools) &&
			   strcmp(call->name, FIND_TOOLS_NAME) == 0;

	planned->refusal = take_refusal;
	if (!planned->refusal && !entry && !builtin && !reads && !finds)
		planned->refusal = unknown_tool(spec->tools, call->name);
	else if (!planned->refusal)
		planned->refusal = mem_string_or_null(call->broken);
	if (entry)
		plan_entry(planned, spec->tools, entry, call->arguments, out);
	else if (builtin && !planned->refusal)
		plan_builtin(planned, builtin, call->arguments, spec->pool, out);
	else if (reads && !planned->refusal)
		planned->answer = read_result_run(spec->results, call->arguments,
						  spec->result_bytes, &planned->refusal);
	else if (finds && !planned->refusal)
		plan_find(planned, spec->tools, call->arguments);
	out->tool = planned->tool;
	out->arguments = planned->arguments ? planned->arguments : call->arguments;
	out->broken = planned->refusal;
	out->answer = planned->answer;
	planned->told = (struct turn_call){
		.id = call->id,
		.name = call->name,
		.server = planned->server,
		.tool = planned->tool,
		.arguments = out->arguments,
	};
}

void planned_call_clear(struct planned_call *planned)
{
	free(planned->server);
	free(planned->tool);
	free(planned->arguments);
	free(planned->refusal);
	free(planned->answer);
}
