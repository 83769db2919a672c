/* SPDX-License-Identifier: MIT */
/* Nothing here decides what a server may do; see trust/policy. */
#include "config.h"

#include "app/servers_run.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/elicitation.h"
#include "agent/sampling.h"
#include "app/commands.h"
#include "base/json_write.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/paths.h"
#include "trust/secrets.h"

struct servers_dir_options servers_run_options(const struct program *program)
{
	return (struct servers_dir_options){
		.servers_dir = program->options.servers_dir,
		.servers = &program->options.servers,
	};
}

void servers_run_read(struct program *program)
{
	const struct servers_dir_options options = servers_run_options(program);

	program->dir = servers_dir_load(&options);
}

/* loud: they may be what the user has to know; else they are of files that nobody asked for. */
static void tell_faults(struct program *program, bool loud)
{
	for (size_t i = 0; i < program->dir->faults; i++) {
		const struct err *fault = &program->dir->fault[i].err;

		if (fault->kind == ERR_NONE || !loud)
			log_detail("%s", fault->text);
		else
			log_warning("%s", fault->text);
	}
}

void servers_run_load(struct program *program)
{
	servers_run_read(program);
	tell_faults(program, true);
}

int servers_run_engine(const struct program *program, struct err *err)
{
	char *engine = paths_program("engine");

	secrets_give_back_environment();
	execv(engine, program->argv);
	err_set_os(err, ERR_UNAVAILABLE, errno,
		   "cordpair's own program \"engine\" cannot be executed (%s)", engine);
	free(engine);
	return -1;
}

/* Choosing */

static const char *nearest_name(const struct servers_dir *dir, const char *name)
{
	const char **names = mem_new_array(dir->entries + 1, sizeof(*names));
	const char *nearest;

	for (size_t i = 0; i < dir->entries; i++)
		names[i] = dir->entry[i].name;
	nearest = options_nearest(name, names, dir->entries);
	free(names);
	return nearest;
}

int servers_run_unknown(const struct program *program, const char *name, struct err *err)
{
	const char *nearest = nearest_name(program->dir, name);

	if (nearest)
		return err_set(err, ERR_CONFIG,
			       "there is no server called \"%s\"; did you mean \"%s\"?", name,
			       nearest);
	return err_set(err, ERR_CONFIG,
		       "there is no server called \"%s\"; `cordpair servers` lists them", name);
}

static int cannot_use(const struct program *program, const char *name,
		      const struct server_entry *entry, struct err *err)
{
	if (entry && entry->standing == SERVER_DISABLED)
		return err_set(err, ERR_CONFIG,
			       "server \"%s\" is not enabled; `cordpair servers enable %s` enables "
			       "it",
			       name, name);
	if (entry && (!entry->reason || entry->standing == SERVER_MASKED ||
		      entry->standing == SERVER_OVERRIDDEN))
		return err_set(err, ERR_CONFIG, "server \"%s\" is %s: %s", name,
			       server_standing_name(entry->standing),
			       entry->reason ? entry->reason : "no reason is known");
	if (entry && entry->standing == SERVER_CONFLICT)
		return err_set(err, ERR_CONFIG, "%s", entry->reason);
	if (entry) /* the reason names the file */
		return err_set(err, ERR_CONFIG, "%s; server \"%s\" cannot be used", entry->reason,
			       name);
	return servers_run_unknown(program, name, err);
}

static void on_tools_changed(void *arg, struct server *server)
{
	struct program *program = arg;

	(void)server;
	if (program->toolbox)
		toolbox_mark_stale(program->toolbox);
}

static void tell_event(struct program *program, const struct server *server,
		       enum server_state state, const char *reason)
{
	struct buf *out = events_begin(program->events, "server.state");

	if (!out)
		return;
	json_write_member(out, "server", server_name(server));
	json_write_member(out, "state", server_state_name(state));
	if (*reason)
		json_write_member(out, "reason", reason);
	events_send(program->events);
}

