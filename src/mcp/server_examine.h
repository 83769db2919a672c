/* SPDX-License-Identifier: MIT */
/*
 * server_examine: asks a server what the specification says every server answers, and notes in its
 * deviations what it does otherwise. No tool is called. For `cordpair doctor SERVER`.
 */
#ifndef CORDPAIR_MCP_SERVER_EXAMINE_H
#define CORDPAIR_MCP_SERVER_EXAMINE_H

#include "mcp/server.h"

#define EXAMINE_TIMEOUT_MS 5000 /* for one answer */

/*
 * A server that is READY and speaks MCP. done: once, when all is answered, silent past its
 * deadline, or the server is gone; not after server_free(). One examination of a server at a time.
 */
void server_examine(struct server *server, void (*done)(void *arg), void *arg);
/* done will not be called; nothing, when no examination is under way. */
void server_examine_cancel(struct server *server);

#endif
