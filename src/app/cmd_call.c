/* SPDX-License-Identifier: MIT */
/* cordpair call: one tool, no model; the same door, the same policy. */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "app/commands.h"
#include "app/servers_run.h"
#include "app/tool_arguments.h"
#include "app/tool_events.h"
#include "app/tool_progress.h"
#include "base/json_write.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/sanitize.h"

struct call_run {
	struct program *program;
	const struct server *server;
	char *tool;		/* its own: the server may list its tools anew meanwhile */
	struct turn_call told;	/* for events */
	const char *decided_by; /* "policy", "person", "nobody" …; or NULL */
	bool done;
};

/*
 * `call SERVER TOOL …` or `call server__tool …`, the form that the model and `tools --tsv` use. The
 * second is only taken when no server is called so; its server is the enabled one whose name
 * begins it.
 */
static char *server_of_model_name(struct program *program, const char *word)
{
	for (size_t i = 0; i < program->dir->entries; i++) {
		const struct server_entry *entry = &program->dir->entry[i];
		char name[TOOL_NAMES_MAX_BYTES + 1];
		size_t len;

		if (entry->standing != SERVER_ENABLED)
			continue;
		tool_name_for_model(entry->name, "x", name);
		len = strlen(entry->name) + (name[0] == '_' && entry->name[0] != '_');
		if (strncmp(name, word, len) == 0 && strncmp(word + len, "__", 2) == 0)
			return mem_string(entry->name);
	}
	return NULL;
}

struct call_target {
	char *server;
	const char *tool; /* NULL: operand 0 is the name toward the model */
	const char *const *words;
	size_t words_count;
};

static int find_target(struct program *program, struct call_target *target, struct err *err)
{
	const struct strings *operands = &program->operands;

	if (operands->count == 0)
		return err_set(err, ERR_USAGE,
			       "which tool? cordpair call SERVER TOOL [ARGUMENT]...");
	servers_run_read(program);
	if (!servers_dir_find(program->dir, operands->item[0]) && strstr(operands->item[0], "__")) {
		target->server = server_of_model_name(program, operands->item[0]);
		target->words = operands->item + 1;
		target->words_count = operands->count - 1;
		if (target->server)
			return 0;
	}
	if (operands->count < 2)
		return err_set(err, ERR_USAGE,
			       "which tool of \"%s\"? `cordpair tools %s` lists them",
			       operands->item[0], operands->item[0]);
	target->server = mem_string(operands->item[0]);
	target->tool = operands->item[1];
	target->words = operands->item + 2;
	target->words_count = operands->count - 2;
	return 0;
}

static const struct tool *find_tool(const struct program *program, const struct server *server,
				    const struct call_target *target, struct err *err)
{
	const struct tool_list *tools = server_tools(server);
	const char *wanted = target->tool, *nearest;
	const struct toolbox_entry *entry;
	const struct tool *tool;
	const char **names;

	if (!wanted) {
		entry = toolbox_find(program->toolbox, program->operands.item[0]);
		wanted = entry ? entry->tool : program->operands.item[0];
	}
	tool = tool_list_find(tools, wanted);
	if (tool)
		return tool;
	names = mem_new_array(tools->count + 1, sizeof(*names));
	for (size_t i = 0; i < tools->count; i++)
		names[i] = tools->tool[i].name;
	nearest = options_nearest(wanted, names, tools->count);
	free(names);
	if (nearest)
		err_set(err, ERR_CONFIG, "server \"%s\" has no tool \"%s\"; did you mean \"%s\"?",
			target->server, wanted, nearest);
	else
		err_set(err, ERR_CONFIG,
			"server \"%s\" has no tool \"%s\"; `cordpair tools %s` lists them",
			target->server, wanted, target->server);
	return NULL;
}

static int make_arguments(struct program *program, const struct call_target *target,
			  const struct tool *tool, struct buf *out, struct err *err)
{
	struct buf text;
	int status;

	if (target->words_count != 1 || strcmp(target->words[0], "-") != 0) {
		status = tool_arguments_from_words(tool->input_schema, target->words,
						   target->words_count, out, err);
	} else {
		buf_init(&text, TOOL_ARGUMENTS_MAX_BYTES);
		status = program_read_stdin(program, &text, err);
		if (status == 0)
			status = tool_arguments_from_json(buf_text(&text), text.len, out, err);
		buf_clear(&text);
	}
	if (status == 0)
		status = tool_check_arguments(tool, out->data, err);
	if (status)
		err_prefix(err, "server \"%s\", tool \"%s\"", target->server, tool->name);
	return status;
}

/* The outcome */

static void print_result(struct program *program, const struct tool_result *result)
{
	if (program->options.json) {
		output_own(&program->out, result->json.at, result->json.len);
		output_own(&program->out, "\n", 1);
	} else if (!result->is_error) {
		output_text(&program->out, result->text, result->text_len);
		output_end_text(&program->out);
	}
}

