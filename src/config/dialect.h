/* SPDX-License-Identifier: MIT */
/*
 * dialect: the forms in which server entries are written in the field, made one. Internal to
 * config/.
 */
#ifndef CORDPAIR_CONFIG_DIALECT_H
#define CORDPAIR_CONFIG_DIALECT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/json_check.h"

/*
 * Makes JSON of JSON with comments, trailing commas and a byte order mark: what is not JSON becomes
 * blanks, in place, so that every position stays what it was. Newlines stay.
 */
void dialect_to_json(char *text, size_t len);

enum dialect {
	DIALECT_ENTRY,		 /* one server; its name is the file's */
	DIALECT_MCP_SERVERS,	 /* {"mcpServers": {name: entry}}: Claude, Cursor, Gemini … */
	DIALECT_SERVERS,	 /* {"servers": …, "inputs": …}: VS Code */
	DIALECT_CONTEXT_SERVERS, /* {"context_servers": …}: Zed */
	DIALECT_MCP,		 /* {"mcp": …}: OpenCode */
	DIALECT_BARE_MAP	 /* {name: entry} */
};

/*
 * Which one is this (a checked object)? *map is where the entries are by name; for DIALECT_ENTRY it
 * is the object itself.
 */
enum dialect dialect_of(struct json_span root, struct json_span *map);

/* The root key that was probably meant ("mcpservers" gives "mcpServers"), or NULL. */
const char *dialect_nearest_root(struct json_span root);

#endif
