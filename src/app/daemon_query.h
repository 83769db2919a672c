/* SPDX-License-Identifier: MIT */
/*
 * daemon_query: a question to the daemon as one stage of a command.
 */
#ifndef CORDPAIR_APP_DAEMON_QUERY_H
#define CORDPAIR_APP_DAEMON_QUERY_H

#include "app/program.h"
#include "daemon/control_client.h"

/*
 * Waits for the answer and appends it to result. Errors: what the daemon said, ERR_UNAVAILABLE,
 * ERR_TIMEOUT when interrupted (told by program_interrupted()).
 */
int daemon_query(struct program *program, struct control_client *client, const char *method,
		 const struct buf *params, long timeout_ms, struct buf *result, struct err *err)
	__attribute__((warn_unused_result));

/* The same by a connection of its own, for what is answered at once. */
int daemon_query_once(struct program *program, const char *method, const struct buf *params,
		      struct buf *result, struct err *err) __attribute__((warn_unused_result));

/* "3 d 4 h", "12 min 5 s", "0 s": the two largest units of a time. */
void daemon_append_time(struct buf *out, int64_t ms);

#endif
