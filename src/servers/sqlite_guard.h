/* SPDX-License-Identifier: MIT */
/*
 * sqlite_guard: a database that is opened so that SQL written by a model cannot do harm.
 *
 * Read-only unless asked otherwise, three times over: SQLITE_OPEN_READONLY, `PRAGMA query_only`,
 * and an authorizer that lets only reading through. With writing or without, no other file can be
 * reached: no ATTACH (so no VACUUM INTO either), no extensions, no temporary files, only pragmas
 * that look. Transactions are refused: each call stands for itself. Memory, lengths and time are
 * bounded.
 */
#ifndef CORDPAIR_SERVERS_SQLITE_GUARD_H
#define CORDPAIR_SERVERS_SQLITE_GUARD_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

#define SQLITE_VALUE_MAX_BYTES	(16 << 20)  /* of one value or row inside SQLite */
#define SQLITE_SQL_MAX_BYTES	(1 << 20)   /* of a statement */
#define SQLITE_HEAP_MAX_BYTES	(256 << 20) /* of all that SQLite needs */
#define SQLITE_LIKE_MAX_BYTES	1000	    /* of a LIKE or GLOB pattern */
#define SQLITE_PROGRESS_OPCODES 10000	    /* between two looks at the clock */

struct guarded_db {
	sqlite3 *db;
	bool writable;
	int64_t timeout_ms;  /* of one call, waiting for locks included */
	int64_t deadline_ms; /* of the call that runs */
	const char *refused; /* why the authorizer refused something first; NULL: it did not */
};

/* Opens an existing file. It must stay where it is: SQLite keeps its address. */
int guarded_db_open(struct guarded_db *guarded, const char *path, bool writable, int64_t timeout_ms,
		    struct err *err) __attribute__((warn_unused_result));
/* A database in memory, made by this script of our own and read-only from then on. */
int guarded_db_open_memory(struct guarded_db *guarded, const char *script, int64_t timeout_ms,
			   struct err *err) __attribute__((warn_unused_result));
void guarded_db_close(struct guarded_db *guarded);

/* A call begins: from now on its time counts. */
void guarded_db_begin(struct guarded_db *guarded);
/* What failed, for the model: the limit, the refusal, or SQLite's own message. */
void guarded_db_error(struct guarded_db *guarded, struct err *err);

#endif
