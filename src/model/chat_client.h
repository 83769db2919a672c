/* SPDX-License-Identifier: MIT */
/*
 * chat_client: one chat endpoint over HTTP; streaming, retries, deadlines.
 *
 * Retries (at most CHAT_TRIES_MAX tries, Retry-After obeyed up to CHAT_RETRY_AFTER_MAX_MS, else
 * exponential back-off) only while nothing of the answer was shown.
 */
#ifndef CORDPAIR_MODEL_CHAT_CLIENT_H
#define CORDPAIR_MODEL_CHAT_CLIENT_H

#include "base/err.h"
#include "io/http.h"
#include "io/loop.h"
#include "model/chat.h"
#include "model/chat_endpoint.h"
#include "model/chat_request.h"

#define CHAT_TRIES_MAX		4
#define CHAT_RETRY_FIRST_MS	500
#define CHAT_RETRY_MAX_MS	8000
#define CHAT_RETRY_AFTER_MAX_MS 60000
#define CHAT_IDLE_TIMEOUT_MS	120000 /* of a stream; keep-alive comments count as bytes */
#define CHAT_SILENT_TIMEOUT_MS	600000 /* without streaming: an endpoint may send all at the end */
#define CHAT_LINGER_MS		250    /* from [DONE] to the end of the connection's answer */
#define CHAT_REQUEST_MAX_BYTES	((size_t)512 << 20)

struct chat_client;
struct chat_exchange;

/* endpoint's texts are copied. */
struct chat_client *chat_client_new(struct loop *loop, struct http *http,
				    const struct chat_endpoint *endpoint);
void chat_client_free(struct chat_client **client); /* after its exchanges */

struct chat_failure { /* borrowed during the call */
	struct err err;
	const char *partial; /* what text had been shown before; never NULL */
	/* The endpoint's words when it takes fault with what the request holds (400), or NULL. */
	const char *refusal;
	long affordable_tokens; /* 402: an answer of that many can be paid for; 0: not said */
	bool context_full;	/* the conversation is longer than the model can take … */
	long context_tokens;	/* … which is so many; 0: not said */
	bool media_refused;	/* an image, sound or file in it is not taken */
};

struct chat_listener {
	void (*on_text)(void *arg, const char *text, size_t len);      /* may be NULL */
	void (*on_reasoning)(void *arg, const char *text, size_t len); /* may be NULL */
	/* It will try again in delay_ms; reason is the failure. May be NULL. */
	void (*on_retry)(void *arg, const struct err *reason, long delay_ms);
	/*
	 * Exactly once, last: an answer (the callee's to free), or NULL and why. The exchange is
	 * gone after it.
	 */
	void (*on_done)(void *arg, struct chat_answer *take_answer,
			const struct chat_failure *failure);
};

/* The request's texts are copied into the body at once. */
struct chat_exchange *chat_client_send(struct chat_client *client,
				       const struct chat_request *request,
				       const struct chat_listener *listener, void *arg,
				       struct err *err) __attribute__((warn_unused_result));
/* Closes the connection; no call comes after. Sets *exchange to NULL. */
void chat_client_cancel(struct chat_exchange **exchange);

/* The error of a request that failed below HTTP; what to do about it when nothing came back. */
void chat_network_error(const struct http_exchange *http, const struct err *err, struct err *out);

#endif
