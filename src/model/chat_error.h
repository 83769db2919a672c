/* SPDX-License-Identifier: MIT */
/*
 * chat_error: the endpoint's errors as one clear sentence, an exit code, and whether to try again.
 */
#ifndef CORDPAIR_MODEL_CHAT_ERROR_H
#define CORDPAIR_MODEL_CHAT_ERROR_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

#define CHAT_ERROR_MESSAGE_BYTES 400 /* as much of a message as is looked at */

struct chat_error_advice {
	bool retryable;
	const char *remedy;	/* what to do when no more tries follow; NULL: the error says it */
	long retry_after_ms;	/* -1: not said */
	long affordable_tokens; /* 402: an answer of that many can be paid for; 0: not said */
	bool context_full;	/* the conversation is longer than the model can take … */
	long context_tokens;	/* … which is so many; 0: not said */
	bool media_refused;	/* an image, sound or file in it is not taken */
	/* The endpoint's words when it takes fault with what the request holds; else empty. */
	char refusal[CHAT_ERROR_MESSAGE_BYTES + 1];
};

/*
 * Classifies an error: HTTP status (0: an error inside a 200 or in mid-stream) and the body or
 * chunk, of whatever form (object, array, string, HTML, empty). Fills *err with a sentence that
 * says what to do: where a key goes (401), credits (402), another model (404 without tools) …
 */
void chat_error_classify(long http_status, const char *body, size_t len, const char *retry_after,
			 const char *base_url, const char *model, struct err *err,
			 struct chat_error_advice *advice);

#endif
