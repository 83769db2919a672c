/* SPDX-License-Identifier: MIT */
/*
 * A list of servers, and the two moments that concern all: settled and stopped. Those that leave
 * are in a list of their own until they are gone; a successor of the same name starts only then,
 * because two of one program may not bear each other (a port, a lock, a file).
 */
#include "config.h"

#include "mcp/server_pool.h"

#include <stdlib.h>
#include <string.h>

#include "base/jsonrpc.h"
#include "base/mem.h"

struct server_pool {
	const struct mcp_context *context;
	struct server_listener above; /* handed on, with what the pool itself needs to know */
	void *arg;
	struct server **server;
	size_t count;
	struct server **leaving;
	size_t leaving_count;
	bool stopping;
	void (*start)(struct server *server);
	loop_fn *settled, *stopped;
	void *settled_arg, *stopped_arg;
};

static bool all_settled(const struct server_pool *pool)
{
	for (size_t i = 0; i < pool->count; i++)
		if (server_get_state(pool->server[i]) == SERVER_STARTING)
			return false;
	return true;
}

static bool all_stopped(const struct server_pool *pool)
{
	for (size_t i = 0; i < pool->count; i++)
		if (server_get_state(pool->server[i]) != SERVER_STOPPED)
			return false;
	for (size_t i = 0; i < pool->leaving_count; i++)
		if (server_get_state(pool->leaving[i]) != SERVER_STOPPED)
			return false;
	return true;
}

static void tell_settled(void *arg)
{
	struct server_pool *pool = arg;
	loop_fn *settled = pool->settled;

	if (!settled || !all_settled(pool))
		return;
	pool->settled = NULL;
	settled(pool->settled_arg);
}

static void tell_stopped(void *arg)
{
	struct server_pool *pool = arg;
	loop_fn *stopped = pool->stopped;

	if (!stopped || !all_stopped(pool))
		return;
	pool->stopped = NULL;
	stopped(pool->stopped_arg);
}

static void reap(void *arg);

static void on_state(void *arg, struct server *server, enum server_state state, const char *reason)
{
	struct server_pool *pool = arg;

	if (pool->above.on_state)
		pool->above.on_state(pool->arg, server, state, reason);
	if (pool->settled)
		loop_defer(pool->context->loop, tell_settled, pool);
	if (pool->stopped)
		loop_defer(pool->context->loop, tell_stopped, pool);
	if (state == SERVER_STOPPED && pool->leaving_count > 0 && !pool->stopping)
		loop_defer(pool->context->loop, reap, pool);
}

static void on_tools_changed(void *arg, struct server *server)
{
	struct server_pool *pool = arg;

	if (pool->above.on_tools_changed)
		pool->above.on_tools_changed(pool->arg, server);
}

static void on_request(void *arg, struct server *server, struct server_request *request)
{
	struct server_pool *pool = arg;

	if (pool->above.on_request)
		pool->above.on_request(pool->arg, server, request);
	else
		server_refuse(&request, JSONRPC_METHOD_NOT_FOUND, "Method not found");
}

static void on_resource_updated(void *arg, struct server *server, const char *uri)
{
	struct server_pool *pool = arg;

	if (pool->above.on_resource_updated)
		pool->above.on_resource_updated(pool->arg, server, uri);
}

static void on_request_withdrawn(void *arg, struct server *server, struct server_request *request)
{
	struct server_pool *pool = arg;

	if (pool->above.on_request_withdrawn)
		pool->above.on_request_withdrawn(pool->arg, server, request);
}

static const struct server_listener pool_listener = {
	.on_resource_updated = on_resource_updated,
	.on_state = on_state,
	.on_tools_changed = on_tools_changed,
	.on_request = on_request,
	.on_request_withdrawn = on_request_withdrawn,
};

struct server_pool *server_pool_new(const struct mcp_context *context,
				    const struct server_listener *listener, void *arg)
{
	struct server_pool *pool = mem_new(sizeof(*pool));

	pool->context = context;
	if (listener)
		pool->above = *listener;
	pool->arg = arg;
	return pool;
}

void server_pool_free(struct server_pool **pool_p)
{
	struct server_pool *pool = *pool_p;

	if (!pool)
		return;
	*pool_p = NULL;
	loop_defer_cancel(pool->context->loop, pool);
	for (size_t i = 0; i < pool->count; i++)
		server_free(&pool->server[i]);
	for (size_t i = 0; i < pool->leaving_count; i++)
		server_free(&pool->leaving[i]);
	free(pool->leaving);
	free(pool->server);
	loop_free_later(pool->context->loop, pool, free);
}

struct server *server_pool_add(struct server_pool *pool, const struct server_config *config)
{
	pool->server = mem_resize_array(pool->server, pool->count + 1, sizeof(*pool->server));
	pool->server[pool->count] = server_new(pool->context, config, &pool_listener, pool);
	return pool->server[pool->count++];
}

size_t server_pool_count(const struct server_pool *pool)
{
	return pool->count;
}

struct server *server_pool_at(const struct server_pool *pool, size_t i)
{
	return pool->server[i];
}

struct server *server_pool_find(const struct server_pool *pool, const char *name)
{
	for (size_t i = 0; i < pool->count; i++)
		if (strcmp(server_name(pool->server[i]), name) == 0)
			return pool->server[i];
	return NULL;
}

