/* SPDX-License-Identifier: MIT */
/*
 * rpc: requests and their replies over a transport: ids, deadlines, cancelling. Internal to mcp/.
 *
 * Every request has a deadline. Progress of the server extends it, up to a hard one. A reply to an
 * id that nobody waits for (cancelled, past its deadline) is dropped.
 */
#ifndef CORDPAIR_MCP_RPC_H
#define CORDPAIR_MCP_RPC_H

#include <stdint.h>

#include "io/loop.h"
#include "mcp/transport.h"

#define RPC_PENDING_MAX 2048

/*
 * A reply (JSONRPC_RESULT or JSONRPC_ERROR; for *block see transport.h), or NULL and err: the
 * deadline passed (ERR_TEMPORARY and ETIMEDOUT, cancelled already), or the transport closed.
 */
typedef void rpc_reply_fn(void *arg, const struct jsonrpc_message *reply, char **block,
			  const struct err *err);
/* total < 0: not known. */
typedef void rpc_progress_fn(void *arg, double progress, double total, const char *message);

struct rpc_request {
	const char *method;
	long timeout_ms;	    /* of silence; 0: none, it stays open while the server lives */
	long hard_ms;		    /* 0: as timeout_ms */
	const char *const *headers; /* see transport.h; borrowed until sent; may be NULL */
	rpc_reply_fn *on_reply;
	rpc_progress_fn *on_progress; /* not NULL: a progress token is sent */
	void *arg;
};

struct rpc;
/* The transport is borrowed. who names the server in messages. */
struct rpc *rpc_new(struct loop *loop, struct transport *transport, const char *who);
/* Forgets what is pending: no replies come. */
void rpc_free(struct rpc **rpc);

/* `,"key":value…` members that each request's _meta gets (2026-07-28), or NULL. Copied. */
void rpc_set_meta(struct rpc *rpc, const char *members);

/*
 * Begins the params of the next request: `{`, and _meta where one is needed. The caller appends
 * members with json_write_*, not the closing brace. One buffer, reused.
 */
struct buf *rpc_params(struct rpc *rpc, const struct rpc_request *request);
/* Sends the request whose params were begun last. Its id, or -1. */
int64_t rpc_send(struct rpc *rpc, const struct rpc_request *request, struct err *err)
	__attribute__((warn_unused_result));

/* Tells the server; on_reply will not be called. */
void rpc_cancel(struct rpc *rpc, int64_t id, const char *reason);

/* What the transport's listener hands on. */
void rpc_take_reply(struct rpc *rpc, const struct jsonrpc_message *reply, char **block);
/* Was this the id of a request of ours, open or not? */
bool rpc_gave_id(const struct rpc *rpc, struct json_span id);
void rpc_take_progress(struct rpc *rpc, struct json_span params);
/* The transport cannot answer this request. */
void rpc_take_failure(struct rpc *rpc, int64_t id, const struct err *err);
/* A message was lost: when only one request is open it was its reply, and that fails (true). */
bool rpc_take_loss(struct rpc *rpc, const char *why);
void rpc_fail_all(struct rpc *rpc, const struct err *err);

#endif
