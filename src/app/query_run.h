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

/* The lists of several servers as one output: a line each, or with --json one array. */
struct query_listing {
	struct program *program;
	struct server *server; /* whose list comes now */
	const char *member;    /* what --json calls an item */
	/* Appends the line behind "SERVER TAB", without its newline. */
	void (*append_line)(const struct query_listing *listing, struct json_span item,
			    struct buf *line);
	bool any;
};

/* For query_run_list(), with the listing as its arg. */
void query_listing_item(void *arg, struct json_span item);
void query_listing_end(struct query_listing *listing);
/* A text of a server, in one line that is safe to show; nothing where it is no text. */
void query_append_text(struct buf *line, struct json_span text);

/*
 * Starts the servers of operands[first..] (none: all enabled ones). -1: told already, or
 * interrupted. A named one that is not ready makes the exit code 69.
 */
int query_run_servers(struct program *program, size_t first) __attribute__((warn_unused_result));

/*
 * The same for operands[1] alone, whatever the others are. NULL: told already.
 */
struct server *query_run_server(struct program *program) __attribute__((warn_unused_result));

/* Tells it, unless the run was interrupted, which is told already. */
void query_run_fail(struct program *program, const struct err *err);

#endif
