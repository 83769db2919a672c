/* SPDX-License-Identifier: MIT */
/*
 * user_agent: the interface by which a person's browser is sent to an authorization server and
 * comes back (RFC 6749, 4.1; RFC 8252).
 */
#ifndef CORDPAIR_TRUST_USER_AGENT_H
#define CORDPAIR_TRUST_USER_AGENT_H

#include "base/err.h"

/* query: of the redirect, without "?", valid during the call; NULL: err says why there is none. */
typedef void user_agent_fn(void *arg, const char *query, const struct err *err);

struct user_agent {
	/*
	 * The redirect URI to register and to ask with. port: wanted, 0 for any. Borrowed, good
	 * until the next call; NULL: it cannot be had (err).
	 */
	const char *(*redirect_uri)(struct user_agent *agent, long port, struct err *err);
	/* Shows the page. done comes later, once, unless cancelled. url is copied. */
	void (*visit)(struct user_agent *agent, const char *url, user_agent_fn *done, void *arg);
	/* Forgets the visit; the redirect URI is given up. */
	void (*cancel)(struct user_agent *agent);
};

#endif
