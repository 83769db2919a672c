/* SPDX-License-Identifier: MIT */
/*
 * instructions: the system message: the user's own, and what each server says about the use of its
 * tools (MCP, `instructions` of initialize and server/discover), with its name, so that the model
 * can tell whose words they are.
 */
#ifndef CORDPAIR_AGENT_INSTRUCTIONS_H
#define CORDPAIR_AGENT_INSTRUCTIONS_H

#include "mcp/server_pool.h"

#define INSTRUCTIONS_MAX_BYTES	   ((size_t)8 << 10)  /* of one server; more is cut, and said */
#define INSTRUCTIONS_ALL_MAX_BYTES ((size_t)32 << 10) /* of all; a server past it is left out */

/*
 * pool: servers that are not READY, or have no tools for the model, say nothing; NULL: no server
 * does. system_prompt may be NULL. The caller frees; NULL: there is nothing to say.
 */
char *instructions_text(const struct server_pool *pool, const char *system_prompt);

#endif
