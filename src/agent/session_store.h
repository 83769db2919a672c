/* SPDX-License-Identifier: MIT */
/*
 * session_store: the directory of the kept conversations, "…/sessions": a file ID.jsonl for each
 * (session_file.h), mode 0600, and what belongs to it in the directory ID.
 *
 * A run that is under way holds a lock on its session's file (flock(2)): nobody else goes on with
 * it, or deletes it.
 */
#ifndef CORDPAIR_AGENT_SESSION_STORE_H
#define CORDPAIR_AGENT_SESSION_STORE_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "base/digest.h"
#include "base/err.h"

struct session_entry {
	char id[RANDOM_ID_DIGITS + 1];
	struct timespec used; /* last */
	int64_t bytes;	      /* of all its files */
};

struct session_list { /* what was used last comes first */
	struct session_entry *entry;
	size_t count;
};

/* A directory that is not there is an empty one. */
int session_store_list(const char *dir, struct session_list *list, struct err *err)
	__attribute__((warn_unused_result));
void session_list_clear(struct session_list *list);

/* The entry whose id begins with prefix; "": the first. ERR_CONFIG: none, or more than one. */
const struct session_entry *session_list_find(const struct session_list *list, const char *prefix,
					      struct err *err);
/* How many digits tell all of them apart, at least SESSION_SHOWN_DIGITS. */
#define SESSION_SHOWN_DIGITS 8
int session_list_digits(const struct session_list *list);

char *session_path(const char *dir, const char *id);	  /* to be freed */
char *session_files_dir(const char *dir, const char *id); /* to be freed */

/*
 * Opens a session's file to append to it and locks it. create: it must not be there yet.
 * ERR_TEMPORARY: another run has it. -1, or the descriptor.
 */
int session_lock(const char *path, bool create, struct err *err)
	__attribute__((warn_unused_result));

/* Is a run using it? */
bool session_is_used(const char *path);

/* With all that belongs to it. ERR_TEMPORARY: a run has it. */
int session_delete(const char *dir, const char *id, struct err *err)
	__attribute__((warn_unused_result));

struct session_limits {
	long count, days, bytes;
};

/* Makes room for one more: deletes what has not been used for the longest time, except what a run
 * has, until all limits are kept. */
void session_store_prune(const char *dir, const struct session_limits *limits);

#endif
