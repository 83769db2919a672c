/* SPDX-License-Identifier: MIT */
/*
 * Writes JSON lines to one file. Every line is made in full, masked as a whole, and written with
 * one write(2), so that lines never tear and a secret cannot hide across a cut payload: masking
 * comes before cutting.
 */
#include "config.h"

#include "base/trace.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/json_check.h"
#include "base/json_write.h"
#include "base/mem.h"

struct secret {
	char *text;
	size_t len;
};

static int trace_fd = -1;
static struct timespec began;
static struct secret *secrets; /* each in its plain and, where it differs, its escaped form */
static size_t secrets_count;

/* A trace is for its owner's eyes, also one that an earlier run began with another mode. */
static void keep_private(int fd)
{
	struct stat info;

	if (fstat(fd, &info) == 0 && S_ISREG(info.st_mode) && info.st_uid == geteuid())
		(void)!fchmod(fd, 0600);
}

int trace_open(const char *path, struct err *err)
{
	int fd = strcmp(path, "-") == 0
			 ? fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3)
			 : open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY, 0600);

	if (fd < 0)
		return err_set_os(err, ERR_RECORD, errno, "%s: the trace cannot be written", path);
	if (strcmp(path, "-") != 0)
		keep_private(fd);
	trace_close();
	trace_fd = fd;
	clock_gettime(CLOCK_MONOTONIC, &began);
	return 0;
}

void trace_close(void)
{
	if (trace_fd >= 0)
		close(trace_fd);
	trace_fd = -1;
}

bool trace_enabled(void)
{
	return trace_fd >= 0;
}

static void add_form(const char *text, size_t len)
{
	for (size_t i = 0; i < secrets_count; i++)
		if (secrets[i].len == len && memcmp(secrets[i].text, text, len) == 0)
			return;
	secrets = mem_resize_array(secrets, secrets_count + 1, sizeof(*secrets));
	secrets[secrets_count++] = (struct secret){mem_string_len(text, len), len};
}

void trace_add_secret(const char *secret)
{
	struct buf escaped = BUF_INIT;
	size_t len = secret ? strlen(secret) : 0;

	if (len < TRACE_SECRET_MIN_BYTES)
		return;
	add_form(secret, len);
	json_write_string(&escaped, secret);
	add_form(escaped.data + 1, escaped.len - 2);
	buf_clear(&escaped);
}

static void append_masked(struct buf *out, const char *text, size_t len)
{
	static const char mask[] = "***";
	const char *end = text + len;

	while (text < end) {
		const char *first = end;
		size_t first_len = 0;

		for (size_t i = 0; i < secrets_count; i++) {
			const char *hit =
				memmem(text, (size_t)(end - text), secrets[i].text, secrets[i].len);

			if (hit && (hit < first || (hit == first && secrets[i].len > first_len))) {
				first = hit;
				first_len = secrets[i].len;
			}
		}
		buf_append(out, text, (size_t)(first - text));
		if (first < end)
			buf_append(out, mask, sizeof(mask) - 1);
		text = first + first_len;
	}
}

static void append_payload(struct buf *line, const char *payload, size_t len)
{
	struct buf masked = BUF_INIT;
	struct json_fault fault;

	json_write_member_int(line, "bytes", (int64_t)len);
	append_masked(&masked, payload, len);
	/* A line break would end the trace's own line: only one-line JSON is spliced. */
	if (masked.len <= TRACE_PAYLOAD_MAX_BYTES && !memchr(buf_text(&masked), '\n', masked.len) &&
	    json_check(buf_text(&masked), masked.len, &json_limits_splice, NULL, &fault) == 0) {
		json_write_member_json(line, "json", masked.data, masked.len);
	} else {
		if (masked.len > TRACE_PAYLOAD_MAX_BYTES)
			buf_truncate(&masked, TRACE_PAYLOAD_MAX_BYTES);
		json_write_key(line, "text");
		json_write_string_len(line, buf_text(&masked), masked.len);
	}
	buf_clear(&masked);
}

static double seconds_since_start(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)(now.tv_sec - began.tv_sec) + (double)(now.tv_nsec - began.tv_nsec) / 1e9;
}

static void write_line(const struct buf *line)
{
	size_t done = 0;

	while (done < line->len) {
		ssize_t n = write(trace_fd, line->data + done, line->len - done);

		if (n < 0 && errno != EINTR)
			return; /* a full disk must not end the run that is being looked at */
		done += n > 0 ? (size_t)n : 0;
	}
}

static void write_masked_member(struct buf *line, const char *key, const char *text)
{
	struct buf masked = BUF_INIT;

	append_masked(&masked, text, strlen(text));
	json_write_member(line, key, buf_text(&masked));
	buf_clear(&masked);
}

void trace_event(const char *type, const char *who, const char *note, const char *payload,
		 size_t len)
{
	struct buf line = BUF_INIT;

	if (trace_fd < 0)
		return;
	buf_format(&line, "{\"t\":%.6f", seconds_since_start());
	json_write_member(&line, "type", type);
	write_masked_member(&line, "who", who);
	if (note)
		write_masked_member(&line, "note", note);
	if (payload)
		append_payload(&line, payload, len);
	buf_append_text(&line, "}\n");
	write_line(&line);
	buf_clear(&line);
}
