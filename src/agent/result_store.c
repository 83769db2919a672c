/* SPDX-License-Identifier: MIT */
/* Files are written once and read in pieces: a result may be much larger than what is ever shown.
 */
#include "config.h"

#include "agent/result_store.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/sanitize.h"
#include "io/file.h"

#define CHUNK_BYTES	    ((size_t)64 << 10)
#define CHARACTER_MAX_BYTES 4

struct result_store {
	char *dir; /* NULL: the temporary one is not made yet */
	bool temporary;
	long last;
	size_t bytes; /* that were added */
};

static char *path_of(const struct result_store *store, long number)
{
	return mem_format("%s/%ld.txt", store->dir, number);
}

/* Numbers of results that are there stay theirs. */
static long find_last(const char *dir)
{
	DIR *files = opendir(dir);
	struct dirent *file;
	long last = 0;

	while (files && (file = readdir(files))) {
		char *end;
		long number = strtol(file->d_name, &end, 10);

		if (strcmp(end, ".txt") == 0 && number > last && number <= RESULT_STORE_MAX)
			last = number;
	}
	if (files)
		closedir(files);
	return last;
}

struct result_store *result_store_new(const char *dir)
{
	struct result_store *store = mem_new(sizeof(*store));

	store->dir = mem_string_or_null(dir);
	store->temporary = !dir;
	store->last = dir ? find_last(dir) : 0;
	return store;
}

void result_store_free(struct result_store **store_p)
{
	struct result_store *store = *store_p;

	if (!store)
		return;
	for (long i = 1; store->temporary && store->dir && i <= store->last; i++) {
		char *path = path_of(store, i);

		unlink(path);
		free(path);
	}
	if (store->temporary && store->dir)
		rmdir(store->dir);
	free(store->dir);
	free(store);
	*store_p = NULL;
}

long result_store_last(const struct result_store *store)
{
	return store->last;
}

static int make_dir(struct result_store *store, struct err *err)
{
	const char *parent = getenv("TMPDIR");

	if (store->dir)
		return 0;
	store->dir = mem_format("%s/cordpair-XXXXXX", parent && *parent == '/' ? parent : "/tmp");
	if (mkdtemp(store->dir))
		return 0;
	err_set_os(err, ERR_RECORD, errno, "%s cannot be made", store->dir);
	free(store->dir);
	store->dir = NULL;
	return -1;
}

long result_store_add(struct result_store *store, const char *text, size_t len, struct err *err)
{
	char *path;
	int status;

	if (store->last == RESULT_STORE_MAX)
		return err_set(err, ERR_RECORD, "%d results are kept already", RESULT_STORE_MAX);
	if (len > RESULT_STORE_MAX_BYTES - store->bytes)
		return err_set(err, ERR_RECORD, "%zu MiB of results are kept already",
			       RESULT_STORE_MAX_BYTES >> 20);
	if (make_dir(store, err))
		return -1;
	path = path_of(store, store->last + 1);
	status = file_create(path, text, len, 0600, err);
	free(path);
	if (status) {
		err->kind = ERR_RECORD;
		return -1;
	}
	store->bytes += len;
	return ++store->last;
}

/* -1, or a descriptor; *size of the file. */
static int open_result(const struct result_store *store, long number, int64_t *size,
		       struct err *err)
{
	char *path = store->dir ? path_of(store, number) : NULL;
	int fd = path ? open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK) : -1;
	struct stat info;

	free(path);
	if (fd >= 0 && fstat(fd, &info) == 0 && S_ISREG(info.st_mode)) {
		*size = info.st_size;
		return fd;
	}
	if (fd >= 0)
		close(fd);
	return err_set(err, ERR_CONFIG, "there is no result %ld", number);
}

int result_store_size(const struct result_store *store, long number, int64_t *size, struct err *err)
{
	int fd = open_result(store, number, size, err);

	if (fd < 0)
		return -1;
	close(fd);
	return 0;
}

/* Whole characters of what was read: an offset of somebody's choice may be in the middle of one. */
static void keep_characters(struct buf *out, size_t start, bool more, int64_t *at)
{
	size_t skip = 0;

	if (!out->data)
		return;
	while (skip < CHARACTER_MAX_BYTES - 1 && start + skip < out->len &&
	       ((unsigned char)out->data[start + skip] & 0xc0) == 0x80)
		skip++;
	memmove(out->data + start, out->data + start + skip, out->len - start - skip);
	buf_truncate(out, out->len - skip);
	*at += (int64_t)skip;
	if (more)
		buf_truncate(out, start + utf8_cut(out->data + start, out->len - start));
}

int result_store_read(const struct result_store *store, long number, int64_t offset, size_t length,
		      struct buf *out, int64_t *at, struct err *err)
{
	const size_t start = out->len;
	int64_t size = 0;
	int fd = open_result(store, number, &size, err);
	char *space;
	ssize_t n;

	if (fd < 0)
		return -1;
	*at = offset;
	space = buf_reserve(out, length);
	n = space && offset < size ? pread(fd, space, length, (off_t)offset) : 0;
	close(fd);
	if (n < 0)
		return err_set_os(err, ERR_CONFIG, errno, "the result %ld cannot be read", number);
	out->len += (size_t)n;
	if (out->data)
		out->data[out->len] = '\0';
	if (n > 0)
		keep_characters(out, start, offset + n < size, at);
	return 0;
}

int64_t result_store_find(const struct result_store *store, long number, int64_t offset,
			  const char *text, size_t len)
{
	int64_t size = 0, found = -1;
	struct err err;
	int fd = open_result(store, number, &size, &err);
	char *chunk = fd >= 0 ? mem_try(CHUNK_BYTES + len) : NULL;

	while (chunk && found < 0 && len > 0 && offset + (int64_t)len <= size) {
		/* Overlapping, for what lies across two. */
		ssize_t n = pread(fd, chunk, CHUNK_BYTES + len - 1, (off_t)offset);
		const char *place = n > 0 ? memmem(chunk, (size_t)n, text, len) : NULL;

		if (n <= 0)
			break;
		if (place)
			found = offset + (place - chunk);
		offset += (int64_t)CHUNK_BYTES;
	}
	free(chunk);
	if (fd >= 0)
		close(fd);
	return found;
}
