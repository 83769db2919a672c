/* SPDX-License-Identifier: MIT */
/* Reads tools/list pages by spans: a definition is kept as text, as its server wrote it. */
#include "config.h"

#include "mcp/tool.h"

#include <stdlib.h>
#include <string.h>

#include "base/json_schema.h"
#include "base/json_write.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/name_tree.h"

#define TOOL_TEXT_MAX_BYTES ((size_t)256 << 10) /* of a title or description */
#define CURSOR_MAX_BYTES    ((size_t)64 << 10)

#define READ_ONLY	    "{\"readOnlyHint\":true}"
#define TASK_REQUIRED	    "{\"taskSupport\":\"required\"}"
#define HIDDEN		    "{\"ui\":{\"visibility\":[\"app\"]}}"

static char *text_of(struct json_span span, size_t max_bytes)
{
	struct buf text;

	if (json_span_kind(span) != JSON_STRING)
		return NULL;
	buf_init(&text, max_bytes);
	if (json_span_unescape(span, &text)) {
		buf_clear(&text);
		return NULL;
	}
	return buf_take(&text);
}

/* A name goes back to its server: one that C would cut at a NUL would name another tool. */
static char *name_of(struct json_span span)
{
	struct buf text;

	buf_init(&text, TOOL_NAME_MAX_BYTES);
	if (json_span_kind(span) == JSON_STRING && json_span_unescape(span, &text) == 0 &&
	    text.len > 0 && !memchr(text.data, '\0', text.len))
		return buf_take(&text);
	buf_clear(&text);
	return NULL;
}

static char *compact(struct json_span span)
{
	struct buf text;

	buf_init(&text, TOOL_DEFINITION_MAX_BYTES);
	if (json_write_compact(&text, span.at, span.len)) {
		buf_clear(&text);
		return NULL;
	}
	return buf_take(&text);
}

static bool visible_to_model(struct json_span meta)
{
	struct json_span ui = json_span_member(meta, "ui");
	struct json_span visibility = json_span_member(ui, "visibility"), item = {NULL, 0};

	if (json_span_kind(visibility) != JSON_ARRAY)
		return true;
	while (json_span_next(visibility, &item))
		if (json_span_equals(item, "model"))
			return true;
	return false;
}

static void tool_clear(struct tool *tool)
{
	free(tool->name);
	free(tool->title);
	free(tool->description);
	free(tool->input_schema);
	free(tool->output_schema);
	tool_headers_clear(&tool->headers);
	*tool = (struct tool){0};
}

enum { NAME, TITLE, DESCRIPTION, INPUT, OUTPUT, ANNOTATIONS, EXECUTION, META, MEMBERS };

static const char *const member_names[MEMBERS] = {
	"name",		"title",       "description", "inputSchema",
	"outputSchema", "annotations", "execution",   "_meta",
};

/* NULL, or what makes the tool unusable. */
static const char *read_tool(struct json_span span, struct tool *tool)
{
	struct json_span member[MEMBERS];
	enum json_kind input;

	if (!json_span_members(span, member_names, member, MEMBERS))
		return "it is not an object";
	tool->name = name_of(member[NAME]);
	if (!tool->name)
		return "its name is missing, no text, has a NUL, or is longer than 128 bytes";
	input = json_span_kind(member[INPUT]);
	if (input != JSON_OBJECT && input != JSON_ABSENT && input != JSON_NULL)
		return "its inputSchema is not an object";
	tool->input_schema =
		input == JSON_OBJECT ? compact(member[INPUT]) : mem_string("{\"type\":\"object\"}");
	if (!tool->input_schema)
		return "its inputSchema is larger than 1 MiB";
	tool_headers_read((struct json_span){tool->input_schema, strlen(tool->input_schema)},
			  &tool->headers);
	tool->title = text_of(member[TITLE], TOOL_TEXT_MAX_BYTES);
	tool->description = text_of(member[DESCRIPTION], TOOL_TEXT_MAX_BYTES);
	if (json_span_kind(member[OUTPUT]) == JSON_OBJECT)
		tool->output_schema = compact(member[OUTPUT]);
	tool->read_only =
		json_span_kind(json_span_member(member[ANNOTATIONS], "readOnlyHint")) == JSON_TRUE;
	tool->task_required =
		json_span_equals(json_span_member(member[EXECUTION], "taskSupport"), "required");
	tool->hidden = !visible_to_model(member[META]);
	return NULL;
}

const struct tool *tool_list_find(const struct tool_list *list, const char *name)
{
	for (size_t i = 0; i < list->count; i++)
		if (strcmp(list->tool[i].name, name) == 0)
			return &list->tool[i];
	return NULL;
}

static void add_tool(struct tool_list *list, struct name_tree *names, struct json_span span,
		     void (*on_fault)(void *arg, const char *text), void *arg)
{
	struct tool tool = {0};
	const char *why = read_tool(span, &tool);
	char *text;

	if (!why && !name_tree_add(names, tool.name))
		why = "another tool of this server has the same name";
	if (!why) {
		list->tool = mem_resize_array(list->tool, list->count + 1, sizeof(*list->tool));
		list->tool[list->count++] = tool;
		return;
	}
	text = mem_format("tool \"%s\" is left out: %s", tool.name ? tool.name : "?", why);
	on_fault(arg, text);
	free(text);
	tool_clear(&tool);
}

