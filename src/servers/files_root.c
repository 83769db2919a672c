/* SPDX-License-Identifier: MIT */
/* The only file of cordpair-files that opens anything. Reads no bytes. */
#include "config.h"

#include "servers/files_root.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>
#ifdef HAVE_LINUX_OPENAT2_H
#include <linux/openat2.h>
#endif

#include "base/mem.h"

/* openat2 gives EAGAIN when a rename elsewhere made it unsure about a "..". */
#define OPEN_TRIES_MAX 16

#if defined(HAVE_LINUX_OPENAT2_H) && defined(SYS_openat2)
static int openat2_beneath(int beneath, const char *path, int flags, enum file_links links)
{
	struct open_how how = {
		.flags = (unsigned long long)(unsigned)(flags | O_CLOEXEC),
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS,
	};
	long fd;

	/* With O_PATH nothing is opened really, and openat2 refuses flags that mean nothing. */
	if (!(flags & O_PATH))
		how.flags |= O_NOCTTY | O_NONBLOCK;
	if (links == FILE_LINKS_NONE)
		how.resolve |= RESOLVE_NO_SYMLINKS;
	for (int tries = 0; tries < OPEN_TRIES_MAX; tries++) {
		fd = syscall(SYS_openat2, beneath, path, &how, sizeof(how));
		if (fd >= 0 || (errno != EAGAIN && errno != EINTR))
			break;
	}
	return (int)fd;
}
#else
static int openat2_beneath(int beneath, const char *path, int flags, enum file_links links)
{
	(void)beneath;
	(void)path;
	(void)flags;
	(void)links;
	errno = ENOSYS;
	return -1;
}
#endif

int file_open_beneath(int beneath, const char *path, int flags, enum file_links links,
		      struct err *err)
{
	int fd = openat2_beneath(beneath, path, flags, links);

	if (fd >= 0)
		return fd;
	switch (errno) {
	case EXDEV:
		return err_set(err, ERR_PERMISSION,
			       "the path leads outside of the folder that is served: refused");
	case ELOOP:
		return err_set(err, ERR_PERMISSION,
			       "the path has a symbolic link that is not followed, or too many");
	case ENXIO:
		return err_set(err, ERR_PERMISSION,
			       "this is a socket or a device; only regular files are read");
	default:
		return err_set_os(err, ERR_CONFIG, errno, "cannot open it");
	}
}

static bool name_taken(const struct file_roots *roots, const char *name)
{
	for (size_t i = 0; i < roots->count; i++)
		if (strcmp(roots->root[i].name, name) == 0)
			return true;
	return false;
}

/* "docs", and "docs-2" for the next folder that is called so. */
static char *name_root(const struct file_roots *roots, const char *folder)
{
	char *real = realpath(folder, NULL);
	const char *slash = real ? strrchr(real, '/') : NULL;
	const char *last = slash && slash[1] ? slash + 1 : "root";
	char *name = mem_string(last);

	for (unsigned n = 2; name_taken(roots, name); n++) {
		free(name);
		name = mem_format("%s-%u", last, n);
	}
	free(real);
	return name;
}

/* Seccomp filters that do not know openat2 answer EPERM, which never has another cause here. */
static int require_openat2(int folder, struct err *err)
{
	int fd = openat2_beneath(folder, ".", O_PATH, FILE_LINKS_BELOW);

	if (fd >= 0) {
		close(fd);
		return 0;
	}
	if (errno == ENOSYS || errno == EPERM)
		return err_set(err, ERR_UNAVAILABLE,
			       "openat2(2) is missing (it came with Linux 5.6, and some sandboxes "
			       "forbid it): paths could not be kept below the folders, so nothing "
			       "is served");
	return err_set_os(err, ERR_UNAVAILABLE, errno, "openat2(2) fails");
}

static int open_root(struct file_roots *roots, const char *folder, struct err *err)
{
	struct file_root *root = &roots->root[roots->count];
	int fd;

	if (roots->count == FILES_ROOTS_MAX)
		return err_set(err, ERR_USAGE, "%s: more than %d folders", folder, FILES_ROOTS_MAX);
	fd = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return err_set_os(err, ERR_CONFIG, errno, "%s", folder);
	root->name = name_root(roots, folder);
	root->fd = fd;
	roots->count++;
	return require_openat2(fd, err);
}

int file_roots_open(struct file_roots *roots, const struct strings *folders, struct err *err)
{
	*roots = (struct file_roots){0};
	if (folders->count == 0)
		return open_root(roots, ".", err);
	for (size_t i = 0; i < folders->count; i++) {
		if (open_root(roots, folders->item[i], err)) {
			file_roots_close(roots);
			return -1;
		}
	}
	return 0;
}

void file_roots_close(struct file_roots *roots)
{
	for (size_t i = 0; i < roots->count; i++) {
		free(roots->root[i].name);
		close(roots->root[i].fd);
	}
	roots->count = 0;
}

bool file_roots_listed(const struct file_roots *roots, const char *path)
{
	return roots->count > 1 && (strcmp(path, ".") == 0 || strcmp(path, "./") == 0);
}

const struct file_root *file_roots_find(const struct file_roots *roots, const char *path,
					const char **below, struct err *err)
{
	size_t len;

	*below = path;
	/* An absolute path names no root: openat2 says what there is to say. */
	if (roots->count == 1 || *path == '/')
		return roots->root;
	if (strncmp(path, "./", 2) == 0)
		path += 2;
	len = strcspn(path, "/");
	for (size_t i = 0; i < roots->count; i++) {
		const struct file_root *root = &roots->root[i];

		if (strncmp(root->name, path, len) || root->name[len])
			continue;
		*below = path + len + strspn(path + len, "/");
		if (!**below)
			*below = ".";
		return root;
	}
	err_set(err, ERR_CONFIG,
		"a path begins with the name of a served folder, and \"%.*s\" is none; "
		"list_files without a path names them",
		(int)(len < 64 ? len : 64), path);
	return NULL;
}