/* ": …", what to do about a call that its server failed, or "". The caller frees. */
static char *advice_of(const struct server *server, const struct err *err)
{
	const struct server_config *config = server_config(server);

	if (err->os_errno == ETIMEDOUT)
		return mem_format(": \"timeout_s\" in %s says how long is waited", config->file);
	switch (err->kind) {
	case ERR_UNAVAILABLE:
		return servers_run_clue(server);
	case ERR_PROTOCOL:
		return mem_string(": --trace keeps what it said");
	case ERR_TEMPORARY:
		return mem_string(": try again later");
	case ERR_CONFIG:
		return mem_format(": check \"url\" in %s", config->file);
	case ERR_PERMISSION: /* of MCP it is a login, and what failed says that */
		return config->type == SERVER_TYPE_CALL
			       ? mem_format(": check \"headers\" in %s", config->file)
			       : mem_string("");
	default:
		return mem_string("");
	}
}

static void tell_failure(const struct call_run *call, const struct err *err)
{
	char *advice = advice_of(call->server, err);
	struct buf shown = BUF_INIT;

	sanitize_line(err->text, strlen(err->text), ERR_TEXT_BYTES, &shown);
	log_error("%s%s%s", buf_text(&shown), err->os_errno == ETIMEDOUT ? "" : "; the call failed",
		  advice);
	buf_clear(&shown);
	free(advice);
}

/* The tool's own words. */
static void tell_error(const struct call_run *call, const struct tool_result *result)
{
	struct buf shown = BUF_INIT;

	sanitize_text(result->text, result->text_len, &shown);
	log_error("server \"%s\", tool \"%s\": %s", server_name(call->server), call->tool,
		  buf_text(&shown));
	buf_clear(&shown);
}

static void tell_denial(const struct call_run *call)
{
	const char *server = server_name(call->server);

	if (strcmp(call->decided_by, "nobody") == 0)
		log_error("server \"%s\", tool \"%s\": it needs a person's approval and there is "
			  "nobody to ask; the call was not made: allow it with --yes-to %s:%s",
			  server, call->tool, server, call->tool);
	else if (strcmp(call->decided_by, "policy") == 0)
		log_error("server \"%s\", tool \"%s\": the policy of this server denies it; the "
			  "call was not made: \"policy\" in %s decides",
			  server, call->tool, server_config(call->server)->file);
	else
		log_error("server \"%s\", tool \"%s\": it was refused; the call was not made",
			  server, call->tool);
}

static void batch_done(void *arg, const struct tool_outcome *outcomes, size_t count)
{
	struct call_run *call = arg;
	struct program *program = call->program;
	const struct tool_outcome *outcome = &outcomes[0];
	const struct tool_result *result = outcome->result;

	(void)count;
	tool_events_result(program->events, &call->told, outcome);
	if (!program->events)
		print_result(program, result);
	if (program->events && !result->is_error)
		program->final_text = mem_string_len(result->text, result->text_len);
	switch (outcome->verdict) {
	case TOOL_DONE:
		if (result->is_error)
			tell_error(call, result);
		program_set_exit(program, result->is_error ? err_exit_code(ERR_NO_ANSWER) : 0);
		break;
	case TOOL_FAILED:
		tell_failure(call, &outcome->err);
		program_set_exit(program, err_exit_code(outcome->err.kind));
		break;
	case TOOL_DENIED:
	case TOOL_NOBODY:
		tell_denial(call);
		program_set_exit(program, err_exit_code(ERR_DENIED));
		break;
	}
	program_stage_done(program, &call->done);
}

static void call_progress(void *arg, size_t i, double progress, double total, const char *message)
{
	const struct call_run *call = arg;

	(void)i;
	tool_progress_tell(call->program, &call->told, progress, total, message);
}

static void call_question(void *arg, size_t i)
{
	const struct call_run *call = arg;

	(void)i;
	tool_events_question(call->program->events, &call->told);
}

static void call_approval(void *arg, size_t i, const char *decision, const char *by)
{
	struct call_run *call = arg;

	(void)i;
	call->decided_by = by;
	tool_events_approval(call->program->events, &call->told, decision, by);
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
	struct call_run call = {
		.program = program, .server = server, .tool = mem_string(tool->name)};
	const struct tool_batch_call batch_call = {
		.server = server,
		.tool = tool->name,
		.description = tool->description,
		.arguments = arguments,
	};
	const struct server_call_options options = {.text_max_bytes = 0};
	char name[TOOL_NAMES_MAX_BYTES + 1];
	struct tool_batch *batch;

	tool_name_for_model(server_name(server), tool->name, name);
	call.told = (struct turn_call){
		.id = "call",
		.name = name,
		.server = server_name(server),
		.tool = call.tool,
		.arguments = arguments,
	};
	tool_events_call(program->events, &call.told);
	batch = tool_batch_start(&program->gate, &batch_call, 1, 1, &options, &batch_listener,
				 &call);
	if (program_wait(program, &call.done))
		log_detail("the call was cancelled");
	tool_batch_free(&batch);
	free(call.tool);
}

static void call_target(struct program *program, const struct call_target *target)
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
	tool = find_tool(program, server, target, &err);
	if (tool && make_arguments(program, target, tool, &arguments, &err) == 0)
		call_tool(program, server, tool, arguments.data);
	else if (!program_interrupted(program))
		program_fail(program, &err);
	buf_clear(&arguments);
}

static void run_call(struct program *program)
{
	struct call_target target = {0};
	struct err err;

	if (find_target(program, &target, &err))
		program_fail(program, &err);
	else
		call_target(program, &target);
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
