/* SPDX-License-Identifier: MIT */
/* Opens, restricts and bounds the connection. Runs no statement of the model's. */
#include "config.h"

#include "servers/sqlite_guard.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "servers/mcp_tool.h"

#define BUSY_SLEEP_US 10000

/* Actions that only read; whatever is not here changes something or reaches further. */
static const int reading[] = {SQLITE_SELECT, SQLITE_READ, SQLITE_RECURSIVE};

/* Actions that change this database; ATTACH, DETACH, transactions and savepoints are not here. */
static const int writing[] = {
	SQLITE_INSERT,	   SQLITE_UPDATE,	SQLITE_DELETE,	       SQLITE_CREATE_TABLE,
	SQLITE_DROP_TABLE, SQLITE_CREATE_INDEX, SQLITE_DROP_INDEX,     SQLITE_CREATE_VIEW,
	SQLITE_DROP_VIEW,  SQLITE_ALTER_TABLE,	SQLITE_CREATE_TRIGGER, SQLITE_DROP_TRIGGER,
	SQLITE_REINDEX,	   SQLITE_ANALYZE,
};

/* Pragmas that look at something. Those that are set by a value are let through without one. */
static const struct pragma {
	const char *name;
	bool takes_name; /* its argument is the name of what to look at */
} pragmas[] = {
	{"collation_list", false},  {"compile_options", false}, {"data_version", false},
	{"database_list", false},   {"encoding", false},	{"foreign_key_check", true},
	{"foreign_key_list", true}, {"freelist_count", false},	{"function_list", false},
	{"index_info", true},	    {"index_list", true},	{"index_xinfo", true},
	{"integrity_check", true},  {"page_count", false},	{"page_size", false},
	{"quick_check", true},	    {"schema_version", false},	{"table_info", true},
	{"table_list", true},	    {"table_xinfo", true},	{"user_version", false},
};

/* Functions that reach out of the database; some are there only in unusual builds. */
static const char *const refused_functions[] = {
	"edit", "fts3_tokenizer", "load_extension", "readfile", "writefile",
};

static bool one_of(int action, const int actions[], size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (actions[i] == action)
			return true;
	return false;
}

static bool pragma_allowed(const char *name, const char *argument)
{
	for (size_t i = 0; i < sizeof(pragmas) / sizeof(pragmas[0]); i++)
		if (sqlite3_stricmp(pragmas[i].name, name) == 0)
			return !argument || pragmas[i].takes_name;
	return false;
}

static bool function_allowed(const char *name)
{
	for (size_t i = 0; i < sizeof(refused_functions) / sizeof(refused_functions[0]); i++)
		if (sqlite3_stricmp(refused_functions[i], name) == 0)
			return false;
	return true;
}

static const char *refusal(int action, bool writable)
{
	switch (action) {
	case SQLITE_ATTACH:
	case SQLITE_DETACH:
		return "ATTACH, DETACH and VACUUM are not allowed";
	case SQLITE_TRANSACTION:
	case SQLITE_SAVEPOINT:
		return "transactions are not allowed: each call is one";
	case SQLITE_PRAGMA:
		return "this pragma is not allowed";
	case SQLITE_FUNCTION:
		return "this function is not allowed";
	case SQLITE_CREATE_VTABLE:
	case SQLITE_DROP_VTABLE:
		return "virtual tables cannot be created or dropped";
	default:
		return writable ? "this kind of statement is not allowed"
				: "the database is served read-only";
	}
}

/*
 * SQLite asks for this when it declares the table of pragma_table_info() and the like. A statement
 * that really updates the schema table is refused by SQLite itself ("may not be modified").
 */
static bool declares_table(int action, const char *table)
{
	return action == SQLITE_UPDATE && sqlite3_stricmp(table, "sqlite_master") == 0;
}

static int authorize(void *arg, int action, const char *first, const char *second,
		     const char *database, const char *trigger)
{
	struct guarded_db *guarded = arg;
	bool allowed;

	(void)database;
	(void)trigger;
	if (action == SQLITE_PRAGMA)
		allowed = pragma_allowed(first, second);
	else if (action == SQLITE_FUNCTION)
		allowed = function_allowed(second);
	else
		allowed = one_of(action, reading, sizeof(reading) / sizeof(reading[0])) ||
			  declares_table(action, first) ||
			  (guarded->writable &&
			   one_of(action, writing, sizeof(writing) / sizeof(writing[0])));
	if (allowed)
		return SQLITE_OK;
	if (!guarded->refused)
		guarded->refused = refusal(action, guarded->writable);
	return SQLITE_DENY;
}

static int on_progress(void *arg)
{
	const struct guarded_db *guarded = arg;

	return mcp_clock_ms() >= guarded->deadline_ms;
}

/* SQLite's own busy timeout would not know how much of the call's time is left. */
static int on_busy(void *arg, int tries)
{
	const struct guarded_db *guarded = arg;

	(void)tries;
	if (mcp_clock_ms() >= guarded->deadline_ms)
		return 0;
	usleep(BUSY_SLEEP_US);
	return 1;
}

