/* SPDX-License-Identifier: MIT */
/*
 * The orderly end of a server that is not wanted any more, or not as it is: what is under way
 * finishes, nothing new begins, and then it is stopped.
 */
#include "config.h"

#include <stdlib.h>

#include "base/mem.h"
#include "mcp/server_call_internal.h"

size_t server_open_calls(const struct server *server)
{
	size_t calls = 0;

	for (const struct server_call *call = server->calls; call; call = call->next)
		calls++;
	return calls + server->queries_count;
}

int server_check_draining(const struct server *server, struct err *err)
{
	if (!server->draining)
		return 0;
	return err_set(err, ERR_UNAVAILABLE, "server \"%s\" takes no new calls: %s", server->name,
		       server->draining);
}

static void drained(void *arg)
{
	server_stop(arg);
}

static void stop_when_idle(struct server *server)
{
	if (server->calls || server->queries_count > 0)
		return;
	loop_defer_cancel(server->context->loop, server); /* a start that was to come */
	loop_defer(server->context->loop, drained, server);
}

void server_settle_drain(struct server *server)
{
	if (server->draining && !server->freed && server->state != SERVER_STOPPED)
		stop_when_idle(server);
}

void server_drain_within(struct server *server, const char *reason, long max_ms)
{
	loop_timer_start(server->context->loop, &server->drain_timer, max_ms, drained, server);
	server_drain(server, reason);
}

void server_drain(struct server *server, const char *reason)
{
	char *copy = mem_string(reason);

	free(server->draining);
	server->draining = copy;
	stop_when_idle(server);
}
