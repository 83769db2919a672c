/* SPDX-License-Identifier: MIT */
/*
 * oauth_assertion: a client shows itself by a signed statement instead of a secret (RFC 7521, RFC
 * 7523, "private_key_jwt").
 */
#ifndef CORDPAIR_TRUST_OAUTH_ASSERTION_H
#define CORDPAIR_TRUST_OAUTH_ASSERTION_H

#include "base/buf.h"
#include "base/err.h"

#define OAUTH_ASSERTION_TYPE	   "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
#define OAUTH_ASSERTION_LIFETIME_S 300

/* Appends the JWT of this client for this audience (the issuer). Errors: signature_make()'s. */
int oauth_assertion_write(struct buf *out, const char *private_key, const char *client_id,
			  const char *audience, struct err *err)
	__attribute__((warn_unused_result));

#endif
