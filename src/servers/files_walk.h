/* SPDX-License-Identifier: MIT */
/*
 * files_walk: the entries below a folder, folder by folder, names in byte order.
 *
 * Symbolic links are told but never followed. Every folder is opened anew from the top of the walk,
 * by openat2, so what is moved away meanwhile is not followed either. Bounded in depth, in names
 * per folder and in time; what a bound has cut is told.
 */
#ifndef CORDPAIR_SERVERS_FILES_WALK_H
#define CORDPAIR_SERVERS_FILES_WALK_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

#include "base/err.h"

#define WALK_DEPTH_MAX 32
#define WALK_NAMES_MAX 20000 /* of one folder */

struct walk_options {
	unsigned depth;	     /* 1: only the folder's own entries; at most WALK_DEPTH_MAX */
	bool hidden;	     /* also names that begin with a dot */
	int64_t deadline_ms; /* by mcp_clock_ms() */
};

struct walk_entry {
	const char *path; /* below the top of the walk; valid until the next call */
	const char *name; /* the last part of path */
	const struct stat *stat;
};

struct walk;

/* Opens the folder `path` below `beneath`. */
struct walk *walk_new(int beneath, const char *path, const struct walk_options *options,
		      struct err *err);
void walk_free(struct walk **walk);
/* false: there is nothing more, or a limit was reached. */
bool walk_next(struct walk *walk, struct walk_entry *entry);
/* The folder at the top: paths of entries are below it. Borrowed. */
int walk_top(const struct walk *walk);
/* NULL, or what kept the walk from being whole: "time", "names in a folder", "unreadable". */
const char *walk_cut(const struct walk *walk);

/* "file", "folder", "symlink", "fifo", "socket", "device". */
const char *file_type_name(mode_t mode);

#endif
