/* SPDX-License-Identifier: MIT */
/*
 * chat_endpoint: where a model is reached: an OpenRouter-shaped API below a base URL.
 */
#ifndef CORDPAIR_MODEL_CHAT_ENDPOINT_H
#define CORDPAIR_MODEL_CHAT_ENDPOINT_H

#include "model/profile.h"

struct chat_endpoint {
	const char *base_url; /* "https://openrouter.ai/api/v1" */
	const char *api_key;  /* NULL: no Authorization header */
	const struct profile *profile;
};

/* "{base-url}{path}", however the base URL ends. The caller frees. */
char *chat_endpoint_url(const struct chat_endpoint *endpoint, const char *path);

/*
 * The headers of a request to it, NULL-terminated "Name: value": who we are, the key, and what we
 * accept. Free with chat_endpoint_headers_free(), which overwrites the key.
 */
char **chat_endpoint_headers(const struct chat_endpoint *endpoint, const char *accept);
void chat_endpoint_headers_free(char ***headers);

#endif
