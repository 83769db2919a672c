/* SPDX-License-Identifier: MIT */
/*
 * schema_family: providers that take the same JSON Schema in a tool's "parameters".
 */
#ifndef CORDPAIR_MODEL_SCHEMA_FAMILY_H
#define CORDPAIR_MODEL_SCHEMA_FAMILY_H

enum schema_family {
	SCHEMA_BY_MODEL, /* not decided: profiles only */
	SCHEMA_FLOOR,	 /* what every family takes */
	SCHEMA_OPENAI,
	SCHEMA_ANTHROPIC,
	SCHEMA_GOOGLE,
	SCHEMA_BEDROCK, /* Amazon's own models */
	SCHEMA_MISTRAL,
	SCHEMA_XAI,
	SCHEMA_FAMILIES
};

/* "google", "floor" … */
const char *schema_family_name(enum schema_family family);
/* What all of them take: themselves when equal, else the floor. */
enum schema_family schema_family_of_both(enum schema_family a, enum schema_family b);

#endif
