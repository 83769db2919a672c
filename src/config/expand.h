/* SPDX-License-Identifier: MIT */
/*
 * expand: ${…} in the values of an entry, once; what comes in is not looked at again. Internal to
 * config/.
 *
 *   ${VAR} ${VAR:-default} ${env:VAR} ${env:VAR:-default}   the environment
 *   ${file:/absolute/path}     a file's text without its last newline; checked as servers.d files
 *   ${input:id}                $CORDPAIR_INPUT_ID, a systemd credential, config/cordpair/inputs/id
 *   ${cordpair:PROGRAM}        a program that ships with cordpair
 *   ${userHome} ${workspaceFolder} ${workspaceFolderBasename} ${pathSeparator} ${/}
 *   $${                        "${" itself
 *
 * A bare $VAR is no variable. What looks like a secret is kept out of the trace.
 */
#ifndef CORDPAIR_CONFIG_EXPAND_H
#define CORDPAIR_CONFIG_EXPAND_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/json_check.h"

#define EXPAND_MAX_BYTES ((size_t)64 << 10) /* of one value */

struct expand_context {
	struct json_span inputs; /* VS Code's "inputs" with their defaults, or absent */
	bool secret;		 /* the value is one: a header */
};

enum expand_result { EXPAND_OK, EXPAND_UNSET, EXPAND_BAD };

/* Appends the expanded text. UNSET: err names the variable. BAD: not a form of the above. */
enum expand_result expand(const struct expand_context *context, const char *text, size_t len,
			  struct buf *out, struct err *err);

#endif
