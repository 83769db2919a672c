/* SPDX-License-Identifier: MIT */
/*
 * json_keys: the keys seen so far in each open object, for finding duplicates. Internal to base/.
 *
 * A few keys are compared one by one; from JSON_KEYS_LINEAR_MAX on a hash set with a random seed
 * and bounded probing serves, so that a peer cannot make this slow.
 */
#ifndef CORDPAIR_BASE_JSON_KEYS_H
#define CORDPAIR_BASE_JSON_KEYS_H

#include <stdint.h>

#include "base/json_check.h"

#define JSON_KEYS_LINEAR_MAX 16
#define JSON_KEYS_INLINE     64
#define JSON_KEYS_MAX	     4000000 /* open at the same time */
#define JSON_KEYS_PROBES_MAX 128

struct json_key {
	const char *at;
	uint32_t len;
	uint32_t hash;
	bool escaped;
};

struct json_key_set {	/* of one large open object */
	uint32_t *slot; /* index + 1 into key[], 0: free */
	uint32_t mask;
	unsigned depth;
};

struct json_keys {
	struct json_key *key; /* the keys of all open objects, the innermost last */
	uint32_t count, cap;
	unsigned depth;
	uint32_t first[JSON_DEPTH_MAX]; /* of each open object */
	struct json_key_set set[JSON_DEPTH_MAX];
	unsigned sets; /* how many open objects have one; a stack */
	struct json_key inline_key[JSON_KEYS_INLINE];
};

extern const char json_keys_too_many[];

void json_keys_init(struct json_keys *keys);
void json_keys_clear(struct json_keys *keys);
void json_keys_open(struct json_keys *keys);
void json_keys_close(struct json_keys *keys);
/* key: the string's inside. NULL when it is new, else what is wrong. */
const char *json_keys_add(struct json_keys *keys, struct json_span key, bool escaped);

#endif
