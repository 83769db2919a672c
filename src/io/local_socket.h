/* SPDX-License-Identifier: MIT */
/*
 * local_socket: a Unix stream socket with a name in the file system, for processes of one user.
 *
 * One process listens at a path: who does holds a lock on PATH.lock, which says its process id. The
 * lock goes with the process, however that ends, so what a killed one left is taken over.
 */
#ifndef CORDPAIR_IO_LOCAL_SOCKET_H
#define CORDPAIR_IO_LOCAL_SOCKET_H

#include "io/loop.h"

#define LOCAL_SOCKET_BACKLOG  128
#define LOCAL_SOCKET_RETRY_MS 100 /* when there is no descriptor left to accept with */
#define LOCAL_SOCKET_ACCEPTS  16  /* of one turn of the loop */

struct local_listener;

/* A peer of our own user; of all others the connection is closed before this. */
typedef void local_accept_fn(void *arg, int take_fd);

/*
 * Listens at the path, or on the socket that the service manager gave ($LISTEN_FDS, systemd.socket;
 * taken once, for the first listener). The socket is 0600; missing directories are made, 0700; that
 * of the path has to be our own and closed to all others (ERR_PERMISSION). Somebody listens there
 * already: ERR_UNAVAILABLE with os_errno EADDRINUSE, and the text says who.
 */
struct local_listener *local_listener_new(struct loop *loop, const char *path, local_accept_fn *fn,
					  void *arg, struct err *err)
	__attribute__((warn_unused_result));
/* Removes the socket, unless it is the service manager's, and gives the lock back. */
void local_listener_free(struct local_listener **listener);

/* Somebody listens there, or is about to. Asked without disturbing, or starting, anybody. */
bool local_socket_is_served(const char *path);

/*
 * Connects to who listens there; a non-blocking descriptor. ERR_UNAVAILABLE with the os_errno:
 * ENOENT and ECONNREFUSED are that nobody does, EAGAIN that too many wait there.
 */
int local_socket_connect(const char *path, struct err *err) __attribute__((warn_unused_result));

#endif
