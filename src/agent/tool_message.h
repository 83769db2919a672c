/* SPDX-License-Identifier: MIT */
/* tool_message: what the model reads of a tool's result. */
#ifndef CORDPAIR_AGENT_TOOL_MESSAGE_H
#define CORDPAIR_AGENT_TOOL_MESSAGE_H

#include "agent/conversation.h"
#include "agent/result_store.h"
#include "mcp/tool.h"

/*
 * Adds the result of a call. One that was cut is kept whole in results (NULL: it is not), and the
 * model told how to read on. -1: that could not be done; what is there of it was added.
 */
int tool_message_add(struct conversation *conversation, struct result_store *results,
		     const char *call_id, const struct tool_result *result, struct err *err)
	__attribute__((warn_unused_result));

/* The session gets it now, before its turn; what is too long for the model waits. */
void tool_message_keep(struct conversation *conversation, const char *call_id,
		       const struct tool_result *result);

#endif
