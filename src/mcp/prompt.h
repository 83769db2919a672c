/* SPDX-License-Identifier: MIT */
/*
 * prompt: the messages of prompts/get as texts (MCP, "Prompts"). What is no text is described in
 * brackets, as in a tool's result.
 */
#ifndef CORDPAIR_MCP_PROMPT_H
#define CORDPAIR_MCP_PROMPT_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/json_check.h"

#define PROMPT_MESSAGES_MAX   1000
#define PROMPT_TEXT_MAX_BYTES ((size_t)16 << 20)

struct prompt_message {
	bool assistant; /* else the user's */
	char *text;
};

struct prompt {
	struct prompt_message *message;
	size_t count;
};

/* ERR_PROTOCOL: the result has no messages, too many, or one of another role. */
int prompt_read(struct json_span result, struct prompt *prompt, struct err *err)
	__attribute__((warn_unused_result));
void prompt_clear(struct prompt *prompt);

#endif
