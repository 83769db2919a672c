/* SPDX-License-Identifier: MIT */
/*
 * subscriptions/listen (MCP 2026-07-28): one request that stays open, on which a server says that
 * its tools or a resource changed. Before 2026-07-28 servers say the first unasked, and are asked
 * for the second by resources/subscribe.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/json_write.h"
#include "base/log.h"
#include "base/mem.h"
#include "mcp/server_internal.h"

#define FILTER	      "{\"toolsListChanged\":true}"
#define URI_MAX_BYTES ((size_t)64 << 10)

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

/* Resources */

struct server_watch {
	struct server *server;
	struct server_watch *next;
	char *uri;
	struct err err; /* it could not even be asked */
	void (*refused)(void *arg, const struct err *err);
	void *arg;
};

static void watch_free(struct server_watch *watch)
{
	loop_defer_cancel(watch->server->context->loop, watch);
	free(watch->uri);
	free(watch);
}

static void refuse(struct server_watch *watch, const struct err *err)
{
	struct server_watch **at = &watch->server->watches;

	while (*at != watch)
		at = &(*at)->next;
	*at = watch->next;
	watch->refused(watch->arg, err);
	watch_free(watch);
}

static void never_asked(void *arg)
{
	struct server_watch *watch = arg;
	struct err err = watch->err;

	if (!watch->server->stopping)
		refuse(watch, &err);
}

static void watching(void *arg, const struct jsonrpc_message *reply, char **block,
		     const struct err *err)
{
	struct server_watch *watch = arg;
	const struct server *server = watch->server;
	const bool modern = server->era == SERVER_ERA_MODERN;
	struct err told;

	(void)block;
	if (server->stopping)
		return;
	if (!reply && !server_is_up(server))
		return; /* it died: asked again when it is back, refused when it stays away */
	if (reply && reply->kind == JSONRPC_RESULT && !modern)
		return; /* it agrees; in 2026-07-28 this would be the subscription's end */
	if (!reply)
		told = *err;
	else
		err_set(&told, ERR_PROTOCOL, "server \"%s\" %s", server->config->name,
			reply->kind == JSONRPC_RESULT ? "ended the subscription"
						      : "does not tell of changes");
	refuse(watch, &told);
}

static void ask_to_watch(struct server_watch *watch)
{
	struct server *server = watch->server;
	const bool modern = server->era == SERVER_ERA_MODERN;
	const struct rpc_request request = {
		.method = modern ? "subscriptions/listen" : "resources/subscribe",
		.timeout_ms = modern ? 0 : server->config->timeout_ms,
		.on_reply = watching,
		.arg = watch,
	};
	struct buf *params = rpc_params(server->rpc, &request);

	if (modern) {
		json_write_key(params, "notifications");
		buf_append_text(params, "{\"resourceSubscriptions\":[");
		json_write_string(params, watch->uri);
		buf_append_text(params, "]}");
	} else {
		json_write_member(params, "uri", watch->uri);
	}
	/* A start function never calls back before it returns. */
	if (rpc_send(server->rpc, &request, &watch->err) < 0)
		loop_defer(server->context->loop, never_asked, watch);
}

void server_watch(struct server *server, const char *uri,
		  void (*refused)(void *arg, const struct err *err), void *arg)
{
	struct server_watch *watch = mem_new(sizeof(*watch));

	*watch = (struct server_watch){
		.server = server,
		.next = server->watches,
		.uri = mem_string(uri),
		.refused = refused,
		.arg = arg,
	};
	server->watches = watch;
	if (server_is_up(server))
		ask_to_watch(watch);
}

void server_watches_renew(struct server *server)
{
	for (struct server_watch *watch = server->watches; watch; watch = watch->next)
		ask_to_watch(watch);
}

void server_watches_refuse(struct server *server, const char *reason)
{
	struct server_watch *watch;
	struct err err;

	err_set(&err, ERR_UNAVAILABLE, "%s", reason);
	while ((watch = server->watches)) {
		server->watches = watch->next;
		watch->refused(watch->arg, &err);
		watch_free(watch);
	}
}

void server_watches_drop(struct server *server)
{
	for (struct server_watch *watch = server->watches, *next; watch; watch = next) {
		next = watch->next;
		watch_free(watch);
	}
	server->watches = NULL;
}

void server_take_update(struct server *server, struct json_span params)
{
	char *uri = json_span_text(json_span_member(params, "uri"), URI_MAX_BYTES);

	if (uri && server->listener && server->listener->on_resource_updated)
		server->listener->on_resource_updated(server->arg, server, uri);
	free(uri);
}
