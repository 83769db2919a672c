/* SPDX-License-Identifier: MIT */
/* Sets of keys for json_check; nothing is allocated for objects of ordinary size. */
#include "config.h"

#include "base/json_keys.h"

#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "base/json_scan.h"
#include "base/mem.h"

const char json_keys_too_many[] = "more keys than are allowed";
static const char is_duplicate[] = "a key that is there already";
static const char has_nul[] = "a NUL in a key";

void json_keys_init(struct json_keys *keys)
{
	keys->key = keys->inline_key;
	keys->cap = JSON_KEYS_INLINE;
	keys->count = 0;
	keys->depth = 0;
	keys->sets = 0;
}

void json_keys_clear(struct json_keys *keys)
{
	while (keys->sets > 0)
		free(keys->set[--keys->sets].slot);
	if (keys->key != keys->inline_key)
		free(keys->key);
}

void json_keys_open(struct json_keys *keys)
{
	keys->first[keys->depth++] = keys->count;
}

void json_keys_close(struct json_keys *keys)
{
	if (keys->sets > 0 && keys->set[keys->sets - 1].depth == keys->depth)
		free(keys->set[--keys->sets].slot);
	keys->count = keys->first[--keys->depth];
}

static uint32_t hash_seed(void)
{
	static uint32_t seed; /* racing threads would write a seed each: both are good */

	if (!seed) {
		uint32_t random;

		random_bytes(&random, sizeof(random));
		__atomic_store_n(&seed, random | 1, __ATOMIC_RELAXED);
	}
	return __atomic_load_n(&seed, __ATOMIC_RELAXED);
}

static uint32_t hash_bytes(uint32_t hash, const char *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++)
		hash = (hash ^ (unsigned char)bytes[i]) * 0x01000193u;
	return hash;
}

static uint32_t hash_key(const struct json_key *key)
{
	const char *at = key->at, *end = key->at + key->len;
	uint32_t hash = hash_seed();
	char utf8[4];
	size_t n;

	if (!key->escaped)
		return hash_bytes(hash, at, key->len);
	while ((n = json_decode_next(&at, end, utf8)) > 0)
		hash = hash_bytes(hash, utf8, n);
	return hash;
}

static bool same_decoded(const struct json_key *a, const struct json_key *b)
{
	const char *at_a = a->at, *at_b = b->at;

	for (;;) {
		char utf8_a[4], utf8_b[4];
		size_t n_a = json_decode_next(&at_a, a->at + a->len, utf8_a);
		size_t n_b = json_decode_next(&at_b, b->at + b->len, utf8_b);

		if (n_a != n_b || memcmp(utf8_a, utf8_b, n_a))
			return false;
		if (n_a == 0)
			return true;
	}
}

static bool same_key(const struct json_key *a, const struct json_key *b)
{
	if (a->hash != b->hash)
		return false;
	if (a->escaped || b->escaped)
		return same_decoded(a, b);
	return a->len == b->len && memcmp(a->at, b->at, a->len) == 0;
}

/* Puts key[index] into the set; false when an equal one is there or probing takes too long. */
static const char *set_put(struct json_keys *keys, struct json_key_set *set, uint32_t index)
{
	const struct json_key *key = &keys->key[index];
	uint32_t at = (key->hash ^ key->hash >> 15) & set->mask;

	for (int probes = 0; probes < JSON_KEYS_PROBES_MAX; probes++, at = (at + 1) & set->mask) {
		if (!set->slot[at]) {
			set->slot[at] = index + 1;
			return NULL;
		}
		if (same_key(&keys->key[set->slot[at] - 1], key))
			return is_duplicate;
	}
	return json_keys_too_many;
}

/* A set for the innermost object, with room for twice its keys (again and again as it grows). */
static const char *set_build(struct json_keys *keys, uint32_t members)
{
	uint32_t size = JSON_KEYS_LINEAR_MAX * 4;
	struct json_key_set *set;

	while (size < members * 4)
		size *= 2;
	if (keys->sets > 0 && keys->set[keys->sets - 1].depth == keys->depth)
		free(keys->set[--keys->sets].slot);
	set = &keys->set[keys->sets++];
	*set = (struct json_key_set){calloc(size, sizeof(uint32_t)), size - 1, keys->depth};
	if (!set->slot)
		mem_exhausted();
	for (uint32_t i = keys->count - members; i < keys->count; i++) {
		const char *what = set_put(keys, set, i);

		if (what)
			return what;
	}
	return NULL;
}

static int make_room(struct json_keys *keys)
{
	struct json_key *larger;

	if (keys->count < keys->cap)
		return 0;
	if (keys->count >= JSON_KEYS_MAX)
		return -1;
	larger = mem_new_array((size_t)keys->cap * 2, sizeof(*larger));
	memcpy(larger, keys->key, keys->count * sizeof(*larger));
	if (keys->key != keys->inline_key)
		free(keys->key);
	keys->key = larger;
	keys->cap *= 2;
	return 0;
}

const char *json_keys_add(struct json_keys *keys, struct json_span span, bool escaped)
{
	uint32_t first = keys->first[keys->depth - 1], members;
	struct json_key *key;

	if (span.len > UINT32_MAX || make_room(keys))
		return json_keys_too_many;
	if (escaped && memmem(span.at, span.len, "\\u0000", 6))
		return has_nul;
	key = &keys->key[keys->count++];
	*key = (struct json_key){span.at, (uint32_t)span.len, 0, escaped};
	key->hash = hash_key(key);
	members = keys->count - first;
	if (members > JSON_KEYS_LINEAR_MAX) {
		struct json_key_set *set = keys->sets ? &keys->set[keys->sets - 1] : NULL;

		if (!set || set->depth != keys->depth || members * 2 > set->mask)
			return set_build(keys, members);
		return set_put(keys, set, keys->count - 1);
	}
	for (uint32_t i = first; i < keys->count - 1; i++)
		if (same_key(&keys->key[i], key))
			return is_duplicate;
	return NULL;
}
