/* SPDX-License-Identifier: MIT */
/* Writes straight to the descriptors: no buffer of ours evens out what is wrong. */
#include "config.h"

#include "fake_faults.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/json_write.h"
#include "base/mem.h"

#define PIECE_BYTES    ((size_t)64 << 10)
#define FILE_MAX_BYTES ((size_t)200 << 20)

struct fault {
	struct json_span id, arguments;
	struct buf *text;
};

static void write_all(int fd, const char *bytes, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, bytes, len);

		if (n < 0 && errno != EINTR)
			exit(1);
		bytes += n > 0 ? n : 0;
		len -= n > 0 ? (size_t)n : 0;
	}
}

static void write_buf(struct buf *line)
{
	write_all(STDOUT_FILENO, line->data, line->len);
	buf_truncate(line, 0);
}

static char *text_of(const struct fault *fault, const char *name)
{
	struct buf text = BUF_INIT;

	if (json_span_unescape(json_span_member(fault->arguments, name), &text))
		buf_truncate(&text, 0);
	return buf_take(&text);
}

static int64_t number_of(const struct fault *fault, const char *name, int64_t fallback)
{
	int64_t value = fallback;

	(void)json_span_int64(json_span_member(fault->arguments, name), &value);
	return value;
}

static void done(const struct fault *fault)
{
	buf_append_text(fault->text, "done");
}

/* The stream */

void fake_faults_write_file(const char *path, struct json_span id, bool by_byte)
{
	static const char mark[] = "@ID@";
	FILE *file = fopen(path, "r");
	struct buf bytes = {.max = FILE_MAX_BYTES}, out = {.max = FILE_MAX_BYTES};
	char piece[4096];
	size_t n;

	if (!file)
		exit(4);
	while ((n = fread(piece, 1, sizeof(piece), file)) > 0)
		buf_append(&bytes, piece, n);
	fclose(file);
	for (size_t i = 0; i < bytes.len; i++) {
		if (bytes.len - i < strlen(mark) ||
		    memcmp(bytes.data + i, mark, strlen(mark)) != 0) {
			buf_append_char(&out, bytes.data[i]);
			continue;
		}
		buf_append(&out, id.at, id.len);
		i += strlen(mark) - 1;
	}
	for (size_t i = 0; by_byte && i < out.len; i++)
		write_all(STDOUT_FILENO, out.data + i, 1);
	if (!by_byte)
		write_buf(&out);
	buf_clear(&bytes);
	buf_clear(&out);
}

static void raw(const struct fault *fault)
{
	char *path = text_of(fault, "file");

	fake_faults_write_file(path, fault->id, number_of(fault, "by_byte", 0) != 0);
	free(path);
	if (number_of(fault, "exit", 0))
		exit(0);
}

static void write_many(int fd, int64_t bytes, bool lines)
{
	char piece[PIECE_BYTES];

	memset(piece, 'x', sizeof(piece));
	for (size_t i = 79; lines && i < sizeof(piece); i += 80)
		piece[i] = '\n';
	for (; bytes > 0; bytes -= (int64_t)sizeof(piece))
		write_all(fd, piece, sizeof(piece));
}

static void endless(const struct fault *fault)
{
	(void)fault;
	write_many(STDOUT_FILENO, INT64_MAX, false);
}

/* Lines that are no messages. */
static void junk(const struct fault *fault)
{
	write_many(STDOUT_FILENO, number_of(fault, "bytes", 1000), true);
	write_all(STDOUT_FILENO, "\n", 1);
	done(fault);
}

static void stderr_bytes(const struct fault *fault)
{
	write_many(STDERR_FILENO, number_of(fault, "bytes", 1000),
		   number_of(fault, "lines", 1) != 0);
	done(fault);
}

static void requests(const struct fault *fault)
{
	static const char *const methods[] = {"ping", "roots/list", "sampling/createMessage",
					      "no/such/method"};
	int64_t count = number_of(fault, "count", 1);
	struct buf line = BUF_INIT;

	for (int64_t i = 0; i < count; i++) {
		buf_format(&line, "{\"jsonrpc\":\"2.0\",\"id\":\"f%lld\",\"method\":\"%s\"}\n",
			   (long long)i, methods[i % 4]);
		if (line.len > PIECE_BYTES)
			write_buf(&line);
	}
	write_buf(&line);
	buf_clear(&line);
	done(fault);
}

