/* SPDX-License-Identifier: MIT */
/*
 * jsonrpc: JSON-RPC 2.0 messages as MCP uses them (MCP 2026-07-28 and earlier, "Messages").
 *
 * Reading builds no tree: the line is checked once (json_check) and the message's parts are spans
 * into it, so a large result can be handed on as it is.
 */
#ifndef CORDPAIR_BASE_JSONRPC_H
#define CORDPAIR_BASE_JSONRPC_H

#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/json_check.h"

enum jsonrpc_kind {
	JSONRPC_REQUEST,
	JSONRPC_NOTIFICATION,
	JSONRPC_RESULT,
	JSONRPC_ERROR,
	JSONRPC_BATCH /* an array of messages: legal in 2025-03-26 only; `whole` is the array */
};

enum jsonrpc_code {
	JSONRPC_PARSE_ERROR = -32700,
	JSONRPC_INVALID_REQUEST = -32600,
	JSONRPC_METHOD_NOT_FOUND = -32601,
	JSONRPC_INVALID_PARAMS = -32602,
	JSONRPC_INTERNAL_ERROR = -32603
};

struct jsonrpc_message {
	enum jsonrpc_kind kind;
	struct json_span whole;
	struct json_span id;	 /* number or string; absent in notifications, maybe in errors */
	struct json_span method; /* a JSON string, still quoted */
	struct json_span params; /* may be absent */
	struct json_span result; /* JSONRPC_RESULT */
	struct json_span error;	 /* JSONRPC_ERROR: the whole error object */
	size_t nodes;		 /* of the whole text, as json_check counted them */
};

/*
 * Reads one message. `line` has no newline. With json_limits_splice nodes may be past what may be
 * parsed; compare message->nodes before making a tree. -1: not a message (ERR_PROTOCOL);
 * what of id and method could be read is there, the rest may not be used.
 */
int jsonrpc_read(const char *line, size_t len, const struct json_limits *limits,
		 struct jsonrpc_message *message, struct err *err)
	__attribute__((warn_unused_result));
/* The same for a span that is checked already (an element of a batch). */
int jsonrpc_read_span(struct json_span span, struct jsonrpc_message *message, struct err *err)
	__attribute__((warn_unused_result));

/* A line that is none was meant as one: it begins as an object and says "jsonrpc" early on. */
bool jsonrpc_resembles(const char *line, size_t len);

/* Writers append one line, with its newline. params is JSON text without newlines, or NULL. */
int jsonrpc_write_request(struct buf *out, int64_t id, const char *method, const char *params,
			  size_t params_len);
int jsonrpc_write_notification(struct buf *out, const char *method, const char *params,
			       size_t params_len);
int jsonrpc_write_result(struct buf *out, struct json_span id, const char *result,
			 size_t result_len);
/* An absent id is written as null. */
int jsonrpc_write_error(struct buf *out, struct json_span id, int code, const char *message);

#endif
