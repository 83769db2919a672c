/* SPDX-License-Identifier: MIT */
/*
 * builtin_tools: tools of the host itself, by which a model reads what servers have besides tools:
 * resource_list and resource_read (MCP, "Resources"). Each call names a server, whose policy
 * decides about it as about a tool of its own with that name.
 */
#ifndef CORDPAIR_AGENT_BUILTIN_TOOLS_H
#define CORDPAIR_AGENT_BUILTIN_TOOLS_H

#include "base/buf.h"
#include "mcp/server_pool.h"
#include "model/schema_lower.h"

#define BUILTIN_LIST_MAX_BYTES ((size_t)4 << 20)

struct builtin_tool;

/* NULL: there is none of this name. Static. */
const struct builtin_tool *builtin_tool_find(const char *name);
const char *builtin_tool_name(const struct builtin_tool *tool);
const char *builtin_tool_description(const struct builtin_tool *tool);

/* NULL: there are no more. */
const struct builtin_tool *builtin_tool_at(size_t i);

/* Appends the definition. servers: the names of those that have resources, NULL-terminated, not
 * empty. */
void builtin_tool_write(const struct builtin_tool *tool, struct buf *out, char *const servers[],
			enum schema_family family);

/* The server that the arguments name, READY and with resources; NULL: *why says what is wrong, to
 * be freed. arguments: checked JSON. */
struct server *builtin_tool_server(const struct builtin_tool *tool, const char *arguments,
				   const struct server_pool *pool, char **why);

struct builtin_run;
/* done comes later, once, as that of a call of the server. */
struct builtin_run *builtin_tool_start(const struct builtin_tool *tool, struct server *server,
				       const char *arguments, size_t text_max_bytes,
				       void (*done)(void *arg, struct tool_result *take_result,
						    const struct err *err),
				       void *arg) __attribute__((warn_unused_result));
void builtin_tool_cancel(struct builtin_run **run); /* done will not be called */

#endif
