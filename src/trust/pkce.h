/* SPDX-License-Identifier: MIT */
/* pkce: Proof Key for Code Exchange (RFC 7636), by S256 alone. */
#ifndef CORDPAIR_TRUST_PKCE_H
#define CORDPAIR_TRUST_PKCE_H

/* Random, of 256 bits, in the alphabet of section 4.1; fit for a `state` too. The caller frees. */
char *pkce_verifier(void);
/* Its code_challenge, section 4.2. The caller frees. */
char *pkce_challenge(const char *verifier);

#endif
