/* SPDX-License-Identifier: MIT */
/*
 * oauth: the authorizer of remote MCP servers: it keeps each server's token, answers challenges
 * with one flow per server at a time (all who wait get its outcome), and across processes lets one
 * renew while the others wait and then take what it got.
 */
#ifndef CORDPAIR_TRUST_OAUTH_H
#define CORDPAIR_TRUST_OAUTH_H

#include "io/http.h"
#include "trust/authorizer.h"
#include "trust/user_agent.h"

#define OAUTH_LOCK_WAIT_MS  30000 /* for another process that renews the same login */
#define OAUTH_LOCK_RETRY_MS 100

struct oauth;

/* store: the directory of logins; copied. Never NULL. */
struct oauth *oauth_new(struct loop *loop, struct http *http, const char *store);
void oauth_free(struct oauth **oauth); /* cancels what is under way */
struct authorizer *oauth_authorizer(struct oauth *oauth);

/*
 * Whom to ask for a login. NULL, as at first: nobody, and servers say that they need one. What was
 * under way with another one is broken off.
 */
void oauth_set_user_agent(struct oauth *oauth, struct user_agent *agent);

/*
 * Logs in anew even where there is a token, at the server's next challenge. scope: wanted besides,
 * or NULL.
 */
void oauth_expect_login(struct oauth *oauth, const struct server_config *config, const char *scope);
/* Was there a login since? */
bool oauth_logged_in(struct oauth *oauth, const struct server_config *config);
/* Logs in without a challenge. done comes later, once; authorizer->cancel() cancels it. */
void oauth_login(struct oauth *oauth, const struct server_config *config, authorizer_fn *done,
		 void *arg);

#endif
