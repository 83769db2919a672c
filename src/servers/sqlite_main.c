/* SPDX-License-Identifier: MIT */
/*
 * cordpair-sqlite: an MCP server that answers queries to one SQLite database, read-only unless
 * --write is given. The command line and the life of the process.
 */
#include "config.h"

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <unistd.h>

#include "base/options.h"
#include "servers/mcp_stdio.h"
#include "servers/sqlite_tools.h"

#define PROGRAM "cordpair-sqlite"

struct command {
	bool write, sample, help, version;
	long rows;
	long timeout_ms;
};

static const struct option_spec option_table[] = {
	{'w', "write", OPTION_FLAG, offsetof(struct command, write), NULL,
	 "allow statements that change the database"},
	{0, "sample", OPTION_FLAG, offsetof(struct command, sample), NULL,
	 "serve a small database of products and orders instead of a file"},
	{0, "max-rows", OPTION_COUNT, offsetof(struct command, rows), "N",
	 "rows of a call that does not say (default 200)"},
	{0, "timeout", OPTION_SECONDS, offsetof(struct command, timeout_ms), "S",
	 "seconds that a statement may take (default 10)"},
	{'h', "help", OPTION_FLAG, offsetof(struct command, help), NULL, "show this help"},
	{'V', "version", OPTION_FLAG, offsetof(struct command, version), NULL, "show the version"},
	{0},
};

/* What `cordpair demo` queries. */
static const char sample_script[] =
	"CREATE TABLE products (id INTEGER PRIMARY KEY, name TEXT NOT NULL, price REAL NOT NULL);"
	"CREATE TABLE orders (id INTEGER PRIMARY KEY, product_id INTEGER NOT NULL REFERENCES products,"
	" quantity INTEGER NOT NULL, day TEXT NOT NULL);"
	"INSERT INTO products (name, price) VALUES ('patch cord', 4.5), ('jack panel', 120),"
	" ('headset', 39.9), ('lamp', 1.25);"
	"INSERT INTO orders (product_id, quantity, day) VALUES (1, 12, '2026-11-02'),"
	" (3, 2, '2026-11-03'), (1, 30, '2026-11-05'), (4, 100, '2026-11-09');";

static void print_help(void)
{
	printf("Usage: " PROGRAM " [OPTION]... DATABASE\n"
	       "       " PROGRAM " [OPTION]... --sample\n"
	       "MCP server on stdin and stdout: answers queries to the SQLite file DATABASE, which\n"
	       "must exist. No other file can be reached, and nothing is changed without --write.\n"
	       "\n");
	options_print(option_table);
}

static int check(const struct command *command, const struct strings *operands, struct err *err)
{
	if (command->sample && (command->write || operands->count > 0))
		return err_set(err, ERR_USAGE, "--sample takes neither --write nor a DATABASE");
	if (!command->sample && operands->count != 1)
		return err_set(err, ERR_USAGE,
			       operands->count == 0 ? "DATABASE is missing; see --help"
						    : "only one DATABASE can be given");
	if (command->rows < 1 || command->rows > SQLITE_ROWS_MAX)
		return err_set(err, ERR_USAGE, "--max-rows: it must be from 1 to %d",
			       SQLITE_ROWS_MAX);
	if (command->timeout_ms < 1 || command->timeout_ms > SQLITE_TIMEOUT_MAX_MS)
		return err_set(err, ERR_USAGE, "--timeout: it must be at most %d seconds",
			       SQLITE_TIMEOUT_MAX_MS / 1000);
	return 0;
}

static int open_database(const struct command *command, const struct strings *operands,
			 struct guarded_db *db, struct err *err)
{
	if (command->sample)
		return guarded_db_open_memory(db, sample_script, command->timeout_ms, err);
	return guarded_db_open(db, operands->item[0], command->write, command->timeout_ms, err);
}

static int serve(const struct command *command, const struct strings *operands, struct err *err)
{
	struct sqlite_context context = {.rows_max = command->rows};
	const struct mcp_server server = {
		.name = PROGRAM,
		.title = "SQLite",
		.version = PACKAGE_VERSION,
		.instructions = "One SQLite database. list_tables and describe_table show what is "
				"in it; query_db runs SQL.",
		.tools = command->write ? sqlite_writing_tools : sqlite_reading_tools,
		.context = &context,
	};
	int status;

	if (check(command, operands, err) || open_database(command, operands, &context.db, err))
		return -1;
	status = mcp_serve(&server, STDIN_FILENO, STDOUT_FILENO, err);
	guarded_db_close(&context.db);
	return status;
}

int main(int argc, char **argv)
{
	const struct option_spec *const tables[] = {option_table, NULL};
	struct command command = {.rows = SQLITE_ROWS_DEFAULT, .timeout_ms = SQLITE_TIMEOUT_MS};
	void *const targets[] = {&command};
	struct strings operands = {0};
	struct err err;
	int status;

	signal(SIGPIPE, SIG_IGN);
	status = options_parse(argc, argv, tables, targets, &operands, &err);
	if (status == 0 && command.help)
		print_help();
	else if (status == 0 && command.version)
		printf(PROGRAM " " PACKAGE_VERSION "\n");
	else if (status == 0)
		status = serve(&command, &operands, &err);
	if (status)
		fprintf(stderr, PROGRAM ": %s\n", err.text);
	strings_clear(&operands);
	return status ? err_exit_code(err.kind) : 0;
}
