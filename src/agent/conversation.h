/* SPDX-License-Identifier: MIT */
/*
 * conversation: the messages so far, each kept as the bytes that are sent, so that a request is a
 * concatenation and a prefix never changes.
 *
 * Rule of the wire: right after an assistant message with tool calls comes exactly one tool message
 * for each of them, in call order.
 *
 * With a session every message is kept there too, and what is replaced.
 */
#ifndef CORDPAIR_AGENT_CONVERSATION_H
#define CORDPAIR_AGENT_CONVERSATION_H

#include <stdbool.h>
#include <stddef.h>

#include "agent/session.h"
#include "model/chat.h"

#define CONVERSATION_MAX_BYTES ((size_t)256 << 20)

struct conversation;
struct conversation *conversation_new(void);
void conversation_free(struct conversation **conversation);

/* From now on what is added is kept there. Borrowed; NULL: no more. */
void conversation_keep_in(struct conversation *conversation, struct session *session);
/* For session_resume() and session_file_read(): arg is the conversation. */
int conversation_take_record(void *arg, const struct session_record *record, struct err *err)
	__attribute__((warn_unused_result));
/*
 * After a run that was killed: calls whose results were not kept get a text that says so, and a
 * question without an answer likewise, so that the next message may follow.
 */
void conversation_mend(struct conversation *conversation);
size_t conversation_count(const struct conversation *conversation);   /* of messages */
bool conversation_has_calls(const struct conversation *conversation); /* of tools */

/* The name of each tool call so far, from the first on. */
void conversation_each_call(struct conversation *conversation,
			    void (*take)(void *arg, const char *name), void *arg);

void conversation_add_system(struct conversation *conversation, const char *text);
void conversation_add_user(struct conversation *conversation, const char *text, size_t len);
/* A user's message of several parts: what stands between the brackets. */
void conversation_add_parts(struct conversation *conversation, const char *parts, size_t len);
/* Some message may have parts that are no texts. */
bool conversation_has_parts(const struct conversation *conversation);
/* What an assistant said, without a model: an example in a prompt. */
void conversation_add_assistant(struct conversation *conversation, const char *text, size_t len);
/* A tool call whose id was there before gets a new one: some models count from 0 in each answer. */
void conversation_add_answer(struct conversation *conversation, struct chat_answer *answer);
void conversation_add_tool(struct conversation *conversation, const char *call_id, const char *text,
			   size_t len);
/*
 * A result that has come before its turn: the session has it from now on, and does not get it again
 * when it is added.
 */
void conversation_keep_tool(struct conversation *conversation, const char *call_id,
			    const char *text, size_t len);
/*
 * Puts the messages of a JSON array in the place of `count` others, from `at` (0: the first). why:
 * a clause for people. -1: there are not so many.
 */
int conversation_replace(struct conversation *conversation, size_t at, size_t count,
			 struct json_span messages, const char *why)
	__attribute__((warn_unused_result));
/*
 * Calls rewrite for each message: true where it has appended another one, that goes out from now on
 * in its place. How many it has. The prefix that providers cache changes.
 */
typedef bool conversation_rewrite_fn(void *arg, size_t at, struct json_span message,
				     struct buf *out);
size_t conversation_rewrite(struct conversation *conversation, conversation_rewrite_fn *rewrite,
			    void *arg, const char *why);
/*
 * Leaves the reasoning out of all answers: its signatures hold for the provider that made them, and
 * another one refuses them. How many had some. The prefix that providers cache changes.
 */
size_t conversation_drop_reasoning(struct conversation *conversation);
/* The JSON array of all messages. Borrowed until the next add. NULL: past the maximum. */
const char *conversation_json(struct conversation *conversation, size_t *len);

#endif
