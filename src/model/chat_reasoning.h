/* SPDX-License-Identifier: MIT */
/*
 * chat_reasoning: the array reasoning_details, put together from the pieces of a stream exactly as
 * it has to be sent back. Internal to model/.
 *
 * Signatures cover these texts, so they are handled as JSON text and never decoded: pieces of equal
 * type and index are one entry, whose "text", "summary" and "data" grow and whose other members
 * keep the first value that is neither null nor an empty text. Unknown members and types are kept.
 */
#ifndef CORDPAIR_MODEL_CHAT_REASONING_H
#define CORDPAIR_MODEL_CHAT_REASONING_H

#include <stdbool.h>

#include "base/err.h"
#include "base/json_check.h"

#define CHAT_REASONING_ENTRIES_MAX 4096
#define CHAT_REASONING_MEMBERS_MAX 32 /* of one entry */

struct chat_reasoning_entry;

struct chat_reasoning { /* zero it before the first use */
	struct chat_reasoning_entry *entry;
	size_t count;
	size_t bytes;
	char *whole;  /* the array as it came in one piece, or NULL */
	bool present; /* there was an array, maybe an empty one */
};

void chat_reasoning_clear(struct chat_reasoning *reasoning);
/* list: the value of "reasoning_details". whole: the final array, kept byte for byte. */
int chat_reasoning_add(struct chat_reasoning *reasoning, struct json_span list, bool whole,
		       struct err *err) __attribute__((warn_unused_result));
/* The array's text, which the caller frees; NULL when there was none. */
char *chat_reasoning_take(struct chat_reasoning *reasoning);

#endif
