/* SPDX-License-Identifier: MIT */
/*
 * json_write: JSON text out.
 *
 * Values are printed straight into a buf: compact, no escaped slashes, UTF-8 as it is, insertion
 * order kept, so equal inputs give equal bytes (prompt caches, pins and tests rely on it).
 */
#ifndef CORDPAIR_BASE_JSON_WRITE_H
#define CORDPAIR_BASE_JSON_WRITE_H

#include <json-c/json_types.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "base/buf.h"

/* Appends the tree's text; NULL prints null. -1 past the buffer's max. */
int json_print(const struct json_object *value, struct buf *out);

/* Appends a quoted string. Bytes that are not UTF-8 become U+FFFD. */
int json_write_string(struct buf *out, const char *text);
int json_write_string_len(struct buf *out, const char *bytes, size_t len);
int json_write_int(struct buf *out, int64_t value);

/*
 * Appends `,"key":` to an object in the making (no comma right after '{'). Keys are ours: they need
 * no escaping.
 */
int json_write_key(struct buf *out, const char *key);
int json_write_member(struct buf *out, const char *key, const char *text); /* string; NULL: null */
int json_write_member_int(struct buf *out, const char *key, int64_t value);
int json_write_member_bool(struct buf *out, const char *key, int value);
/* A time, RFC 3339 in UTC with milliseconds. */
int json_write_member_time(struct buf *out, const char *key, const struct timespec *when);
int json_write_member_now(struct buf *out, const char *key);
int json_write_member_json(struct buf *out, const char *key, const char *json, size_t len);

/* Copies checked JSON text without blanks and newlines between tokens (MCP stdio: one line). */
int json_write_compact(struct buf *out, const char *json, size_t len);

#endif
