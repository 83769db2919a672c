/* SPDX-License-Identifier: MIT */
/*
 * json_schema_names: what `$ref` and `$dynamicRef` can lead to within one schema: its resources
 * ($id), anchors and JSON pointers (JSON Schema 2020-12 core, 8.2; draft 7, 8). Internal to base/.
 */
#ifndef CORDPAIR_BASE_JSON_SCHEMA_NAMES_H
#define CORDPAIR_BASE_JSON_SCHEMA_NAMES_H

#include "base/json_check.h"

struct schema_name {
	char *uri; /* absolute where the schema's are; "" for a root without $id; with #anchor */
	struct json_span schema;
	bool dynamic; /* a $dynamicAnchor */
	bool anchor;
};

struct schema_names {
	struct schema_name *item; /* [0]: the root */
	size_t count;
	bool draft7;
};

void schema_names_read(struct json_span root, bool draft7, struct schema_names *names);
void schema_names_clear(struct schema_names *names);

/* The resource that begins at this schema, or NULL. */
const struct schema_name *schema_names_at(const struct schema_names *names,
					  struct json_span schema);
const struct schema_name *schema_names_find(const struct schema_names *names, const char *uri);

struct schema_target {
	struct json_span schema;
	const char *base; /* of the resource that it lies in; borrowed from the names */
	bool dynamic;	  /* reached by a $dynamicAnchor */
};

/* -1: it leads nowhere within the schema. */
int schema_names_resolve(const struct schema_names *names, const char *base, const char *reference,
			 struct schema_target *target) __attribute__((warn_unused_result));

#endif
