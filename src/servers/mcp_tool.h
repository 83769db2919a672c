/* SPDX-License-Identifier: MIT */
/*
 * mcp_tool: what a tool of a server is, and what it answers.
 *
 * A tool's input schema is made from its table of parameters, and its arguments are checked against
 * the same table before the tool runs, so the two cannot disagree. A tool never fails in the sense
 * of JSON-RPC: what goes wrong is a reply with is_error, which the model reads.
 */
#ifndef CORDPAIR_SERVERS_MCP_TOOL_H
#define CORDPAIR_SERVERS_MCP_TOOL_H

#include <json-c/json_types.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/json_check.h"

#define MCP_REPLY_MAX_BYTES ((size_t)32 << 20)
/* A tool that makes a list stops here; one more entry is always far below the rest. */
#define MCP_REPLY_ENOUGH_BYTES ((size_t)1 << 20)

enum mcp_type {
	MCP_STRING,  /* without U+0000; min: shortest, in bytes */
	MCP_INTEGER, /* min to max */
	MCP_BOOLEAN,
	MCP_SCALARS, /* an array of strings, numbers, booleans and nulls; max: most elements */
};

struct mcp_param {
	const char *name;
	enum mcp_type type;
	bool required;
	int64_t min, max;
	const char *description;
};

/* Either json (an object) or text is filled. */
struct mcp_reply {
	struct buf json; /* shown as structuredContent and, for older clients, as text */
	struct buf text;
	struct buf note; /* shown behind the text, as a text of its own */
	bool is_error;
};

typedef void mcp_tool_fn(void *context, const struct json_object *arguments,
			 struct mcp_reply *reply);

struct mcp_tool {
	const char *name; /* NULL ends a table */
	const char *title;
	const char *description;
	const struct mcp_param *params; /* ended by a NULL name; NULL: none */
	const char *output_schema;	/* JSON text; NULL when the reply is text */
	bool writes;			/* false: annotated with readOnlyHint */
	mcp_tool_fn *fn;
};

void mcp_reply_init(struct mcp_reply *reply);
void mcp_reply_clear(struct mcp_reply *reply);
/* Turns the reply into an error with this text; what was in it is dropped. */
void mcp_reply_error(struct mcp_reply *reply, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Appends the JSON Schema of the parameters. */
void mcp_params_schema(const struct mcp_param params[], struct buf *out);
/*
 * Checks arguments (an object that is checked JSON, or absent) and makes a tree of them; the caller
 * frees it. null stands for an optional argument that was not given. -1: ERR_ARGUMENTS.
 */
int mcp_arguments(const struct mcp_param params[], struct json_span arguments,
		  struct json_object **tree, struct err *err) __attribute__((warn_unused_result));
/* An integer that mcp_arguments() has passed ("5" or "5.0"), or the fallback. */
int64_t mcp_integer(const struct json_object *arguments, const char *name, int64_t fallback);

/* Monotonic time, for limits. */
int64_t mcp_clock_ms(void);

#endif
