/* SPDX-License-Identifier: MIT */
/* cordpair call: one tool, no model; the same door, the same policy. */
#include "config.h"

#include <stdlib.h>

#include "app/call_run.h"
#include "app/commands.h"
#include "app/servers_run.h"
#include "app/tool_arguments.h"
#include "app/tool_events.h"
#include "app/tool_progress.h"
#include "base/log.h"
#include "base/mem.h"

struct own_call { /* of a server that we started */
	struct call_run run;
	const struct server *server;
};

static void batch_done(void *arg, const struct tool_outcome *outcomes, size_t count)
{
	struct own_call *own = arg;

	(void)count;
	call_end(&own->run, &outcomes[0], server_clue(own->server));
}

static void call_progress(void *arg, size_t i, double progress, double total, const char *message)
{
	const struct own_call *own = arg;

	(void)i;
	tool_progress_tell(own->run.program, &own->run.told, progress, total, message);
}

static void call_question(void *arg, size_t i)
{
	const struct own_call *own = arg;

	(void)i;
	tool_events_question(own->run.program->events, &own->run.told);
}

static void call_approval(void *arg, size_t i, const char *decision, const char *by)
{
	struct own_call *own = arg;

	(void)i;
	call_approved(&own->run, decision, by);
}

static const struct tool_batch_listener batch_listener = {
	.on_question = call_question,
	.on_approval = call_approval,
	.on_progress = call_progress,
	.on_done = batch_done,
};

static void call_tool(struct program *program, struct server *server, const struct tool *tool,
		      const char *arguments)
{
	struct own_call own = {
		.run =
			{
				.program = program,
				.config = server_config(server),
				.tool = mem_string(tool->name),
			},
		.server = server,
	};
	const struct tool_batch_call batch_call = {
		.server = server,
		.tool = tool->name,
		.description = tool->description,
		.arguments = arguments,
	};
	const struct server_call_options options = {.text_max_bytes = 0};
	struct tool_batch *batch;

	call_begin(&own.run, arguments);
	batch = tool_batch_start(&program->gate, &batch_call, 1, 1, &options, &batch_listener,
				 &own);
	if (program_wait(program, &own.run.done))
		log_detail("the call was cancelled");
	tool_batch_free(&batch);
	free(own.run.tool);
}

static void call_by_ourselves(struct program *program, const struct call_target *target)
{
	const char *const names[] = {target->server};
	struct buf arguments;
	const struct tool *tool;
	struct server *server;
	struct err err;

	program->without_server = "the call was not made";
	if (servers_run_select(program, names, 1, &err)) {
		program_fail(program, &err);
		return;
	}
	if (servers_run_start(program))
		return;
	server = server_pool_at(program->pool, 0);
	if (server_get_state(server) != SERVER_READY) {
		program_set_exit(program, err_exit_code(server_failure(server)));
		return;
	}
	buf_init(&arguments, TOOL_ARGUMENTS_MAX_BYTES);
	tool = call_target_tool(target, server_tools(server), &err);
	if (tool && call_target_arguments(program, target, tool, &arguments, &err) == 0)
		call_tool(program, server, tool, arguments.data);
	else if (!program_interrupted(program))
		program_fail(program, &err);
	buf_clear(&arguments);
}

static void run_call(struct program *program)
{
	struct call_target target = {0};
	struct err err;

	if (call_target_find(program, &target, &err))
		program_fail(program, &err);
	else if (!call_by_daemon(program, &target))
		call_by_ourselves(program, &target);
	free(target.server);
}

const struct command command_call = {
	.name = "call",
	.operands = "SERVER TOOL [JSON | KEY=VALUE... | -]",
	.summary = "Call one tool, without a model",
	.details =
		"Arguments are one JSON object, KEY=VALUE pairs typed by the tool's schema, or - "
		"for\nJSON from stdin. The form server__tool of `tools --tsv` is taken too. "
		"--json prints the\nserver's result as it came.",
	.run = run_call,
};
