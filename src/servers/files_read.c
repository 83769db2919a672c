/* SPDX-License-Identifier: MIT */
/* read_file and file_info: one path each. Paths are judged by files_root alone. */
#include "config.h"

#include "servers/files_tools.h"

#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/json_write.h"
#include "base/mem.h"
#include "base/sanitize.h"
#include "servers/files_reply.h"
#include "servers/files_text.h"

/* read_file */

/* bytes[0..len) were read, one more than wanted when there are more. */
static void reply_text(struct mcp_reply *reply, const char *bytes, size_t len, size_t wanted,
		       int64_t offset, const struct stat *stat)
{
	size_t skip = 0, end = len > wanted ? utf8_cut(bytes, wanted) : len;

	/* An offset into the middle of a character begins at the next one. */
	while (offset > 0 && skip < 3 && skip < end && ((unsigned char)bytes[skip] & 0xc0) == 0x80)
		skip++;
	if (text_is_binary(bytes + skip, end - skip)) {
		buf_format(&reply->note, "[binary file of %" PRId64 " bytes: not shown]",
			   (int64_t)stat->st_size);
		return;
	}
	buf_append(&reply->text, bytes + skip, end - skip);
	if (len > wanted)
		buf_format(&reply->note,
			   "[%zu bytes from offset %" PRId64 " of a file of %" PRId64
			   " bytes; the next offset is %" PRId64 "]",
			   end - skip, offset + (int64_t)skip, (int64_t)stat->st_size,
			   offset + (int64_t)end);
	else if (len == 0)
		buf_format(&reply->note, "[%s]", offset > 0 ? "end of the file" : "empty file");
}

static int read_text(int fd, int64_t offset, size_t wanted, const struct stat *stat,
		     struct mcp_reply *reply, struct err *err)
{
	char probe[TEXT_PROBE_BYTES], *bytes;
	ssize_t n;

	/* The beginning says what the file is, wherever the reading begins. */
	n = file_read_at(fd, probe, sizeof(probe), 0, err);
	if (n < 0)
		return -1;
	if (text_is_binary(probe, (size_t)n)) {
		buf_format(&reply->note, "[binary file of %" PRId64 " bytes: not shown]",
			   (int64_t)stat->st_size);
		return 0;
	}
	bytes = mem_new_array(wanted + 1, 1);
	n = file_read_at(fd, bytes, wanted + 1, offset, err);
	if (n >= 0)
		reply_text(reply, bytes, (size_t)n, wanted, offset, stat);
	free(bytes);
	return n < 0 ? -1 : 0;
}

void files_read(void *context, const struct json_object *arguments, struct mcp_reply *reply)
{
	int64_t offset = mcp_integer(arguments, "offset", 0);
	size_t wanted = (size_t)mcp_integer(arguments, "max_bytes", FILES_READ_DEFAULT);
	const char *path = files_path_argument(arguments), *below;
	const struct file_root *root;
	struct stat stat;
	struct err err;
	int fd = -1, status = -1;

	root = file_roots_find(context, path, &below, &err);
	if (root)
		fd = file_open_regular(root->fd, below, FILE_LINKS_BELOW, &stat, &err);
	if (fd >= 0) {
		status = read_text(fd, offset, wanted, &stat, reply, &err);
		close(fd);
	}
	if (status)
		mcp_reply_error(reply, "%s: %s", path, err.text);
}

/* file_info */

/* A link is told itself: its target may be anywhere. */
static int info_entry(const struct file_root *root, const char *path, const char *below,
		      struct buf *json, struct err *err)
{
	int fd = file_open_beneath(root->fd, below, O_PATH | O_NOFOLLOW, FILE_LINKS_BELOW, err);
	char target[PATH_MAX];
	struct stat stat;
	ssize_t n;

	if (fd < 0)
		return -1;
	if (fstat(fd, &stat)) {
		close(fd);
		return err_set(err, ERR_INTERNAL, "cannot look at it");
	}
	buf_append_char(json, '{');
	files_write_path(json, path, NULL);
	files_write_stat(json, &stat);
	buf_format(json, ",\"mode\":\"%04o\"", (unsigned)stat.st_mode & 07777U);
	n = S_ISLNK(stat.st_mode) ? readlinkat(fd, "", target, sizeof(target)) : -1;
	if (n >= 0) {
		json_write_key(json, "target");
		json_write_string_len(json, target, (size_t)n);
	}
	buf_append_char(json, '}');
	close(fd);
	return 0;
}

void files_info(void *context, const struct json_object *arguments, struct mcp_reply *reply)
{
	const char *path = files_path_argument(arguments), *below;
	struct err err;
	const struct file_root *root = file_roots_find(context, path, &below, &err);

	if (!root || info_entry(root, path, below, &reply->json, &err))
		mcp_reply_error(reply, "%s: %s", path, err.text);
}
