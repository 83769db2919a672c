/* SPDX-License-Identifier: MIT */
/*
 * From the command line to a command. Linked twice: as `cordpair`, and with libcurl as `engine`,
 * which `cordpair` executes when a command needs HTTP.
 */
#include "config.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/commands.h"
#include "app/program.h"
#include "app/servers_run.h"
#include "base/log.h"
#include "base/mem.h"
#include "trust/secrets.h"

static int usage_error(const struct err *err, const struct command *command)
{
	log_error("%s", err->text);
	fprintf(stderr, "Try `cordpair%s%s --help`.\n", command ? " " : "",
		command ? command->name : "");
	return err_exit_code(err->kind);
}

/* The command is the first word that is no option and no option's value. */
static const struct command *find_command(int argc, char **argv, int *at)
{
	for (int i = 1; i < argc; i++) {
		const struct option_spec *spec = global_option_table;
		const char *word = argv[i];

		if (word[0] != '-' || !word[1]) {
			*at = i;
			return command_find(word);
		}
		if (strcmp(word, "--") == 0)
			break;
		for (; spec->long_name; spec++) {
			bool is_long = strncmp(word, "--", 2) == 0 &&
				       strcmp(word + 2, spec->long_name) == 0;
			bool is_short = spec->short_name && word[1] == spec->short_name && !word[2];

			if ((is_long || is_short) && spec->type != OPTION_FLAG)
				i++;
		}
	}
	*at = 0;
	return NULL;
}

static int unknown_command(const char *word)
{
	struct strings names = {0};
	const char *nearest;
	struct err err;

	for (size_t i = 0; commands[i]; i++)
		strings_add(&names, commands[i]->name);
	nearest = options_nearest(word, names.item, names.count);
	if (nearest)
		err_set(&err, ERR_USAGE, "\"%s\" is not a command; did you mean \"%s\"?", word,
			nearest);
	else
		err_set(&err, ERR_USAGE, "\"%s\" is not a command", word);
	strings_clear(&names);
	return usage_error(&err, NULL);
}

static int parse(struct program *program, int argc, char **argv, struct err *err)
{
	const struct command *command = program->command;
	const struct option_spec *tables[3] = {global_option_table};
	void *targets[2] = {&program->options};

	if (command && command->options) {
		tables[1] = command->options;
		targets[1] = command->targets;
	}
	if (options_parse(argc, argv, tables, targets, &program->operands, err))
		return -1;
	return global_options_check(&program->options, err);
}

/* What needs no program around it: --help, --version. True when that was all. */
static bool answered_already(const struct program *program)
{
	if (program->options.version)
		printf(PACKAGE_STRING "\n");
	else if (program->options.help || !program->command)
		commands_print_help(program->command);
	else
		return false;
	return true;
}

static int run(struct program *program)
{
	if (program->command->needs_http && !http_available()) {
		struct err err;

		servers_run_engine(program, &err);
		log_error("%s", err.text);
		return err_exit_code(err.kind);
	}
	secrets_take_environment();
	if (program_open(program) == 0) {
		program->command->run(program);
		servers_run_stop(program);
	}
	return program_close(program);
}

/*
 * What was closed is the null device, so that no file of ours is taken for it. A closed stdout can
 * only be read from: an answer that nobody gets is an error.
 */
static void hold_standard_descriptors(void)
{
	static const int modes[] = {O_RDONLY, O_RDONLY, O_WRONLY};

	for (int fd = 0; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0)
			(void)!open("/dev/null", modes[fd]);
}

int main(int argc, char **argv)
{
	struct program program = {.argv = argv};
	struct err err;
	int at, status;

	hold_standard_descriptors();
	program.command = find_command(argc, argv, &at);
	if (at && !program.command)
		return unknown_command(argv[at]);
	if (parse(&program, argc, argv, &err)) {
		status = usage_error(&err, program.command);
	} else if (answered_already(&program)) {
		status = !program.command && !program.options.help && !program.options.version
				 ? err_exit_code(ERR_USAGE)
				 : 0;
	} else {
		/* The command's own name is the first operand. */
		program.operands.count--;
		memmove(program.operands.item, program.operands.item + 1,
			program.operands.count * sizeof(*program.operands.item));
		status = run(&program);
	}
	strings_clear(&program.operands);
	global_options_clear(&program.options);
	if (fflush(stdout))
		status = err_worst_exit_code(status, err_exit_code(ERR_RECORD));
	return status;
}
