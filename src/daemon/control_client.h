/* SPDX-License-Identifier: MIT */
/*
 * control_client: a command's connection to the daemon.
 */
#ifndef CORDPAIR_DAEMON_CONTROL_CLIENT_H
#define CORDPAIR_DAEMON_CONTROL_CLIENT_H

#include "daemon/control_channel.h"

#define CONTROL_ANSWER_MS	 10000 /* to what the daemon answers at once */
#define CONTROL_CONNECT_RETRY_MS 10    /* while too many connect */
#define CONTROL_CONNECT_TRIES	 500

struct control_client;

struct control_client_listener { /* each may be NULL */
	/* A notification or a request of the daemon. */
	void (*on_message)(void *arg, const struct jsonrpc_message *message);
	/* The daemon is gone; every open request has failed. */
	void (*on_end)(void *arg);
};

/* The result is valid during the call; err: NULL or why there is none (ERR_UNAVAILABLE: the daemon
 * is gone, or does not answer; else what it said). */
typedef void control_answer_fn(void *arg, struct json_span result, const struct err *err);

/*
 * Connects; ERR_UNAVAILABLE: "no daemon runs …". only_running: one that the service manager would
 * start for us is not there either.
 */
struct control_client *control_client_new(struct loop *loop, bool only_running,
					  const struct control_client_listener *listener, void *arg,
					  struct err *err) __attribute__((warn_unused_result));
void control_client_free(struct control_client **client); /* no callbacks after it */

/* params: JSON text of an object, or NULL. Returns the request's number, for the two below. */
int64_t control_client_request(struct control_client *client, const char *method,
			       const char *params, size_t params_len, long timeout_ms,
			       control_answer_fn *answered, void *arg);
/* It is alive: its time begins anew. */
void control_client_extend(struct control_client *client, int64_t id);
/* Its time stands still until then: a person is thinking. */
void control_client_hold(struct control_client *client, int64_t id);
/* No answer is wanted any more; the daemon is told. */
void control_client_cancel(struct control_client *client, int64_t id);
/* Answers a request of the daemon. */
void control_client_answer(struct control_client *client, struct json_span id, const char *result,
			   size_t len);

#endif
