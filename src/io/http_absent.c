/* SPDX-License-Identifier: MIT */
/*
 * io/http.h and io/signature.h for the program without libcurl. `cordpair` executes `engine` before
 * it needs HTTP, so whatever gets here all the same is a bug, except what cleans up nothing.
 */
#include "config.h"

#include <stdlib.h>

#include "io/http.h"
#include "io/signature.h"

bool http_available(void)
{
	return false;
}

struct http *http_new(struct loop *loop, struct err *err)
{
	(void)loop;
	err_set(err, ERR_INTERNAL, "HTTP is needed, but this is the program without it");
	return NULL;
}

void http_free(struct http **http)
{
	*http = NULL;
}

struct http_exchange *http_start(struct http *http, const struct http_request *request,
				 const struct http_listener *listener, void *arg, struct err *err)
{
	(void)http;
	(void)listener;
	(void)arg;
	err_set(err, ERR_INTERNAL, "%s: HTTP is needed, but this is the program without it",
		request->url);
	return NULL;
}

void http_cancel(struct http_exchange **exchange)
{
	*exchange = NULL;
}

void http_exchange_free(struct http_exchange **exchange)
{
	*exchange = NULL;
}

void http_pause(struct http_exchange *exchange, bool paused)
{
	(void)exchange;
	(void)paused;
	abort();
}

long http_status(const struct http_exchange *exchange)
{
	(void)exchange;
	abort();
}

const char *http_header(const struct http_exchange *exchange, const char *name)
{
	(void)exchange;
	(void)name;
	abort();
}

char *http_header_joined(const struct http_exchange *exchange, const char *name)
{
	(void)exchange;
	(void)name;
	abort();
}

char *http_url_origin(const char *url)
{
	(void)url;
	abort();
}

char *http_url_path(const char *url)
{
	(void)url;
	abort();
}

char *http_url_resolve(const char *base, const char *reference)
{
	(void)base;
	(void)reference;
	abort();
}

bool http_url_same_origin(const char *a, const char *b)
{
	(void)a;
	(void)b;
	abort();
}

int signature_make(const char *pem, const char *text, const char **algorithm, struct buf *out,
		   struct err *err)
{
	(void)pem;
	(void)text;
	(void)algorithm;
	(void)out;
	(void)err;
	abort();
}

bool http_nothing_received(const struct http_exchange *exchange)
{
	(void)exchange;
	abort();
}