static void notifications(const struct fault *fault)
{
	char *method = text_of(fault, "method");
	struct json_span params = json_span_member(fault->arguments, "params");
	int64_t count = number_of(fault, "count", 1);
	struct buf line = BUF_INIT;

	for (int64_t i = 0; i < count; i++) {
		buf_append_text(&line, "{\"jsonrpc\":\"2.0\"");
		json_write_member(&line, "method", method);
		if (params.at)
			json_write_member_json(&line, "params", params.at, params.len);
		buf_append_text(&line, "}\n");
		if (line.len > PIECE_BYTES)
			write_buf(&line);
	}
	write_buf(&line);
	buf_clear(&line);
	free(method);
	done(fault);
}

/* The process */

/* Of stdout without an answer: it lives on, and is not deaf to SIGTERM. */
static void close_descriptor(const struct fault *fault)
{
	const int fd = (int)number_of(fault, "fd", 0);

	close(fd);
	if (fd == STDOUT_FILENO)
		pause();
	done(fault);
}

static void end(const struct fault *fault)
{
	fprintf(stderr, "the last words\n");
	exit((int)number_of(fault, "status", 0));
}

void fake_faults_crash(void)
{
	signal(SIGSEGV, SIG_DFL); /* a sanitizer would make an exit of it */
	raise(SIGSEGV);
}

static void crash(const struct fault *fault)
{
	(void)fault;
	fake_faults_crash();
}

static void freeze(const struct fault *fault)
{
	(void)fault;
	raise(SIGSTOP);
}

/* Answers, and reads nothing more; with close not even its pipe is there. */
static void deaf(const struct fault *fault)
{
	struct buf line = BUF_INIT;

	buf_append_text(&line, "{\"jsonrpc\":\"2.0\"");
	json_write_member_json(&line, "id", fault->id.at, fault->id.len);
	buf_append_text(
		&line, ",\"result\":{\"content\":[{\"type\":\"text\",\"text\":\"I am deaf\"}]}}\n");
	if (number_of(fault, "close", 0))
		close(STDIN_FILENO);
	write_buf(&line);
	for (;;)
		pause();
}

/* Ends; a child of it holds its pipes. */
static void leave_child(const struct fault *fault)
{
	(void)fault;
	if (fork() > 0)
		_exit(0);
	for (;;)
		pause();
}

static void storm(const struct fault *fault)
{
	for (int64_t i = number_of(fault, "count", 1); i > 0; i--) {
		if (fork() != 0)
			continue;
		signal(SIGTERM, SIG_IGN);
		for (;;)
			pause();
	}
	done(fault);
}

/* Everything that would hurt a person at the terminal; the answer says how far it came. */
static void take_terminal(const struct fault *fault)
{
	int fd = open("/dev/tty", O_RDWR | O_CLOEXEC);

	buf_append_text(fault->text, fd < 0 ? "no terminal" : "a terminal");
#ifdef TIOCSTI
	if (fd >= 0 && ioctl(fd, TIOCSTI, "y") == 0)
		buf_append_text(fault->text, ", typed into");
#endif
	if (fd >= 0)
		close(fd);
	if (chdir("/") == 0)
		close(STDERR_FILENO);
}

static const struct {
	const char *name;
	void (*run)(const struct fault *fault);
} faults[] = {
	{"raw", raw},
	{"endless", endless},
	{"junk", junk},
	{"stderr_bytes", stderr_bytes},
	{"requests", requests},
	{"notifications", notifications},
	{"close", close_descriptor},
	{"end", end},
	{"crash", crash},
	{"freeze", freeze},
	{"deaf", deaf},
	{"leave_child", leave_child},
	{"storm", storm},
	{"take_terminal", take_terminal},
};

#define FAULTS (sizeof(faults) / sizeof(faults[0]))

void fake_faults_list(struct buf *json)
{
	for (size_t i = 0; i < FAULTS; i++)
		buf_format(json, "%s{\"name\":\"%s\",\"inputSchema\":{\"type\":\"object\"}}",
			   json->data[json->len - 1] == '[' ? "" : ",", faults[i].name);
}

bool fake_faults_call(struct json_span id, struct json_span name, struct json_span arguments,
		      struct buf *text)
{
	const struct fault fault = {id, arguments, text};

	for (size_t i = 0; i < FAULTS; i++)
		if (json_span_equals(name, faults[i].name)) {
			faults[i].run(&fault);
			return true;
		}
	return false;
}
