/* SPDX-License-Identifier: MIT */
/* session_summary: what a list of sessions shows, from the first lines of a file and its last. */
#ifndef CORDPAIR_AGENT_SESSION_SUMMARY_H
#define CORDPAIR_AGENT_SESSION_SUMMARY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct session_summary { /* texts: owned, or NULL where the file does not tell */
	char *title, *cwd, *started;
	char *model;  /* that answered last, or that was asked for */
	char *status; /* of the last run; NULL: it goes on, or was killed */
	int64_t runs, messages;
	double cost; /* USD */
};

/* ERR_CONFIG: no file of this form; it names file and line. */
int session_summary_read(const char *path, struct session_summary *summary, struct err *err)
	__attribute__((warn_unused_result));
void session_summary_clear(struct session_summary *summary);

#endif
