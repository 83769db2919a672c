/* SPDX-License-Identifier: MIT */
/* One question at a time: a command that lists does not hurry. */
#include "config.h"

#include "app/query_run.h"

#include <stdlib.h>
#include <string.h>

#include "app/servers_run.h"
#include "base/json_write.h"
#include "base/log.h"
#include "base/sanitize.h"

#define LISTED_TEXT_MAX_BYTES ((size_t)64 << 10)
#define TEXT_SHOWN_BYTES      200

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

	if (count > 0)
		program->without_server = "it cannot be asked";
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
			program_set_exit(program, err_exit_code(server_failure(
							  server_pool_at(program->pool, i))));
	return 0;
}

struct server *query_run_server(struct program *program)
{
	const size_t count = program->operands.count;
	struct server *server = NULL;

	program->operands.count = 2; /* the rest names no servers */
	if (query_run_servers(program, 1) == 0 &&
	    server_get_state(server_pool_at(program->pool, 0)) == SERVER_READY)
		server = server_pool_at(program->pool, 0);
	program->operands.count = count;
	return server;
}

void query_run_fail(struct program *program, const struct err *err)
{
	if (!program_interrupted(program))
		program_fail(program, err);
}

/* Listings */

void query_append_text(struct buf *line, struct json_span text_span)
{
	char *text = json_span_text(text_span, LISTED_TEXT_MAX_BYTES);

	if (text)
		sanitize_line(text, strlen(text), TEXT_SHOWN_BYTES, line);
	free(text);
}

void query_listing_item(void *arg, struct json_span item_span)
{
	struct query_listing *listing = arg;
	struct buf line = BUF_INIT;

	if (listing->program->options.json) {
		buf_append_text(&line, listing->any ? ",\n{" : "[{");
		json_write_member(&line, "server", server_name(listing->server));
		json_write_member_json(&line, listing->member, item_span.at, item_span.len);
		buf_append_char(&line, '}');
	} else {
		buf_format(&line, "%s\t", server_name(listing->server));
		listing->append_line(listing, item_span, &line);
		buf_append_char(&line, '\n');
	}
	listing->any = true;
	output_buf(&listing->program->out, &line);
	buf_clear(&line);
}

void query_listing_end(struct query_listing *listing)
{
	if (listing->program->options.json)
		output_format(&listing->program->out, listing->any ? "]\n" : "[]\n");
}
