/* SPDX-License-Identifier: MIT */
/*
 * log_file: text appended to a file by a worker, so that the loop never waits for the disk. The
 * file is kept within a size: when it is full it becomes PATH.1, and the PATH.1 of before is gone.
 */
#ifndef CORDPAIR_IO_LOG_FILE_H
#define CORDPAIR_IO_LOG_FILE_H

#include <stddef.h>

#include "base/buf.h"
#include "io/worker.h"

#define LOG_FILE_MAX_BYTES ((size_t)1 << 20)
#define LOG_FILE_WAIT_MAX_BYTES \
	((size_t)256 << 10) /* not written yet; beyond it is dropped, which the file says */

struct log_file;

/* Opens nothing before there is something to write; then missing directories are made (0700), and
 * the file is for its owner only (0600). What cannot be written is lost. */
struct log_file *log_file_new(struct loop *loop, struct worker_pool *workers, const char *path);
void log_file_append(struct log_file *file, const char *bytes, size_t len);
/* What waits is still written. */
void log_file_free(struct log_file **file);

/* The last lines of PATH.1 and PATH, at most max_lines; -1: there is none (ENOENT), or err says. */
int log_file_tail(const char *path, unsigned max_lines, struct buf *out, struct err *err)
	__attribute__((warn_unused_result));

#endif
