/* SPDX-License-Identifier: MIT */
/*
 * endpoint_wire: HTTP/1.1 on one connection, one request each, all of it blocking: a test has one
 * client. Every wait ends when the client or stdin does.
 */
#ifndef CORDPAIR_TESTS_ENDPOINT_WIRE_H
#define CORDPAIR_TESTS_ENDPOINT_WIRE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

struct wire_request {
	char *method, *path;
	struct buf headers; /* a JSON object; names in lower case */
	struct buf body;
	bool authorized; /* "Authorization: Bearer …" */
	bool json;	 /* "Content-Type: application/json" */
};

/* Listens on a free port of 127.0.0.1. */
int wire_listen(unsigned *port) __attribute__((warn_unused_result));
/* The next connection; -1: stdin ended. */
int wire_accept(int listener);
int wire_read_request(int fd, struct wire_request *request) __attribute__((warn_unused_result));
void wire_request_clear(struct wire_request *request);

/* headers: "Name: value\r\n"…; the body is chunked. -1: the client is gone. */
int wire_begin(int fd, long status, const char *content_type, const char *headers)
	__attribute__((warn_unused_result));
int wire_chunk(int fd, const char *bytes, size_t len) __attribute__((warn_unused_result));
int wire_end(int fd) __attribute__((warn_unused_result));
/* Waits so long (-1: for ever). -1: the client is gone, or stdin ended. */
int wire_wait(int fd, long ms) __attribute__((warn_unused_result));

#endif
