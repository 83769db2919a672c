/* SPDX-License-Identifier: MIT */
/*
 * trace: every frame and every HTTP exchange as JSON lines (`--trace FILE`), secrets masked.
 *
 * One object a line: {"t":seconds since start,"type":"mcp.send"|"mcp.receive"|"mcp.stderr"|
 * "http.request"|"http.response"|"http.data"|"child.start"|"child.exit"|…, …}. A payload is given
 * as "json" when it is JSON, else as "text"; past TRACE_PAYLOAD_MAX_BYTES it is cut and
 * "bytes" says how long it was. When no trace is open every call returns at once.
 *
 * Secrets: every text registered with trace_add_secret() is replaced by "***" wherever it occurs,
 * also inside payloads and in its JSON-escaped form.
 */
#ifndef CORDPAIR_BASE_TRACE_H
#define CORDPAIR_BASE_TRACE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

#define TRACE_PAYLOAD_MAX_BYTES ((size_t)1 << 20)
#define TRACE_SECRET_MIN_BYTES	6 /* shorter texts would mask ordinary words */

/* Opens the file to append to it and makes it 0600; "-" is stderr. */
int trace_open(const char *path, struct err *err) __attribute__((warn_unused_result));
void trace_close(void);
bool trace_enabled(void);
void trace_add_secret(const char *secret);

/* who: a server's name or an URL. note may be NULL: a short text such as "POST" or "200". */
void trace_event(const char *type, const char *who, const char *note, const char *payload,
		 size_t len);

#endif
