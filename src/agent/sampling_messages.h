/* SPDX-License-Identifier: MIT */
/*
 * sampling_messages: sampling/createMessage in the words of a chat completion, and back (MCP,
 * "Sampling"). Pure.
 */
#ifndef CORDPAIR_AGENT_SAMPLING_MESSAGES_H
#define CORDPAIR_AGENT_SAMPLING_MESSAGES_H

#include "base/buf.h"
#include "base/err.h"
#include "base/json_check.h"
#include "model/chat.h"
#include "model/schema_lower.h"

#define SAMPLING_MESSAGES_MAX	1000
#define SAMPLING_TOOLS_MAX	128
#define SAMPLING_TEXT_MAX_BYTES ((size_t)16 << 20)

/*
 * Appends the array of messages. ERR_USAGE: what the specification forbids: a tool result beside
 * other contents, or without the tool use that it answers, or a tool use that is never answered.
 */
int sampling_write_messages(struct json_span params, struct buf *out, struct err *err)
	__attribute__((warn_unused_result));
/* Appends the tools array, or nothing where params has none. */
int sampling_write_tools(struct json_span params, enum schema_family family, struct buf *out,
			 struct err *err) __attribute__((warn_unused_result));
/* Appends the members temperature and stop, where params has them: `"temperature":1,"stop":[…]`. */
void sampling_write_parameters(struct json_span params, struct buf *out);
/* Appends the result of sampling/createMessage. */
void sampling_write_result(const struct chat_answer *answer, struct buf *out);

#endif
