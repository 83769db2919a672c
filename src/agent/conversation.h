/* SPDX-License-Identifier: MIT */
/*
 * conversation: the messages so far, each kept as the bytes that are sent, so that a request is a
 * concatenation and a prefix never changes.
 *
 * Rule of the wire: right after an assistant message with tool calls comes exactly one tool message
 * for each of them, in call order.
 */
#ifndef CORDPAIR_AGENT_CONVERSATION_H
#define CORDPAIR_AGENT_CONVERSATION_H

#include <stddef.h>

#include "model/chat.h"

#define CONVERSATION_MAX_BYTES ((size_t)256 << 20)

struct conversation;
struct conversation *conversation_new(void);
void conversation_free(struct conversation **conversation);

void conversation_add_system(struct conversation *conversation, const char *text);
void conversation_add_user(struct conversation *conversation, const char *text, size_t len);
/* What an assistant said, without a model: an example in a prompt. */
void conversation_add_assistant(struct conversation *conversation, const char *text, size_t len);
/* A tool call whose id was there before gets a new one: some models count from 0 in each answer. */
void conversation_add_answer(struct conversation *conversation, struct chat_answer *answer);
void conversation_add_tool(struct conversation *conversation, const char *call_id, const char *text,
			   size_t len);
/*
 * Leaves the reasoning out of all answers: its signatures hold for the provider that made them, and
 * another one refuses them. How many had some. The prefix that providers cache changes.
 */
size_t conversation_drop_reasoning(struct conversation *conversation);
/* The JSON array of all messages. Borrowed until the next add. NULL: past the maximum. */
const char *conversation_json(struct conversation *conversation, size_t *len);

#endif
