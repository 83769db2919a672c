/* SPDX-License-Identifier: MIT */
/*
 * tool: a tool as its server lists it, and the result of calling one (MCP, "Tools").
 */
#ifndef CORDPAIR_MCP_TOOL_H
#define CORDPAIR_MCP_TOOL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/json_check.h"
#include "mcp/tool_headers.h"

#define TOOL_NAME_MAX_BYTES	     128
#define TOOL_DEFINITION_MAX_BYTES    ((size_t)1 << 20)
#define TOOLS_MAX		     10000 /* of one server */
#define TOOL_DEFAULTS_MAX	     256   /* required arguments that are looked at for one */
#define TOOL_ARGUMENT_NAME_MAX_BYTES 1024
#define TOOLS_PAGES_MAX		     1000

struct tool {
	char *name;
	char *title;	    /* or NULL */
	char *description;  /* or NULL */
	char *input_schema; /* JSON text of an object, compact, as listed; never NULL */
	char *output_schema;
	struct tool_headers headers; /* arguments that go as HTTP headers too */
	bool read_only;	    /* annotations.readOnlyHint: a hint of the server, no promise */
	bool task_required; /* execution.taskSupport "required": has to be called as a task */
	bool hidden;	    /* _meta.ui.visibility without "model" */
};

struct tool_list {
	struct tool *tool;
	size_t count;
};

/*
 * Adds one page of a tools/list result (a checked text) to the list. A tool that cannot be used (no
 * name, a schema that is no object, a name twice) is left out and told to `on_fault`; the others
 * stay. *cursor is set to nextCursor's text (the caller frees; "" is a cursor) or NULL.
 */
int tool_list_add_page(struct tool_list *list, const char *result, size_t len, char **cursor,
		       void (*on_fault)(void *arg, const char *text), void *arg, struct err *err)
	__attribute__((warn_unused_result));
void tool_list_clear(struct tool_list *list);
/*
 * Do these arguments (a JSON text) fit the tool's inputSchema? ERR_ARGUMENTS: one sentence that
 * names the place. What the schema does not let be judged is accepted, with a line in the log; and
 * so is that a required argument is missing that has a default: zod lists what has one as required,
 * and the server fills it in.
 */
int tool_check_arguments(const struct tool *tool, const char *arguments, struct err *err)
	__attribute__((warn_unused_result));
/* Does a result's structuredContent fit the tool's outputSchema? The same. */
int tool_check_output(const struct tool *tool, struct json_span result, struct err *err)
	__attribute__((warn_unused_result));
/* Appends the tools as the array of a tools/list, with what this host uses of them. */
void tool_list_write(const struct tool_list *list, struct buf *out);
/* Nothing of it that a model, a person or this host goes by differs. Either may be NULL. */
bool tool_equal(const struct tool *a, const struct tool *b);
const struct tool *tool_list_find(const struct tool_list *list, const char *name);

/*
 * The result of a tools/call. What the tool reports as an error is a result too (is_error). The
 * result's JSON is kept as it came; no tree is made of it.
 */
struct tool_result {
	bool is_error;
	char *text; /* for the model or a person, rendered as below; never NULL */
	size_t text_len;
	size_t text_full_len;  /* what text_len would be without the cut */
	char *whole;	       /* the text without the cut; NULL: it was not cut */
	size_t text_kept;      /* how much of that `text` begins with */
	struct json_span json; /* the whole result object, inside `block` */
	void *block;	       /* malloc'd memory that json points into */
};

/*
 * Makes a result from a checked tools/call result. Pure, so that a worker may run it. Takes
 * `block`.
 *
 * The text: text contents joined by newlines; structuredContent as JSON only when no text content
 * says the same; an image or other binary content as one line with its type and size; resource
 * links as their URI. Longer than text_max_bytes (0: no limit): cut at a character, followed by a
 * marker that says how many bytes were left out.
 */
struct tool_result *tool_result_new(struct json_span result, void *take_block,
				    size_t text_max_bytes, struct err *err)
	__attribute__((warn_unused_result));
/* Appends one content block as a text, as in a result. */
void content_append_text(struct json_span content, struct buf *out);
/* A result that the host itself makes: "Error: …" texts. json is {"content":…,"isError":true}. */
struct tool_result *tool_result_failure(const char *format, ...)
	__attribute__((format(printf, 1, 2), warn_unused_result));
/* The same of a call that the host answers itself. */
struct tool_result *tool_result_success(const char *text) __attribute__((warn_unused_result));
void tool_result_free(struct tool_result **result);

#endif
