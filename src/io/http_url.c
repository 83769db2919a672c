/* SPDX-License-Identifier: MIT */
/* What can be said of a URL without libcurl. */
#include "config.h"

#include <arpa/inet.h>
#include <string.h>
#include <strings.h>

#include "io/http.h"

#define HOST_MAX_BYTES 256

/* The host of http[s]://[user@]host[:port][/…], without brackets; false: no such URL. */
static bool url_host(const char *url, char host[HOST_MAX_BYTES])
{
	const char *at, *start;
	size_t authority, len;

	if (strncasecmp(url, "http://", 7) == 0)
		start = url + 7;
	else if (strncasecmp(url, "https://", 8) == 0)
		start = url + 8;
	else
		return false;
	authority = strcspn(start, "/?#\\");
	at = memrchr(start, '@', authority);
	if (at) {
		authority -= (size_t)(at + 1 - start);
		start = at + 1;
	}
	if (*start == '[') {
		start++;
		len = strcspn(start, "]");
	} else {
		len = strcspn(start, ":/?#\\");
	}
	if (len == 0 || len >= HOST_MAX_BYTES || len > authority)
		return false;
	memcpy(host, start, len);
	host[len] = '\0';
	return true;
}

bool http_url_is_valid(const char *url)
{
	char host[HOST_MAX_BYTES];

	return url_host(url, host);
}

bool http_url_is_loopback(const char *url)
{
	char host[HOST_MAX_BYTES];
	struct in6_addr six;
	struct in_addr four;

	if (!url_host(url, host))
		return false;
	if (strcasecmp(host, "localhost") == 0)
		return true;
	if (inet_pton(AF_INET, host, &four) == 1)
		return ntohl(four.s_addr) >> 24 == 127;
	return inet_pton(AF_INET6, host, &six) == 1 && IN6_IS_ADDR_LOOPBACK(&six);
}
