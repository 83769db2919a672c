/* SPDX-License-Identifier: MIT */
/*
 * chat_calls: tool calls put together from the pieces of a stream. Internal to model/.
 *
 * A piece belongs to the last call with its index, unless its id (or, without ids, a name behind
 * complete arguments) proves a new call; without an index it belongs to the last call.
 */
#ifndef CORDPAIR_MODEL_CHAT_CALLS_H
#define CORDPAIR_MODEL_CHAT_CALLS_H

#include <stdbool.h>

#include "base/err.h"
#include "base/json_check.h"
#include "model/chat.h"

struct chat_call_part;

struct chat_calls { /* zero it before the first use */
	struct chat_call_part *part;
	size_t count;
	size_t bytes; /* of all arguments */
};

void chat_calls_clear(struct chat_calls *calls);
/* list: the value of "tool_calls". whole: not pieces, each element is a call of its own. */
int chat_calls_add(struct chat_calls *calls, struct json_span list, bool whole, struct err *err)
	__attribute__((warn_unused_result));
/* Fills answer->call. cut_off: the answer ended at a limit or a filter, so the last call may be
 * unfinished. */
void chat_calls_finish(struct chat_calls *calls, bool cut_off, struct chat_answer *answer);

/* A new id, different from all others. Caller frees. */
char *chat_calls_new_id(void);

#endif
