/* SPDX-License-Identifier: MIT */
/*
 * sqlite_query: one statement, its parameters, its rows as JSON.
 *
 * NULL is null, integers are exact, text is UTF-8 (what is not becomes U+FFFD) and cut at
 * QUERY_TEXT_MAX_BYTES, infinities are "Infinity" and "-Infinity", a blob is {"blob_bytes": size}.
 */
#ifndef CORDPAIR_SERVERS_SQLITE_QUERY_H
#define CORDPAIR_SERVERS_SQLITE_QUERY_H

#include <json-c/json_types.h>

#include "base/buf.h"
#include "servers/sqlite_guard.h"

#define QUERY_TEXT_MAX_BYTES ((size_t)64 << 10)
#define QUERY_PARAMS_MAX     1000

enum query_rows {
	QUERY_ARRAYS,  /* [[1,"a"],…]: columns may share a name */
	QUERY_OBJECTS, /* [{"id":1,"name":"a"},…]: for statements of our own */
};

struct query_result {
	int64_t rows;
	const char *cut; /* NULL: all rows are there; "max_rows", "size of the reply" */
	bool reading;	 /* the statement could change nothing */
	int64_t changes; /* rows that it changed */
};

/* Compiles exactly one statement and binds params (an array, or NULL for none). */
sqlite3_stmt *query_prepare(struct guarded_db *guarded, const char *sql,
			    const struct json_object *params, struct err *err);
/* Appends the array of rows and ends the statement. -1: it failed; out is to be thrown away. */
int query_run(struct guarded_db *guarded, sqlite3_stmt *statement, enum query_rows shape,
	      int64_t rows_max, struct buf *out, struct query_result *result, struct err *err)
	__attribute__((warn_unused_result));

#endif
