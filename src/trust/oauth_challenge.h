/* SPDX-License-Identifier: MIT */
/*
 * oauth_challenge: what WWW-Authenticate says about "Bearer" (RFC 9110, 11.6.1; RFC 6750, 3; RFC
 * 9728, 5.1). Everything else in the header is passed over.
 */
#ifndef CORDPAIR_TRUST_OAUTH_CHALLENGE_H
#define CORDPAIR_TRUST_OAUTH_CHALLENGE_H

#define OAUTH_PARAMETER_MAX_BYTES 4096 /* a longer one counts as absent */

struct oauth_challenge { /* each the parameter of that name, or NULL */
	char *resource_metadata;
	char *scope;
	char *error;
};

/* header: all values of the header, joined by commas. Never fails: what is odd is absent. */
void oauth_challenge_read(const char *header, struct oauth_challenge *challenge);
void oauth_challenge_clear(struct oauth_challenge *challenge);

#endif
