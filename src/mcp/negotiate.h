/* SPDX-License-Identifier: MIT */
/*
 * negotiate: which era and revision of MCP a server speaks (MCP 2026-07-28, "Versioning", and
 * 2025-11-25, "Lifecycle"). Pure, but for the verdicts remembered on disk. Internal to mcp/.
 */
#ifndef CORDPAIR_MCP_NEGOTIATE_H
#define CORDPAIR_MCP_NEGOTIATE_H

#include <stdbool.h>

#include "base/jsonrpc.h"
#include "mcp/context.h"
#include "mcp/server.h"

#define MCP_VERSION_MODERN "2026-07-28"
#define MCP_VERSION_LEGACY "2025-11-25" /* the newest that initialize may ask for */

struct client_identity {
	const char *name, *version;
	bool roots; /* declared only where the entry has some */
	bool elicitation;
	bool sampling;
	const char *log_level;	 /* for each modern request; or NULL */
	const char *traceparent; /* of who runs us (W3C Trace Context), handed on; or NULL */
};

/* Members of an object in the making: the params of initialize, the _meta of modern requests. */
void negotiate_write_initialize(struct buf *out, const struct client_identity *client);
/* `,"io.modelcontextprotocol/…":…`, for rpc_set_meta(). The caller frees. */
char *negotiate_modern_meta(const struct client_identity *client);
/* The same for the earlier era: NULL where there is nothing to say. */
char *negotiate_legacy_meta(const struct client_identity *client);
/* $TRACEPARENT, where it is one; or NULL. */
const char *negotiate_traceparent(void);

/*
 * What an answer to server/discover means: MODERN when it (or the error -32022) lists
 * MCP_VERSION_MODERN; LEGACY for every other answer, whatever it is.
 */
enum server_era negotiate_judge_discover(const struct jsonrpc_message *reply);
/* The revision that initialize settled on, static text; NULL: none that we speak. */
const char *negotiate_legacy_version(struct json_span result);

/*
 * The verdict kept for an entry (by its identity, so that an edit forgets it) in state_dir/eras.
 * Remembering writes by a worker; a failure to write is nothing to tell.
 */
enum server_era negotiate_recall(const char *state_dir, const char *identity);
void negotiate_remember(const struct mcp_context *context, const char *identity,
			enum server_era era);

#endif
