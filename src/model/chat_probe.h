/* SPDX-License-Identifier: MIT */
/*
 * chat_probe: does the endpoint answer, and is the key good? GET {base-url}/key (OpenRouter) or
 * /models (others). For `cordpair doctor`.
 */
#ifndef CORDPAIR_MODEL_CHAT_PROBE_H
#define CORDPAIR_MODEL_CHAT_PROBE_H

#include "base/err.h"
#include "io/http.h"
#include "model/chat_endpoint.h"

/* detail: one line for a person ("answers; limit 10 USD, 7.25 left"), NULL with err. */
typedef void chat_probe_fn(void *arg, const char *detail, const struct err *err);

struct chat_probe;
/* done comes once, at most ENDPOINT_GET_TIMEOUT_MS later. endpoint is borrowed during the call. */
struct chat_probe *chat_probe_start(struct loop *loop, struct http *http,
				    const struct chat_endpoint *endpoint, chat_probe_fn *done,
				    void *arg, struct err *err) __attribute__((warn_unused_result));
void chat_probe_free(struct chat_probe **probe); /* also before done: no call comes after */

#endif
