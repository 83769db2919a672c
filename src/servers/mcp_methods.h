/* SPDX-License-Identifier: MIT */
/*
 * mcp_methods: what is answered to each method, in each revision of the protocol. Used by
 * mcp_stdio.
 */
#ifndef CORDPAIR_SERVERS_MCP_METHODS_H
#define CORDPAIR_SERVERS_MCP_METHODS_H

#include "base/jsonrpc.h"
#include "servers/mcp_stdio.h"

struct mcp_revision {
	const char *name;
	bool modern;
	bool batches;
	bool annotations;
	bool structured; /* structuredContent, outputSchema, title */
};

struct mcp_session {
	const struct mcp_server *server;
	const struct mcp_revision *agreed; /* by initialize; NULL before */
	struct buf out;
};

/* Appends the one answer to a request to session->out. */
void mcp_answer_request(struct mcp_session *session, const struct jsonrpc_message *message);

#endif
