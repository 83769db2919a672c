/* SPDX-License-Identifier: MIT */
/* daemon_internal: the one struct behind daemon.h; internal to daemon/. */
#ifndef CORDPAIR_DAEMON_DAEMON_INTERNAL_H
#define CORDPAIR_DAEMON_DAEMON_INTERNAL_H

#include <time.h>

#include "daemon/daemon.h"

struct daemon {
	struct daemon_parts parts;
	struct control_server *control;
	char *path;
	int64_t started_us;
	struct timespec since;
	bool stopping;
	struct daemon_wait *waits;
	struct daemon_call *calls; /* open ones */
	bool looking;		   /* at them again, soon */
};

/* daemon_wait.c: a request that is answered once a server has started, or has not. */

typedef void daemon_answer_fn(struct daemon *daemon, struct control_request *request,
			      struct server *server);

/* At once where the server is not being started. The pool may have no such server any more then:
 * the request fails. */
void daemon_wait_for(struct daemon *daemon, struct control_request *request, const char *server,
		     daemon_answer_fn *answer);

/* daemon_calls.c */
extern const struct control_method daemon_calls_methods[];
void daemon_calls_end(struct daemon *daemon); /* each fails: the daemon ends */

/* daemon_servers.c */
extern const struct control_method daemon_servers_methods[];

/* The text of a string member of params, or NULL, with the request refused: it has to be there. The
 * caller frees. */
char *daemon_text_param(struct control_request **request, struct json_span params,
			const char *member);
/* The server that a member names; or NULL, with the request failed. */
struct server *daemon_server_param(struct daemon *daemon, struct control_request **request,
				   struct json_span params);

#endif
