/* SPDX-License-Identifier: MIT */
/*
 * redirect_listener: waits on loopback for the one request by which a browser comes back from a
 * login page (RFC 8252, 7.3), and tells the person that the window may be closed.
 */
#ifndef CORDPAIR_IO_REDIRECT_LISTENER_H
#define CORDPAIR_IO_REDIRECT_LISTENER_H

#include <stddef.h>

#include "base/err.h"
#include "io/loop.h"

#define REDIRECT_PATH		 "/callback"
#define REDIRECT_CONNECTIONS_MAX 8 /* browsers open some in advance; more wait */
#define REDIRECT_HEAD_MAX_BYTES	 ((size_t)32 << 10)
#define REDIRECT_SILENCE_MS	 10000 /* a connection that says nothing is closed */

struct redirect_listener;

/* The query of GET /callback?query; called for each such request. */
typedef void redirect_fn(void *arg, const char *query);

/* Listens on 127.0.0.1; port 0: any. NULL: err says why, as for a port that is in use. */
struct redirect_listener *redirect_listener_new(struct loop *loop, long port, redirect_fn *fn,
						void *arg, struct err *err)
	__attribute__((warn_unused_result));
long redirect_listener_port(const struct redirect_listener *listener);
void redirect_listener_free(struct redirect_listener **listener); /* also inside the callback */

#endif
