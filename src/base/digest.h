/* SPDX-License-Identifier: MIT */
/*
 * digest: SHA-256 (FIPS 180-4) by libmd or libcrypto, base64 (RFC 4648) and random bytes.
 */
#ifndef CORDPAIR_BASE_DIGEST_H
#define CORDPAIR_BASE_DIGEST_H

#include <stddef.h>

#include "base/buf.h"

#define DIGEST_BYTES	 32
#define DIGEST_HEX_BYTES 65 /* 64 digits and a NUL */
#define RANDOM_ID_DIGITS 32

void digest_sha256(const void *bytes, size_t len, unsigned char digest[DIGEST_BYTES]);
void digest_sha256_hex(const void *bytes, size_t len, char hex[DIGEST_HEX_BYTES]);
/* Appends the base64 of the bytes, padded. */
void base64_append(struct buf *out, const void *bytes, size_t len);
/* The same in the alphabet for URLs, not padded (section 5). */
void base64url_append(struct buf *out, const void *bytes, size_t len);
/* Size that base64 text would decode to, without decoding; -1 when it is not base64. */
long base64_decoded_size(const char *text, size_t len);
/* Appends the bytes that base64 text of either alphabet stands for; -1: it is none, or past max. */
int base64_decode(struct buf *out, const char *text, size_t len)
	__attribute__((warn_unused_result));
/* Fills out with n bytes of getrandom(2). */
void random_bytes(void *out, size_t n);
/* RANDOM_ID_DIGITS hexadecimal digits and a NUL: no two are the same. */
void random_id(char id[RANDOM_ID_DIGITS + 1]);

#endif
