/* SPDX-License-Identifier: MIT */
/*
 * servers_files: which files of which servers.d there are, and which of them count. Internal to
 * config/.
 */
#ifndef CORDPAIR_CONFIG_SERVERS_FILES_H
#define CORDPAIR_CONFIG_SERVERS_FILES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "config/servers_dir.h"

struct servers_directory {
	char *path;
	enum servers_tier tier;
	bool unread;	  /* it is there, and could not be listed */
	struct err fault; /* not read, or not whole; or ERR_NONE */
};

struct servers_file {
	char *path;
	const char *base; /* inside path */
	enum servers_tier tier;
	size_t rank;	      /* of its directory: higher wins */
	const char *replaced; /* the path of the file that replaces it, or NULL */
};

struct servers_files {
	struct servers_file *file; /* by rank, then by basename as bytes */
	size_t count;
	struct servers_directory *directory; /* lowest first, whether they are there or not */
	size_t directories;
};

/* Which directories options name; what is in them is not looked at. */
void servers_files_directories(struct servers_files *files,
			       const struct servers_dir_options *options);
/* The same, and `NAME.json`, not beginning with a dot, in each of them. */
void servers_files_list(struct servers_files *files, const struct servers_dir_options *options);
void servers_files_clear(struct servers_files *files);

/* The directory that `servers enable` writes to; the caller frees. NULL: there is no home. */
char *servers_files_user_directory(const struct servers_dir_options *options);
/* "40-git.json" gives "git"; the caller frees. */
char *servers_file_stem(const char *base);

#endif
