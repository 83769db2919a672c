/* SPDX-License-Identifier: MIT */
/*
 * files_root: the folders that are served, and the only way to open something below them.
 *
 * Whether a path stays below its root is decided by the kernel while it walks it: openat2(2) with
 * RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS. No text is compared, so "..", absolute paths, symbolic
 * links and renames during the walk cannot lead out. Where openat2 is missing (before Linux 5.6, or
 * filtered) nothing is served.
 *
 * How paths are written: with one root, below it ("src/main.c", "."). With several, the root's name
 * comes first ("docs/index.md"), and "." stands for the list of roots.
 */
#ifndef CORDPAIR_SERVERS_FILES_ROOT_H
#define CORDPAIR_SERVERS_FILES_ROOT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/options.h"

#define FILES_ROOTS_MAX 32

struct file_root {
	char *name; /* unique; the folder's own name, where that is possible */
	int fd;
};

struct file_roots {
	struct file_root root[FILES_ROOTS_MAX];
	size_t count;
};

/* Opens the folders. -1: one of them cannot be opened, or there is no openat2. */
int file_roots_open(struct file_roots *roots, const struct strings *folders, struct err *err)
	__attribute__((warn_unused_result));
void file_roots_close(struct file_roots *roots);

/*
 * Finds the root that a path is about; *below is the rest of the path, "." when nothing is left.
 * NULL: no such root.
 */
const struct file_root *file_roots_find(const struct file_roots *roots, const char *path,
					const char **below, struct err *err);

/* With several roots: does the path stand for the list of them? */
bool file_roots_listed(const struct file_roots *roots, const char *path);

enum file_links {
	FILE_LINKS_BELOW, /* symbolic links are followed as long as they stay below */
	FILE_LINKS_NONE,  /* a symbolic link anywhere in the path is an error */
};

/* Opens path below the folder `beneath`; O_CLOEXEC, O_NOCTTY and O_NONBLOCK are added. */
int file_open_beneath(int beneath, const char *path, int flags, enum file_links links,
		      struct err *err) __attribute__((warn_unused_result));

#endif
