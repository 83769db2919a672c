/* SPDX-License-Identifier: MIT */
/*
 * query_run: a question to a server as one stage of a command.
 */
#ifndef CORDPAIR_APP_QUERY_RUN_H
#define CORDPAIR_APP_QUERY_RUN_H

#include "app/program.h"
#include "mcp/server_query.h"

/*
 * Waits for the answer and appends it to result. params: as server_query() takes them. Errors:
 * those of server_query_fn, ERR_TIMEOUT when interrupted (by a signal, told by
 * program_interrupted()).
 */
int query_run(struct program *program, struct server *server, const char *method,
	      const char *params, struct buf *result, struct err *err)
	__attribute__((warn_unused_result));
/* The same for all pages of a list; on_item gets arg. */
int query_run_list(struct program *program, struct server *server, const char *method,
		   const char *member, server_query_item_fn *on_item, void *arg, struct err *err)
	__attribute__((warn_unused_result));

/*
 * Starts the servers of operands[first..] (none: all enabled ones). -1: told already, or
 * interrupted. A named one that is not ready makes the exit code 69.
 */
int query_run_servers(struct program *program, size_t first) __attribute__((warn_unused_result));

/* Tells it, unless the run was interrupted, which is told already. */
void query_run_fail(struct program *program, const struct err *err);

#endif
