/* SPDX-License-Identifier: MIT */
/*
 * oauth_flow: one login, from a challenge to a token: discovery, renewal where the old token can be
 * renewed, else a client and a grant (MCP "Authorization"; OAuth 2.1; PKCE, RFC 7636; `iss`, RFC
 * 9207).
 */
#ifndef CORDPAIR_TRUST_OAUTH_FLOW_H
#define CORDPAIR_TRUST_OAUTH_FLOW_H

#include <stdbool.h>

#include "io/http.h"
#include "trust/oauth_store.h"
#include "trust/user_agent.h"

struct oauth_flow;

struct oauth_flow_request {
	struct loop *loop;
	struct http *http;
	const char *store;	  /* directory */
	struct user_agent *agent; /* NULL: nobody can be asked */
	const struct server_config *config;
	const char *challenge;		 /* WWW-Authenticate, or "" */
	const struct oauth_token *token; /* that was not good enough, or NULL */
	bool renews;	   /* its refresh token may be used: not when more is wanted than it has */
	const char *scope; /* wanted besides, or NULL */
};

/*
 * take_token: the receiver's; it is in the store already. NULL: err says why. *scope of a failure
 * is what would have to be asked for, or NULL.
 */
typedef void oauth_flow_fn(void *arg, struct oauth_token *take_token, const char *issuer,
			   const char *scope, const struct err *err);

/* done comes later, once, unless cancelled. What the request points to is borrowed until then. */
struct oauth_flow *oauth_flow_start(const struct oauth_flow_request *request, oauth_flow_fn *done,
				    void *arg) __attribute__((warn_unused_result));
void oauth_flow_cancel(struct oauth_flow **flow);

#endif
