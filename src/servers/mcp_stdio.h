/* SPDX-License-Identifier: MIT */
/*
 * mcp_stdio: an MCP server with tools, over stdin and stdout, in both eras of the protocol.
 *
 * Legacy (2024-11-05 to 2025-11-25): a client begins with `initialize`. Modern (2026-07-28): every
 * request says its version in `_meta`, and there is no session. Each request is judged by itself:
 * one with a version in `_meta` is modern, every other one belongs to what `initialize` agreed on.
 *
 * One request at a time, answered in order: that is all a server needs whose tools are quick, and
 * each tool has a limit of time of its own. `notifications/cancelled` is therefore never early
 * enough to change anything and is passed over, as the protocol allows.
 */
#ifndef CORDPAIR_SERVERS_MCP_STDIO_H
#define CORDPAIR_SERVERS_MCP_STDIO_H

#include "base/err.h"
#include "servers/mcp_tool.h"

#define MCP_MESSAGE_MAX_BYTES ((size_t)4 << 20)
#define MCP_BATCH_MAX	      64 /* messages in one; 2025-03-26 only */

struct mcp_server {
	const char *name, *title, *version;
	const char *instructions; /* for the model: what it must know that no tool says */
	const struct mcp_tool *tools;
	void *context; /* given to the tools */
};

/*
 * Answers messages until the input ends (0), or until one of the two breaks (-1). Only it may write
 * to `out`. Set SIGPIPE to be ignored before.
 */
int mcp_serve(const struct mcp_server *server, int in, int out, struct err *err)
	__attribute__((warn_unused_result));

#endif
