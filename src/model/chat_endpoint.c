/* SPDX-License-Identifier: MIT */
/* Addresses and headers; nothing is sent here. */
#include "config.h"

#include "model/chat_endpoint.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define HEADERS_MAX 8

char *chat_endpoint_url(const struct chat_endpoint *endpoint, const char *path)
{
	size_t len = strlen(endpoint->base_url);

	while (len > 0 && endpoint->base_url[len - 1] == '/')
		len--;
	return mem_format("%.*s%s", (int)len, endpoint->base_url, path);
}

char **chat_endpoint_headers(const struct chat_endpoint *endpoint, const char *accept)
{
	char **headers = mem_new_array(HEADERS_MAX, sizeof(*headers));
	size_t n = 0;

	headers[n++] = mem_string("Content-Type: application/json");
	headers[n++] = mem_format("Accept: %s", accept);
	if (endpoint->api_key)
		headers[n++] = mem_format("Authorization: Bearer %s", endpoint->api_key);
	if (endpoint->profile->own_keys) {
		headers[n++] = mem_string("X-OpenRouter-Title: cordpair");
		headers[n++] = mem_string("X-OpenRouter-Categories: cli-agent");
	}
	return headers;
}

void chat_endpoint_headers_free(char ***headers_p)
{
	char **headers = *headers_p;

	for (size_t i = 0; headers && headers[i]; i++) {
		explicit_bzero(headers[i], strlen(headers[i]));
		free(headers[i]);
	}
	free(headers);
	*headers_p = NULL;
}
