/* SPDX-License-Identifier: MIT */
/*
 * cordpair demo: the main job without a key or a network. The servers that ship, the stand-in for
 * a model, and the very same path as `ask`.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "app/ask_run.h"
#include "app/commands.h"
#include "app/demo_endpoint.h"
#include "app/servers_run.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/paths.h"

static const char default_prompt[] =
	"List the files in the current directory, and query the database: "
	"\"SELECT name, price FROM products ORDER BY price\"";

/* One of the shipped servers, on what the demo shows. */
static struct server_config *shipped_server(const char *name, const char *program,
					    const char *argument)
{
	struct server_config *config = server_config_new(name);

	string_list_free(&config->argv);
	config->argv = mem_new_array(3, sizeof(char *));
	config->argv[0] = paths_program(program);
	config->argv[1] = mem_string(argument);
	config->file = mem_string("the demo");
	config->policy.fallback = POLICY_ALLOW;
	return config;
}

static char *make_prompt(const struct program *program)
{
	struct buf prompt = BUF_INIT;

	for (size_t i = 0; i < program->operands.count; i++) {
		if (i > 0)
			buf_append_char(&prompt, ' ');
		buf_append_text(&prompt, program->operands.item[i]);
	}
	if (prompt.len == 0)
		buf_append_text(&prompt, default_prompt);
	return buf_take(&prompt);
}

/* The servers that were asked for, else those that ship. */
static int choose_servers(struct program *program, struct server_config *shipped[2],
			  struct err *err)
{
	if (program->options.servers_dir || program->options.servers.count > 0)
		return servers_run_select(program, NULL, 0, err);
	shipped[0] = shipped_server("files", "cordpair-files", ".");
	servers_run_add(program, shipped[0]);
#ifdef HAVE_SQLITE
	shipped[1] = shipped_server("sqlite", "cordpair-sqlite", "--sample");
	servers_run_add(program, shipped[1]);
#endif
	return 0;
}

static void run_demo(struct program *program)
{
	struct server_config *shipped[2] = {NULL, NULL};
	struct demo_endpoint *demo = NULL;
	struct ask_spec spec = {.model = DEMO_MODEL, .text_only = true};
	char *prompt = make_prompt(program);
	struct err err;

	log_notice("this is a demonstration: a stand-in picks the tools, no language model is "
		   "asked");
	log_notice("the prompt is: %s", prompt);
	if (choose_servers(program, shipped, &err) == 0)
		demo = demo_endpoint_start(program, &err);
	if (demo) {
		spec.prompt = prompt;
		spec.prompt_len = strlen(prompt);
		spec.base_url = demo_endpoint_base_url(demo);
		spec.profile = profile_for_url(spec.base_url);
		ask_run(program, &spec);
		if (program->operands.count == 0 && program->exit_code == 0)
			log_notice(
				"now in your own words, for example: cordpair demo \"search the "
				"files for TODO\"; with a key, cordpair ask does the same with a "
				"language model");
		server_pool_free(&program->pool);
		demo_endpoint_stop(&demo);
	} else if (!program_interrupted(program)) {
		program_fail(program, &err);
	}
	server_config_free(&shipped[0]);
	server_config_free(&shipped[1]);
	free(prompt);
}

const struct command command_demo = {
	.name = "demo",
	.operands = "[PROMPT]",
	.summary = "Run the main job without a key or a network",
	.details =
		"A small program that ships with cordpair stands in for the model: it picks tools "
		"by the\nwords of the prompt and answers from their results. It is not a language "
		"model. Everything\nelse is the real thing: HTTP, streaming, servers, tool calls.",
	.needs_http = true,
	.run = run_demo,
};
