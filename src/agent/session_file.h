/* SPDX-License-Identifier: MIT */
/*
 * session_file: the form of a kept conversation: JSON lines, only ever appended to.
 *
 *   {"type":"session","v":1,"id":…,"ts":…,"title":…,"cwd":…}      the first line
 *   {"type":"run","ts":…,"version":…,"base_url":…,"model":…}      a run begins; model: as asked for
 *   {"type":"message","ts":…,"message":{…}}                       exactly as it is sent; results
 *                              of tools in the order they came in
 *   {"type":"replaced","ts":…,"at":N,"count":N,"messages":[…],"why":…}
 *                              the messages N to N+count-1 (from 0) are sent as these from now on
 *   {"type":"end","ts":…,"exit":…,"status":…,"model":…,"requests":…,"calls":…,"seconds":…,
 *    "usage":{…},"total":{"runs":…,"messages":…,"cost":…}}        of the run; total: of the session
 *
 * Each line is written whole. What follows the last newline was cut off by a crash and does not
 * count; lines of other types are passed over. Everything else that is not of this form is damage.
 */
#ifndef CORDPAIR_AGENT_SESSION_FILE_H
#define CORDPAIR_AGENT_SESSION_FILE_H

#include "base/buf.h"
#include "base/err.h"
#include "base/json_check.h"

#define SESSION_VERSION	       1
#define SESSION_FILE_MAX_BYTES ((size_t)256 << 20)
#define SESSION_TITLE_BYTES    120 /* the beginning of the first prompt */

enum session_record_type {
	SESSION_OTHER,
	SESSION_HEAD,
	SESSION_RUN,
	SESSION_MESSAGE,
	SESSION_REPLACED,
	SESSION_END,
	SESSION_RECORD_TYPES
};

extern const char *const session_record_names[SESSION_RECORD_TYPES];

struct session_record {
	enum session_record_type type;
	unsigned long line; /* from 1 */
	struct json_span json;
};

/*
 * Reads the file and gives each line, checked, to take(); ends where that returns -1. whole_len may
 * be NULL: how many bytes the whole lines are. ERR_CONFIG: it names file and line.
 */
int session_file_read(const char *path,
		      int (*take)(void *arg, const struct session_record *record, struct err *err),
		      void *arg, size_t *whole_len, struct err *err)
	__attribute__((warn_unused_result));

/* The same of a text; path is for messages. */
int session_text_read(const char *path, struct json_span text,
		      int (*take)(void *arg, const struct session_record *record, struct err *err),
		      void *arg, size_t *whole_len, struct err *err)
	__attribute__((warn_unused_result));

/* One line, without its newline. */
int session_record_parse(struct json_span line, struct session_record *record, struct err *err)
	__attribute__((warn_unused_result));

#endif
