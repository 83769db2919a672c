/* SPDX-License-Identifier: MIT */
/*
 * Reads, checks and replaces small files. The check looks at the descriptor that was opened and at
 * the directories of its resolved path, so that what was checked is what was read.
 */
#include "config.h"

#include "io/file.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/mem.h"

#define FILE_READ_BYTES	  ((size_t)64 << 10)
#define NULL_DEVICE_MAJOR 1
#define NULL_DEVICE_MINOR 3

/* A group is private when it bears its owner's name and has no other member. */
static bool group_is_private(gid_t group, uid_t owner)
{
	const struct passwd *user = getpwuid(owner);
	char *name = mem_string_or_null(user ? user->pw_name : NULL);
	bool primary = user && user->pw_gid == group, private = false;
	const struct group *entry = name && primary ? getgrgid(group) : NULL;

	if (entry && strcmp(entry->gr_name, name) == 0) {
		private = true;
		for (char **member = entry->gr_mem; *member; member++)
			if (strcmp(*member, name) != 0)
		private = false;
	}
	free(name);
	return private;
}

/* NULL when only root and we can change it; else what is wrong, and what to do. */
static const char *unsafe_because(const struct stat *info)
{
	if (info->st_uid != 0 && info->st_uid != geteuid())
		return "it belongs to another user; chown it";
	if (info->st_mode & S_IWOTH)
		return "everybody may write to it; chmod go-w it";
	if (info->st_mode & S_IWGRP && info->st_gid != 0 &&
	    !group_is_private(info->st_gid, info->st_uid))
		return "a group may write to it; chmod go-w it";
	return NULL;
}

static int check_directories(const char *path, char *resolved, struct err *err)
{
	for (char *slash = strrchr(resolved, '/'); slash; slash = strrchr(resolved, '/')) {
		const char *why;
		struct stat info;

		slash[slash == resolved ? 1 : 0] = '\0';
		if (stat(resolved, &info))
			return err_set_os(err, ERR_PERMISSION, errno, "%s: %s cannot be checked",
					  path, resolved);
		why = unsafe_because(&info);
		if (why && !(info.st_mode & S_ISVTX && info.st_uid == 0))
			return err_set(err, ERR_PERMISSION,
				       "%s: the directory %s is not safe: %s, or move the file",
				       path, resolved, why);
		if (slash == resolved)
			break;
	}
	return 0;
}

static int check_trust(int fd, const char *path, const struct stat *info, enum file_trust trust,
		       struct err *err)
{
	char link[64], resolved[PATH_MAX];
	const char *why;
	ssize_t n;

	if (trust == FILE_ANY)
		return 0;
	why = unsafe_because(info);
	if (!why && trust == FILE_SECRET && info->st_mode & (S_IRWXG | S_IRWXO))
		why = "others may read it; chmod 600 it";
	if (why)
		return err_set(err, ERR_PERMISSION, "%s: not used, as it is not safe: %s", path,
			       why);
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, resolved, sizeof(resolved) - 1);
	if (n < 0) { /* no /proc: the path as it was given is what we have */
		if (!realpath(path, resolved))
			return err_set_os(err, ERR_PERMISSION, errno, "%s", path);
	} else {
		resolved[n] = '\0';
	}
	return check_directories(path, resolved, err);
}

static bool is_null_device(const struct stat *info)
{
	return S_ISCHR(info->st_mode) && major(info->st_rdev) == NULL_DEVICE_MAJOR &&
	       minor(info->st_rdev) == NULL_DEVICE_MINOR;
}

int file_read_all(int fd, struct buf *out, struct err *err)
{
	ssize_t n;

	do {
		size_t room = out->max - out->len;
		char past_max;

		if (room > FILE_READ_BYTES)
			room = FILE_READ_BYTES;
		/* Full: it may have ended right here. */
		n = read(fd, room ? buf_reserve(out, room) : &past_max, room ? room : 1);
		if (n > 0 && room == 0)
			return err_set(err, ERR_CONFIG, "larger than %zu bytes", out->max);
		if (n > 0)
			out->len += (size_t)n;
		if (n < 0 && errno != EINTR)
			return err_set_os(err, ERR_CONFIG, errno, "cannot be read");
	} while (n != 0);
	if (out->data)
		out->data[out->len] = '\0';
	return 0;
}

static int read_opened(int fd, const char *path, enum file_trust trust, struct buf *out,
		       enum file_kind *kind, struct err *err)
{
	struct stat info;

	if (fstat(fd, &info))
		return err_set_os(err, ERR_CONFIG, errno, "%s", path);
	if (is_null_device(&info)) {
		*kind = FILE_MASK;
		return 0;
	}
	if (!S_ISREG(info.st_mode))
		return err_set(err, ERR_CONFIG, "%s: not a regular file", path);
	if (check_trust(fd, path, &info, trust, err))
		return -1;
	if (file_read_all(fd, out, err)) {
		err_prefix(err, "%s", path);
		return -1;
	}
	*kind = out->len > 0 ? FILE_REGULAR : FILE_EMPTY;
	return 0;
}

int file_read(const char *path, enum file_trust trust, struct buf *out, enum file_kind *kind,
	      struct err *err)
{
	/* O_NONBLOCK: a FIFO by that name must not make us wait. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	int status;

	if (fd < 0)
		return err_set_os(err, ERR_CONFIG, errno, "%s", path);
	status = read_opened(fd, path, trust, out, kind, err);
	close(fd);
	return status;
}

int file_make_parents(const char *path, struct err *err)
{
	char *copy = mem_string(path);
	int status = 0;

	for (char *slash = strchr(copy + 1, '/'); slash && !status;
	     slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (mkdir(copy, 0700) && errno != EEXIST)
			status = err_set_os(err, ERR_CONFIG, errno, "%s cannot be made", copy);
		*slash = '/';
	}
	free(copy);
	return status;
}

static int write_whole(int fd, const char *bytes, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, bytes, len);

		if (n < 0 && errno != EINTR)
			return -1;
		if (n > 0) {
			bytes += n;
			len -= (size_t)n;
		}
	}
	return 0;
}

int file_replace(const char *path, const char *bytes, size_t len, unsigned mode, struct err *err)
{
	char *temporary;
	int fd, status = 0;

	if (file_make_parents(path, err))
		return -1;
	temporary = mem_format("%s.XXXXXX", path);
	fd = mkostemp(temporary, O_CLOEXEC);
	if (fd < 0) {
		status = err_set_os(err, ERR_CONFIG, errno, "%s cannot be written", path);
		free(temporary);
		return status;
	}
	if (fchmod(fd, mode) || write_whole(fd, bytes, len) || fsync(fd) ||
	    rename(temporary, path)) {
		status = err_set_os(err, ERR_CONFIG, errno, "%s cannot be written", path);
		unlink(temporary);
	}
	close(fd);
	free(temporary);
	return status;
}

int file_create(const char *path, const char *bytes, size_t len, unsigned mode, struct err *err)
{
	int fd, status = 0;

	if (file_make_parents(path, err))
		return -1;
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode);
	if (fd < 0)
		return err_set_os(err, ERR_CONFIG, errno, "%s cannot be made", path);
	if (write_whole(fd, bytes, len)) {
		status = err_set_os(err, ERR_CONFIG, errno, "%s cannot be written", path);
		unlink(path);
	}
	close(fd);
	return status;
}
