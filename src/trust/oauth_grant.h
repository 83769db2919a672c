/* SPDX-License-Identifier: MIT */
/*
 * oauth_grant: what is said to an authorization server's registration and token endpoints, and what
 * it answers (RFC 7591; RFC 6749, 4.1.3, 4.4, 5, 6; RFC 8707). Pure: texts out, structs in.
 */
#ifndef CORDPAIR_TRUST_OAUTH_GRANT_H
#define CORDPAIR_TRUST_OAUTH_GRANT_H

#include "base/buf.h"
#include "trust/oauth_metadata.h"
#include "trust/oauth_store.h"

#define OAUTH_SECRET_MAX_BYTES ((size_t)16 << 10) /* a token, or a secret */

/* The body of a registration: a native client with this redirect URI. */
void oauth_registration_write(struct buf *out, const struct oauth_issuer *issuer,
			      const char *redirect_uri, const char *scope);
/* NULL: err says what the server said. */
struct oauth_client *oauth_registration_read(long status, const char *body, size_t len,
					     const struct oauth_issuer *issuer,
					     const char *redirect_uri, struct err *err)
	__attribute__((warn_unused_result));

/* How a client with (or without) a secret shows itself at the token endpoint; static text. */
const char *oauth_auth_method(const struct oauth_issuer *issuer, bool has_secret);

/*
 * Adds the client's credentials to the form, or makes the value of Authorization (caller frees;
 * NULL: none is needed).
 */
char *oauth_grant_authenticate(struct buf *form, const struct oauth_client *client);

/*
 * A token of the issuer's, or NULL. *invalid_grant and *invalid_client: what was presented is worth
 * nothing (any more).
 */
struct oauth_token *oauth_grant_read(long status, const char *body, size_t len,
				     const struct oauth_issuer *issuer, bool *invalid_grant,
				     bool *invalid_client, struct err *err)
	__attribute__((warn_unused_result));

/* The token of an exchange (RFC 8693), which is of no type of its own, or NULL. Caller frees. */
char *oauth_exchange_read(long status, const char *body, size_t len, struct err *err)
	__attribute__((warn_unused_result));

/* An OAuth error of a redirect or a body, in one line that is safe to show. */
void oauth_error_describe(const char *error, const char *description, struct buf *out);

#endif
