/* SPDX-License-Identifier: MIT */
/* Hashes and random bytes from libraries; base64 in both of its alphabets. */
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

/* The value of a digit of either alphabet, or -1. */
static int base64_digit(unsigned char byte)
{
	if (byte >= 'A' && byte <= 'Z')
		return byte - 'A';
	if (byte >= 'a' && byte <= 'z')
		return byte - 'a' + 26;
	if (byte >= '0' && byte <= '9')
		return byte - '0' + 52;
	if (byte == '+' || byte == '-')
		return 62;
	return byte == '/' || byte == '_' ? 63 : -1;
}

long base64_decoded_size(const char *text, size_t len)
{
	while (len > 0 && text[len - 1] == '=')
		len--;
	for (size_t i = 0; i < len; i++)
		if (base64_digit((unsigned char)text[i]) < 0)
			return -1;
	return len % 4 == 1 ? -1 : (long)(len / 4 * 3 + (len % 4 ? len % 4 - 1 : 0));
}

int base64_decode(struct buf *out, const char *text, size_t len)
{
	long size = base64_decoded_size(text, len);
	unsigned long bits = 0;

	if (size < 0)
		return -1;
	for (size_t i = 0, have = 0; size > 0; i++) {
		bits = bits << 6 | (unsigned long)base64_digit((unsigned char)text[i]);
		have += 6;
		if (have < 8)
			continue;
		have -= 8;
		if (buf_append_char(out, (char)(bits >> have & 0xff)))
			return -1;
		size--;
	}
	return 0;
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

void random_id(char id[RANDOM_ID_DIGITS + 1])
{
	unsigned char bytes[RANDOM_ID_DIGITS / 2];

	random_bytes(bytes, sizeof(bytes));
	for (size_t i = 0; i < sizeof(bytes); i++)
		snprintf(id + 2 * i, 3, "%02x", bytes[i]);
}
