/* SPDX-License-Identifier: MIT */
/* Lines in, messages up; lines out through the bounded queue of the stream. */
#include "config.h"

#include "daemon/control_channel.h"

#include <errno.h>
#include <stdlib.h>

#include "base/mem.h"
#include "io/stream.h"

struct control_channel {
	struct loop *loop;
	struct stream *stream;
	struct lines lines;
	const struct control_channel_listener *listener;
	void *arg;
	bool freed, finishing, held; /* held: the peer has to read first */
};

static void end(void *arg)
{
	struct control_channel *channel = arg;

	if (!channel->freed)
		channel->listener->on_end(channel->arg);
}

/* Not from inside of what the listener is doing. */
static void end_later(struct control_channel *channel)
{
	if (channel->freed)
		return;
	channel->finishing = true;
	stream_pause(channel->stream);
	loop_defer_cancel(channel->loop, channel);
	loop_defer(channel->loop, end, channel);
}

static void take_line(struct control_channel *channel, const char *line, size_t len)
{
	struct jsonrpc_message message;
	struct json_fault fault;
	struct err err;

	if (jsonrpc_read(line, len, &json_limits_splice, &message, &err)) {
		const bool is_json = json_check(line, len, &json_limits_splice, NULL, &fault) == 0;

		channel->listener->on_fault(
			channel->arg, is_json ? JSONRPC_INVALID_REQUEST : JSONRPC_PARSE_ERROR,
			is_json ? message.id : (struct json_span){NULL, 0}, err.text);
	} else if (message.kind == JSONRPC_BATCH) {
		channel->listener->on_fault(channel->arg, JSONRPC_INVALID_REQUEST,
					    (struct json_span){NULL, 0}, "batches are not taken");
	} else {
		channel->listener->on_message(channel->arg, &message);
	}
}

static bool next_line(struct control_channel *channel)
{
	char *line;
	size_t len;

	if (channel->freed || channel->finishing || channel->held)
		return false;
	switch (lines_next(&channel->lines, &line, &len)) {
	case LINES_MORE:
		return false;
	case LINES_TOO_LONG:
		channel->listener->on_fault(channel->arg, JSONRPC_INVALID_REQUEST,
					    (struct json_span){NULL, 0}, "the line is too long");
		return true;
	case LINES_LINE:
		take_line(channel, line, len);
		return true;
	}
	return false;
}

static void take_lines(void *arg)
{
	while (next_line(arg))
		;
}

static void readable(void *arg)
{
	struct control_channel *channel = arg;
	size_t space;
	char *at = lines_space(&channel->lines, &space);
	ssize_t n;

	if (!at) {
		end_later(channel);
		return;
	}
	n = stream_read(channel->stream, at, space < LINES_READ_BYTES ? space : LINES_READ_BYTES);
	if (n > 0) {
		lines_commit(&channel->lines, (size_t)n);
		take_lines(channel);
	} else if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
		end_later(channel);
	}
}

static void write_failed(void *arg, int os_errno)
{
	(void)os_errno;
	end_later(arg);
}

static void drained(void *arg)
{
	struct control_channel *channel = arg;

	if (channel->finishing) {
		end_later(channel);
	} else if (channel->held) {
		channel->held = false;
		stream_resume(channel->stream);
		loop_defer(channel->loop, take_lines, channel);
	}
}

static const struct stream_listener stream_listener = {
	.on_readable = readable,
	.on_write_error = write_failed,
	.on_drained = drained,
};

struct control_channel *control_channel_new(struct loop *loop, int take_fd, size_t line_max_bytes,
					    const struct control_channel_listener *listener,
					    void *arg)
{
	struct control_channel *channel = mem_new(sizeof(*channel));

	channel->loop = loop;
	channel->listener = listener;
	channel->arg = arg;
	lines_init(&channel->lines, line_max_bytes);
	channel->stream =
		stream_new(loop, take_fd, CONTROL_QUEUE_MAX_BYTES, &stream_listener, channel);
	return channel;
}

static void channel_destroy(void *object)
{
	struct control_channel *channel = object;

	lines_clear(&channel->lines);
	free(channel);
}

void control_channel_free(struct control_channel **channel_p)
{
	struct control_channel *channel = *channel_p;

	if (!channel)
		return;
	*channel_p = NULL;
	channel->freed = true;
	loop_defer_cancel(channel->loop, channel);
	stream_free(&channel->stream);
	loop_free_later(channel->loop, channel, channel_destroy);
}

void control_channel_write(struct control_channel *channel, const struct buf *line)
{
	if (channel->freed || channel->finishing)
		return;
	if (line->overflowed || stream_write(channel->stream, buf_text(line), line->len)) {
		end_later(channel);
	} else if (!channel->held && stream_queued(channel->stream) > CONTROL_QUEUE_PAUSE_BYTES) {
		channel->held = true;
		stream_pause(channel->stream);
	}
}

void control_channel_finish(struct control_channel *channel)
{
	if (channel->finishing || channel->freed)
		return;
	channel->finishing = true;
	stream_pause(channel->stream);
	if (stream_queued(channel->stream) == 0)
		end_later(channel);
}

bool control_channel_waits(const struct control_channel *channel)
{
	return stream_queued(channel->stream) > 0;
}
