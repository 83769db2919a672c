/* SPDX-License-Identifier: MIT */
/*
 * control_channel: one end of a connection between a daemon and its client. JSON-RPC 2.0, one
 * message a line, as MCP's stdio has it; both ends may ask.
 */
#ifndef CORDPAIR_DAEMON_CONTROL_CHANNEL_H
#define CORDPAIR_DAEMON_CONTROL_CHANNEL_H

#include "base/jsonrpc.h"
#include "base/lines.h"
#include "io/loop.h"

#define CONTROL_REQUEST_MAX_BYTES ((size_t)20 << 20) /* a line toward the daemon */
/* A line toward the client: the result of a tool, as its server sent it, and what is around it. */
#define CONTROL_ANSWER_MAX_BYTES (LINE_MAX_BYTES + ((size_t)1 << 20))
/* What waits for a peer that does not read: beyond it the connection is closed. */
#define CONTROL_QUEUE_MAX_BYTES ((size_t)128 << 20)
/* With as much waiting for it, nothing more is read from a peer. */
#define CONTROL_QUEUE_PAUSE_BYTES ((size_t)1 << 20)

struct control_channel;

struct control_channel_listener {
	void (*on_message)(void *arg, const struct jsonrpc_message *message);
	/* A line that is no message; code: see jsonrpc.h. What follows is read on. */
	void (*on_fault)(void *arg, enum jsonrpc_code code, struct json_span id, const char *text);
	/* The peer is gone, or does not read. Once, last. */
	void (*on_end)(void *arg);
};

struct control_channel *control_channel_new(struct loop *loop, int take_fd, size_t line_max_bytes,
					    const struct control_channel_listener *listener,
					    void *arg)
	__attribute__((returns_nonnull, warn_unused_result));
/* Closes; no callbacks after it. */
void control_channel_free(struct control_channel **channel);

/* A whole line. What cannot be written ends the channel (on_end, later). */
void control_channel_write(struct control_channel *channel, const struct buf *line);
/* Lets what waits go out, then closes (on_end). Nothing more is read. */
void control_channel_finish(struct control_channel *channel);
bool control_channel_waits(const struct control_channel *channel); /* something is not sent yet */

#endif
