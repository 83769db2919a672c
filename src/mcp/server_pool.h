/* SPDX-License-Identifier: MIT */
/*
 * server_pool: all servers of a run; started and stopped together, each independent of the others;
 * and what becomes of them when servers.d changes under a program that stays.
 */
#ifndef CORDPAIR_MCP_SERVER_POOL_H
#define CORDPAIR_MCP_SERVER_POOL_H

#include <stddef.h>

#include "config/servers_diff.h"
#include "mcp/server.h"

struct server_pool;

/* listener and arg are handed to every server. */
struct server_pool *server_pool_new(const struct mcp_context *context,
				    const struct server_listener *listener, void *arg);
void server_pool_free(struct server_pool **pool);

/* Keeps a reference to config. In the order added. */
struct server *server_pool_add(struct server_pool *pool, const struct server_config *config);
size_t server_pool_count(const struct server_pool *pool);
struct server *server_pool_at(const struct server_pool *pool, size_t i);
struct server *server_pool_find(const struct server_pool *pool, const char *name);

/*
 * Starts all at the same time. settled(arg) comes once, when each is READY or FAILED or its
 * start_timeout_ms is over (it is then stopped and FAILED, with that reason).
 */
void server_pool_start(struct server_pool *pool, loop_fn *settled, void *arg);
/* The same with server_start_lazily() of each. */
void server_pool_start_lazily(struct server_pool *pool, loop_fn *settled, void *arg);
/* Stops all at the same time; stopped(arg) comes once none is left, at most 6 s later. */
void server_pool_stop(struct server_pool *pool, loop_fn *stopped, void *arg);

/*
 * Into a pool that was started: it starts at once or, where one of its name is still leaving, when
 * that one is gone. Keeps a reference to config.
 */
struct server *server_pool_admit(struct server_pool *pool, const struct server_config *config);
/*
 * Out of it: from now on it is not in the pool, and takes no new calls (reason: one clause). Those
 * under way finish, within their own deadlines; then it is stopped and freed. Who else holds it has
 * a reference.
 */
void server_pool_dismiss(struct server_pool *pool, struct server *server, const char *reason);
/*
 * Another one of the same entry in its place, which has its record. Calls under way finish within
 * SERVER_RESTART_DRAIN_MS or are lost; what is asked from now on waits for the new one.
 */
struct server *server_pool_restart(struct server_pool *pool, struct server *server);
/*
 * Makes the pool what `diff`, of what it has now, says: dismisses, admits, hands over new rules.
 * Nothing is done to the others.
 */
void server_pool_apply(struct server_pool *pool, const struct servers_diff *diff);
/* Those that are leaving. */
size_t server_pool_leaving(const struct server_pool *pool);
const struct server *server_pool_leaving_at(const struct server_pool *pool, size_t i);

/* server_refresh_tools() of each. */
void server_pool_refresh_tools(struct server_pool *pool);

#endif
