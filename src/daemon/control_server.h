/* SPDX-License-Identifier: MIT */
/*
 * control_server: the daemon's side of its socket. Takes requests of the user's own processes and
 * gives each to its method, which answers now or later.
 *
 * What a client can do to others: nothing. It reads and writes at its own pace; beyond
 * CONTROL_CONNECTIONS_MAX the one that has been idle for longest makes room, and where all are at
 * work the new one is refused.
 */
#ifndef CORDPAIR_DAEMON_CONTROL_SERVER_H
#define CORDPAIR_DAEMON_CONTROL_SERVER_H

#include "daemon/control_channel.h"

#define CONTROL_CONNECTIONS_MAX 64
#define CONTROL_REQUESTS_MAX	64 /* open ones of a connection */

struct control_server;
struct control_request;

/* params may be absent; they are valid during the call. The request has to be answered once. */
typedef void control_method_fn(void *arg, struct control_request *request, struct json_span params);

struct control_method {
	const char *name;
	control_method_fn *run;
};

/* Listens at the path; see local_listener_new() for the errors. */
struct control_server *control_server_new(struct loop *loop, const char *path, struct err *err)
	__attribute__((warn_unused_result));
/* Every open request is told as gone, then every connection is closed. */
void control_server_free(struct control_server **server);

/* Methods that it knows from now on; the table ends with a NULL name and is borrowed. */
void control_server_add(struct control_server *server, const struct control_method *methods,
			void *arg);
size_t control_server_connections(const struct control_server *server);

/*
 * gone(arg) comes once, when nobody waits for the answer any more: the client is gone, or told
 * `cancel`. The request is then freed after it. Not after an answer.
 */
void control_request_on_gone(struct control_request *request, loop_fn *gone, void *arg);
/* A notification that belongs to the request: its params begin with "request": the id. members:
 * JSON members without braces, or NULL. */
void control_request_tell(struct control_request *request, const char *method,
			  const struct buf *members);

/* Something waits for its client to read: what may be left out is left out. */
bool control_request_congested(const struct control_request *request);

/*
 * Asks the client of the request something; members: as above. answered(arg) comes once with the
 * result, or {NULL, 0} where the client refused; not after the request has ended, or the question
 * was cancelled. Returns its number.
 */
typedef void control_answered_fn(void *arg, struct json_span result);
int64_t control_ask(struct control_request *request, const char *method, const struct buf *members,
		    control_answered_fn *answered, void *arg);
void control_ask_cancel(struct control_request *request, int64_t id);

/* Each answers, and sets *request to NULL. */
void control_answer(struct control_request **request, const char *result, size_t len);
void control_refuse(struct control_request **request, enum jsonrpc_code code, const char *message);
/* An operational failure: the client gets its kind (as the exit status) and its text. */
void control_fail(struct control_request **request, const struct err *err);

#endif
