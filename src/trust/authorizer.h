/* SPDX-License-Identifier: MIT */
/*
 * authorizer: who gets the right to talk to a remote server (MCP, "Authorization"). The interface
 * between a transport, which sees 401 and 403, and the program, which has credentials and people.
 */
#ifndef CORDPAIR_TRUST_AUTHORIZER_H
#define CORDPAIR_TRUST_AUTHORIZER_H

#include <stdbool.h>

#include "base/err.h"
#include "config/server_config.h"

/* retry: send the request again, authorization() has something new. Else why not (err). */
typedef void authorizer_fn(void *arg, bool retry, const struct err *err);

struct authorizer_challenge {
	long status;
	const char *header; /* WWW-Authenticate, all of them; or "" */
	const char *used;   /* what was sent as Authorization; or NULL */
};

struct authorizer {
	/* The value of the header `Authorization`, or NULL: none. Borrowed until the next call. */
	const char *(*authorization)(struct authorizer *authorizer,
				     const struct server_config *config);
	/*
	 * The server answered 401, or 403 with insufficient_scope. done comes later, once, unless
	 * cancelled.
	 */
	void (*challenge)(struct authorizer *authorizer, const struct server_config *config,
			  const struct authorizer_challenge *challenge, authorizer_fn *done,
			  void *arg);
	/* Forgets the challenge with this arg. */
	void (*cancel)(struct authorizer *authorizer, void *arg);
};

#endif
