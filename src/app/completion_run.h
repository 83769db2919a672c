/* SPDX-License-Identifier: MIT */
/* completion_run: what a server proposes for an argument (MCP, "Completion"). */
#ifndef CORDPAIR_APP_COMPLETION_RUN_H
#define CORDPAIR_APP_COMPLETION_RUN_H

#include "app/program.h"

/*
 * `… complete SERVER NAME ARGUMENT=PREFIX [KEY=VALUE]...`, the program's operands: prints a value a
 * line, or with --json the server's answer as it came. type and key: those of the reference,
 * "ref/prompt" and "name" or "ref/resource" and "uri". Failures are told.
 */
void completion_run(struct program *program, const char *type, const char *key);

#endif
