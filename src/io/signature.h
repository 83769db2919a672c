/* SPDX-License-Identifier: MIT */
/*
 * signature: signs with a private key, by libcrypto, for JSON Web Signatures (RFC 7515, RFC 7518).
 * Beside http.c, in `engine` only; a build without libcrypto says so.
 */
#ifndef CORDPAIR_IO_SIGNATURE_H
#define CORDPAIR_IO_SIGNATURE_H

#include "base/buf.h"
#include "base/err.h"

/*
 * Appends the signature of a text. pem: a private key, EC on P-256 or RSA. *algorithm: "ES256" or
 * "RS256", static, by the kind of the key; known before the text is, so text may be NULL.
 * ERR_CONFIG: no such key; ERR_UNAVAILABLE: not built in.
 */
int signature_make(const char *pem, const char *text, const char **algorithm, struct buf *out,
		   struct err *err) __attribute__((warn_unused_result));

#endif
