/* SPDX-License-Identifier: MIT */
/*
 * Names of properties, there and back. The name that is sent depends on the original only (a hash
 * of it is at the end), so one table serves every level of the arguments.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "base/json_check.h"
#include "base/json_write.h"
#include "base/mem.h"
#include "model/schema_lowering.h"

#define HASH_DIGITS 8

static bool is_allowed(char byte)
{
	return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
	       (byte >= '0' && byte <= '9') || (byte && strchr("_.-", byte));
}

static bool is_good(const char *key)
{
	size_t len = 0;

	while (is_allowed(key[len]))
		len++;
	return len > 0 && len <= SCHEMA_KEY_MAX_BYTES && !key[len];
}

static char *make_name(const char *key)
{
	struct buf name = BUF_INIT;
	char hex[DIGEST_HEX_BYTES];

	digest_sha256_hex(key, strlen(key), hex);
	for (; *key && name.len < SCHEMA_KEY_MAX_BYTES - HASH_DIGITS - 1; key++)
		buf_append_char(&name, is_allowed(*key) ? *key : '_');
	buf_append_char(&name, '_');
	buf_append(&name, hex, HASH_DIGITS);
	return buf_take(&name);
}

const char *schema_key_sent(struct schema_lowering *lowering, const char *key)
{
	struct schema_lowered *lowered = lowering->lowered;

	if (!(lowering->rules & SCHEMA_RULE_KEYS) || is_good(key))
		return key;
	for (size_t i = 0; i < lowered->keys; i++)
		if (strcmp(lowered->key[i].original, key) == 0)
			return lowered->key[i].sent;
	if (lowered->keys == SCHEMA_KEYS_MAX)
		return key;
	lowered->key = mem_resize_array(lowered->key, lowered->keys + 1, sizeof(*lowered->key));
	lowered->key[lowered->keys] = (struct schema_key){make_name(key), mem_string(key)};
	schema_note(lowering, key, false, "goes out as \"%s\"", lowered->key[lowered->keys].sent);
	return lowered->key[lowered->keys++].sent;
}

/* The length of the string that begins at text, quotes counted. */
static size_t string_len(const char *text, size_t len)
{
	size_t i = 1;

	while (i < len && text[i] != '"')
		i += text[i] == '\\' ? 2 : 1;
	return i < len ? i + 1 : len;
}

static const char *original_of(const struct schema_key *key, size_t keys, struct json_span sent)
{
	for (size_t i = 0; i < keys; i++)
		if (json_span_equals(sent, key[i].sent))
			return key[i].original;
	return NULL;
}

/* In JSON a string before a colon is a name, and nothing else is. */
int schema_keys_restore(const struct schema_key *key, size_t keys, const char *arguments,
			size_t len, struct buf *out)
{
	for (size_t i = 0; i < len;) {
		struct json_span string = {arguments + i, 0};
		const char *original = NULL;
		size_t after;

		if (arguments[i] != '"') {
			buf_append_char(out, arguments[i++]);
			continue;
		}
		string.len = string_len(arguments + i, len - i);
		after = i + string.len;
		while (after < len && strchr(" \t\r\n", arguments[after]))
			after++;
		if (after < len && arguments[after] == ':')
			original = original_of(key, keys, string);
		if (original)
			json_write_string(out, original);
		else
			buf_append(out, string.at, string.len);
		i += string.len;
	}
	return out->overflowed ? -1 : 0;
}
