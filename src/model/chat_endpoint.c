/* SPDX-License-Identifier: MIT */
/* Addresses and headers; nothing is sent here. */
#include "config.h"

#include "model/chat_endpoint.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "io/http.h"

#define OPENROUTER_HOST "openrouter.ai"
#define OPENROUTER_PATH "/api/v1"
#define HEADERS_MAX	8

static bool is_openrouter_host(const char *host, size_t len)
{
	const size_t own = strlen(OPENROUTER_HOST);

	if (len < own || strncasecmp(host + len - own, OPENROUTER_HOST, own) != 0)
		return false;
	return len == own || host[len - own - 1] == '.';
}

bool chat_endpoint_is_openrouter(const char *base_url)
{
	const char *host = strstr(base_url, "://");
	size_t host_len;

	if (!host)
		return false;
	host += strlen("://");
	host_len = strcspn(host, ":/?#");
	if (is_openrouter_host(host, host_len))
		return true;
	return http_url_is_loopback(base_url) &&
	       strncmp(host + strcspn(host, "/"), OPENROUTER_PATH, strlen(OPENROUTER_PATH)) == 0;
}

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
	if (chat_endpoint_is_openrouter(endpoint->base_url)) {
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
