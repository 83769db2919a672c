/* SPDX-License-Identifier: MIT */
/*
 * Two levels only: a value, and the lists in its members. What lies deeper stays JSON. A table is a
 * list of objects, or `rows` beside the names of their `columns` as databases answer.
 */
#include "config.h"

#include "demo/demo_result.h"

#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/json_write.h"
#include "base/sanitize.h"

#define GAP_CELLS 2 /* between columns */

/* Texts and cells */

static void write_more(struct buf *out, const char *indent, size_t left, const char *what)
{
	if (left > 0)
		buf_format(out, "%s… and %zu more %s\n", indent, left, what);
}

static void write_lines(const char *text, size_t len, struct buf *out)
{
	const char *end = text + len;
	size_t lines = 0, left = 0;

	while (text < end) {
		const char *newline = memchr(text, '\n', (size_t)(end - text));
		size_t line = (size_t)((newline ? newline : end) - text);

		if (lines++ < DEMO_RESULT_LINES_MAX) {
			buf_append_text(out, "  ");
			sanitize_line(text, line, DEMO_LINE_MAX_BYTES, out);
			buf_append_char(out, '\n');
		} else {
			left++;
		}
		text += line + (newline != NULL);
	}
	write_more(out, "  ", left, "lines");
}

/* A string without its quotes, anything else as JSON; one line. */
static void write_cell(const struct json_object *value, size_t max_bytes, struct buf *out)
{
	size_t len;
	const char *text = json_string(value, &len);
	struct buf json = BUF_INIT;

	if (text) {
		sanitize_line(text, len, max_bytes, out);
		return;
	}
	json_print(value, &json);
	sanitize_line(buf_text(&json), json.len, max_bytes, out);
	buf_clear(&json);
}

static size_t cells_of(const char *text, size_t len)
{
	size_t cells = 0, used;
	uint32_t rune;

	for (; len > 0; text += used, len -= used, cells++) {
		used = utf8_decode(text, len, &rune);
		used = used ? used : 1;
	}
	return cells;
}

/* Tables */

struct table {
	const char *column[DEMO_RESULT_COLUMNS_MAX]; /* borrowed */
	size_t columns;
	const struct json_object *rows; /* a list of objects or of lists */
};

static void add_column(struct table *table, const char *name)
{
	for (size_t i = 0; i < table->columns; i++)
		if (strcmp(table->column[i], name) == 0)
			return;
	if (table->columns < DEMO_RESULT_COLUMNS_MAX)
		table->column[table->columns++] = name;
}

static size_t rows_shown(const struct table *table)
{
	size_t rows = json_object_array_length(table->rows);

	return rows < DEMO_RESULT_LINES_MAX ? rows : DEMO_RESULT_LINES_MAX;
}

static bool table_of_objects(struct table *table, const struct json_object *list)
{
	*table = (struct table){.rows = list};
	for (size_t i = 0; list && i < rows_shown(table); i++) {
		struct json_object *row = json_object_array_get_idx(list, i);
		struct json_object_iterator at, end;

		if (!json_is_object(row))
			return false;
		end = json_object_iter_end(row);
		for (at = json_object_iter_begin(row); !json_object_iter_equal(&at, &end);
		     json_object_iter_next(&at))
			add_column(table, json_object_iter_peek_name(&at));
	}
	return table->columns > 0;
}

static bool table_of_rows(struct table *table, const struct json_object *object)
{
	const struct json_object *names = json_member_array(object, "columns");

	*table = (struct table){.rows = json_member_array(object, "rows")};
	for (size_t i = 0; names && i < json_object_array_length(names); i++) {
		const char *name = json_string(json_object_array_get_idx(names, i), NULL);

		if (!name)
			return false;
		if (i < DEMO_RESULT_COLUMNS_MAX)
			table->column[table->columns++] = name;
	}
	for (size_t i = 0; table->rows && i < rows_shown(table); i++)
		if (!json_is_array(json_object_array_get_idx(table->rows, i)))
			return false;
	return table->rows && table->columns > 0;
}

/* row 0 is the heading. */
static void table_cell(const struct table *table, size_t row, size_t column, struct buf *out)
{
	const char *name = table->column[column];
	const struct json_object *cells, *value;

	if (row == 0) {
		sanitize_line(name, strlen(name), DEMO_CELL_MAX_BYTES, out);
		return;
	}
	cells = json_object_array_get_idx(table->rows, row - 1);
	value = json_is_array(cells) ? json_object_array_get_idx(cells, column)
				     : json_member(cells, name);
	if (value)
		write_cell(value, DEMO_CELL_MAX_BYTES, out);
}

