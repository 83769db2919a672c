/* SPDX-License-Identifier: MIT */
/* header.claims.signature, each in base64url (RFC 7519). */
#include "config.h"

#include "trust/oauth_assertion.h"

#include <time.h>

#include "base/digest.h"
#include "base/json_write.h"
#include "io/signature.h"

#define NONCE_BYTES 16

static void append_part(struct buf *out, struct buf *json)
{
	buf_append_char(json, '}');
	base64url_append(out, json->data, json->len);
	buf_clear(json);
}

static void write_header(struct buf *out, const char *algorithm)
{
	struct buf json = BUF_INIT;

	buf_append_char(&json, '{');
	json_write_member(&json, "alg", algorithm);
	json_write_member(&json, "typ", "JWT");
	append_part(out, &json);
}

static void write_claims(struct buf *out, const char *client_id, const char *audience)
{
	const int64_t now = (int64_t)time(NULL);
	unsigned char nonce[NONCE_BYTES];
	struct buf json = BUF_INIT, id = BUF_INIT;

	random_bytes(nonce, sizeof(nonce));
	base64url_append(&id, nonce, sizeof(nonce));
	buf_append_char(&json, '{');
	json_write_member(&json, "iss", client_id);
	json_write_member(&json, "sub", client_id);
	json_write_member(&json, "aud", audience);
	json_write_member(&json, "jti", id.data);
	json_write_member_int(&json, "iat", now);
	json_write_member_int(&json, "exp", now + OAUTH_ASSERTION_LIFETIME_S);
	append_part(out, &json);
	buf_clear(&id);
}

int oauth_assertion_write(struct buf *out, const char *private_key, const char *client_id,
			  const char *audience, struct err *err)
{
	struct buf token = BUF_INIT, signature = BUF_INIT;
	const char *algorithm;
	int status = signature_make(private_key, NULL, &algorithm, &signature, err);

	if (status == 0) {
		write_header(&token, algorithm);
		buf_append_char(&token, '.');
		write_claims(&token, client_id, audience);
		status = signature_make(private_key, token.data, &algorithm, &signature, err);
	}
	if (status == 0) {
		buf_append_char(&token, '.');
		base64url_append(&token, signature.data, signature.len);
		buf_append(out, token.data, token.len);
	}
	buf_clear(&token);
	buf_clear(&signature);
	return status;
}
