/* SPDX-License-Identifier: MIT */
/* What the model sees of the database: arguments in, rows out. */
#include "config.h"

#include "servers/sqlite_tools.h"

#include <json-c/json.h>

#include "base/json.h"
#include "base/json_write.h"
#include "servers/sqlite_query.h"

/* query_db */

static void write_columns(sqlite3_stmt *statement, struct buf *json)
{
	int count = sqlite3_column_count(statement);

	buf_append_text(json, "{\"columns\":[");
	for (int i = 0; i < count; i++) {
		const char *name = sqlite3_column_name(statement, i);

		if (i > 0)
			buf_append_char(json, ',');
		json_write_string(json, name ? name : "");
	}
	buf_append_char(json, ']');
}

static void query_db(void *arg, const struct json_object *arguments, struct mcp_reply *reply)
{
	struct sqlite_context *context = arg;
	struct query_result result;
	sqlite3_stmt *statement;
	struct err err;

	statement = query_prepare(&context->db, json_member_string(arguments, "sql"),
				  json_member_array(arguments, "params"), &err);
	if (!statement) {
		mcp_reply_error(reply, "query_db: %s", err.text);
		return;
	}
	write_columns(statement, &reply->json);
	json_write_key(&reply->json, "rows");
	if (query_run(&context->db, statement, QUERY_ARRAYS,
		      mcp_integer(arguments, "max_rows", context->rows_max), &reply->json, &result,
		      &err)) {
		mcp_reply_error(reply, "query_db: %s", err.text);
		return;
	}
	json_write_member_int(&reply->json, "row_count", result.rows);
	if (!result.reading)
		json_write_member_int(&reply->json, "changes", result.changes);
	json_write_member_bool(&reply->json, "complete", !result.cut);
	if (result.cut)
		json_write_member(&reply->json, "cut_by", result.cut);
	buf_append_char(&reply->json, '}');
}

/* list_tables and describe_table: statements of our own, under the same guard */

/* Appends `,"key":[rows]`. name is bound to ?1 where it is given. */
static int write_query(struct guarded_db *db, const char *key, const char *sql,
		       const struct json_object *params, struct buf *json, int64_t *rows,
		       struct err *err)
{
	sqlite3_stmt *statement = query_prepare(db, sql, params, err);
	struct query_result result;

	if (!statement)
		return -1;
	json_write_key(json, key);
	if (query_run(db, statement, QUERY_OBJECTS, SQLITE_ROWS_MAX, json, &result, err))
		return -1;
	*rows = result.rows;
	return 0;
}

static void list_tables(void *arg, const struct json_object *arguments, struct mcp_reply *reply)
{
	struct sqlite_context *context = arg;
	struct err err;
	int64_t rows;

	(void)arguments;
	buf_append_char(&reply->json, '{');
	if (write_query(&context->db, "tables",
			"SELECT name, type FROM sqlite_master WHERE type IN ('table','view') "
			"AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name",
			NULL, &reply->json, &rows, &err))
		mcp_reply_error(reply, "list_tables: %s", err.text);
	else
		buf_append_char(&reply->json, '}');
}

/* What is told of a table; the first must not be empty. */
static const struct part {
	const char *key, *sql;
} parts[] = {
	{"definition", "SELECT name, type, sql FROM sqlite_master "
		       "WHERE type IN ('table','view') AND name = ?1 COLLATE NOCASE"},
	{"columns", "SELECT name, type, \"notnull\" AS not_null, dflt_value AS default_value, "
		    "pk AS primary_key FROM pragma_table_info(?1)"},
	{"indexes", "SELECT i.name AS name, i.\"unique\" AS is_unique, "
		    "(SELECT group_concat(c.name, ', ') FROM pragma_index_info(i.name) AS c) "
		    "AS columns FROM pragma_index_list(?1) AS i ORDER BY i.name"},
	{"foreign_keys", "SELECT \"from\" AS column_name, \"table\" AS to_table, \"to\" AS "
			 "to_column FROM pragma_foreign_key_list(?1)"},
};

