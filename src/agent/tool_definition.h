/* SPDX-License-Identifier: MIT */
/*
 * tool_definition: one tool as an element of a request's `tools`.
 */
#ifndef CORDPAIR_AGENT_TOOL_DEFINITION_H
#define CORDPAIR_AGENT_TOOL_DEFINITION_H

#include "base/buf.h"
#include "model/schema_lower.h"

/*
 * description: may be NULL. schema: JSON, goes out as the family takes it. key, keys: get the
 * properties that go out under other names, owned by the caller; both may be NULL.
 */
void tool_definition_write(struct buf *out, const char *name, const char *description,
			   const char *schema, enum schema_family family, struct schema_key **key,
			   size_t *keys);

#endif