static void tell_ready(const struct program *program, const struct server *server)
{
	char *text = mem_format("server \"%s\" is ready: %zu tools after %lld ms, MCP %s",
				server_name(server), server_tools(server)->count,
				(long long)(server_ready_after_us(server) / 1000),
				server_protocol_version(server));

	if (program->command->unattended)
		log_notice("%s", text);
	else
		log_detail("%s", text);
	free(text);
}

char *servers_run_clue_of(enum server_clue clue, const char *server)
{
	switch (clue) {
	case SERVER_CLUE_LOG:
		return mem_format(": `cordpair servers logs %s` has all that it wrote", server);
	case SERVER_CLUE_NONE:
		return mem_format(": `cordpair doctor %s` examines it", server);
	case SERVER_CLUE_REASON:
		break;
	}
	return mem_string("");
}

/* It fails the command: its only server, or one that is required from the start. */
static const char *why_needed(const struct program *program, const struct server *server)
{
	if (program->without_server)
		return program->without_server;
	return server_config(server)->required && !program->servers_settled ? "it is required"
									    : NULL;
}

static void tell_failure(struct program *program, const struct server *server, const char *reason)
{
	const char *needed = why_needed(program, server);
	char *clue = servers_run_clue_of(server_clue(server), server_name(server));
	char *text = mem_format("%s; %s%s", reason, needed ? needed : "it is left out", clue);

	if (needed)
		program_tell_error(program, text);
	else
		log_warning("%s", text);
	free(text);
	free(clue);
}

static void on_state(void *arg, struct server *server, enum server_state state, const char *reason)
{
	struct program *program = arg;

	tell_event(program, server, state, reason);
	if (server_state_is_failure(state)) {
		tell_failure(program, server, reason);
	} else if (state == SERVER_RESTARTING) {
		if (!program->without_server) /* the command's own error says it */
			log_warning("%s; it is started again", reason);
	} else if (state == SERVER_QUARANTINED) {
		log_warning("%s", reason);
	} else if (state == SERVER_READY) {
		tell_ready(program, server);
	}
	if (program->toolbox)
		toolbox_mark_stale(program->toolbox);
	if (program->hooks)
		program->hooks->on_state(program->hooks_arg, server);
}

static void on_request(void *arg, struct server *server, struct server_request *request)
{
	struct program *program = arg;

	if (program->hooks && program->hooks->take_request(program->hooks_arg, server, request))
		return;
	if (strcmp(server_request_method(request), "sampling/createMessage") == 0)
		samplings_take(program->samplings, server, request);
	else
		elicitations_take(program->elicitations, server, request);
}

static void on_request_withdrawn(void *arg, struct server *server, struct server_request *request)
{
	struct program *program = arg;

	(void)server;
	if (program->hooks)
		program->hooks->withdraw_request(program->hooks_arg, request);
	samplings_withdraw(program->samplings, request);
	elicitations_withdraw(program->elicitations, request);
}

static void on_resource_updated(void *arg, struct server *server, const char *uri)
{
	struct program *program = arg;

	if (program->on_resource_updated)
		program->on_resource_updated(program, server_name(server), uri);
}

static const struct server_listener server_listener = {
	.on_resource_updated = on_resource_updated,
	.on_request = on_request,
	.on_request_withdrawn = on_request_withdrawn,
	.on_state = on_state,
	.on_tools_changed = on_tools_changed,
};

static void need_pool(struct program *program)
{
	if (!program->pool)
		program->pool = server_pool_new(&program->mcp, &server_listener, program);
	if (program->toolbox)
		return;
	program->toolbox = toolbox_new();
	program->tools = tool_array_new(program->toolbox);
}

void servers_run_add(struct program *program, const struct server_config *config)
{
	need_pool(program);
	server_pool_add(program->pool, config);
}

