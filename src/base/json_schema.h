/* SPDX-License-Identifier: MIT */
/*
 * json_schema: does a value fit a JSON Schema? Draft 2020-12 (also for 2019-09 and where "$schema"
 * is missing) and draft 7 (also for 6 and 4).
 *
 * References lead into the schema itself only: nothing is ever fetched. A reference that leads
 * nowhere, a `pattern` without PCRE2 and whatever is past a limit is not judged, and accepted; the
 * schema keeps a warning. `format` and `content…` are annotations.
 */
#ifndef CORDPAIR_BASE_JSON_SCHEMA_H
#define CORDPAIR_BASE_JSON_SCHEMA_H

#include "base/err.h"
#include "base/json_check.h"

#define JSON_SCHEMA_MAX_BYTES	  ((size_t)1 << 20)
#define JSON_SCHEMA_DEPTH_MAX	  256	  /* of schemas within schemas, by references too */
#define JSON_SCHEMA_STEPS_MAX	  250000  /* schemas applied to one value: its time */
#define JSON_SCHEMA_NAMES_MAX	  4096	  /* $id, $anchor and $dynamicAnchor in it */
#define JSON_SCHEMA_PATTERN_STEPS 1000000 /* of one match of a pattern */

struct json_schema;

/* text: a checked JSON text, copied. NULL: too large, or of a dialect that is not known. */
struct json_schema *json_schema_new(const char *text, size_t len, struct err *err)
	__attribute__((warn_unused_result));
void json_schema_free(struct json_schema **schema);

/*
 * 0 when the value (a checked text) fits. -1: ERR_ARGUMENTS, one sentence that names the place,
 * from `what` on, and what is expected: `arguments.paths[2]: expected a string, got a number`.
 */
int json_schema_check(struct json_schema *schema, struct json_span value, const char *what,
		      struct err *err) __attribute__((warn_unused_result));

/* What could not be judged so far, one sentence; or NULL. Borrowed. */
const char *json_schema_warning(const struct json_schema *schema);

#endif
