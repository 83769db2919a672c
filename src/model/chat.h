/* SPDX-License-Identifier: MIT */
/*
 * chat: what a chat completion says, independent of how it came (stream or one body).
 */
#ifndef CORDPAIR_MODEL_CHAT_H
#define CORDPAIR_MODEL_CHAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

#define CHAT_TOOL_CALLS_MAX	 128		    /* in one answer */
#define CHAT_ARGUMENTS_MAX_BYTES ((size_t)16 << 20) /* of one call */
#define CHAT_ANSWER_MAX_BYTES	 ((size_t)64 << 20) /* text, reasoning and arguments together */

struct chat_tool_call {
	char *id;	 /* unique within the conversation; made by us when missing or repeated */
	char *name;	 /* as the model wrote it */
	char *arguments; /* JSON text of an object; "{}" when it gave none; NULL when broken */
	char *broken;	 /* NULL, or what is wrong with what the model wrote: a sentence for it */
};

struct chat_usage {
	int64_t prompt_tokens, completion_tokens, total_tokens, cached_tokens, reasoning_tokens;
	double cost; /* USD; meaningful with has_cost */
	bool has_cost;
	bool present;
};

/* Sums up; one that is not present adds nothing. */
void chat_usage_add(struct chat_usage *sum, const struct chat_usage *usage);
/* Appends the member "usage", an object of what is known. */
void chat_usage_write(const struct chat_usage *usage, struct buf *out);

struct chat_answer {
	char *text; /* never NULL */
	size_t text_len;
	char *reasoning;	 /* or NULL */
	char *reasoning_details; /* JSON array text, exactly to be sent back; NULL: absent */
	char *reasoning_content; /* DeepSeek's name for it, to be sent back; or NULL */
	struct chat_tool_call *call;
	size_t calls;
	char *finish_reason; /* or NULL */
	char *native_finish_reason;
	char *refusal;
	char *id;    /* gen-… */
	char *model; /* that answered; not to be sent back */
	char *provider;
	struct chat_usage usage;
};

void chat_answer_free(struct chat_answer **answer);
/* Gives call i an id that is different from all others. */
void chat_answer_renew_call_id(struct chat_answer *answer, size_t i);

/*
 * Appends the assistant message that repeats this answer in the next request: content (null when
 * empty beside tool calls), reasoning_details unchanged, tool_calls with valid arguments only.
 */
void chat_answer_write_message(const struct chat_answer *answer, struct buf *out);

#endif
