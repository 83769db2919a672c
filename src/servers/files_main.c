/* SPDX-License-Identifier: MIT */
/*
 * cordpair-files: an MCP server that lists, reads and searches files below given folders. It never
 * writes. The command line and the life of the process; the tools are in files_tools.
 */
#include "config.h"

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <unistd.h>

#include "base/options.h"
#include "servers/files_root.h"
#include "servers/files_tools.h"
#include "servers/mcp_stdio.h"

#define PROGRAM "cordpair-files"

struct command {
	bool help, version;
};

static const struct option_spec option_table[] = {
	{'h', "help", OPTION_FLAG, offsetof(struct command, help), NULL, "show this help"},
	{'V', "version", OPTION_FLAG, offsetof(struct command, version), NULL, "show the version"},
	{0},
};

static void print_help(void)
{
	printf("Usage: " PROGRAM " [OPTION]... [FOLDER]...\n"
	       "MCP server on stdin and stdout: lists, reads and searches the files below each\n"
	       "FOLDER (default: the current one). Nothing outside can be reached, and nothing is\n"
	       "written.\n\n");
	options_print(option_table);
}

static int serve(const struct strings *folders, struct err *err)
{
	struct file_roots roots;
	struct mcp_server server = {
		.name = PROGRAM,
		.title = "Files",
		.version = PACKAGE_VERSION,
		.tools = files_tools,
		.context = &roots,
	};
	int status;

	if (file_roots_open(&roots, folders, err))
		return -1;
	server.instructions =
		roots.count == 1
			? "Reads files below one folder. Paths are relative to it, for example "
			  "\"src/main.c\"; \".\" is the folder itself."
			: "Reads files below several folders. A path begins with the folder's name, "
			  "for example \"docs/index.md\"; list_files without a path names them.";
	status = mcp_serve(&server, STDIN_FILENO, STDOUT_FILENO, err);
	file_roots_close(&roots);
	return status;
}

int main(int argc, char **argv)
{
	const struct option_spec *const tables[] = {option_table, NULL};
	struct command command = {0};
	void *const targets[] = {&command};
	struct strings folders = {0};
	struct err err;
	int status;

	signal(SIGPIPE, SIG_IGN);
	status = options_parse(argc, argv, tables, targets, &folders, &err);
	if (status == 0 && command.help)
		print_help();
	else if (status == 0 && command.version)
		printf(PROGRAM " " PACKAGE_VERSION "\n");
	else if (status == 0)
		status = serve(&folders, &err);
	if (status)
		fprintf(stderr, PROGRAM ": %s\n", err.text);
	strings_clear(&folders);
	return status ? err_exit_code(err.kind) : 0;
}
