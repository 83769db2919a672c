/* SPDX-License-Identifier: MIT */
/*
 * schema_lower: a tool's inputSchema as a provider family takes it.
 *
 * Deterministic, and lossless where the family allows: what cannot be said as a keyword is said in
 * the description, and each change is listed. Every family gets: an object with "properties" at the
 * root and no choice there, local $ref inlined (cycles cut), no $schema, $id, x-…, arrays with
 * items, "required" only of what there is. The model's arguments are checked against the original
 * schema, never against this one.
 *
 * Limits: SCHEMA_DEPTH_MAX levels and SCHEMA_NODES_MAX schemas after inlining; what is beyond takes
 * anything.
 */
#ifndef CORDPAIR_MODEL_SCHEMA_LOWER_H
#define CORDPAIR_MODEL_SCHEMA_LOWER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "model/schema_family.h"

#define SCHEMA_DEPTH_MAX      32   /* levels of schemas, $ref counted */
#define SCHEMA_NODES_MAX      5000 /* schemas of one tool, after inlining */
#define SCHEMA_CHANGES_MAX    64   /* listed of one tool */
#define SCHEMA_KEYS_MAX	      1000 /* renamed of one tool */
#define SCHEMA_KEY_MAX_BYTES  64   /* a property's name, where the family limits it */
#define SCHEMA_HINT_MAX_BYTES 200  /* of a keyword that moves into the description */

struct schema_change {
	char *where; /* JSON pointer into the schema as listed; "" is its root */
	char *what;  /* "\"format\" went into the description" */
	bool lossy;  /* the model knows less than before */
};

struct schema_key { /* a property that the family takes under another name only */
	char *sent, *original;
};

struct schema_lowered {
	char *parameters; /* JSON text of an object */
	struct schema_change *change;
	size_t changes;
	size_t unlisted; /* beyond SCHEMA_CHANGES_MAX */
	struct schema_key *key;
	size_t keys;
};

/* schema: checked or not; one that is no JSON object becomes an object without properties. */
void schema_lower(const char *schema, enum schema_family family, struct schema_lowered *lowered);
void schema_lowered_clear(struct schema_lowered *lowered);

/*
 * Appends the arguments (checked JSON) with the original names of the properties. -1: past the
 * buffer's maximum.
 */
int schema_keys_restore(const struct schema_key *key, size_t keys, const char *arguments,
			size_t len, struct buf *out) __attribute__((warn_unused_result));

#endif
