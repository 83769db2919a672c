/* SPDX-License-Identifier: MIT */
/*
 * summary: the model sums up all of a conversation but its end, which then stands in its place.
 *
 * It is asked with the same messages and the same tools as before, so that the provider's cache
 * hits. What is too long even for that is left out from the beginning. Where there is no answer,
 * the messages are left out all the same, and the model is told.
 */
#ifndef CORDPAIR_AGENT_SUMMARY_H
#define CORDPAIR_AGENT_SUMMARY_H

#include "agent/conversation.h"
#include "io/loop.h"
#include "model/chat_client.h"

struct summary_spec { /* borrowed until done, but for tools, which is copied */
	struct loop *loop;
	struct chat_client *client;
	const char *model;
	const struct chat_routing *routing;
	struct conversation *conversation;
	const char *tools;
	size_t tools_len;
	size_t most_bytes;   /* of what is summed up: of more, the last so many */
	size_t end_bytes;    /* the messages of the end that stay: so many bytes, or one step */
	size_t prompt_bytes; /* of the last prompt, which is repeated in full */
};

struct summary_result {
	size_t messages;     /* that were replaced */
	const char *failure; /* why there is no summary; NULL: there is one */
	struct chat_usage usage;
};

typedef void summary_fn(void *arg, const struct summary_result *result);

struct summary;
/* NULL: there is nothing to sum up. done comes once, later; the conversation is changed by then. */
struct summary *summary_start(const struct summary_spec *spec, summary_fn *done, void *arg)
	__attribute__((warn_unused_result));
void summary_free(struct summary **summary); /* no call comes after */

#endif
