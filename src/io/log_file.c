/* SPDX-License-Identifier: MIT */
/* One write is under way at a time: lines stay in order. */
#include "config.h"

#include "io/log_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "io/file.h"

#define NOTE_MAX_BYTES ((size_t)256)

struct log_write {	       /* the worker's, until it is done */
	struct log_file *file; /* NULL: nobody waits for it */
	char *path;
	struct buf text;
};

struct log_file {
	struct loop *loop;
	struct worker_pool *workers;
	char *path;
	struct buf waiting;
	size_t dropped; /* bytes for which there was no room */
	bool flush_queued;
	struct log_write *write; /* the one that is under way, or NULL */
};

/* In the worker */

static int open_log(const char *path)
{
	const int flags = O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK;
	struct stat status;
	struct err err;
	char *older;
	int fd;

	if (file_make_parents(path, &err))
		return -1;
	fd = open(path, flags, 0600);
	if (fd < 0 || fstat(fd, &status) < 0 || (size_t)status.st_size < LOG_FILE_MAX_BYTES)
		return fd;
	close(fd);
	older = mem_format("%s.1", path);
	(void)!rename(path, older);
	free(older);
	return open(path, flags, 0600);
}

static void append(void *arg)
{
	const struct log_write *write_job = arg;
	int fd = open_log(write_job->path);
	size_t done = 0;

	while (fd >= 0 && done < write_job->text.len) {
		ssize_t n = write(fd, write_job->text.data + done, write_job->text.len - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		done += (size_t)n;
	}
	if (fd >= 0)
		close(fd);
}

/* On the loop */

static void write_free(struct log_write *write)
{
	buf_clear(&write->text);
	free(write->path);
	free(write);
}

static void flush(void *arg);

static void appended(void *arg)
{
	struct log_write *write = arg;
	struct log_file *file = write->file;

	write_free(write);
	if (!file)
		return;
	file->write = NULL;
	if (file->waiting.len > 0)
		flush(file);
}

static void flush(void *arg)
{
	struct log_file *file = arg;
	struct log_write *write;

	file->flush_queued = false;
	if (file->write)
		return;
	write = mem_new(sizeof(*write));
	write->file = file;
	write->path = mem_string(file->path);
	write->text = file->waiting;
	buf_init(&file->waiting, LOG_FILE_WAIT_MAX_BYTES);
	write->text.max = LOG_FILE_WAIT_MAX_BYTES + NOTE_MAX_BYTES;
	if (file->dropped > 0)
		buf_format(&write->text, "\n== %zu bytes came too fast and were left out\n",
			   file->dropped);
	file->dropped = 0;
	file->write = write;
	worker_submit(file->workers, append, appended, write);
}

struct log_file *log_file_new(struct loop *loop, struct worker_pool *workers, const char *path)
{
	struct log_file *file = mem_new(sizeof(*file));

	file->loop = loop;
	file->workers = workers;
	file->path = mem_string(path);
	buf_init(&file->waiting, LOG_FILE_WAIT_MAX_BYTES);
	return file;
}

void log_file_append(struct log_file *file, const char *bytes, size_t len)
{
	if (file->waiting.len + len > LOG_FILE_WAIT_MAX_BYTES)
		file->dropped += len;
	else
		buf_append(&file->waiting, bytes, len);
	if (file->flush_queued || file->write)
		return;
	file->flush_queued = true;
	loop_defer(file->loop, flush, file);
}

void log_file_free(struct log_file **file_p)
{
	struct log_file *file = *file_p;

	if (!file)
		return;
	*file_p = NULL;
	loop_defer_cancel(file->loop, file);
	if (file->write)
		file->write->file = NULL;
	file->write = NULL;
	if (file->waiting.len > 0 || file->dropped > 0) {
		flush(file);
		file->write->file = NULL;
	}
	buf_clear(&file->waiting);
	free(file->path);
	free(file);
}

/* Reading */

static int read_one(const char *path, struct buf *out, struct err *err)
{
	struct buf text;
	enum file_kind kind;
	int status;

	buf_init(&text, LOG_FILE_MAX_BYTES + LOG_FILE_WAIT_MAX_BYTES);
	status = file_read(path, FILE_ANY, &text, &kind, err);
	if (status == 0)
		buf_append(out, buf_text(&text), text.len);
	buf_clear(&text);
	return status;
}

int log_file_tail(const char *path, unsigned max_lines, struct buf *out, struct err *err)
{
	char *older = mem_format("%s.1", path);
	struct buf both = BUF_INIT;
	struct err ignored;
	size_t start;
	unsigned lines = 0;

	(void)!read_one(older, &both, &ignored);
	free(older);
	if (read_one(path, &both, err) && both.len == 0) {
		buf_clear(&both);
		return -1;
	}
	start = both.len;
	while (start > 0 && (lines += both.data[start - 1] == '\n') <= max_lines)
		start--;
	buf_append(out, buf_text(&both) + start, both.len - start);
	buf_clear(&both);
	return 0;
}
