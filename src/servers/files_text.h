/* SPDX-License-Identifier: MIT */
/*
 * files_text: regular files below a root, and whether they hold text.
 */
#ifndef CORDPAIR_SERVERS_FILES_TEXT_H
#define CORDPAIR_SERVERS_FILES_TEXT_H

#include <stdbool.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "base/err.h"
#include "servers/files_root.h"

#define TEXT_PROBE_BYTES ((size_t)8 << 10) /* what decides whether a file is binary */

/*
 * Opens a regular file for reading; *stat is of what was opened. A FIFO without a writer does not
 * hang (O_NONBLOCK), and what is not a regular file is refused before a byte is read.
 */
int file_open_regular(int beneath, const char *path, enum file_links links, struct stat *stat,
		      struct err *err) __attribute__((warn_unused_result));

/* Reads at an offset until `len` bytes or the end; the number of bytes, or -1. */
ssize_t file_read_at(int fd, char *bytes, size_t len, off_t offset, struct err *err);

/*
 * Binary: a NUL, or more than a tenth of bytes that are neither UTF-8 nor what texts have. A
 * character that is cut at the end counts as whole.
 */
bool text_is_binary(const char *bytes, size_t len);

#endif
