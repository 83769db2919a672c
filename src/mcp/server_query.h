/* SPDX-License-Identifier: MIT */
/*
 * server_query: whatever is asked of a server besides its tools: resources, prompts, completion,
 * logging (MCP 2026-07-28 and earlier, "Server Features").
 */
#ifndef CORDPAIR_MCP_SERVER_QUERY_H
#define CORDPAIR_MCP_SERVER_QUERY_H

#include "base/buf.h"
#include "base/json_check.h"
#include "mcp/server.h"

#define SERVER_QUERIES_MAX    256 /* of one server, open at the same time */
#define SERVER_LIST_MAX	      10000
#define SERVER_LIST_PAGES_MAX 1000

struct server_query;

/*
 * Once. The result is valid during the call. err: ERR_UNAVAILABLE (not ready, died), ERR_TEMPORARY
 * (deadline), ERR_CONFIG (the server says that there is no such thing: -32602, -32002),
 * ERR_PROTOCOL (another error of the server's, with its message).
 */
typedef void server_query_fn(void *arg, struct json_span result, const struct err *err);

/*
 * params: members to follow the params' `{` and _meta, as `"uri":"…"`, or NULL. The deadline is the
 * entry's timeout, or timeout_ms.
 */
struct server_query *server_query(struct server *server, const char *method, const char *params,
				  server_query_fn *done, void *arg)
	__attribute__((warn_unused_result));
struct server_query *server_query_within(struct server *server, const char *method,
					 const char *params, long timeout_ms, server_query_fn *done,
					 void *arg) __attribute__((warn_unused_result));
/* done will not be called. Sets *query to NULL. */
void server_query_cancel(struct server_query **query);

/*
 * All pages of a list method: on_item for each element of the result's `member`, then done with the
 * last page's result. Pages are counted, cursors are opaque. ERR_PROTOCOL past the limits.
 */
typedef void server_query_item_fn(void *arg, struct json_span item);
struct server_query *server_query_list(struct server *server, const char *method,
				       const char *member, server_query_item_fn *on_item,
				       server_query_fn *done, void *arg)
	__attribute__((warn_unused_result));

#endif
