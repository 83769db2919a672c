/* SPDX-License-Identifier: MIT */
/* Runs statements on a guarded connection. What may run is decided in sqlite_guard. */
#include "config.h"

#include "servers/sqlite_query.h"

#include <json-c/json.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/json_write.h"
#include "base/sanitize.h"
#include "servers/mcp_tool.h"

/* An integer beyond int64 would be clamped without a word. */
static int bind_integer(sqlite3_stmt *statement, int index, const struct json_object *value,
			struct err *err)
{
	int64_t integer = json_object_get_int64(value);

	if (integer == INT64_MAX && json_object_get_uint64(value) > (uint64_t)INT64_MAX)
		return err_set(err, ERR_ARGUMENTS, "\"params\"[%d] is beyond 64 bits with a sign",
			       index - 1);
	sqlite3_bind_int64(statement, index, integer);
	return 0;
}

static int bind(sqlite3_stmt *statement, int index, const struct json_object *value,
		struct err *err)
{
	const char *text;
	size_t len;

	switch (json_object_get_type(value)) {
	case json_type_string:
		text = json_string(value, &len);
		sqlite3_bind_text64(statement, index, text, len, SQLITE_TRANSIENT, SQLITE_UTF8);
		return 0;
	case json_type_int:
		return bind_integer(statement, index, value, err);
	case json_type_double:
		sqlite3_bind_double(statement, index, json_object_get_double(value));
		return 0;
	case json_type_boolean:
		sqlite3_bind_int(statement, index, json_object_get_boolean(value));
		return 0;
	default:
		sqlite3_bind_null(statement, index);
		return 0;
	}
}

static int bind_all(sqlite3_stmt *statement, const struct json_object *params, struct err *err)
{
	int wanted = sqlite3_bind_parameter_count(statement);
	size_t given = params ? json_object_array_length(params) : 0;

	if (given != (size_t)wanted)
		return err_set(err, ERR_ARGUMENTS,
			       "the statement has %d parameters, \"params\" has %zu", wanted,
			       given);
	for (int i = 0; i < wanted; i++)
		if (bind(statement, i + 1, json_object_array_get_idx(params, (size_t)i), err))
			return -1;
	return 0;
}

/* Blanks, comments and semicolons may follow a statement, a second statement may not. */
static int refuse_more(struct guarded_db *guarded, const char *rest, struct err *err)
{
	while (*rest) {
		sqlite3_stmt *second = NULL;
		const char *next = rest;
		int status = sqlite3_prepare_v2(guarded->db, rest, -1, &second, &next);

		sqlite3_finalize(second);
		if (status || second)
			return err_set(err, ERR_ARGUMENTS, "only one statement a call");
		if (next == rest)
			break;
		rest = next;
	}
	return 0;
}

sqlite3_stmt *query_prepare(struct guarded_db *guarded, const char *sql,
			    const struct json_object *params, struct err *err)
{
	sqlite3_stmt *statement;
	const char *rest;
	int status = 0;

	guarded_db_begin(guarded);
	if (sqlite3_prepare_v2(guarded->db, sql, -1, &statement, &rest)) {
		guarded_db_error(guarded, err);
		return NULL;
	}
	if (!statement)
		status = err_set(err, ERR_ARGUMENTS, "there is no statement in it");
	else if (!guarded->writable && !sqlite3_stmt_readonly(statement))
		status = err_set(err, ERR_PERMISSION, "refused: the database is served read-only");
	if (status || refuse_more(guarded, rest, err) || bind_all(statement, params, err)) {
		sqlite3_finalize(statement);
		return NULL;
	}
	return statement;
}

/* The shortest of the two that is exact. */
static void write_double(struct buf *out, double number)
{
	char text[40];

	if (isnan(number)) {
		buf_append_text(out, "null");
	} else if (isinf(number)) {
		buf_append_text(out, number > 0 ? "\"Infinity\"" : "\"-Infinity\"");
	} else {
		snprintf(text, sizeof(text), "%.15g", number);
		if (strtod(text, NULL) != number)
			snprintf(text, sizeof(text), "%.17g", number);
		buf_append_text(out, text);
	}
}

static void write_text(struct buf *out, const char *text, size_t len)
{
	struct buf cut = BUF_INIT;

	if (len <= QUERY_TEXT_MAX_BYTES) {
		json_write_string_len(out, text, len);
		return;
	}
	buf_append(&cut, text, utf8_cut(text, QUERY_TEXT_MAX_BYTES));
	buf_format(&cut, "… [cut: the text has %zu bytes]", len);
	json_write_string_len(out, buf_text(&cut), cut.len);
	buf_clear(&cut);
}

static void write_value(struct buf *out, sqlite3_stmt *statement, int column)
{
	const char *text;

	switch (sqlite3_column_type(statement, column)) {
	case SQLITE_INTEGER:
		json_write_int(out, sqlite3_column_int64(statement, column));
		break;
	case SQLITE_FLOAT:
		write_double(out, sqlite3_column_double(statement, column));
		break;
	case SQLITE_TEXT:
		text = (const char *)sqlite3_column_text(statement, column);
		write_text(out, text ? text : "",
			   text ? (size_t)sqlite3_column_bytes(statement, column) : 0);
		break;
	case SQLITE_BLOB:
		buf_format(out, "{\"blob_bytes\":%d}", sqlite3_column_bytes(statement, column));
		break;
	default:
		buf_append_text(out, "null");
	}
}

static void write_row(struct buf *out, sqlite3_stmt *statement, enum query_rows shape)
{
	int columns = sqlite3_data_count(statement);

	buf_append_char(out, shape == QUERY_OBJECTS ? '{' : '[');
	for (int i = 0; i < columns; i++) {
		if (shape == QUERY_OBJECTS)
			json_write_key(out, sqlite3_column_name(statement, i));
		else if (i > 0)
			buf_append_char(out, ',');
		write_value(out, statement, i);
	}
	buf_append_char(out, shape == QUERY_OBJECTS ? '}' : ']');
}

/* Steps through the rows. A statement that changes something is run to its end in any case. */
static int step_all(sqlite3_stmt *statement, enum query_rows shape, int64_t rows_max,
		    struct buf *out, struct query_result *result)
{
	int status;

	while ((status = sqlite3_step(statement)) == SQLITE_ROW) {
		if (!result->cut && result->rows == rows_max)
			result->cut = "max_rows";
		if (!result->cut && out->len > MCP_REPLY_ENOUGH_BYTES)
			result->cut = "size of the reply";
		if (result->cut && result->reading)
			return SQLITE_DONE;
		if (result->cut)
			continue;
		if (result->rows++ > 0)
			buf_append_char(out, ',');
		write_row(out, statement, shape);
	}
	return status;
}

int query_run(struct guarded_db *guarded, sqlite3_stmt *statement, enum query_rows shape,
	      int64_t rows_max, struct buf *out, struct query_result *result, struct err *err)
{
	int before = sqlite3_total_changes(guarded->db);
	int status;

	*result = (struct query_result){.reading = sqlite3_stmt_readonly(statement)};
	buf_append_char(out, '[');
	status = step_all(statement, shape, rows_max, out, result);
	buf_append_char(out, ']');
	if (status != SQLITE_DONE)
		guarded_db_error(guarded, err);
	sqlite3_finalize(statement);
	/* The total counts triggers as well, the other is left over from an earlier statement. */
	if (sqlite3_total_changes(guarded->db) != before)
		result->changes = sqlite3_changes(guarded->db);
	return status == SQLITE_DONE ? 0 : -1;
}
