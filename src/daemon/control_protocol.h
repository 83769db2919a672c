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
/*
 * {"server", "fingerprint": see server_config_fingerprint()} → {"tools": as in tools/list}, once it
 * has started. Failure 69: the daemon has no such server, runs it by another entry, or it is down.
 */
#define CONTROL_TOOLS_LIST "tools.list"
/*
 * {"server", "fingerprint", "tool", "arguments", "yes_to": [globs], "person": true where somebody
 * can be asked} → {"verdict", "us", "result": of tools/call, "failure": {"exit", "message",
 * "timed_out", "clue"} where it failed}.
 */
#define CONTROL_TOOL_CALL "tool.call"
#define CONTROL_CANCEL	  "cancel" /* notification {"request": id} */

/* Of the daemon, while tool.call is open; each has "request" */
#define CONTROL_TELL_QUESTION	 "tool.question"       /* {}: a person is about to be asked */
#define CONTROL_TELL_APPROVAL	 "tool.approval"       /* {"decision", "by"} */
#define CONTROL_TELL_PROGRESS	 "tool.progress"       /* {"progress", "total", "message"} */
#define CONTROL_TELL_WITHDRAWN	 "question.withdrawn"  /* {"question": the id of what was asked} */
#define CONTROL_TELL_ELICITATION "elicitation.request" /* {"server", "mode", "message"} */
#define CONTROL_TELL_ELICITED	 "elicitation.result"  /* {"server", "action"} */
/* Requests: {"server", "tool", "description", "arguments"} → {"approval": see control_approvals} */
#define CONTROL_ASK_APPROVAL "ask.approval"
#define CONTROL_ASK_LINE     "ask.line" /* {"text"} → {"answer": a line, or null: nobody is there} */

/* The words of enum approval and enum tool_verdict. */
extern const char *const control_approvals[], *const control_verdicts[];
/* Which of n words a string is; -1: none. */
int control_word(const char *const words[], int n, struct json_span word);

#define CONTROL_FAILURE (-32000) /* an operational failure; data.exit is its exit status */

/* The answer to a request that failed, as a line. */
void control_write_failure(struct buf *out, struct json_span id, const struct err *err);
/* What an error object says, as an error of ours; data: what has its `exit`. */
void control_read_failure(struct json_span error, struct json_span data, struct err *err);

#endif
