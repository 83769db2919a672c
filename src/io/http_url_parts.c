/* SPDX-License-Identifier: MIT */
/* What is said of a URL with libcurl's parser, the one that will also connect to it. */
#include "config.h"

#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "io/http.h"

static CURLU *parse(const char *text)
{
	CURLU *url = curl_url();

	if (!url)
		mem_exhausted();
	if (curl_url_set(url, CURLUPART_URL, text, 0) == CURLUE_OK)
		return url;
	curl_url_cleanup(url);
	return NULL;
}

static char *take_part(CURLU *url, CURLUPart part, unsigned flags)
{
	char *text = NULL, *copy = NULL;

	if (curl_url_get(url, part, &text, flags) == CURLUE_OK)
		copy = mem_string(text);
	curl_free(text);
	return copy;
}

char *http_url_resolve(const char *base, const char *reference)
{
	CURLU *url = parse(base);
	char *text = NULL;

	if (url && curl_url_set(url, CURLUPART_URL, reference, 0) == CURLUE_OK)
		text = take_part(url, CURLUPART_URL, 0);
	curl_url_cleanup(url);
	return text;
}

char *http_url_path(const char *text)
{
	CURLU *url = parse(text);
	char *path = url ? take_part(url, CURLUPART_PATH, 0) : NULL;

	curl_url_cleanup(url);
	return path;
}

char *http_url_origin(const char *text)
{
	CURLU *url = parse(text);
	char *origin = NULL;

	if (url && curl_url_set(url, CURLUPART_PATH, NULL, 0) == CURLUE_OK &&
	    curl_url_set(url, CURLUPART_QUERY, NULL, 0) == CURLUE_OK &&
	    curl_url_set(url, CURLUPART_FRAGMENT, NULL, 0) == CURLUE_OK &&
	    curl_url_set(url, CURLUPART_USER, NULL, 0) == CURLUE_OK &&
	    curl_url_set(url, CURLUPART_PASSWORD, NULL, 0) == CURLUE_OK)
		origin = take_part(url, CURLUPART_URL, CURLU_NO_DEFAULT_PORT);
	curl_url_cleanup(url);
	/* libcurl writes the empty path as "/". */
	if (origin && origin[strlen(origin) - 1] == '/')
		origin[strlen(origin) - 1] = '\0';
	return origin;
}

bool http_url_same_origin(const char *a, const char *b)
{
	char *first = http_url_origin(a), *second = http_url_origin(b);
	bool same = first && second && strcasecmp(first, second) == 0;

	free(first);
	free(second);
	return same;
}
