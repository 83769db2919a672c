/* SPDX-License-Identifier: MIT */
/*
 * tool_arguments: a tool's arguments from the command line: one JSON object, or key=value pairs
 * typed by the tool's schema.
 */
#ifndef CORDPAIR_APP_TOOL_ARGUMENTS_H
#define CORDPAIR_APP_TOOL_ARGUMENTS_H

#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"

#define TOOL_ARGUMENTS_MAX_BYTES ((size_t)16 << 20)

/*
 * Appends the JSON object to out. words: none ({}), one that begins with '{' (the object itself),
 * or key=value pairs. A pair's value is a string, number, boolean, array or object as the schema's
 * property says; where it says nothing, JSON when it is JSON, else a string. ERR_ARGUMENTS.
 */
int tool_arguments_from_words(const char *schema, const char *const words[], size_t count,
			      struct buf *out, struct err *err) __attribute__((warn_unused_result));
/* The same for a whole JSON text (stdin). */
int tool_arguments_from_json(const char *text, size_t len, struct buf *out, struct err *err)
	__attribute__((warn_unused_result));

#endif
