/* SPDX-License-Identifier: MIT */
/*
 * endpoint_get: one document of the endpoint (GET {base-url}{path}), read whole.
 */
#ifndef CORDPAIR_MODEL_ENDPOINT_GET_H
#define CORDPAIR_MODEL_ENDPOINT_GET_H

#include "base/err.h"
#include "io/http.h"
#include "model/chat_endpoint.h"

#define ENDPOINT_GET_TIMEOUT_MS 15000
#define ENDPOINT_GET_MAX_BYTES	((size_t)16 << 20) /* OpenRouter lists hundreds of models */

/* The body of a 200, checked to be JSON (borrowed), or NULL and err: what is wrong and what to do.
 */
typedef void endpoint_get_fn(void *arg, const char *json, size_t len, const struct err *err);

struct endpoint_get;
/* done comes once, at most ENDPOINT_GET_TIMEOUT_MS later. endpoint is borrowed during the call. */
struct endpoint_get *endpoint_get_start(struct loop *loop, struct http *http,
					const struct chat_endpoint *endpoint, const char *path,
					endpoint_get_fn *done, void *arg, struct err *err)
	__attribute__((warn_unused_result));
void endpoint_get_free(struct endpoint_get **get); /* also before done: no call comes after */

#endif
