/* SPDX-License-Identifier: MIT */
/* The table, and the help that comes from it. */
#include "config.h"

#include "app/commands.h"

#include <stdio.h>
#include <string.h>

const struct command *const commands[] = {
	&command_ask,
	&command_call,
	&command_tools,
	&command_servers,
	&command_resources,
	&command_prompts,
	&command_models,
	&command_login,
	&command_sessions,
	&command_doctor,
	&command_daemon,
	&command_status,
	&command_reload,
	&command_stop,
	&command_demo,
	&command_help,
	NULL,
};

const struct command *command_find(const char *name)
{
	for (size_t i = 0; commands[i]; i++)
		if (strcmp(commands[i]->name, name) == 0)
			return commands[i];
	return NULL;
}

static void print_overview(void)
{
	printf("Usage: cordpair [OPTION]... COMMAND [ARGUMENT]...\n"
	       "Connects language models with tools: launches MCP servers, routes the model's tool\n"
	       "calls to them, and prints the answer.\n\nCommands:\n");
	for (size_t i = 0; commands[i]; i++)
		printf("  %-10s %s\n", commands[i]->name, commands[i]->summary);
	printf("\nOptions of every command:\n");
	options_print(global_option_table);
	printf("\n`cordpair COMMAND --help` says more; cordpair(1) and cordpair-servers.d(5) say "
	       "all.\nWithout a key: cordpair demo\n");
}

void commands_print_help(const struct command *command)
{
	if (!command) {
		print_overview();
		return;
	}
	printf("Usage: cordpair %s%s%s\n%s.\n", command->name, *command->operands ? " " : "",
	       command->operands, command->summary);
	if (command->details)
		printf("\n%s\n", command->details);
	if (command->options) {
		printf("\nOptions:\n");
		options_print(command->options);
	}
	printf("\nOptions of every command:\n");
	options_print(global_option_table);
}
