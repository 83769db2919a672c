/* SPDX-License-Identifier: MIT */
/* cordpair prompts: the prompts that servers have written, and one of them (MCP, "Prompts"). */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "app/commands.h"
#include "app/completion_run.h"
#include "app/prompt_run.h"
#include "app/query_run.h"

/* "topic= [style=]": what is optional is in brackets. */
static void append_arguments(struct buf *line, struct json_span arguments)
{
	struct json_span argument = {NULL, 0};
	const char *blank = "";

	while (json_span_kind(arguments) == JSON_ARRAY && json_span_next(arguments, &argument)) {
		const bool required =
			json_span_kind(json_span_member(argument, "required")) == JSON_TRUE;

		buf_format(line, "%s%s", blank, required ? "" : "[");
		query_append_text(line, json_span_member(argument, "name"));
		buf_format(line, "=%s", required ? "" : "]");
		blank = " ";
	}
}

static void append_line(const struct query_listing *listing, struct json_span item,
			struct buf *line)
{
	(void)listing;
	query_append_text(line, json_span_member(item, "name"));
	buf_append_char(line, '\t');
	append_arguments(line, json_span_member(item, "arguments"));
	buf_append_char(line, '\t');
	query_append_text(line, json_span_member(item, "description"));
}

static void list_prompts(struct program *program)
{
	struct query_listing listing = {
		.program = program,
		.member = "prompt",
		.append_line = append_line,
	};
	struct err err;

	if (query_run_servers(program, 1))
		return;
	for (size_t i = 0; i < server_pool_count(program->pool); i++) {
		listing.server = server_pool_at(program->pool, i);
		if (server_has(listing.server, SERVER_PROMPTS) &&
		    query_run_list(program, listing.server, "prompts/list", "prompts",
				   query_listing_item, &listing, &err))
			query_run_fail(program, &err);
	}
	query_listing_end(&listing);
}

static void print_messages(struct program *program, const struct prompt *prompt)
{
	for (size_t i = 0; i < prompt->count; i++) {
		const struct prompt_message *message = &prompt->message[i];

		if (prompt->count > 1)
			output_format(&program->out, "%s%s:\n", i > 0 ? "\n" : "",
				      message->assistant ? "assistant" : "user");
		output_text(&program->out, message->text, strlen(message->text));
		output_end_text(&program->out);
	}
}

static void get_prompt(struct program *program, struct server *server)
{
	const struct strings *operands = &program->operands;
	struct prompt prompt = {0};
	struct buf json;
	struct err err;

	buf_init(&json, 2 * PROMPT_TEXT_MAX_BYTES);
	if (prompt_run(program, server, operands->item[2], operands->item + 3, operands->count - 3,
		       &prompt, &json, &err)) {
		query_run_fail(program, &err);
	} else if (program->options.json) {
		output_own(&program->out, buf_text(&json), json.len);
		output_own(&program->out, "\n", 1);
	} else {
		print_messages(program, &prompt);
	}
	buf_clear(&json);
	prompt_clear(&prompt);
}

static void get_one(struct program *program)
{
	struct server *server;
	struct err err;

	if (program->operands.count < 3) {
		err_set(&err, ERR_USAGE,
			"which prompt? cordpair prompts get SERVER NAME [KEY=VALUE]...; `cordpair "
			"prompts` lists them");
		program_fail(program, &err);
		return;
	}
	server = query_run_server(program);
	if (server)
		get_prompt(program, server);
}

static void run_prompts(struct program *program)
{
	const struct strings *operands = &program->operands;
	const char *action = operands->count > 0 ? operands->item[0] : "list";
	struct err err;

	if (strcmp(action, "list") == 0) {
		list_prompts(program);
	} else if (strcmp(action, "get") == 0) {
		get_one(program);
	} else if (strcmp(action, "complete") == 0) {
		completion_run(program, "ref/prompt", "name");
	} else {
		err_set(&err, ERR_USAGE, "prompts: \"%.80s\" is none of list, get and complete",
			action);
		program_fail(program, &err);
	}
}

const struct command command_prompts = {
	.name = "prompts",
	.operands = "[list [SERVER]... | get SERVER NAME [KEY=VALUE]... |\n"
		    "        complete SERVER NAME ARGUMENT=PREFIX [KEY=VALUE]...]",
	.summary = "List the prompts of servers, or fill one in",
	.details = "A line of the list is SERVER TAB NAME TAB ARGUMENTS TAB DESCRIPTION. "
		   "`cordpair ask --prompt\nSERVER:NAME` begins with one. complete prints what "
		   "the server proposes for an argument.",
	.run = run_prompts,
};
