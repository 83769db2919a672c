/* SPDX-License-Identifier: MIT */
/*
 * A server that is not running although its tools are known: from its manifest, or because it was
 * stopped after idle_timeout_s. What is asked of it waits until it is ready; a call is sent only
 * when its tool is still the one that the model was told of.
 */
#include "config.h"

#include <stdlib.h>

#include "base/log.h"
#include "base/mem.h"
#include "mcp/server_internal.h"

bool server_is_offered(const struct server *server)
{
	return server_is_up(server) || server->state == SERVER_IDLE || server->waking;
}

/* Known from an earlier run */

static void rest(void *arg)
{
	struct server *server = arg;

	log_detail("server \"%s\" is known from an earlier run: %zu tools; it starts when it is "
		   "called",
		   server->config->name, server->tools.count);
	server_set_state(server, SERVER_IDLE, "it starts when it is called");
}

void server_start_lazily(struct server *server)
{
	if (server->config->eager || server->config->required || server_open_calls(server) > 0 ||
	    !server_recall(server)) {
		server_start(server);
		return;
	}
	server->waking = false;
	server->stopping = false;
	server->state = SERVER_IDLE;
	loop_defer(server->context->loop, rest, server);
}

/* Waking */

static void start_for_call(void *arg)
{
	struct server *server = arg;

	if (server->freed || !server->waking)
		return;
	server->stopping = false;
	server->stop_us = 0;
	server_set_state(server, SERVER_STARTING, "");
	server_begin_start(server);
}

bool server_wake(struct server *server)
{
	if (server->waking)
		return true;
	if (server->state != SERVER_IDLE)
		return false;
	server->waking = true;
	if (!server->idling) /* else when the process of before is gone */
		loop_defer(server->context->loop, start_for_call, server);
	return true;
}

/* Falling asleep */

static bool is_busy(const struct server *server)
{
	return server->calls || server->queries || server->requests || server->watches ||
	       server->listing_tools || server->examination || server->state != SERVER_READY;
}

static void idle_for_too_long(void *arg)
{
	struct server *server = arg;
	const int64_t idle_us = loop_now_us(server->context->loop) - server->used_us;
	const int64_t left_ms = server->config->idle_timeout_ms - idle_us / 1000;
	char *reason;

	if (is_busy(server) || left_ms > 0) {
		server_watch_idleness(server, left_ms);
		return;
	}
	reason = mem_format("it was not used for %ld seconds (\"idle_timeout_s\"); it starts when "
			    "it is called",
			    server->config->idle_timeout_ms / 1000);
	server->idling = server->stopping = true;
	server->stop_us = loop_now_us(server->context->loop);
	server->transport->ops->stop(server->transport);
	server_set_state(server, SERVER_IDLE, reason);
	free(reason);
}

void server_watch_idleness(struct server *server, int64_t after_ms)
{
	const int64_t timeout_ms = server->config->idle_timeout_ms;

	if (timeout_ms > 0)
		loop_timer_start(server->context->loop, &server->idle_timer,
				 after_ms > 0 ? after_ms : timeout_ms, idle_for_too_long, server);
}

void server_note_use(struct server *server)
{
	server->used_us = loop_now_us(server->context->loop);
}

void server_idle_closed(struct server *server)
{
	server->idling = false;
	if (server->waking)
		loop_defer(server->context->loop, start_for_call, server);
}
