/* SPDX-License-Identifier: MIT */
/*
 * Why different pairs get different names. A plain name is SERVER__TOOL where SERVER neither holds
 * "__" nor ends in '_', so its first "__" is the joint. Every other pair ends in '_' and eight hex
 * digits of a hash of the pair, and a pair whose plain name would look like that is hashed as well.
 */
#include "config.h"

#include "model/tool_names.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "base/buf.h"
#include "base/digest.h"

#define JOINT	     "__"
#define HASH_DIGITS  8
#define SUFFIX_BYTES (1 + HASH_DIGITS) /* '_' and the digits */

static bool is_letter(char byte)
{
	return (byte >= 'A' && byte <= 'Z') || (byte >= 'a' && byte <= 'z');
}

static bool is_digit(char byte)
{
	return byte >= '0' && byte <= '9';
}

static bool is_allowed(char byte)
{
	return is_letter(byte) || is_digit(byte) || byte == '_' || byte == '-';
}

static bool all_allowed(const char *text)
{
	while (*text && is_allowed(*text))
		text++;
	return *text == '\0';
}

/* True when SERVER__TOOL can be read in one way only and needs no replacing. */
static bool joins_plainly(const char *server, const char *tool)
{
	size_t len = strlen(server);

	return len > 0 && *tool != '\0' && all_allowed(server) && all_allowed(tool) &&
	       (is_letter(*server) || is_digit(*server)) && server[len - 1] != '_' &&
	       !strstr(server, JOINT) && *tool != '_';
}

static bool looks_hashed(const char *name, size_t len)
{
	const char *suffix = name + len - SUFFIX_BYTES;

	return len > SUFFIX_BYTES && *suffix == '_' &&
	       strspn(suffix + 1, "0123456789abcdef") == HASH_DIGITS;
}

/* Tools' names come from servers and may be long: what cannot fit is not looked at. */
static void append_allowed(struct buf *name, const char *text)
{
	for (; *text && name->len <= TOOL_NAMES_MAX_BYTES; text++)
		buf_append_char(name, is_allowed(*text) ? *text : '_');
}

static void append_hash(struct buf *name, const char *server, const char *tool)
{
	struct buf pair = BUF_INIT;
	char hex[DIGEST_HEX_BYTES];

	buf_append(&pair, server, strlen(server) + 1); /* the NUL parts the two */
	buf_append_text(&pair, tool);
	digest_sha256_hex(pair.data, pair.len, hex);
	buf_clear(&pair);
	if (name->len > TOOL_NAMES_MAX_BYTES - SUFFIX_BYTES)
		buf_truncate(name, TOOL_NAMES_MAX_BYTES - SUFFIX_BYTES);
	buf_append_char(name, '_');
	buf_append(name, hex, HASH_DIGITS);
}

void tool_name_for_model(const char *server, const char *tool, char name[TOOL_NAMES_MAX_BYTES + 1])
{
	struct buf text = BUF_INIT;

	if (!is_letter(*server) && *server != '_')
		buf_append_char(&text, '_');
	append_allowed(&text, server);
	buf_append_text(&text, JOINT);
	append_allowed(&text, tool);
	if (!joins_plainly(server, tool) || text.len > TOOL_NAMES_MAX_BYTES ||
	    looks_hashed(text.data, text.len))
		append_hash(&text, server, tool);
	memcpy(name, text.data, text.len + 1);
	buf_clear(&text);
}
