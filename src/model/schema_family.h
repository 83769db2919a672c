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

#endif
