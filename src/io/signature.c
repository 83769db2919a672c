/* SPDX-License-Identifier: MIT */
/* ECDSA comes as DER from libcrypto and goes out as r and s side by side (RFC 7518, 3.4). */
#include "config.h"

#include "io/signature.h"

#include <string.h>

#ifdef HAVE_LIBCRYPTO

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#define P256_BITS	    256
#define P256_HALF_BYTES	    32
#define SIGNATURE_MAX_BYTES 1024 /* of RSA with 8192 bits */

static int no_passphrase(char *out, int size, int writing, void *arg)
{
	(void)out;
	(void)size;
	(void)writing;
	(void)arg;
	return 0; /* never asks at the terminal */
}

static EVP_PKEY *read_key(const char *pem)
{
	BIO *bio = BIO_new_mem_buf(pem, (int)strnlen(pem, 1 << 20));
	EVP_PKEY *key = bio ? PEM_read_bio_PrivateKey(bio, NULL, no_passphrase, NULL) : NULL;

	BIO_free(bio);
	return key;
}

static const char *algorithm_of(const EVP_PKEY *key)
{
	switch (EVP_PKEY_base_id(key)) {
	case EVP_PKEY_EC:
		return EVP_PKEY_bits(key) == P256_BITS ? "ES256" : NULL;
	case EVP_PKEY_RSA:
		return "RS256";
	default:
		return NULL;
	}
}

static int append_sides(const unsigned char *der, size_t len, struct buf *out)
{
	const unsigned char *at = der;
	ECDSA_SIG *signature = d2i_ECDSA_SIG(NULL, &at, (long)len);
	unsigned char sides[2 * P256_HALF_BYTES];
	const BIGNUM *r, *s;
	int good = 0;

	if (signature) {
		ECDSA_SIG_get0(signature, &r, &s);
		good = BN_bn2binpad(r, sides, P256_HALF_BYTES) == P256_HALF_BYTES &&
		       BN_bn2binpad(s, sides + P256_HALF_BYTES, P256_HALF_BYTES) == P256_HALF_BYTES;
	}
	ECDSA_SIG_free(signature);
	return good ? buf_append(out, sides, sizeof(sides)) : -1;
}

static int sign(EVP_PKEY *key, const char *text, struct buf *out)
{
	unsigned char bytes[SIGNATURE_MAX_BYTES];
	size_t len = sizeof(bytes);
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	int good = context && EVP_DigestSignInit(context, NULL, EVP_sha256(), NULL, key) == 1 &&
		   EVP_DigestSign(context, bytes, &len, (const unsigned char *)text,
				  strlen(text)) == 1;

	EVP_MD_CTX_free(context);
	if (!good)
		return -1;
	return EVP_PKEY_base_id(key) == EVP_PKEY_EC ? append_sides(bytes, len, out)
						    : buf_append(out, bytes, len);
}

int signature_make(const char *pem, const char *text, const char **algorithm, struct buf *out,
		   struct err *err)
{
	EVP_PKEY *key = read_key(pem);
	int status = 0;

	*algorithm = key ? algorithm_of(key) : NULL;
	if (!*algorithm)
		status = err_set(err, ERR_CONFIG,
				 "\"private_key\" is no private key in PEM, without a passphrase, "
				 "of RSA or of EC on P-256");
	else if (text && sign(key, text, out))
		status = err_set(err, ERR_CONFIG, "\"private_key\" cannot sign");
	EVP_PKEY_free(key);
	return status;
}

#else

int signature_make(const char *pem, const char *text, const char **algorithm, struct buf *out,
		   struct err *err)
{
	(void)pem;
	(void)text;
	(void)out;
	*algorithm = NULL;
	return err_set(err, ERR_UNAVAILABLE,
		       "signing with a \"private_key\" is not built in: it needs libcrypto");
}

#endif
