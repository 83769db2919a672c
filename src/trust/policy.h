/* SPDX-License-Identifier: MIT */
/*
 * policy: may this tool be called? One pure function, outside the model.
 *
 * The rules of the server's entry decide (the strictest match wins: deny, ask, allow; the default
 * where nothing matches). --yes-to turns ask into allow for one run and never lifts a deny.
 */
#ifndef CORDPAIR_TRUST_POLICY_H
#define CORDPAIR_TRUST_POLICY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/options.h"
#include "config/server_config.h"

struct policy_question {
	const char *server;
	const char *tool; /* the server's own name of it */
	const struct policy_rules *rules;
	const struct strings *yes_to; /* "SERVER:TOOL" globs; may be NULL */
};

struct policy_decision {
	enum policy_verdict verdict;
	const char *rule; /* the glob that decided, or NULL for the default; borrowed */
	bool lifted;	  /* allowed by --yes-to */
};

struct policy_decision policy_decide(const struct policy_question *question);

/* Checks the form "SERVER:TOOL"; ERR_USAGE. */
int policy_check_yes_to(const char *pattern, struct err *err) __attribute__((warn_unused_result));

/* "SERVER:TOOL": both halves are globs; a server's name has no colon, a tool's may have one. */
bool policy_names_tool(const char *pattern, const char *server, const char *tool);

/* '*' any bytes, '?' one byte, everything else itself; no classes, no escapes; linear time. */
bool glob_match(const char *pattern, const char *text);

#endif
