/* SPDX-License-Identifier: MIT */
/*
 * file: small files read whole, checked and replaced.
 *
 * Blocking by nature: only at start, at reload, and in workers.
 */
#ifndef CORDPAIR_IO_FILE_H
#define CORDPAIR_IO_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"

enum file_trust {
	FILE_ANY,     /* no check */
	FILE_TRUSTED, /* decides what is executed: see file_read() */
	FILE_SECRET   /* FILE_TRUSTED, and no right for group or others: 0600 */
};

enum file_kind { FILE_REGULAR, FILE_EMPTY, FILE_MASK /* the null device */ };

/*
 * Reads a file into out, at most out->max bytes. The check is made on the opened descriptor
 * (O_NOFOLLOW is not used: the target and its directories are checked): regular file or the null
 * device; owner root or self; not world-writable; group-writable only when the group is the owner's
 * private group; every directory of the resolved path likewise, unless sticky and root's.
 * ERR_PERMISSION for a failed check, ERR_CONFIG for the rest (os_errno says ENOENT …).
 */
int file_read(const char *path, enum file_trust trust, struct buf *out, enum file_kind *kind,
	      struct err *err) __attribute__((warn_unused_result));

/* Writes a temporary file beside it, fsyncs, renames; makes missing directories (0700). */
int file_replace(const char *path, const char *bytes, size_t len, unsigned mode, struct err *err)
	__attribute__((warn_unused_result));

/* Writes a file that must not be there yet; makes missing directories (0700). Not synced. */
int file_create(const char *path, const char *bytes, size_t len, unsigned mode, struct err *err)
	__attribute__((warn_unused_result));

/* Makes the directories that `path` (a file's path) needs, 0700. */
int file_make_parents(const char *path, struct err *err) __attribute__((warn_unused_result));

/* Everything from a descriptor until its end (stdin), at most out->max. Blocks: at start only. */
int file_read_all(int fd, struct buf *out, struct err *err) __attribute__((warn_unused_result));

#endif