static int describe(struct guarded_db *db, const char *table, struct buf *json, struct err *err)
{
	struct json_object *params = json_object_new_array();
	int status = 0;

	json_object_array_add(params, json_object_new_string(table));
	buf_append_char(json, '{');
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]) && status == 0; i++) {
		int64_t rows = 0;

		status = write_query(db, parts[i].key, parts[i].sql, params, json, &rows, err);
		if (status == 0 && i == 0 && rows == 0)
			status =
				err_set(err, ERR_CONFIG, "there is no table or view \"%s\"", table);
	}
	buf_append_char(json, '}');
	json_put(&params);
	return status;
}

static void describe_table(void *arg, const struct json_object *arguments, struct mcp_reply *reply)
{
	struct sqlite_context *context = arg;
	struct err err;

	if (describe(&context->db, json_member_string(arguments, "table"), &reply->json, &err))
		mcp_reply_error(reply, "describe_table: %s", err.text);
}

/* The tables of tools. */

static const struct mcp_param query_params[] = {
	{"sql", MCP_STRING, .required = true, .min = 1,
	 .description = "one SQLite statement; write values as ? and give them in params"},
	{"params", MCP_SCALARS, .max = QUERY_PARAMS_MAX,
	 .description = "the values of the ?, in order"},
	{"max_rows", MCP_INTEGER, .min = 1, .max = SQLITE_ROWS_MAX,
	 .description = "most rows to show"},
	{0},
};

static const struct mcp_param describe_params[] = {
	{"table", MCP_STRING, .required = true, .min = 1, .description = "name of a table or view"},
	{0},
};

#define ARRAY_OF(type) "{\"type\":\"array\",\"items\":{\"type\":\"" type "\"}}"

static const char query_output[] =
	"{\"type\":\"object\",\"properties\":{\"columns\":" ARRAY_OF("string") ",\"rows\":" ARRAY_OF(
		"array") ",\"row_count\":{\"type\":\"integer\"},\"changes\":{\"type\":\"integer\"},"
			 "\"complete\":{\"type\":\"boolean\"},\"cut_by\":{\"type\":\"string\"}},"
			 "\"required\":[\"columns\",\"rows\",\"row_count\",\"complete\"]}";

static const char list_output[] = "{\"type\":\"object\",\"properties\":{\"tables\":" ARRAY_OF(
	"object") "},\"required\":[\"tables\"]}";

static const char describe_output[] =
	"{\"type\":\"object\",\"properties\":{\"definition\":" ARRAY_OF("object") ",\"columns\":" ARRAY_OF(
		"object") ",\"indexes\":" ARRAY_OF("object") ","
							     "\"foreign_keys\":" ARRAY_OF(
								     "object") "},\"required\":[\"definition\",\"columns\","
									       "\"indexes\",\"foreign_keys\"]}";

#define LIST_TOOL                                                                \
	{                                                                        \
		.name = "list_tables", .title = "List tables",                   \
		.description = "Names of the tables and views of the database.", \
		.output_schema = list_output, .fn = list_tables,                 \
	}
#define DESCRIBE_TOOL                                                                              \
	{                                                                                          \
		.name = "describe_table", .title = "Describe a table",                             \
		.description = "Columns, indexes, foreign keys and SQL of one table or view.",     \
		.params = describe_params, .output_schema = describe_output, .fn = describe_table, \
	}

const struct mcp_tool sqlite_reading_tools[] = {
	{
		.name = "query_db",
		.title = "Query the database",
		.description = "Run one SELECT (or EXPLAIN, or a PRAGMA that looks) on the SQLite "
			       "database. It cannot be changed. Blobs are shown by their size: "
			       "use hex() or substr().",
		.params = query_params,
		.output_schema = query_output,
		.fn = query_db,
	},
	LIST_TOOL,
	DESCRIBE_TOOL,
	{0},
};

const struct mcp_tool sqlite_writing_tools[] = {
	{
		.name = "query_db",
		.title = "Query or change the database",
		.description = "Run one SQL statement on the SQLite database; it may change data. "
			       "Each call is a transaction of its own, and foreign keys "
			       "are enforced. Blobs are shown by their "
			       "size: use hex() or substr().",
		.params = query_params,
		.output_schema = query_output,
		.writes = true,
		.fn = query_db,
	},
	LIST_TOOL,
	DESCRIBE_TOOL,
	{0},
};
