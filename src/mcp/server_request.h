/* SPDX-License-Identifier: MIT */
/*
 * server_request: what a server asks of the host, in both of its forms: as a JSON-RPC request (up
 * to 2025-11-25), and inside a result of type input_required (2026-07-28, "Multi Round-Trip
 * Requests"). Whoever answers does not see the difference. Internal to mcp/; its public part is in
 * mcp/server.h.
 */
#ifndef CORDPAIR_MCP_SERVER_REQUEST_H
#define CORDPAIR_MCP_SERVER_REQUEST_H

#include "base/jsonrpc.h"
#include "mcp/server.h"

#define SERVER_REQUESTS_MAX	  64	 /* of one server, unanswered */
#define INPUT_ROUNDS_MAX	  10	 /* of one request of ours */
#define INPUT_ROUND_TIMEOUT_MS	  600000 /* people think; not for ever */
#define INPUT_RESPONSES_MAX_BYTES ((size_t)16 << 20)

/* A JSON-RPC request of the server. */
void server_take_request(struct server *server, const struct jsonrpc_message *message);
/* notifications/cancelled: perhaps for one of them. */
void server_request_cancelled(struct server *server, struct json_span params);
/* Nobody waits for the answers any more. */
void server_requests_drop(struct server *server);

/*
 * One input_required result being met. done comes later, once: members to add to the params of the
 * request when it is sent again (`"inputResponses":{…},"requestState":"…"`), or why not.
 */
typedef void input_round_fn(void *arg, const char *members, const struct err *err);
struct input_round;
struct input_round *input_round_start(struct server *server, struct json_span result,
				      input_round_fn *done, void *arg);
/* What it asks for has to be done, not only begun, when it is answered. */
void input_round_comes_first(struct input_round *round);
/* The server says that it is. True: all of it was begun before, so no answer is needed. */
bool input_round_is_done(struct input_round *round);
void input_round_free(struct input_round **round); /* no call comes after */

/* Does this result want more input? err: it is of a type that is not known (ERR_PROTOCOL). */
int input_is_required(const struct server *server, struct json_span result, struct err *err)
	__attribute__((warn_unused_result));

#endif
