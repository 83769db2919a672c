/* SPDX-License-Identifier: MIT */
/*
 * A descriptor, its watch, and what could not be written at once. The queue is one buffer with an
 * offset: it is compacted when it has been emptied or its front is larger than its rest.
 */
#include "config.h"

#include "io/stream.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"

struct stream {
	struct loop *loop;
	struct loop_watch watch;
	const struct stream_listener *listener;
	void *arg;
	int fd;
	struct buf queue;
	size_t written; /* bytes at the front of queue that are gone */
	bool paused, broken, closing;
};

static short wanted_events(const struct stream *stream)
{
	bool reads = stream->listener && stream->listener->on_readable && !stream->paused;

	return (short)((reads ? POLLIN : 0) | (stream_queued(stream) > 0 ? POLLOUT : 0));
}

static void update_watch(struct stream *stream)
{
	short events = wanted_events(stream);

	if (stream->fd < 0)
		return;
	/* With no events, POLLHUP would still be told, again and again. */
	if (events)
		loop_watch_change(&stream->watch, events);
	else
		loop_watch_pause(&stream->watch);
}

static void close_fd(struct stream *stream)
{
	loop_watch_stop(&stream->watch);
	if (stream->fd >= 0)
		close(stream->fd);
	stream->fd = -1;
	buf_clear(&stream->queue);
	stream->written = 0;
}

static void write_failed(struct stream *stream, int os_errno)
{
	bool told = stream->broken;

	stream->broken = true;
	buf_truncate(&stream->queue, 0);
	stream->written = 0;
	update_watch(stream);
	if (!told && stream->listener && stream->listener->on_write_error)
		stream->listener->on_write_error(stream->arg, os_errno);
}

static ssize_t write_some(int fd, const char *bytes, size_t len)
{
	ssize_t n;

	do
		n = write(fd, bytes, len);
	while (n < 0 && errno == EINTR);
	return n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK) ? 0 : n;
}

static void compact(struct stream *stream)
{
	if (stream->written == stream->queue.len)
		buf_clear(&stream->queue);
	else if (stream->written > stream->queue.len / 2)
		buf_consume(&stream->queue, stream->written);
	else
		return;
	stream->written = 0;
}

static void flush(struct stream *stream)
{
	ssize_t n = write_some(stream->fd, stream->queue.data + stream->written,
			       stream->queue.len - stream->written);

	if (n < 0) {
		write_failed(stream, errno);
		return;
	}
	stream->written += (size_t)n;
	compact(stream);
	if (stream_queued(stream) > 0)
		return;
	if (stream->closing)
		close_fd(stream);
	else
		update_watch(stream);
	if (stream->listener && stream->listener->on_drained)
		stream->listener->on_drained(stream->arg);
}

static void stream_ready(void *arg, short revents)
{
	struct stream *stream = arg;

	if (revents & (POLLOUT | POLLERR) && stream_queued(stream) > 0) {
		flush(stream);
		return; /* a reader has its turn in the next iteration: it may be gone by now */
	}
	if (stream->listener && stream->listener->on_readable && !stream->paused)
		stream->listener->on_readable(stream->arg);
	else if (stream->fd >= 0)
		update_watch(stream);
}

struct stream *stream_new(struct loop *loop, int take_fd, size_t queue_max_bytes,
			  const struct stream_listener *listener, void *arg)
{
	struct stream *stream = mem_new(sizeof(*stream));

	stream->loop = loop;
	stream->fd = take_fd;
	buf_init(&stream->queue, queue_max_bytes);
	fcntl(take_fd, F_SETFL, fcntl(take_fd, F_GETFL) | O_NONBLOCK);
	fcntl(take_fd, F_SETFD, FD_CLOEXEC);
	loop_watch_start(loop, &stream->watch, take_fd, 0, stream_ready, stream);
	stream_set_listener(stream, listener, arg);
	return stream;
}

void stream_free(struct stream **stream_p)
{
	struct stream *stream = *stream_p;

	if (!stream)
		return;
	*stream_p = NULL;
	close_fd(stream);
	stream->listener = NULL;
	stream->broken = true;
	loop_free_later(stream->loop, stream, free);
}

void stream_set_listener(struct stream *stream, const struct stream_listener *listener, void *arg)
{
	stream->listener = listener;
	stream->arg = arg;
	update_watch(stream);
}

void stream_pause(struct stream *stream)
{
	stream->paused = true;
	update_watch(stream);
}

void stream_resume(struct stream *stream)
{
	stream->paused = false;
	update_watch(stream);
}

ssize_t stream_read(struct stream *stream, void *bytes, size_t max)
{
	ssize_t n;

	if (stream->fd < 0)
		return 0;
	do
		n = read(stream->fd, bytes, max);
	while (n < 0 && errno == EINTR);
	return n;
}

size_t stream_queued(const struct stream *stream)
{
	return stream->queue.len - stream->written;
}

int stream_write(struct stream *stream, const void *bytes, size_t len)
{
	ssize_t n = 0;

	if (stream->fd < 0 || stream->broken || stream->closing) {
		errno = EPIPE;
		return -1;
	}
	if (stream_queued(stream) == 0) {
		n = write_some(stream->fd, bytes, len);
		if (n < 0) {
			int os_errno = errno;

			stream->broken = true;
			errno = os_errno;
			return -1;
		}
		if ((size_t)n == len)
			return 0;
	}
	/* The rest of a message that has begun is always taken: no message is torn. */
	if (n == 0 && stream_queued(stream) + len > stream->queue.max) {
		errno = ENOBUFS;
		return -1;
	}
	if (buf_append(&stream->queue, (const char *)bytes + n, len - (size_t)n)) {
		stream->broken = true;
		errno = ENOBUFS;
		return -1;
	}
	update_watch(stream);
	return 0;
}

void stream_close_after_write(struct stream *stream)
{
	stream->closing = true;
	if (stream_queued(stream) == 0 || stream->broken)
		close_fd(stream);
}
