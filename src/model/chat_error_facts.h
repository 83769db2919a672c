/* SPDX-License-Identifier: MIT */
/*
 * chat_error_facts: what an error body of any known form says. Internal to model/.
 *
 * Known forms: {"error":{…}} (OpenRouter, OpenAI), a list of those (Google), {"error":"text"}
 * (Ollama), the bare error object (vLLM), {"detail":…} (FastAPI), an HTML page, any text, nothing.
 */
#ifndef CORDPAIR_MODEL_CHAT_ERROR_FACTS_H
#define CORDPAIR_MODEL_CHAT_ERROR_FACTS_H

#include <stdbool.h>
#include <stddef.h>

#include "model/chat_error.h"

struct chat_error_facts {
	long status;	     /* that the body names, else what its type stands for; 0: neither */
	bool in_json;	     /* the body was JSON that told an error */
	char *message;	     /* one safe line, never NULL */
	char *type;	     /* "rate_limit_exceeded" …, or NULL */
	char *code;	     /* when it is a word, or NULL */
	int retryable;	     /* as "availability" says: 1, 0, or -1: not said */
	long retry_after_ms; /* -1: not said */
};

void chat_error_facts_read(struct chat_error_facts *facts, const char *body, size_t len);
void chat_error_facts_clear(struct chat_error_facts *facts);

#endif
