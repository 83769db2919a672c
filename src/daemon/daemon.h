/* SPDX-License-Identifier: MIT */
/*
 * daemon: warm servers behind the control socket. It has the servers of a program that stays, and
 * the methods by which other processes of the user see and use them.
 *
 * More methods, of the daemon's program: daemon_add_methods().
 */
#ifndef CORDPAIR_DAEMON_DAEMON_H
#define CORDPAIR_DAEMON_DAEMON_H

#include "daemon/control_server.h"
#include "mcp/server_pool.h"

#define DAEMON_YES_TO_MAX 256 /* globs of a call */

struct daemon;

struct daemon_parts { /* borrowed until the daemon is freed */
	struct loop *loop;
	struct server_pool *pool;
	/* Somebody wants it to end: stop the servers, then free it. At most once. */
	loop_fn *on_stop;
	void *arg;
};

/* Listens. ERR_UNAVAILABLE: another one runs; the text says which. */
struct daemon *daemon_new(const struct daemon_parts *parts, struct err *err)
	__attribute__((warn_unused_result));
/* Closes the socket; who waits for the daemon's end sees it now. */
void daemon_free(struct daemon **daemon);

/*
 * For server_listener.on_request and on_request_withdrawn: what a server asks is asked the client
 * that has a call of it open, the last one that has a person. False: there is none, and the
 * request is still the caller's.
 */
bool daemon_take_request(struct daemon *daemon, struct server *server,
			 struct server_request *request);
void daemon_withdraw_request(struct daemon *daemon, struct server_request *request);

/* For server_listener.on_state: what waits for a server is looked at again. */
void daemon_note_state(struct daemon *daemon, const struct server *server);

void daemon_add_methods(struct daemon *daemon, const struct control_method *methods, void *arg);
/* As the method `stop` does: on_stop comes, later. */
void daemon_stop(struct daemon *daemon);
const char *daemon_socket_path(const struct daemon *daemon);

#endif
