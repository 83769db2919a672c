/* SPDX-License-Identifier: MIT */
/*
 * http: HTTP requests by libcurl's multi interface inside the loop. The only user of libcurl.
 *
 * No redirects, no cookies, no netrc, only http and https, TLS checked, loopback never through a
 * proxy, connections shared only between requests of the same `http` object. Sizes are counted
 * after content decoding, in the write callback.
 *
 * The program `cordpair` is linked with http_absent.c instead, where http_available() is false and
 * nothing else may be called; it executes `engine` before it needs HTTP.
 */
#ifndef CORDPAIR_IO_HTTP_H
#define CORDPAIR_IO_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

#include "base/err.h"
#include "io/loop.h"

struct http;
struct http_exchange;

bool http_available(void);
struct http *http_new(struct loop *loop, struct err *err) __attribute__((warn_unused_result));
void http_free(struct http **http); /* cancels what is under way */

struct http_request {
	const char *method; /* "GET", "POST", "DELETE" */
	const char *url;    /* http or https */
	const char *const
		*headers; /* NULL-terminated "Name: value"; no CR, LF or NUL; may be NULL */
	const char *body; /* borrowed until done; may be NULL */
	size_t body_len;
	long connect_timeout_ms;   /* 0: HTTP_CONNECT_TIMEOUT_MS */
	long total_timeout_ms;	   /* 0: none */
	long idle_timeout_ms;	   /* no byte for so long; 0: none */
	size_t response_max_bytes; /* after decoding; 0: HTTP_RESPONSE_MAX_BYTES */
	const char *trace_name;	   /* who in the trace; NULL: the URL */
	bool secret; /* body and answer hold secrets: the trace has their sizes only */
	/* Judges each address before it is connected to (address.h); NULL: all are good. A refusal
	 * is ERR_PERMISSION. */
	bool (*allows_address)(const struct sockaddr *address);
};

#define HTTP_CONNECT_TIMEOUT_MS 15000
#define HTTP_RESPONSE_MAX_BYTES ((size_t)64 << 20)
#define HTTP_HEADERS_MAX_BYTES	((size_t)256 << 10)

struct http_listener {
	/* The final status and all headers are there. May be NULL. */
	void (*on_headers)(void *arg, long status);
	/* A piece of the body, decoded. */
	void (*on_data)(void *arg, const char *bytes, size_t len);
	/* Exactly once, last. err is NULL when the exchange is complete (whatever the status). */
	void (*on_done)(void *arg, const struct err *err);
};

/*
 * Starts an exchange. Error kinds told by on_done: ERR_TEMPORARY (network, time), ERR_PROTOCOL (not
 * HTTP, too large), ERR_CONFIG (an address that cannot be used, TLS certificate refused).
 */
struct http_exchange *http_start(struct http *http, const struct http_request *request,
				 const struct http_listener *listener, void *arg, struct err *err)
	__attribute__((warn_unused_result));
/* Closes it; no call comes after. Also legal inside its callbacks. Sets *exchange to NULL. */
void http_cancel(struct http_exchange **exchange);
/* Frees a finished exchange (after on_done, or inside it). Sets *exchange to NULL. */
void http_exchange_free(struct http_exchange **exchange);

/*
 * Receives nothing more of it until it is called with false; what libcurl has in its hands already
 * may still come. Also legal inside its callbacks. An exchange that is done is as it was.
 */
void http_pause(struct http_exchange *exchange, bool paused);

long http_status(const struct http_exchange *exchange); /* 0 before the headers */
/* The last value of a response header, case-insensitive, or NULL. Borrowed. */
const char *http_header(const struct http_exchange *exchange, const char *name);
/* All values of it, as one: "a, b" (RFC 9110, 5.3); "" when there is none. The caller frees. */
char *http_header_joined(const struct http_exchange *exchange, const char *name);
/* Network errors only: true when no byte of a response had arrived. */
bool http_nothing_received(const struct http_exchange *exchange);

/* A reference (RFC 3986) against a base; NULL: neither is a URL. The caller frees. */
char *http_url_resolve(const char *base, const char *reference);
/* "https://host[:port]", the port only where it is not the scheme's; or NULL. The caller frees. */
char *http_url_origin(const char *url);
/* "/path", never empty, without query and fragment; or NULL. The caller frees. */
char *http_url_path(const char *url);
/* Scheme, host and port are the same (defaults filled in). */
bool http_url_same_origin(const char *a, const char *b);
/* True for http(s) URLs with a host. */
bool http_url_is_valid(const char *url);
/* True for http(s) URLs whose host is localhost, 127.0.0.0/8 or [::1]. */
bool http_url_is_loopback(const char *url);

#endif
