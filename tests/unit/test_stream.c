/* SPDX-License-Identifier: MIT */
/* The write queue is bounded and no message is torn; errors and ends are told once. */
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include "io/stream.h"

#define MESSAGE_BYTES ((size_t)100000) /* more than a pipe holds */

static struct loop *loop;
static int readable, write_errors, drained, last_errno;

static void on_readable(void *arg)
{
	(void)arg;
	readable++;
}

static void on_write_error(void *arg, int os_errno)
{
	(void)arg;
	write_errors++;
	last_errno = os_errno;
}

static void on_drained(void *arg)
{
	(void)arg;
	drained++;
}

static const struct stream_listener reader = {.on_readable = on_readable};
static const struct stream_listener writer = {.on_write_error = on_write_error,
					      .on_drained = on_drained};

static int setup(void **state)
{
	struct err err;

	(void)state;
	signal(SIGPIPE, SIG_IGN);
	readable = write_errors = drained = last_errno = 0;
	loop = loop_new(&err);
	return loop ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	loop_free(&loop);
	return 0;
}

/* Reads what the pipe holds; every byte must be `letter`s of whole messages. */
static size_t drain(int fd, char letter)
{
	char bytes[65536];
	size_t total = 0;
	ssize_t n;

	while ((n = read(fd, bytes, sizeof(bytes))) > 0) {
		for (ssize_t i = 0; i < n; i++)
			assert_int_equal(bytes[i], letter);
		total += (size_t)n;
	}
	return total;
}

static void a_full_queue_refuses_whole_messages(void **state)
{
	char *message = malloc(MESSAGE_BYTES);
	struct stream *stream;
	size_t accepted = 0, got = 0;
	int ends[2];

	(void)state;
	assert_int_equal(pipe(ends), 0);
	fcntl(ends[0], F_SETFL, O_NONBLOCK);
	memset(message, 'm', MESSAGE_BYTES);
	stream = stream_new(loop, ends[1], 3 * MESSAGE_BYTES, &writer, NULL);
	while (stream_write(stream, message, MESSAGE_BYTES) == 0) {
		accepted += MESSAGE_BYTES;
		assert_true(stream_queued(stream) <= 3 * MESSAGE_BYTES);
		assert_true(accepted < 10 * MESSAGE_BYTES);
	}
	assert_int_equal(errno, ENOBUFS);
	assert_int_equal(write_errors, 0);
	while (stream_queued(stream) > 0) {
		got += drain(ends[0], 'm');
		loop_run_once(loop, 1000);
	}
	got += drain(ends[0], 'm');
	assert_int_equal(got, accepted);
	assert_int_equal(drained, 1);
	assert_int_equal(stream_write(stream, message, 10), 0);
	stream_free(&stream);
	assert_null(stream);
	close(ends[0]);
	free(message);
}

/* Who is told by the call's own result is not called back as well. */
static void a_write_into_a_broken_pipe_fails(void **state)
{
	struct stream *stream;
	int ends[2];

	(void)state;
	assert_int_equal(pipe(ends), 0);
	stream = stream_new(loop, ends[1], 1000, &writer, NULL);
	close(ends[0]);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(stream_write(stream, "x", 1), -1);
		assert_int_equal(errno, EPIPE);
		loop_run_once(loop, 0);
	}
	assert_int_equal(write_errors, 0);
	stream_free(&stream);
}

static void a_pipe_that_breaks_later_is_told_once(void **state)
{
	char *message = calloc(1, MESSAGE_BYTES);
	struct stream *stream;
	int ends[2];

	(void)state;
	assert_int_equal(pipe(ends), 0);
	stream = stream_new(loop, ends[1], MESSAGE_BYTES, &writer, NULL);
	assert_int_equal(stream_write(stream, message, MESSAGE_BYTES), 0);
	assert_true(stream_queued(stream) > 0);
	close(ends[0]);
	for (int i = 0; i < 3; i++)
		loop_run_once(loop, 0);
	assert_int_equal(write_errors, 1);
	assert_int_equal(last_errno, EPIPE);
	assert_int_equal(drained, 0);
	assert_int_equal(stream_write(stream, message, 1), -1);
	loop_run_once(loop, 0);
	assert_int_equal(write_errors, 1);
	stream_free(&stream);
	free(message);
}

static void a_paused_reader_is_not_told(void **state)
{
	struct stream *stream;
	char bytes[8];
	int ends[2];

	(void)state;
	assert_int_equal(pipe(ends), 0);
	stream = stream_new(loop, ends[0], 0, &reader, NULL);
	assert_int_equal(stream_read(stream, bytes, sizeof(bytes)), -1);
	assert_int_equal(errno, EAGAIN);
	stream_pause(stream);
	assert_int_equal(write(ends[1], "abc", 3), 3);
	loop_run_once(loop, 0);
	assert_int_equal(readable, 0);
	stream_resume(stream);
	loop_run_once(loop, 0);
	assert_int_equal(readable, 1);
	assert_int_equal(stream_read(stream, bytes, sizeof(bytes)), 3);
	assert_memory_equal(bytes, "abc", 3);
	close(ends[1]);
	loop_run_once(loop, 0);
	assert_int_equal(readable, 2);
	assert_int_equal(stream_read(stream, bytes, sizeof(bytes)), 0);
	stream_free(&stream);
}

static void closes_when_all_is_written(void **state)
{
	char *message = malloc(MESSAGE_BYTES);
	struct stream *stream;
	size_t got = 0;
	char byte;
	int ends[2];

	(void)state;
	assert_int_equal(pipe(ends), 0);
	fcntl(ends[0], F_SETFL, O_NONBLOCK);
	memset(message, 'm', MESSAGE_BYTES);
	stream = stream_new(loop, ends[1], MESSAGE_BYTES, &writer, NULL);
	assert_int_equal(stream_write(stream, message, MESSAGE_BYTES), 0);
	stream_close_after_write(stream);
	assert_int_equal(stream_write(stream, "x", 1), -1);
	for (int i = 0; i < 1000 && got < MESSAGE_BYTES; i++) {
		got += drain(ends[0], 'm');
		loop_run_once(loop, 0);
	}
	assert_int_equal(got, MESSAGE_BYTES);
	assert_int_equal(read(ends[0], &byte, 1), 0);
	stream_free(&stream);
	close(ends[0]);
	free(message);
}

#define STREAM_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		STREAM_TEST(a_full_queue_refuses_whole_messages),
		STREAM_TEST(a_write_into_a_broken_pipe_fails),
		STREAM_TEST(a_pipe_that_breaks_later_is_told_once),
		STREAM_TEST(a_paused_reader_is_not_told),
		STREAM_TEST(closes_when_all_is_written),
	};

	return cmocka_run_group_tests_name("stream", tests, NULL, NULL);
}