static void set_limits(sqlite3 *db)
{
	sqlite3_limit(db, SQLITE_LIMIT_LENGTH, SQLITE_VALUE_MAX_BYTES);
	sqlite3_limit(db, SQLITE_LIMIT_SQL_LENGTH, SQLITE_SQL_MAX_BYTES);
	sqlite3_limit(db, SQLITE_LIMIT_LIKE_PATTERN_LENGTH, SQLITE_LIKE_MAX_BYTES);
	sqlite3_limit(db, SQLITE_LIMIT_ATTACHED, 0);
	sqlite3_limit(db, SQLITE_LIMIT_WORKER_THREADS, 0);
#if SQLITE_VERSION_NUMBER >= 3031000
	sqlite3_hard_heap_limit64(SQLITE_HEAP_MAX_BYTES);
#endif
}

static int restrict_db(struct guarded_db *guarded)
{
	sqlite3 *db = guarded->db;
	const char *setup = guarded->writable ? "PRAGMA temp_store=MEMORY; PRAGMA foreign_keys=ON"
					      : "PRAGMA temp_store=MEMORY; PRAGMA query_only=ON";

	sqlite3_extended_result_codes(db, 1);
	set_limits(db);
	sqlite3_busy_handler(db, on_busy, guarded);
	sqlite3_progress_handler(db, SQLITE_PROGRESS_OPCODES, on_progress, guarded);
#ifdef SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION
	sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0, NULL);
#endif
#ifdef SQLITE_DBCONFIG_DEFENSIVE
	sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
#endif
#ifdef SQLITE_DBCONFIG_TRUSTED_SCHEMA
	sqlite3_db_config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
#endif
	guarded_db_begin(guarded);
	if (sqlite3_exec(db, setup, NULL, NULL, NULL) ||
	    sqlite3_set_authorizer(db, authorize, guarded))
		return -1;
	/* The first look at the file: is it a database at all? A lock is not a reason to give up.
	 */
	sqlite3_exec(db, "SELECT 1 FROM sqlite_master", NULL, NULL, NULL);
	switch (sqlite3_errcode(db) & 0xff) {
	case SQLITE_OK:
	case SQLITE_DONE:
	case SQLITE_ROW:
	case SQLITE_BUSY:
	case SQLITE_INTERRUPT:
		return 0;
	default:
		return -1;
	}
}

/* An absolute path is a path: not ":memory:", not "file:x?mode=rwc". A FIFO would block. */
static char *regular_file(const char *path, struct err *err)
{
	char *real = realpath(path, NULL);
	struct stat stat_of;

	if (!real) {
		err_set_os(err, ERR_CONFIG, errno, "%s", path);
		return NULL;
	}
	if (stat(real, &stat_of) == 0 && S_ISREG(stat_of.st_mode))
		return real;
	err_set(err, ERR_CONFIG, "%s: not a regular file", path);
	free(real);
	return NULL;
}

int guarded_db_open(struct guarded_db *guarded, const char *path, bool writable, int64_t timeout_ms,
		    struct err *err)
{
	int flags = writable ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY;
	char *real = regular_file(path, err);
	int status;

	*guarded = (struct guarded_db){.writable = writable, .timeout_ms = timeout_ms};
	if (!real)
		return -1;
	status = sqlite3_open_v2(real, &guarded->db, flags, NULL);
	free(real);
	if (status == SQLITE_OK && restrict_db(guarded) == 0)
		return 0;
	err_set(err, ERR_CONFIG, "%s: %s", path,
		guarded->db ? sqlite3_errmsg(guarded->db) : "no memory");
	guarded_db_close(guarded);
	return -1;
}

int guarded_db_open_memory(struct guarded_db *guarded, const char *script, int64_t timeout_ms,
			   struct err *err)
{
	*guarded = (struct guarded_db){.timeout_ms = timeout_ms};
	if (sqlite3_open_v2(":memory:", &guarded->db, SQLITE_OPEN_READWRITE, NULL) == SQLITE_OK &&
	    sqlite3_exec(guarded->db, script, NULL, NULL, NULL) == SQLITE_OK &&
	    restrict_db(guarded) == 0)
		return 0;
	err_set(err, ERR_INTERNAL, "the sample database: %s",
		guarded->db ? sqlite3_errmsg(guarded->db) : "no memory");
	guarded_db_close(guarded);
	return -1;
}

void guarded_db_close(struct guarded_db *guarded)
{
	sqlite3_close(guarded->db);
	guarded->db = NULL;
}

void guarded_db_begin(struct guarded_db *guarded)
{
	guarded->deadline_ms = mcp_clock_ms() + guarded->timeout_ms;
	guarded->refused = NULL;
}

void guarded_db_error(struct guarded_db *guarded, struct err *err)
{
	int code = sqlite3_errcode(guarded->db) & 0xff;

	if (code == SQLITE_INTERRUPT)
		err_set(err, ERR_TIMEOUT, "the statement was ended after %g s (--timeout)",
			(double)guarded->timeout_ms / 1000);
	else if (code == SQLITE_AUTH && guarded->refused)
		err_set(err, ERR_PERMISSION, "refused: %s", guarded->refused);
	else
		err_set(err, ERR_CONFIG, "%s", sqlite3_errmsg(guarded->db));
}