int tool_list_add_page(struct tool_list *list, const char *result, size_t len, char **cursor,
		       void (*on_fault)(void *arg, const char *text), void *arg, struct err *err)
{
	static const char *const names[] = {"tools", "nextCursor"};
	struct json_span member[2], item = {NULL, 0};
	struct name_tree known = {0};
	bool too_many = false;

	*cursor = NULL;
	if (!json_span_members((struct json_span){result, len}, names, member, 2) ||
	    json_span_kind(member[0]) != JSON_ARRAY)
		return err_set(err, ERR_PROTOCOL, "its answer to tools/list has no \"tools\"");
	for (size_t i = 0; i < list->count; i++)
		(void)!name_tree_add(&known, list->tool[i].name);
	while (!too_many && json_span_next(member[0], &item)) {
		too_many = list->count >= TOOLS_MAX;
		if (!too_many)
			add_tool(list, &known, item, on_fault, arg);
	}
	name_tree_clear(&known);
	if (too_many)
		return err_set(err, ERR_PROTOCOL, "it lists more than %d tools", TOOLS_MAX);
	*cursor = text_of(member[1], CURSOR_MAX_BYTES);
	return 0;
}

void tool_list_clear(struct tool_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		tool_clear(&list->tool[i]);
	free(list->tool);
	*list = (struct tool_list){0};
}

/* Written again, and compared */

static void write_tool(const struct tool *tool, struct buf *out)
{
	buf_append_char(out, '{');
	json_write_member(out, "name", tool->name);
	if (tool->title)
		json_write_member(out, "title", tool->title);
	if (tool->description)
		json_write_member(out, "description", tool->description);
	json_write_member_json(out, "inputSchema", tool->input_schema, strlen(tool->input_schema));
	if (tool->output_schema)
		json_write_member_json(out, "outputSchema", tool->output_schema,
				       strlen(tool->output_schema));
	if (tool->read_only)
		json_write_member_json(out, "annotations", READ_ONLY, strlen(READ_ONLY));
	if (tool->task_required)
		json_write_member_json(out, "execution", TASK_REQUIRED, strlen(TASK_REQUIRED));
	if (tool->hidden)
		json_write_member_json(out, "_meta", HIDDEN, strlen(HIDDEN));
	buf_append_char(out, '}');
}

void tool_list_write(const struct tool_list *list, struct buf *out)
{
	buf_append_char(out, '[');
	for (size_t i = 0; i < list->count; i++) {
		if (i > 0)
			buf_append_char(out, ',');
		write_tool(&list->tool[i], out);
	}
	buf_append_char(out, ']');
}

static bool same_text(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

/* Its headers follow from its inputSchema. */
bool tool_equal(const struct tool *a, const struct tool *b)
{
	if (!a || !b)
		return a == b;
	return same_text(a->name, b->name) && same_text(a->title, b->title) &&
	       same_text(a->description, b->description) &&
	       same_text(a->input_schema, b->input_schema) &&
	       same_text(a->output_schema, b->output_schema) && a->read_only == b->read_only &&
	       a->task_required == b->task_required && a->hidden == b->hidden;
}

/* Checking against schemas */

static int check(const struct tool *tool, const char *schema_text, struct json_span value,
		 const char *what, struct err *err)
{
	struct err schema_err;
	struct json_schema *schema = json_schema_new(schema_text, strlen(schema_text), &schema_err);
	int status;

	if (!schema) {
		log_detail("tool \"%s\": %s; its %s are not checked", tool->name, schema_err.text,
			   what);
		return 0;
	}
	status = json_schema_check(schema, value, what, err);
	if (json_schema_warning(schema))
		log_detail("tool \"%s\": %s", tool->name, json_schema_warning(schema));
	json_schema_free(&schema);
	return status;
}

/* The member of an object that a required argument without a value has by default, or nothing. */
static void append_default(struct json_span properties, struct json_span arguments,
			   struct json_span required, struct buf *members)
{
	char *name = json_span_text(required, TOOL_ARGUMENT_NAME_MAX_BYTES);
	struct json_span value = {NULL, 0};

	if (name && !json_span_member(arguments, name).at)
		value = json_span_member(json_span_member(properties, name), "default");
	if (value.at)
		(void)!json_write_member_json(members, name, value.at, value.len);
	free(name);
}

/* With the defaults of what is required and not there. NULL: there are none. Caller frees. */
static char *with_defaults(const struct tool *tool, struct json_span arguments)
{
	const struct json_span schema = {tool->input_schema, strlen(tool->input_schema)};
	struct json_span properties = json_span_member(schema, "properties");
	struct json_span required = json_span_member(schema, "required"), item = {NULL, 0};
	struct json_span key = {NULL, 0}, value = {NULL, 0};
	struct buf members = BUF_INIT, whole = BUF_INIT;

	if (json_span_kind(arguments) != JSON_OBJECT || json_span_kind(required) != JSON_ARRAY)
		return NULL;
	for (int i = 0; i < TOOL_DEFAULTS_MAX && json_span_next(required, &item); i++)
		append_default(properties, arguments, item, &members);
	if (members.len > 0) {
		buf_append_char(&whole, '{');
		buf_append(&whole, members.data, members.len);
		if (json_span_next_member(arguments, &key, &value))
			buf_append_char(&whole, ',');
		buf_append(&whole, arguments.at + 1, arguments.len - 1);
	}
	buf_clear(&members);
	return whole.len > 0 ? buf_take(&whole) : NULL;
}

int tool_check_arguments(const struct tool *tool, const char *arguments, struct err *err)
{
	struct json_span span = {arguments, strlen(arguments)};
	char *whole;
	int status;

	json_trim(&span.at, &span.len);
	whole = with_defaults(tool, span);
	if (whole)
		span = (struct json_span){whole, strlen(whole)};
	status = check(tool, tool->input_schema, span, "arguments", err);
	free(whole);
	return status;
}

int tool_check_output(const struct tool *tool, struct json_span result, struct err *err)
{
	struct json_span content = json_span_member(result, "structuredContent");

	if (!tool->output_schema || !content.at)
		return 0;
	return check(tool, tool->output_schema, content, "structuredContent", err);
}
