/* SPDX-License-Identifier: MIT */
/*
 * ask_calls: what was called in a run, in call order, for the object of --json.
 */
#ifndef CORDPAIR_APP_ASK_CALLS_H
#define CORDPAIR_APP_ASK_CALLS_H

#include "agent/turn.h"
#include "base/buf.h"

struct kept_call;

struct ask_calls { /* zero it before the first use */
	struct kept_call *call;
	size_t count;
};

void ask_calls_keep(struct ask_calls *calls, const struct turn_call *call);
/* Its outcome; one that was not kept is passed over. */
void ask_calls_settle(struct ask_calls *calls, const struct turn_call *call,
		      const struct tool_outcome *outcome);
/* Appends the member "calls"; those without an outcome are "cancelled". */
void ask_calls_write(const struct ask_calls *calls, struct buf *out);
void ask_calls_clear(struct ask_calls *calls);

#endif
