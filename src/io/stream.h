/* SPDX-License-Identifier: MIT */
/*
 * stream: one non-blocking pipe or socket end, with a bounded write queue.
 *
 * Reading is pull: on_readable says that stream_read() will give something; a reader that pauses is
 * not told again until it resumes. Writing tries write(2) at once and queues the rest; when the
 * queue is full the write fails and nothing of it is sent, so that no message is ever torn.
 */
#ifndef CORDPAIR_IO_STREAM_H
#define CORDPAIR_IO_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "io/loop.h"

#define STREAM_QUEUE_MAX_BYTES ((size_t)64 << 20)

struct stream;

struct stream_listener {
	void (*on_readable)(void *arg); /* may be NULL for a write-only end */
	/*
	 * Writing what was queued failed (EPIPE …): it is lost. Told once, and not when
	 * stream_write() itself returned the error. May be NULL.
	 */
	void (*on_write_error)(void *arg, int os_errno);
	void (*on_drained)(void *arg); /* the queue is empty again. May be NULL. */
};

/* Takes the descriptor; makes it non-blocking and close-on-exec. */
struct stream *stream_new(struct loop *loop, int take_fd, size_t queue_max_bytes,
			  const struct stream_listener *listener, void *arg);
void stream_free(struct stream **stream); /* closes; queued bytes are lost */

void stream_set_listener(struct stream *stream, const struct stream_listener *listener, void *arg);
void stream_pause(struct stream *stream);
void stream_resume(struct stream *stream);
/* >0 bytes; 0 at the end; -1 with errno (EAGAIN: nothing now). Retries EINTR itself. */
ssize_t stream_read(struct stream *stream, void *bytes, size_t max);
/* 0, or -1 with errno: ENOBUFS when the queue is full, EPIPE after an error. */
int stream_write(struct stream *stream, const void *bytes, size_t len)
	__attribute__((warn_unused_result));
size_t stream_queued(const struct stream *stream);
/* Closes once the queue is empty (at once if it is); no more writes. The object stays. */
void stream_close_after_write(struct stream *stream);

#endif
