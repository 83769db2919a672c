/* SPDX-License-Identifier: MIT */
/*
 * result_store: tool results that are too long for the model, kept whole, so that it can read on
 * in them: a file for each, N.txt, mode 0600, in the session's directory, or where there is no
 * session in a temporary one that is removed in the end.
 *
 * Blocks (60 MB take 0.1 s): to be used between batches of calls, when no server's answer waits.
 */
#ifndef CORDPAIR_AGENT_RESULT_STORE_H
#define CORDPAIR_AGENT_RESULT_STORE_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

#define RESULT_STORE_MAX       1000		 /* results of a session */
#define RESULT_STORE_MAX_BYTES ((size_t)1 << 30) /* of a run */

struct result_store;
/* dir: of the session, made when it is needed; NULL: a temporary one. What is there is found. */
struct result_store *result_store_new(const char *dir);
void result_store_free(struct result_store **store);

/* The number of the last one: they are 1 to N. */
long result_store_last(const struct result_store *store);
/* Returns its number; -1: ERR_RECORD. */
long result_store_add(struct result_store *store, const char *text, size_t len, struct err *err)
	__attribute__((warn_unused_result));

/*
 * Appends up to `length` bytes from `offset` on, cut between characters. *at: where they begin.
 * -1: there is no such result, or it cannot be read.
 */
int result_store_read(const struct result_store *store, long number, int64_t offset, size_t length,
		      struct buf *out, int64_t *at, struct err *err)
	__attribute__((warn_unused_result));
/* *size of a result, in bytes. */
int result_store_size(const struct result_store *store, long number, int64_t *size, struct err *err)
	__attribute__((warn_unused_result));
/* The offset of the next place from `offset` on that has these bytes; -1: there is none. */
int64_t result_store_find(const struct result_store *store, long number, int64_t offset,
			  const char *text, size_t len);

#endif