static int choose(struct program *program, const struct server_entry *entry, struct err *err)
{
	if (entry->config->type != SERVER_TYPE_STDIO && !http_available())
		return servers_run_engine(program, err);
	if (!server_pool_find(program->pool, entry->name))
		server_pool_add(program->pool, entry->config);
	return 0;
}

int servers_run_select(struct program *program, const char *const names[], size_t n,
		       struct err *err)
{
	bool known = n > 0;

	if (!program->dir)
		servers_run_read(program);
	for (size_t i = 0; i < n; i++) /* the fault of a known one is the command's error */
		known = known && servers_dir_find(program->dir, names[i]);
	tell_faults(program, !known);
	need_pool(program);
	for (size_t i = 0; i < n; i++) {
		const struct server_entry *entry = servers_dir_find(program->dir, names[i]);

		if (!entry || entry->standing != SERVER_ENABLED)
			return cannot_use(program, names[i], entry, err);
		if (choose(program, entry, err))
			return -1;
	}
	for (size_t i = 0; n == 0 && i < program->dir->entries; i++) {
		const struct server_entry *entry = &program->dir->entry[i];

		if (entry->standing == SERVER_ENABLED && choose(program, entry, err))
			return -1;
	}
	return 0;
}

/* Running */

static void settled(void *arg)
{
	struct program *program = arg;

	program_stage_done(program, &program->servers_settled);
}

static int wait_for_servers(struct program *program)
{
	if (program_wait(program, &program->servers_settled))
		return -1;
	toolbox_rebuild(program->toolbox, program->pool);
	return 0;
}

int servers_run_start(struct program *program)
{
	program->servers_settled = false;
	server_pool_start(program->pool, settled, program);
	return wait_for_servers(program);
}

int servers_run_start_lazily(struct program *program)
{
	program->servers_settled = false;
	server_pool_start_lazily(program->pool, settled, program);
	return wait_for_servers(program);
}

void servers_run_set_model(struct program *program, const struct profile *profile,
			   const char *model)
{
	char *path = program->quarantine ? NULL : paths_state("refused-tools.json");
	char *provider = profile_provider(profile, model);
	enum schema_family family = profile_family(profile, model), all = family;

	for (char **other = program->settings.models; profile->own_keys && *other; other++)
		all = schema_family_of_both(all, profile_family(profile, *other));
	if (all != family) {
		free(provider);
		provider = mem_string(schema_family_name(all));
	}
	if (!program->quarantine)
		program->quarantine = quarantine_new(path);
	toolbox_set_family(program->toolbox, all);
	tool_array_set_builtins(program->tools, program->settings.resource_tools);
	toolbox_set_quarantine(program->toolbox, program->quarantine, provider);
	free(provider);
	free(path);
}

static void stopped(void *arg)
{
	struct program *program = arg;

	program_stage_done(program, &program->servers_stopped);
}

void servers_run_stop(struct program *program)
{
	if (!program->pool || server_pool_count(program->pool) == 0 || program->servers_stopped)
		return;
	server_pool_stop(program->pool, stopped, program);
	/* Not program_wait(): an interrupted run stops its servers too. */
	while (!program->impatient && !program->servers_stopped)
		loop_run(program->loop);
	if (program->impatient)
		server_pool_free(&program->pool); /* kills what is left */
}

int servers_run_check_required(struct program *program)
{
	int status = 0;

	for (size_t i = 0; i < server_pool_count(program->pool); i++) {
		const struct server *server = server_pool_at(program->pool, i);
		const enum server_state state = server_get_state(server);
		struct err err;

		if (!server_config(server)->required || state == SERVER_READY)
			continue;
		status = -1;
		program_set_exit(program, err_exit_code(ERR_UNAVAILABLE));
		if (server_state_is_failure(state))
			continue; /* it was told */
		err_set(&err, ERR_UNAVAILABLE, "server \"%s\" is %s; it is required",
			server_name(server), server_state_name(state));
		program_fail(program, &err);
	}
	return status;
}