static size_t table_width(const struct table *table, size_t column)
{
	size_t width = 0;

	for (size_t row = 0; row <= rows_shown(table); row++) {
		struct buf cell = BUF_INIT;
		size_t cells;

		table_cell(table, row, column, &cell);
		cells = cells_of(buf_text(&cell), cell.len);
		width = cells > width ? cells : width;
		buf_clear(&cell);
	}
	return width;
}

static void table_write(const struct table *table, const char *indent, struct buf *out)
{
	size_t width[DEMO_RESULT_COLUMNS_MAX] = {0};

	for (size_t i = 0; i < table->columns; i++)
		width[i] = table_width(table, i);
	for (size_t row = 0; row <= rows_shown(table); row++) {
		size_t line, at;

		buf_append_text(out, indent);
		line = out->len;
		for (size_t i = 0, goal = 0; i < table->columns; goal += width[i++] + GAP_CELLS) {
			for (at = cells_of(out->data + line, out->len - line); at < goal; at++)
				buf_append_char(out, ' ');
			table_cell(table, row, i, out);
		}
		while (out->len > line && out->data[out->len - 1] == ' ')
			buf_truncate(out, out->len - 1);
		buf_append_char(out, '\n');
	}
	write_more(out, indent, json_object_array_length(table->rows) - rows_shown(table), "rows");
}

/* Values */

static bool is_scalar(const struct json_object *value)
{
	return !json_is_object(value) && !json_is_array(value);
}

static bool is_list_of_scalars(const struct json_object *value)
{
	if (!json_is_array(value) || json_object_array_length(value) == 0)
		return false;
	for (size_t i = 0; i < json_object_array_length(value); i++)
		if (!is_scalar(json_object_array_get_idx(value, i)))
			return false;
	return true;
}

static void write_list(const struct json_object *list, struct buf *out)
{
	size_t count = json_object_array_length(list), i;

	for (i = 0; i < count && i < DEMO_RESULT_LINES_MAX; i++) {
		if (i > 0)
			buf_append_text(out, ", ");
		write_cell(json_object_array_get_idx(list, i), DEMO_CELL_MAX_BYTES, out);
	}
	if (i < count)
		buf_format(out, " … and %zu more", count - i);
}

/* The rest of a line. */
static void write_plain(const struct json_object *value, struct buf *out)
{
	if (is_list_of_scalars(value))
		write_list(value, out);
	else
		write_cell(value, DEMO_LINE_MAX_BYTES, out);
	buf_append_char(out, '\n');
}

static void write_member(const char *name, const struct json_object *value, struct buf *out)
{
	struct table table;

	buf_append_text(out, "  ");
	sanitize_line(name, strlen(name), DEMO_CELL_MAX_BYTES, out);
	if (json_is_array(value) && json_object_array_length(value) == 0) {
		buf_append_text(out, ": none\n");
	} else if (json_is_array(value) && table_of_objects(&table, value)) {
		buf_append_text(out, ":\n");
		table_write(&table, "    ", out);
	} else {
		buf_append_text(out, ": ");
		write_plain(value, out);
	}
}

static void write_object(struct json_object *object, struct buf *out)
{
	struct json_object_iterator at = json_object_iter_begin(object),
				    end = json_object_iter_end(object);
	struct table table;
	bool has_rows = table_of_rows(&table, object);
	size_t members = 0;

	if (has_rows)
		table_write(&table, "  ", out);
	for (; !json_object_iter_equal(&at, &end); json_object_iter_next(&at)) {
		const char *name = json_object_iter_peek_name(&at);

		if (has_rows && (strcmp(name, "rows") == 0 || strcmp(name, "columns") == 0))
			continue;
		if (members++ < DEMO_RESULT_LINES_MAX)
			write_member(name, json_object_iter_peek_value(&at), out);
	}
	if (members > DEMO_RESULT_LINES_MAX)
		write_more(out, "  ", members - DEMO_RESULT_LINES_MAX, "members");
}

void demo_result_write(const char *text, size_t len, struct buf *out)
{
	struct json_object *value = NULL;
	struct table table;
	struct err err;

	if (json_parse(text, len, &json_limits_default, &value, &err) || is_scalar(value)) {
		write_lines(text, len, out);
	} else if (json_is_object(value)) {
		write_object(value, out);
	} else if (table_of_objects(&table, value)) {
		table_write(&table, "  ", out);
	} else {
		buf_append_text(out, "  ");
		write_plain(value, out);
	}
	json_put(&value);
}
