/* SPDX-License-Identifier: MIT */
/* cordpair doctor: servers. */
#include "config.h"

#include "app/doctor.h"

#include <stdlib.h>
#include <string.h>

#include "app/servers_run.h"
#include "mcp/server_examine.h"

static void examine_files(struct doctor *doctor)
{
	const struct servers_dir *dir = doctor->program->dir;

	for (size_t i = 0; i < dir->faults; i++)
		if (dir->fault[i].err.kind != ERR_NONE)
			doctor_tell_failure(doctor, "servers.d", &dir->fault[i].err);
}

static void describe_ready(const struct server *server, struct buf *text)
{
	const struct server_config *config = server_config(server);
	size_t tools = server_tools(server)->count;

	/* The adapter has no handshake: with tools in the file nothing was asked of the server. */
	if (config->type == SERVER_TYPE_CALL)
		buf_format(text, "%s, /call at %s",
			   config->tools_url ? "listed its tools"
					     : "not contacted: its tools are "
					       "in the file",
			   config->url);
	else
		buf_format(text, "ready after %lld ms, MCP %s (%s era)",
			   (long long)(server_ready_after_us(server) / 1000),
			   server_protocol_version(server),
			   server_get_era(server) == SERVER_ERA_MODERN ? "modern" : "legacy");
	buf_format(text, ", %zu tool%s", tools, tools == 1 ? "" : "s");
}

static void examine_server(struct doctor *doctor, const struct server *server)
{
	struct buf text = BUF_INIT;

	if (server_get_state(server) == SERVER_READY) {
		describe_ready(server, &text);
		doctor_tell(doctor, FINDING_OK, server_name(server), buf_text(&text));
	} else {
		buf_format(&text, "%s (see %s; `cordpair -v tools %s` shows more)",
			   server_reason(server), server_config(server)->file, server_name(server));
		doctor_tell(doctor, FINDING_FAIL, server_name(server), buf_text(&text));
		program_set_exit(doctor->program, err_exit_code(ERR_UNAVAILABLE));
	}
	buf_clear(&text);
}

void doctor_examine_servers(struct doctor *doctor)
{
	struct program *program = doctor->program;
	size_t count;
	struct err err;

	if (servers_run_select(program, NULL, 0, &err)) {
		doctor_tell_failure(doctor, "servers", &err);
		return;
	}
	examine_files(doctor);
	count = server_pool_count(program->pool);
	if (count == 0)
		doctor_tell(doctor, FINDING_OK, "servers",
			    "none is enabled; `cordpair servers enable files` enables one");
	if (servers_run_start(program))
		return;
	for (size_t i = 0; i < count; i++)
		examine_server(doctor, server_pool_at(program->pool, i));
}

/* One server, all of it */

struct examined {
	struct program *program;
	bool done;
};

static void examined(void *arg)
{
	struct examined *examined = arg;

	program_stage_done(examined->program, &examined->done);
}

static void question(struct doctor *doctor, struct server *server)
{
	struct examined run = {.program = doctor->program};

	if (server_get_state(server) != SERVER_READY ||
	    server_config(server)->type == SERVER_TYPE_CALL)
		return;
	server_examine(server, examined, &run);
	if (program_wait(doctor->program, &run.done))
		server_examine_cancel(server); /* interrupted: `run` ends here */
}

static void describe(struct doctor *doctor, const struct server *server)
{
	const char *name = server_name(server), *instructions = server_instructions(server);
	struct buf text = BUF_INIT;

	if (server_implementation(server)) {
		buf_format(&text, "it calls itself %s", server_implementation(server));
		doctor_tell(doctor, FINDING_OK, name, buf_text(&text));
		buf_truncate(&text, 0);
	}
	if (server_capabilities(server)) {
		buf_format(&text, "it declares %s", server_capabilities(server));
		doctor_tell(doctor, FINDING_OK, name, buf_text(&text));
		buf_truncate(&text, 0);
	}
	if (instructions) {
		buf_format(&text, "its instructions have %zu bytes", strlen(instructions));
		doctor_tell(doctor, FINDING_OK, name, buf_text(&text));
	}
	buf_clear(&text);
}

static void tell_deviations(struct doctor *doctor, struct server *server)
{
	const struct deviation_list *list = server_deviations(server);
	struct buf text = BUF_INIT;

	for (size_t i = 0; i < list->count; i++) {
		const struct deviation *item = &list->item[i];
		const bool must = deviation_rule_must(item->rule);

		buf_truncate(&text, 0);
		buf_format(&text, "%s%s", must ? "MUST" : "SHOULD", ": ");
		buf_format(&text, "%s: %s", deviation_rule_text(item->rule), item->what);
		if (item->times > 1)
			buf_format(&text, " (%u times)", item->times);
		doctor_tell(doctor, must ? FINDING_FAIL : FINDING_NOTE, server_name(server),
			    buf_text(&text));
		if (must)
			program_set_exit(doctor->program, err_exit_code(ERR_PROTOCOL));
	}
	if (list->count == 0 && *server_protocol_version(server)) {
		buf_format(&text, "no deviation from MCP %s was noticed",
			   server_protocol_version(server));
		doctor_tell(doctor, FINDING_OK, server_name(server), buf_text(&text));
	}
	buf_clear(&text);
}

void doctor_examine_named(struct doctor *doctor)
{
	struct program *program = doctor->program;
	struct err err;

	if (servers_run_select(program, program->operands.item, program->operands.count, &err)) {
		doctor_tell_failure(doctor, "servers", &err);
		return;
	}
	if (servers_run_start(program))
		return;
	for (size_t i = 0; i < server_pool_count(program->pool); i++)
		examine_server(doctor, server_pool_at(program->pool, i));
	for (size_t i = 0; i < server_pool_count(program->pool); i++)
		question(doctor, server_pool_at(program->pool, i));
	servers_run_stop(program); /* how it ends is worth a word too */
	for (size_t i = 0; program->pool && i < server_pool_count(program->pool); i++) {
		describe(doctor, server_pool_at(program->pool, i));
		tell_deviations(doctor, server_pool_at(program->pool, i));
	}
}
