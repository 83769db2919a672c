/* SPDX-License-Identifier: MIT */
/* What a call tells while it runs and when it is over; see docs/failures.md for the sentences. */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/call_run.h"
#include "app/servers_run.h"
#include "app/tool_events.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/sanitize.h"

void call_begin(struct call_run *call, const char *arguments)
{
	tool_name_for_model(call->config->name, call->tool, call->model_name);
	call->told = (struct turn_call){
		.id = "call",
		.name = call->model_name,
		.server = call->config->name,
		.tool = call->tool,
		.arguments = arguments,
	};
	tool_events_call(call->program->events, &call->told);
}

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
static char *advice_of(const struct call_run *call, enum server_clue clue, const struct err *err)
{
	const struct server_config *config = call->config;

	if (err->os_errno == ETIMEDOUT)
		return mem_format(": \"timeout_s\" in %s says how long is waited", config->file);
	switch (err->kind) {
	case ERR_UNAVAILABLE:
		return servers_run_clue_of(clue, config->name);
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

static void tell_failure(const struct call_run *call, enum server_clue clue, const struct err *err)
{
	char *advice = advice_of(call, clue, err);
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
	log_error("server \"%s\", tool \"%s\": %s", call->config->name, call->tool,
		  buf_text(&shown));
	buf_clear(&shown);
}

static void tell_denial(const struct call_run *call)
{
	const char *server = call->config->name;

	if (strcmp(call->decided_by, "nobody") == 0)
		log_error("server \"%s\", tool \"%s\": it needs a person's approval and there is "
			  "nobody to ask; the call was not made: allow it with --yes-to %s:%s",
			  server, call->tool, server, call->tool);
	else if (strcmp(call->decided_by, "policy") == 0)
		log_error("server \"%s\", tool \"%s\": the policy of this server denies it; the "
			  "call was not made: \"policy\" in %s decides",
			  server, call->tool, call->config->file);
	else
		log_error("server \"%s\", tool \"%s\": it was refused; the call was not made",
			  server, call->tool);
}

void call_approved(struct call_run *call, const char *decision, const char *by)
{
	snprintf(call->decided_by, sizeof(call->decided_by), "%s", by);
	tool_events_approval(call->program->events, &call->told, decision, by);
}

void call_end(struct call_run *call, const struct tool_outcome *outcome, enum server_clue clue)
{
	struct program *program = call->program;
	const struct tool_result *result = outcome->result;

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
		tell_failure(call, clue, &outcome->err);
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
