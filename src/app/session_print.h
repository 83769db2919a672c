/* SPDX-License-Identifier: MIT */
/* session_print: a kept conversation on stdout, for a person, as one JSON object, or as it is kept.
 */
#ifndef CORDPAIR_APP_SESSION_PRINT_H
#define CORDPAIR_APP_SESSION_PRINT_H

#include "app/program.h"

/* All that was said, in its order, also what was replaced later. */
int session_print_text(struct program *program, const char *path, struct err *err)
	__attribute__((warn_unused_result));
/* One object: the session, its runs, and the messages as they would be sent next. */
int session_print_json(struct program *program, const char *path, struct err *err)
	__attribute__((warn_unused_result));
/* Its lines. */
int session_print_lines(struct program *program, const char *path, struct err *err)
	__attribute__((warn_unused_result));

#endif
