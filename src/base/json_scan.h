/* SPDX-License-Identifier: MIT */
/*
 * json_scan: json_check's one pass, with the members of the outermost object found on the way.
 * Internal to base/.
 */
#ifndef CORDPAIR_BASE_JSON_SCAN_H
#define CORDPAIR_BASE_JSON_SCAN_H

#include "base/json_check.h"

/*
 * As json_check(); besides, where the text is an object, spans[i] becomes the value of its member
 * names[i] ({NULL, 0} when absent). names may be NULL with count 0.
 */
int json_scan(const char *text, size_t len, const struct json_limits *limits,
	      const char *const names[], struct json_span spans[], size_t count, size_t *nodes,
	      struct json_fault *fault) __attribute__((warn_unused_result));

/* One decoded byte sequence of a string's inside (a character, 1-4 bytes of UTF-8); 0 at the end.
 */
size_t json_decode_next(const char **at, const char *end, char utf8[4]);

#endif
