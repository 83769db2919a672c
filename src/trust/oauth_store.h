/* SPDX-License-Identifier: MIT */
/*
 * oauth_store: what logins left behind, in files of mode 0600 below a directory of our own.
 *
 * A token belongs to an entry (its name and its address) and says which authorization server gave
 * it; a client belongs to an authorization server and to nobody else. Blocking, small files: used
 * at the beginning and the end of a login only.
 */
#ifndef CORDPAIR_TRUST_OAUTH_STORE_H
#define CORDPAIR_TRUST_OAUTH_STORE_H

#include <stdint.h>

#include "base/err.h"
#include "config/server_config.h"

#define OAUTH_FILE_MAX_BYTES ((size_t)256 << 10)

struct oauth_token {
	char *issuer;	     /* who gave it, and alone may renew it */
	char *access_token;  /* NULL: only what would have to be asked for is known */
	char *refresh_token; /* or NULL */
	char *scope;	     /* asked for or granted; or NULL */
	int64_t expires_at;  /* seconds since 1970; 0: not said */
};

struct oauth_client {
	char *issuer; /* whose client this is */
	char *id;
	char *secret;	    /* or NULL */
	char *auth_method;  /* "none", "client_secret_basic", "client_secret_post" */
	char *redirect_uri; /* that it was registered with; or NULL */
};

/* NULL: there is none, or it cannot be used (why goes to the log). dir: "…/oauth". */
struct oauth_token *oauth_store_token(const char *dir, const struct server_config *config);
struct oauth_client *oauth_store_client(const char *dir, const char *issuer);
int oauth_store_keep_token(const char *dir, const struct server_config *config,
			   const struct oauth_token *token, struct err *err)
	__attribute__((warn_unused_result));
int oauth_store_keep_client(const char *dir, const struct oauth_client *client, struct err *err)
	__attribute__((warn_unused_result));
/* 1: removed, 0: there was none. */
int oauth_store_forget_token(const char *dir, const struct server_config *config, struct err *err)
	__attribute__((warn_unused_result));
void oauth_store_forget_client(const char *dir, const char *issuer);

/*
 * One login or renewal of an entry at a time, across processes. A descriptor to close when it is
 * over; -1 and EWOULDBLOCK in err->os_errno: somebody else is at it.
 */
int oauth_store_lock(const char *dir, const struct server_config *config, struct err *err)
	__attribute__((warn_unused_result));

void oauth_token_free(struct oauth_token **token);
void oauth_client_free(struct oauth_client **client);

#endif
