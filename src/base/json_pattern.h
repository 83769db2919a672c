/* SPDX-License-Identifier: MIT */
/*
 * json_pattern: the regular expressions of JSON Schema (ECMA-262) by PCRE2, with a limit on what
 * one match may cost; a peer's pattern never reaches the C library's. Without PCRE2 nothing is
 * judged.
 */
#ifndef CORDPAIR_BASE_JSON_PATTERN_H
#define CORDPAIR_BASE_JSON_PATTERN_H

#include <stdbool.h>
#include <stddef.h>

struct json_pattern;

/* NULL: not a pattern that PCRE2 takes, or there is no PCRE2. */
struct json_pattern *json_pattern_new(const char *text, size_t len);
void json_pattern_free(struct json_pattern **pattern);

enum json_pattern_verdict { PATTERN_MATCHES, PATTERN_DIFFERS, PATTERN_UNJUDGED };
/* Anywhere in the text (UTF-8). */
enum json_pattern_verdict json_pattern_match(const struct json_pattern *pattern, const char *text,
					     size_t len);

#endif
