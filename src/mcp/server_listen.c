/* SPDX-License-Identifier: MIT */
/*
 * subscriptions/listen (MCP 2026-07-28): one request that stays open, on which a server says that
 * its tools changed. Before 2026-07-28 servers say so unasked.
 */
#include "config.h"

#include <string.h>

#include "base/json_write.h"
#include "base/log.h"
#include "mcp/server_internal.h"

#define FILTER "{\"toolsListChanged\":true}"

static void ended(void *arg, const struct jsonrpc_message *reply, char **block,
		  const struct err *err)
{
	struct server *server = arg;

	(void)block;
	if (err)
		log_detail("%s", err->text);
	else if (reply->kind == JSONRPC_ERROR)
		log_detail("server \"%s\" refused subscriptions/listen: changes of its tools are "
			   "not seen",
			   server->config->name);
	/* A subscription that the server ended is not forced on it again. */
}

void server_listen(struct server *server)
{
	const struct rpc_request request = {
		.method = "subscriptions/listen",
		.on_reply = ended,
		.arg = server,
	};
	struct err err;

	if (server->era != SERVER_ERA_MODERN || !server->tools_change)
		return;
	json_write_member_json(rpc_params(server->rpc, &request), "notifications", FILTER,
			       strlen(FILTER));
	if (rpc_send(server->rpc, &request, &err) < 0)
		log_detail("%s", err.text);
}
