/* SPDX-License-Identifier: MIT */
/*
 * sqlite_tools: query_db, list_tables and describe_table.
 */
#ifndef CORDPAIR_SERVERS_SQLITE_TOOLS_H
#define CORDPAIR_SERVERS_SQLITE_TOOLS_H

#include "servers/mcp_tool.h"
#include "servers/sqlite_guard.h"

#define SQLITE_ROWS_MAX	      10000
#define SQLITE_ROWS_DEFAULT   200
#define SQLITE_TIMEOUT_MS     10000
#define SQLITE_TIMEOUT_MAX_MS 3600000

struct sqlite_context {
	struct guarded_db db;
	int64_t rows_max; /* of a call that does not say */
};

/* Their context is a struct sqlite_context. The tables differ in what query_db is said to do. */
extern const struct mcp_tool sqlite_reading_tools[];
extern const struct mcp_tool sqlite_writing_tools[];

#endif
