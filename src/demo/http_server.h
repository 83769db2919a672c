/* SPDX-License-Identifier: MIT */
/*
 * http_server: the little of HTTP/1.1 (RFC 9112) that a stand-in on loopback needs.
 *
 * Listens on 127.0.0.1 at a port of the kernel's choice. Connections are kept alive; a connection
 * has one request at a time, and the next one is read when its reply is complete. Bodies have a
 * Content-Length (others: 411). What is past a limit is answered with 413, 431 or 503 and closed.
 * The program ignores SIGPIPE: clients go away while they are written to.
 */
#ifndef CORDPAIR_DEMO_HTTP_SERVER_H
#define CORDPAIR_DEMO_HTTP_SERVER_H

#include <stddef.h>

#include "base/err.h"
#include "io/loop.h"

#define HTTP_SERVER_CONNECTIONS_MAX 64
#define HTTP_SERVER_HEAD_MAX_BYTES  ((size_t)64 << 10)
#define HTTP_SERVER_BODY_MAX_BYTES  ((size_t)64 << 20)
#define HTTP_SERVER_HEADERS_MAX	    64

struct http_server;
struct http_reply; /* of one request; gone after http_reply_end(), _send(), _abort() or on_gone */

struct http_server_header {
	const char *name, *value;
};

struct http_server_request { /* borrowed: valid until the reply is complete */
	const char *method, *path;
	const struct http_server_header *header;
	size_t headers;
	const char *body; /* NUL-terminated */
	size_t body_len;
};

struct http_server_listener {
	/* A whole request: answer it now or later. */
	void (*on_request)(void *arg, struct http_reply *reply,
			   const struct http_server_request *request);
	/* The client went away before the reply was complete. May be NULL. */
	void (*on_gone)(void *arg, struct http_reply *reply);
};

struct http_server *http_server_new(struct loop *loop, const struct http_server_listener *listener,
				    void *arg, struct err *err) __attribute__((warn_unused_result));
void http_server_free(struct http_server **server); /* closes all; no call comes after */
unsigned http_server_port(const struct http_server *server);

/* The value of a header, name without regard to case; NULL when absent. */
const char *http_server_request_header(const struct http_server_request *request, const char *name);

/* headers: NULL-terminated "Name: value", or NULL. Content-Length and Connection are added. */
void http_reply_send(struct http_reply *reply, int status, const char *const headers[],
		     const char *body, size_t len);
/* A reply in pieces (chunked): begin, write as often as wanted, end. An empty piece is nothing. */
void http_reply_begin(struct http_reply *reply, int status, const char *const headers[]);
void http_reply_write(struct http_reply *reply, const char *bytes, size_t len);
void http_reply_end(struct http_reply *reply);
/* Sends what was written and closes, whatever the reply lacks. */
void http_reply_abort(struct http_reply *reply);

#endif