static void start_all(struct server_pool *pool, void (*start)(struct server *server),
		      loop_fn *settled, void *arg)
{
	pool->start = start;
	pool->settled = settled;
	pool->settled_arg = arg;
	for (size_t i = 0; i < pool->count; i++)
		start(pool->server[i]);
	loop_defer(pool->context->loop, tell_settled, pool);
}

void server_pool_start(struct server_pool *pool, loop_fn *settled, void *arg)
{
	start_all(pool, server_start, settled, arg);
}

void server_pool_start_lazily(struct server_pool *pool, loop_fn *settled, void *arg)
{
	start_all(pool, server_start_lazily, settled, arg);
}

void server_pool_stop(struct server_pool *pool, loop_fn *stopped, void *arg)
{
	pool->settled = NULL;
	pool->stopping = true;
	pool->stopped = stopped;
	pool->stopped_arg = arg;
	for (size_t i = 0; i < pool->count; i++)
		server_stop(pool->server[i]);
	for (size_t i = 0; i < pool->leaving_count; i++)
		server_stop(pool->leaving[i]);
	loop_defer(pool->context->loop, tell_stopped, pool);
}

void server_pool_refresh_tools(struct server_pool *pool)
{
	for (size_t i = 0; i < server_pool_count(pool); i++)
		server_refresh_tools(server_pool_at(pool, i));
}

/* Coming and going */

static bool is_leaving(const struct server_pool *pool, const char *name)
{
	for (size_t i = 0; i < pool->leaving_count; i++)
		if (strcmp(server_name(pool->leaving[i]), name) == 0)
			return true;
	return false;
}

/* Started, unless it waits for another of its name to be gone. */
static void start_when_alone(struct server_pool *pool, struct server *server)
{
	server_announce(server, "it waits for the end of the one that had its name");
	if (!is_leaving(pool, server_name(server)))
		pool->start(server);
}

static void forget(struct server ***list, size_t *count, size_t i)
{
	memmove(*list + i, *list + i + 1, (--*count - i) * sizeof(**list));
}

/* Calls of the last moment were refused, and are told so in this iteration of the loop. */
static bool is_gone(const struct server *server)
{
	return server_get_state(server) == SERVER_STOPPED && server_open_calls(server) == 0;
}

static void succeed(struct server_pool *pool, const char *name)
{
	struct server *server = server_pool_find(pool, name);

	if (server && !is_leaving(pool, name))
		pool->start(server);
}

static void reap(void *arg)
{
	struct server_pool *pool = arg;

	for (size_t i = pool->leaving_count; i-- > 0;) {
		struct server *gone = pool->leaving[i];

		if (!is_gone(gone)) {
			if (server_get_state(gone) == SERVER_STOPPED)
				loop_defer(pool->context->loop, reap, pool);
			continue;
		}
		forget(&pool->leaving, &pool->leaving_count, i);
		succeed(pool, server_name(gone));
		server_free(&gone);
	}
	loop_defer(pool->context->loop, tell_settled, pool);
}

struct server *server_pool_admit(struct server_pool *pool, const struct server_config *config)
{
	struct server *server = server_pool_add(pool, config);

	start_when_alone(pool, server);
	return server;
}

/* Into the list of those that leave; it is to be drained by the caller. */
static void take_out(struct server_pool *pool, struct server *server)
{
	size_t i = 0;

	while (pool->server[i] != server)
		i++;
	forget(&pool->server, &pool->count, i);
	pool->leaving =
		mem_resize_array(pool->leaving, pool->leaving_count + 1, sizeof(*pool->leaving));
	pool->leaving[pool->leaving_count++] = server;
	loop_defer(pool->context->loop, tell_settled, pool);
}

void server_pool_dismiss(struct server_pool *pool, struct server *server, const char *reason)
{
	take_out(pool, server);
	server_drain(server, reason);
}

struct server *server_pool_restart(struct server_pool *pool, struct server *server)
{
	struct server *next;

	take_out(pool, server);
	next = server_pool_admit(pool, server_config(server));
	server_succeed(next, server);
	/* One that does not answer keeps nobody waiting. */
	server_drain_within(server, "it is restarted",
			    server_is_up(server) && server_get_state(server) != SERVER_QUARANTINED
				    ? SERVER_RESTART_DRAIN_MS
				    : 0);
	return next;
}

size_t server_pool_leaving(const struct server_pool *pool)
{
	return pool->leaving_count;
}

const struct server *server_pool_leaving_at(const struct server_pool *pool, size_t i)
{
	return pool->leaving[i];
}

static void apply_step(struct server_pool *pool, const struct servers_step *step)
{
	struct server *server = step->before ? server_pool_find(pool, step->before->name) : NULL;

	switch (step->change) {
	case SERVERS_KEPT: /* perhaps it is written in another place */
	case SERVERS_RULES:
		server_set_config(server, step->after);
		break;
	case SERVERS_CHANGED:
		server_pool_dismiss(pool, server, "its entry in servers.d has changed");
		server_pool_admit(pool, step->after);
		break;
	case SERVERS_ADDED:
		server_pool_admit(pool, step->after);
		break;
	case SERVERS_REMOVED:
		server_pool_dismiss(pool, server, step->why);
		break;
	case SERVERS_HELD:
		break;
	}
}

void server_pool_apply(struct server_pool *pool, const struct servers_diff *diff)
{
	for (size_t i = 0; i < diff->steps && !pool->stopping; i++)
		apply_step(pool, &diff->step[i]);
}
