/* SPDX-License-Identifier: MIT */
/*
 * schema_lowering: one lowering under way. Internal to model/schema_*.c.
 */
#ifndef CORDPAIR_MODEL_SCHEMA_LOWERING_H
#define CORDPAIR_MODEL_SCHEMA_LOWERING_H

#include <json-c/json_types.h>

#include "model/schema_lower.h"

enum schema_rule {
	SCHEMA_RULE_KEYS = 1,  /* properties are named [A-Za-z0-9_.-]{1,64} */
	SCHEMA_RULE_CORE = 2,  /* the root has type, properties and required only */
	SCHEMA_RULE_PLAIN = 4, /* the subset that Gemini takes: schema_plain.c */
};

struct schema_lowering {
	struct json_object *root; /* as listed */
	unsigned rules;
	struct schema_lowered *lowered;
	struct buf path;
	size_t nodes;
	const struct json_object *open[SCHEMA_DEPTH_MAX]; /* targets of $ref that are inlined now */
	size_t opened;
};

/* Lists a change at the current path, or at its member (NULL: itself). */
void schema_note(struct schema_lowering *lowering, const char *member, bool lossy,
		 const char *format, ...) __attribute__((format(printf, 4, 5)));
/* Says a keyword that cannot stay in the description, and takes it out. */
void schema_into_description(struct schema_lowering *lowering, struct json_object *schema,
			     const char *keyword);
/* Adds what `from` has and `into` has not; properties are united, and so is required. */
void schema_merge(struct json_object *into, const struct json_object *from);
/* One schema for what may be either: enums united, equal ones once, else anyOf. New reference. */
struct json_object *schema_either(struct json_object *a, struct json_object *b);

/* The root's rules of all families; after its members were lowered. */
void schema_finish_root(struct schema_lowering *lowering, struct json_object *schema);
/* SCHEMA_RULE_PLAIN for one schema whose parts are lowered already. */
void schema_make_plain(struct schema_lowering *lowering, struct json_object *schema, bool root);

/* The name that a property goes out under: itself, or a listed other one. Borrowed. */
const char *schema_key_sent(struct schema_lowering *lowering, const char *key);

#endif
