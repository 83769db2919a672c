/* SPDX-License-Identifier: MIT */
/*
 * transport: how JSON-RPC messages reach one server and come back. Internal to mcp/.
 *
 * Messages go down in parts (method, id, params), not as bytes, so that a transport may print a
 * line (stdio) or make a request of another form of it (the HTTP /call adapter). They come up as
 * checked messages. Nothing is called back before the function that made the transport returned.
 */
#ifndef CORDPAIR_MCP_TRANSPORT_H
#define CORDPAIR_MCP_TRANSPORT_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/jsonrpc.h"
#include "config/server_config.h"
#include "mcp/context.h"

struct transport;

struct transport_listener {
	/*
	 * A message; of a batch, the batch and then what is in it. Its spans are valid during the
	 * call, or, when *block is not NULL, as long as the callee keeps that memory (it then sets
	 * *block to NULL and frees it later).
	 */
	void (*on_message)(void *arg, const struct jsonrpc_message *message, char **block);
	/*
	 * This request will not be answered: its HTTP exchange failed, or its answer is broken. It
	 * may be none that is open.
	 */
	void (*on_failed)(void *arg, int64_t id, const struct err *err);
	/* Bytes that are no message were skipped; `lost`: one that was meant, or is past a limit.
	 */
	void (*on_noise)(void *arg, const char *why, bool lost);
	/*
	 * Once, last: nothing comes or goes any more. how: "exited with status 1" …;
	 * never_started: the command could not be executed at all.
	 */
	void (*on_closed)(void *arg, const char *how, bool never_started);
};

struct transport_ops {
	/* headers ("Name: value", NULL-terminated, or NULL) go along where there are headers. */
	int (*request)(struct transport *transport, int64_t id, const char *method,
		       const char *params, size_t len, const char *const *headers, struct err *err);
	int (*notify)(struct transport *transport, const char *method, const char *params,
		      size_t len, struct err *err);
	/* Answers a request of the server; code 0: text is the result, else the error's message. */
	int (*answer)(struct transport *transport, struct json_span id, int code, const char *text,
		      size_t len, struct err *err);
	/* The answer to this request is not wanted any more. */
	void (*cancel)(struct transport *transport, int64_t id, const char *reason);
	void (*stop)(struct transport *transport); /* on_closed follows, at most 6 s later */
	void (*kill)(struct transport *transport); /* the same, without waiting for manners */
	pid_t (*pid)(const struct transport *transport);
	char *(*stderr_tail)(const struct transport *transport, unsigned max_lines);
	void (*free)(struct transport *transport);
};

struct transport { /* the first member of each kind */
	const struct transport_ops *ops;
};

/* One for each type of entry. NULL: it could not be made. */
struct transport *transport_stdio_new(const struct mcp_context *context,
				      const struct server_config *config,
				      const struct transport_listener *listener, void *arg,
				      struct err *err) __attribute__((warn_unused_result));
struct transport *transport_http_new(const struct mcp_context *context,
				     const struct server_config *config,
				     const struct transport_listener *listener, void *arg,
				     struct err *err) __attribute__((warn_unused_result));
struct transport *transport_call_new(const struct mcp_context *context,
				     const struct server_config *config,
				     const struct transport_listener *listener, void *arg,
				     struct err *err) __attribute__((warn_unused_result));

#endif
