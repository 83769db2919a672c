/* SPDX-License-Identifier: MIT */
/*
 * commands: every command, its options, its help and its function, in one table.
 */
#ifndef CORDPAIR_APP_COMMANDS_H
#define CORDPAIR_APP_COMMANDS_H

#include "app/program.h"

struct command {
	const char *name;
	const char *operands;		   /* for the usage line */
	const char *summary;		   /* one line */
	const char *details;		   /* paragraphs of --help; may be NULL */
	const struct option_spec *options; /* its own; NULL: none */
	void *targets;			   /* the struct that they fill */
	bool needs_http;		   /* runs in `engine` */
	bool unattended; /* asks nobody at its own terminal, and says each state of a server */
	/* Runs to the end of its work; what it started is stopped by the caller. */
	void (*run)(struct program *program);
};

extern const struct command command_ask, command_call, command_tools, command_servers,
	command_doctor, command_demo, command_login, command_resources, command_prompts,
	command_models, command_sessions, command_daemon, command_status, command_reload,
	command_stop, command_help;

/* NULL-terminated, in the order of --help. */
extern const struct command *const commands[];
const struct command *command_find(const char *name);

/* Prints the usage, options and details of one command to stdout, or of all when NULL. */
void commands_print_help(const struct command *command);

#endif
