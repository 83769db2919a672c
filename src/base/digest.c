/* SPDX-License-Identifier: MIT */
/* Hashes and random bytes from libraries; base64 is written, and measured, never decoded, here. */
#include "config.h"

#include "base/digest.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#ifdef HAVE_LIBMD
#include <sha2.h>
#else
#include <openssl/sha.h>
#endif

#include "base/mem.h"

void digest_sha256(const void *bytes, size_t len, unsigned char digest[DIGEST_BYTES])
{
#ifdef HAVE_LIBMD
	SHA2_CTX context;

	SHA256Init(&context);
	SHA256Update(&context, bytes, len);
	SHA256Final(digest, &context);
#else
	SHA256(bytes, len, digest);
#endif
}

void digest_sha256_hex(const void *bytes, size_t len, char hex[DIGEST_HEX_BYTES])
{
	static const char digits[] = "0123456789abcdef";
	unsigned char digest[DIGEST_BYTES];

	digest_sha256(len ? bytes : "", len, digest);
	for (size_t i = 0; i < DIGEST_BYTES; i++) {
		hex[2 * i] = digits[digest[i] >> 4];
		hex[2 * i + 1] = digits[digest[i] & 15];
	}
	hex[DIGEST_HEX_BYTES - 1] = '\0';
}

static void append_base64(struct buf *out, const void *bytes, size_t len, const char digits[65],
			  bool padded)
{
	const unsigned char *at = bytes;

	for (size_t i = 0; i < len; i += 3) {
		size_t left = len - i;
		unsigned long three = (unsigned long)at[i] << 16 |
				      (left > 1 ? (unsigned long)at[i + 1] << 8 : 0) |
				      (left > 2 ? at[i + 2] : 0);

		buf_append_char(out, digits[three >> 18]);
		buf_append_char(out, digits[three >> 12 & 63]);
		if (left > 1 || padded)
			buf_append_char(out, left > 1 ? digits[three >> 6 & 63] : '=');
		if (left > 2 || padded)
			buf_append_char(out, left > 2 ? digits[three & 63] : '=');
	}
}

#define BASE64_LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

void base64_append(struct buf *out, const void *bytes, size_t len)
{
	append_base64(out, bytes, len, BASE64_LETTERS "+/", true);
}

void base64url_append(struct buf *out, const void *bytes, size_t len)
{
	append_base64(out, bytes, len, BASE64_LETTERS "-_", false);
}

static int is_base64(unsigned char byte)
{
	return (byte >= 'A' && byte <= 'Z') || (byte >= 'a' && byte <= 'z') ||
	       (byte >= '0' && byte <= '9') || byte == '+' || byte == '/' || byte == '-' ||
	       byte == '_';
}

long base64_decoded_size(const char *text, size_t len)
{
	while (len > 0 && text[len - 1] == '=')
		len--;
	for (size_t i = 0; i < len; i++)
		if (!is_base64((unsigned char)text[i]))
			return -1;
	return len % 4 == 1 ? -1 : (long)(len / 4 * 3 + (len % 4 ? len % 4 - 1 : 0));
}

void random_bytes(void *out, size_t n)
{
	char *at = out;

	while (n > 0) {
		ssize_t got = getrandom(at, n, 0);

		if (got < 0 && errno != EINTR)
			mem_exhausted();
		if (got > 0) {
			at += got;
			n -= (size_t)got;
		}
	}
}
