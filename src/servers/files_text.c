/* SPDX-License-Identifier: MIT */
/* Opens and reads regular files only, and judges their bytes. Changes nothing. */
#include "config.h"

#include "servers/files_text.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/sanitize.h"
#include "servers/files_walk.h"

#define BINARY_SHARE 10 /* binary when one byte in so many is odd */

static int refuse_type(mode_t mode, struct err *err)
{
	if (S_ISDIR(mode))
		return err_set(err, ERR_CONFIG, "this is a folder: list_files shows what is in it");
	return err_set(err, ERR_PERMISSION, "this is a %s; only regular files are read",
		       file_type_name(mode));
}

int file_open_regular(int beneath, const char *path, enum file_links links, struct stat *stat,
		      struct err *err)
{
	int fd = file_open_beneath(beneath, path, O_RDONLY, links, err);
	int status = 0;

	if (fd < 0)
		return -1;
	if (fstat(fd, stat))
		status = err_set_os(err, ERR_INTERNAL, errno, "cannot look at it");
	else if (!S_ISREG(stat->st_mode))
		status = refuse_type(stat->st_mode, err);
	if (status == 0)
		return fd;
	close(fd);
	return -1;
}

ssize_t file_read_at(int fd, char *bytes, size_t len, off_t offset, struct err *err)
{
	size_t done = 0;

	while (done < len) {
		ssize_t n = pread(fd, bytes + done, len - done, offset + (off_t)done);

		if (n == 0)
			break;
		if (n > 0)
			done += (size_t)n;
		else if (errno != EINTR)
			return err_set_os(err, ERR_INTERNAL, errno, "cannot read it");
	}
	return (ssize_t)done;
}

bool text_is_binary(const char *bytes, size_t len)
{
	const char *at = bytes, *end = bytes + utf8_cut(bytes, len);
	size_t odd = 0;

	if (memchr(bytes, '\0', len))
		return true;
	while (at < end) {
		uint32_t rune;
		size_t n = utf8_decode(at, (size_t)(end - at), &rune);

		if (n == 0 || (rune < 0x20 && !strchr("\t\n\f\r\b\033", (int)rune)))
			odd++;
		at += n ? n : 1;
	}
	return odd * BINARY_SHARE > len;
}
