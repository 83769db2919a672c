/* SPDX-License-Identifier: MIT */
/* cordpair help [COMMAND] */
#include "config.h"

#include "app/commands.h"

static void run_help(struct program *program)
{
	const char *name = program->operands.count > 0 ? program->operands.item[0] : NULL;
	const struct command *command = name ? command_find(name) : NULL;
	struct err err;

	if (!name || command) {
		commands_print_help(command);
		return;
	}
	err_set(&err, ERR_USAGE, "\"%s\" is not a command", name);
	program_fail(program, &err);
}

const struct command command_help = {
	.name = "help",
	.operands = "[COMMAND]",
	.summary = "Show help",
	.run = run_help,
};
