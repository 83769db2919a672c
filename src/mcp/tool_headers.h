/* SPDX-License-Identifier: MIT */
/*
 * tool_headers: arguments that go along as HTTP headers (MCP 2026-07-28, "Streamable HTTP", custom
 * headers from tool parameters): `x-mcp-header` on a property makes its value `Mcp-Param-NAME`.
 */
#ifndef CORDPAIR_MCP_TOOL_HEADERS_H
#define CORDPAIR_MCP_TOOL_HEADERS_H

#include <stddef.h>

#include "base/json_check.h"

#define TOOL_HEADERS_MAX	   64 /* of one tool */
#define TOOL_HEADER_NAME_MAX_BYTES 128

struct tool_header {
	char *name; /* without "Mcp-Param-" */
	char *path; /* keys from the arguments' root, each ended by NUL */
	size_t depth;
};

struct tool_headers {
	struct tool_header *item;
	size_t count;
	const char *fault; /* static text: why the tool must not be offered over HTTP; or NULL */
};

/* Reads the annotations of an inputSchema (a checked text). */
void tool_headers_read(struct json_span schema, struct tool_headers *headers);
void tool_headers_clear(struct tool_headers *headers);

/* The headers of a call, NULL-terminated; string_list_free(). arguments is a checked text. */
char **tool_headers_make(const struct tool_headers *headers, struct json_span arguments);

#endif
