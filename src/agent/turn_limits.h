/* SPDX-License-Identifier: MIT */
/*
 * turn_limits: how far a turn may go, and whether it goes in circles.
 *
 * Limits are kept between the steps of a turn, never in the middle of one: an answer that is being
 * paid for is taken. A model goes in circles when a pattern of up to TURN_PATTERN_CALLS calls (name
 * and arguments) is there TURN_SAME_CALL_MAX times in a row and begins again: A-A-A-A, or
 * A-B-A-B-A-B-A.
 */
#ifndef CORDPAIR_AGENT_TURN_LIMITS_H
#define CORDPAIR_AGENT_TURN_LIMITS_H

#include <stddef.h>
#include <stdint.h>

#include "base/digest.h"
#include "model/chat.h"

#define TURN_SAME_CALL_MAX 3
#define TURN_PATTERN_CALLS 4 /* of the longest pattern that is looked for */
#define TURN_CALLS_KEPT	   (TURN_PATTERN_CALLS * TURN_SAME_CALL_MAX + 1)

struct turn_limits {   /* 0: none, where nothing else is said */
	long requests; /* to the model; at least 1 */
	long calls;    /* of tools, together */
	long parallel; /* in flight; at least 1 */
	long result_bytes;
	double cost; /* USD, as the endpoint tells it */
	long tokens; /* read and written by the model, together */
	long time_ms;
};

struct turn_spent {
	long requests, calls;
	struct chat_usage usage;
	int64_t time_ms;
};

/* A clause that says which limit is reached, to be freed; NULL: none. Not of calls. */
char *turn_limits_reached(const struct turn_limits *limits, const struct turn_spent *spent);
/* "3 model requests, 5 tool calls, 812 tokens, 0.0123 USD": what there is of it. To be freed. */
char *turn_spent_text(const struct turn_spent *spent);

struct call_history { /* of the last calls; zero it before the first use */
	unsigned char digest[TURN_CALLS_KEPT][DIGEST_BYTES];
	size_t count; /* of all calls */
};

/* arguments as the model wrote them. A clause, to be freed, when this call goes in circles. */
char *call_history_add(struct call_history *history, const char *name, const char *arguments);

#endif
