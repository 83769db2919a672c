/* SPDX-License-Identifier: MIT */
/* One question at a time: a command that lists does not hurry. */
#include "config.h"

#include "app/query_run.h"

#include <string.h>

#include "app/servers_run.h"
#include "base/log.h"

struct query_run {
	struct program *program;
	server_query_item_fn *on_item;
	void *arg;
	struct buf *result; /* or NULL */
	struct err err;
	bool done, failed;
};

static void item(void *arg, struct json_span span)
{
	struct query_run *run = arg;

	run->on_item(run->arg, span);
}

static void answered(void *arg, struct json_span result, const struct err *err)
{
	struct query_run *run = arg;

	run->failed = err != NULL;
	if (err)
		run->err = *err;
	else if (run->result)
		buf_append(run->result, result.at, result.len);
	program_stage_done(run->program, &run->done);
}

static int wait_for(struct query_run *run, struct server_query *query, struct err *err)
{
	if (program_wait(run->program, &run->done)) {
		server_query_cancel(&query);
		return err_set(err, ERR_TIMEOUT, "interrupted");
	}
	if (run->failed)
		*err = run->err;
	return run->failed ? -1 : 0;
}

int query_run(struct program *program, struct server *server, const char *method,
	      const char *params, struct buf *result, struct err *err)
{
	struct query_run run = {.program = program, .result = result};

	return wait_for(&run, server_query(server, method, params, answered, &run), err);
}

int query_run_list(struct program *program, struct server *server, const char *method,
		   const char *member, server_query_item_fn *on_item, void *arg, struct err *err)
{
	struct query_run run = {.program = program, .on_item = on_item, .arg = arg};

	return wait_for(&run, server_query_list(server, method, member, item, answered, &run), err);
}

int query_run_servers(struct program *program, size_t first)
{
	const size_t count = program->operands.count > first ? program->operands.count - first : 0;
	struct err err;

	if (servers_run_select(program, program->operands.item + first, count, &err)) {
		program_fail(program, &err);
		return -1;
	}
	if (server_pool_count(program->pool) == 0)
		log_notice("no server is enabled; `cordpair servers enable files` enables one");
	if (servers_run_start(program))
		return -1;
	for (size_t i = 0; count > 0 && i < server_pool_count(program->pool); i++)
		if (server_get_state(server_pool_at(program->pool, i)) != SERVER_READY)
			program_set_exit(program, err_exit_code(ERR_UNAVAILABLE));
	return 0;
}

void query_run_fail(struct program *program, const struct err *err)
{
	if (!program_interrupted(program))
		program_fail(program, err);
}
