/* SPDX-License-Identifier: MIT */
/*
 * cordpair login: a person logs in to a remote server, whose token is then kept for every run. The
 * server is started as for a call: its own challenge says what to ask for.
 */
#include "config.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/commands.h"
#include "app/servers_run.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/paths.h"
#include "io/file.h"
#include "trust/browser_agent.h"
#include "trust/key_login.h"
#include "trust/oauth.h"
#include "trust/oauth_store.h"
#include "trust/secrets.h"

/* A person has to find a password; the server's own start comes on top. */
#define LOGIN_START_MS (2L * BROWSER_AGENT_WAIT_MS)

static struct login_options {
	const char *scope;
	bool no_browser, forget;
} login_options;

static const struct option_spec login_option_table[] = {
	{0, "scope", OPTION_TEXT, offsetof(struct login_options, scope), "SCOPES",
	 "ask for these too (separated by blanks)"},
	{0, "no-browser", OPTION_FLAG, offsetof(struct login_options, no_browser), NULL,
	 "only print the address, open no browser"},
	{0, "forget", OPTION_FLAG, offsetof(struct login_options, forget), NULL,
	 "remove the login that is kept, and end"},
	{0, NULL, OPTION_FLAG, 0, NULL, NULL},
};

struct login_run {
	struct program *program;
	bool done;
};

static void logged_in(void *arg, bool retry, const struct err *err)
{
	struct login_run *run = arg;

	(void)retry;
	if (err)
		program_fail(run->program, err);
	program_stage_done(run->program, &run->done);
}

static void forget(struct program *program, const struct server_config *config)
{
	struct err err;
	int removed = oauth_store_forget_token(program->login_dir, config, &err);

	if (removed < 0)
		program_fail(program, &err);
	else if (removed)
		log_notice("the login of server \"%s\" is forgotten", config->name);
	else
		log_notice("server \"%s\": there was no login", config->name);
}

/* A server may ask for nothing until a tool is called; then its documents say where to go. */
static void log_in_unasked(struct program *program, const struct server_config *config)
{
	struct login_run run = {.program = program};

	oauth_login(program->oauth, config, logged_in, &run);
	if (program_wait(program, &run.done))
		oauth_authorizer(program->oauth)->cancel(oauth_authorizer(program->oauth), &run);
}

static void log_in(struct program *program, const struct server *server)
{
	const struct server_config *config = server_config(server);

	oauth_expect_login(program->oauth, config, login_options.scope);
	if (servers_run_start(program))
		return;
	if (server_get_state(server) != SERVER_READY) {
		program_set_exit(program, err_exit_code(ERR_PERMISSION));
		return;
	}
	if (!oauth_logged_in(program->oauth, config))
		log_in_unasked(program, config);
	if (oauth_logged_in(program->oauth, config))
		log_notice("logged in to server \"%s\": %zu tools", config->name,
			   server_tools(server)->count);
}

/* Without a server: a key for the endpoint */

static void keep_key(struct program *program, const char *key)
{
	char *path = paths_config("key"), *line = mem_format("%s\n", key);
	struct err err;

	if (!path)
		err_set(&err, ERR_CONFIG, "there is no home directory to keep the key in");
	if (!path || file_replace(path, line, strlen(line), 0600, &err))
		program_fail(program, &err);
	else
		log_notice("the key is kept in %s; `cordpair doctor` shows its limit", path);
	explicit_bzero(line, strlen(line));
	free(line);
	free(path);
}

static void key_came(void *arg, const char *key, const struct err *err)
{
	struct login_run *run = arg;

	if (err)
		program_fail(run->program, err);
	else
		keep_key(run->program, key);
	program_stage_done(run->program, &run->done);
}

static void forget_key(struct program *program)
{
	char *path = paths_config("key");
	struct err err;

	if (path && unlink(path) == 0) {
		log_notice("the key in %s is forgotten", path);
	} else if (!path || errno == ENOENT) {
		log_notice("there was no key file");
	} else {
		err_set_os(&err, ERR_PERMISSION, errno, "%s", path);
		program_fail(program, &err);
	}
	free(path);
}

/* What goes before the file would hide it. */
static void warn_of_another(struct program *program)
{
	struct api_key key = {0};
	struct err err;

	if (secrets_api_key(program->loop, &program->settings, &key, &err) == 0 && key.text &&
	    strcmp(key.origin, "the key file") != 0)
		log_warning("%s gives a key too, and goes before the file", key.origin);
	api_key_clear(&key);
}

static void log_in_to_endpoint(struct program *program)
{
	struct login_run run = {.program = program};
	struct user_agent *agent;
	struct key_login *login;
	struct err err;

	if (!program->profile->own_keys) {
		err_set(&err, ERR_USAGE,
			"which server? cordpair login SERVER; a key by login is OpenRouter's, and "
			"the endpoint is %s",
			program->base_url);
		program_fail(program, &err);
		return;
	}
	if (login_options.forget) {
		forget_key(program);
		return;
	}
	warn_of_another(program);
	agent = browser_agent_new(program->loop, program->asker, !login_options.no_browser);
	login = key_login_start(program->loop, program->http, agent, program->base_url, key_came,
				&run, &err);
	if (login)
		(void)!program_wait(program, &run.done);
	else
		program_fail(program, &err);
	key_login_free(&login);
	browser_agent_free(&agent);
}

static int choose_server(struct program *program, struct err *err)
{
	const char *const names[] = {program->operands.count == 1 ? program->operands.item[0]
								  : NULL};
	const struct server_entry *entry;

	if (!names[0])
		return err_set(err, ERR_USAGE, "one server at a time: cordpair login SERVER");
	program->without_server = "nobody is logged in";
	if (servers_run_select(program, names, 1, err))
		return -1;
	entry = servers_dir_find(program->dir, names[0]);
	if (entry->config->type != SERVER_TYPE_HTTP)
		return err_set(err, ERR_USAGE,
			       "server \"%s\" is no remote MCP server: there is nothing to log in "
			       "to",
			       names[0]);
	if (entry->config->start_timeout_ms < LOGIN_START_MS)
		entry->config->start_timeout_ms = LOGIN_START_MS;
	return 0;
}

static void run_login(struct program *program)
{
	struct user_agent *agent;
	const struct server *server;
	struct err err;

	if (program->operands.count == 0) {
		log_in_to_endpoint(program);
		return;
	}
	if (choose_server(program, &err)) {
		program_fail(program, &err);
		return;
	}
	server = server_pool_at(program->pool, 0);
	if (login_options.forget) {
		forget(program, server_config(server));
		return;
	}
	agent = browser_agent_new(program->loop, program->asker, !login_options.no_browser);
	oauth_set_user_agent(program->oauth, agent);
	log_in(program, server);
	oauth_set_user_agent(program->oauth, NULL);
	browser_agent_free(&agent);
}

const struct command command_login = {
	.name = "login",
	.operands = "[SERVER]",
	.summary = "Log in to a remote server, or get a key of OpenRouter",
	.details =
		"Opens the browser at the server's login page (OAuth 2.1) and keeps what comes "
		"back, in\n$XDG_STATE_HOME/cordpair/oauth, for every later run. Where the browser "
		"runs on another\nmachine, paste the address at which it ends.\n"
		"Without SERVER it is OpenRouter's page, and the key goes to "
		"$XDG_CONFIG_HOME/cordpair/key.",
	.options = login_option_table,
	.targets = &login_options,
	.needs_http = true,
	.run = run_login,
};
