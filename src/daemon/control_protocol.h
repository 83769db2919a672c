/* SPDX-License-Identifier: MIT */
/*
 * control_protocol: the words of the daemon's socket, which both of its ends use.
 *
 * Requests of the client are METHODS; while one is open the daemon may tell notifications with
 * "request": its id, and ask in turn. A client that wants an answer no more says `cancel`. What the
 * client does not know of a message it ignores; what is added later never changes what is there.
 */
#ifndef CORDPAIR_DAEMON_CONTROL_PROTOCOL_H
#define CORDPAIR_DAEMON_CONTROL_PROTOCOL_H

#include "base/jsonrpc.h"

#define CONTROL_SOCKET_NAME "api.sock" /* see paths_runtime() */

/* Of the client */
#define CONTROL_STATUS "status" /* {} → what `cordpair status --json` prints */
#define CONTROL_STOP   "stop"	/* {} → {"pid"}; the connection ends when the daemon does */
/* {} → what `cordpair reload --json` prints */
#define CONTROL_RELOAD "reload"
/* {} → {"servers": [...]}: what daemon_servers.c writes of each */
#define CONTROL_SERVERS_LIST "servers.list"
/* {"server"} → what servers.list says of it, once it is ready or has failed */
#define CONTROL_SERVERS_RESTART "servers.restart"
#define CONTROL_CANCEL		"cancel" /* notification {"request": id} */

#define CONTROL_FAILURE		(-32000) /* an operational failure; data.exit is its exit status */

/* The answer to a request that failed, as a line. */
void control_write_failure(struct buf *out, struct json_span id, const struct err *err);
/* What an error object says, as an error of ours. */
void control_read_failure(struct json_span error, struct err *err);

#endif
