/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "trust/pkce.h"

#include <string.h>

#include "base/digest.h"

#define VERIFIER_BYTES 32

char *pkce_verifier(void)
{
	unsigned char bytes[VERIFIER_BYTES];
	struct buf text = BUF_INIT;

	random_bytes(bytes, sizeof(bytes));
	base64url_append(&text, bytes, sizeof(bytes));
	return buf_take(&text);
}

char *pkce_challenge(const char *verifier)
{
	unsigned char digest[DIGEST_BYTES];
	struct buf text = BUF_INIT;

	digest_sha256(verifier, strlen(verifier), digest);
	base64url_append(&text, digest, sizeof(digest));
	return buf_take(&text);
}
