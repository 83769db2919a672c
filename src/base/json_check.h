/* SPDX-License-Identifier: MIT */
/*
 * json_check: is this text exactly one JSON value, by RFC 8259, within limits?
 *
 * One pass, no tree, no recursion: grammar, strict UTF-8 (RFC 3629), no raw control characters, no
 * duplicate keys (compared after unescaping), no U+0000 in a key, no lone surrogate escapes, depth,
 * node count. Runs before every parse, so that every release of json-c behaves alike; and instead
 * of a parse where only a member is wanted: spans point into the text, nothing is copied.
 */
#ifndef CORDPAIR_BASE_JSON_CHECK_H
#define CORDPAIR_BASE_JSON_CHECK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

#define JSON_DEPTH_MAX 128
/* json-c needs up to 264 bytes of memory for one small node. */
#define JSON_NODES_MAX 1000000

struct json_limits {
	unsigned depth_max; /* at most JSON_DEPTH_MAX */
	size_t nodes_max;   /* values, of any kind; keys do not count */
};

extern const struct json_limits json_limits_default; /* JSON_DEPTH_MAX, JSON_NODES_MAX */
extern const struct json_limits json_limits_splice;  /* any number of nodes: not to be parsed */

struct json_fault {
	size_t offset;	  /* of the byte that is wrong */
	const char *what; /* static text: "a key that is there already" */
	bool limit;	  /* true: well-formed so far, but past a limit */
};

/* 0 when the text is good. Blanks around the value are allowed. *nodes may be NULL. */
int json_check(const char *text, size_t len, const struct json_limits *limits, size_t *nodes,
	       struct json_fault *fault) __attribute__((warn_unused_result));

/* 1-based line and column (in bytes) of an offset. */
void json_position(const char *text, size_t offset, unsigned *line, unsigned *column);

/* Takes the blanks off both ends. */
void json_trim(const char **text, size_t *len);

/* A part of a checked text. at is NULL when there is no such member. */
struct json_span {
	const char *at;
	size_t len;
};

enum json_kind {
	JSON_ABSENT,
	JSON_NULL,
	JSON_FALSE,
	JSON_TRUE,
	JSON_NUMBER,
	JSON_STRING,
	JSON_ARRAY,
	JSON_OBJECT
};

enum json_kind json_span_kind(struct json_span span);

/*
 * Finds the members called names[0..n-1] of the object `object` (a checked text); spans[i] is set
 * to the member's value or to {NULL, 0}. Returns false when it is not an object.
 */
bool json_span_members(struct json_span object, const char *const names[], struct json_span spans[],
		       size_t n);
/* One member. {NULL, 0} when absent or when `object` is not an object. */
struct json_span json_span_member(struct json_span object, const char *name);

/* Walks the members of a checked object: start with *value = {NULL, 0}; false at the end. */
bool json_span_next_member(struct json_span object, struct json_span *key, struct json_span *value);

/* Walks the elements of a checked array: start with *at = {NULL, 0}; false at the end. */
bool json_span_next(struct json_span array, struct json_span *at);

/* Appends the unescaped bytes of a checked string; -1 past the buffer's max or not a string. */
int json_span_unescape(struct json_span string, struct buf *out);
/* The unescaped text of a checked string, or NULL: no string, a NUL in it, longer than max. Caller
 * frees. */
char *json_span_text(struct json_span string, size_t max_bytes);
bool json_span_equals(struct json_span string, const char *text); /* after unescaping */
/* True and *value set when the span is an integer that fits. */
bool json_span_int64(struct json_span number, int64_t *value);

#endif
