/* SPDX-License-Identifier: MIT */
/* The table from which parsing, --help and the completions come. */
#include "config.h"

#include "app/global_options.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "config/server_config.h"
#include "trust/policy.h"

#define AT(field) offsetof(struct global_options, field)

const struct option_spec global_option_table[] = {
	{0, "servers-dir", OPTION_TEXT, AT(servers_dir), "DIR",
	 "read servers from DIR instead of all servers.d directories"},
	{0, "server", OPTION_LIST, AT(servers), "NAME=COMMAND", "add a server for this run"},
	{0, "base-url", OPTION_TEXT, AT(base_url), "URL", "the model's endpoint"},
	{'m', "model", OPTION_TEXT, AT(model), "MODEL", "the model; \"demo\" is the stand-in"},
	{0, "json", OPTION_FLAG, AT(json), NULL, "print one JSON object (or array)"},
	{0, "events", OPTION_FLAG, AT(events), NULL, "print one JSON object for each event"},
	{'q', "quiet", OPTION_FLAG, AT(quiet), NULL, "only errors on stderr"},
	{'v', "verbose", OPTION_FLAG, AT(verbose), NULL, "details on stderr"},
	{0, "no-stream", OPTION_FLAG, AT(no_stream), NULL, "ask for the answer in one piece"},
	{0, "trace", OPTION_TEXT, AT(trace), "FILE",
	 "write every message and HTTP exchange to FILE, secrets masked"},
	{0, "timeout", OPTION_SECONDS, AT(timeout_ms), "SECONDS", "end the whole run after that"},
	{0, "no-daemon", OPTION_FLAG, AT(no_daemon), NULL, "use no warm servers"},
	{0, "no-input", OPTION_FLAG, AT(no_input), NULL,
	 "ask nobody: what needs approval is denied"},
	{0, "yes-to", OPTION_LIST, AT(yes_to), "SERVER:TOOL",
	 "allow these tools for this run (globs; never lifts a deny)"},
	{'h', "help", OPTION_FLAG, AT(help), NULL, "show this help"},
	{0, "version", OPTION_FLAG, AT(version), NULL, "show the version"},
	{0, NULL, OPTION_FLAG, 0, NULL, NULL},
};

static int check_server(const char *option, struct err *err)
{
	const char *equals = strchr(option, '=');
	char *name = mem_string_len(option, equals ? (size_t)(equals - option) : 0);
	bool good = equals && server_name_valid(name);

	free(name);
	if (good)
		return 0;
	return err_set(err, ERR_USAGE,
		       "--server: \"%.100s\" is not NAME=COMMAND (a name is up to %d letters, "
		       "digits, - and _)",
		       option, SERVER_NAME_MAX_BYTES);
}

int global_options_check(const struct global_options *options, struct err *err)
{
	for (size_t i = 0; i < options->yes_to.count; i++)
		if (policy_check_yes_to(options->yes_to.item[i], err))
			return -1;
	for (size_t i = 0; i < options->servers.count; i++)
		if (check_server(options->servers.item[i], err))
			return -1;
	if (options->json && options->events)
		return err_set(err, ERR_USAGE, "--json and --events exclude each other");
	if (options->quiet && options->verbose)
		return err_set(err, ERR_USAGE, "--quiet and --verbose exclude each other");
	return 0;
}

void global_options_clear(struct global_options *options)
{
	strings_clear(&options->servers);
	strings_clear(&options->yes_to);
}
