/* SPDX-License-Identifier: MIT */
/* doctor: what `cordpair doctor` finds, one line or JSON object each. */
#ifndef CORDPAIR_APP_DOCTOR_H
#define CORDPAIR_APP_DOCTOR_H

#include "app/program.h"
#include "base/buf.h"

enum finding { FINDING_OK, FINDING_NOTE, FINDING_FAIL };

struct doctor {
	struct program *program;
	struct buf json; /* with --json: the members so far */
	bool probed;
	char *detail;
	struct err err;
};

/* what: "key", "endpoint", a server's name …; text: a sentence, made safe here. */
void doctor_tell(struct doctor *doctor, enum finding finding, const char *what, const char *text);
/* The same, and the program's exit. */
void doctor_tell_failure(struct doctor *doctor, const char *what, const struct err *err);

/* doctor_servers.c: one line for each server that is enabled … */
void doctor_examine_servers(struct doctor *doctor);
/* … or all there is to say of those that the operands name: what they declare, and what they do
 * that their revision of MCP does not allow. */
void doctor_examine_named(struct doctor *doctor);

#endif
