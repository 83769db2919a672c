/* SPDX-License-Identifier: MIT */
/*
 * session: a conversation that is being kept, as it grows (session_file.h).
 *
 * Each record is handed to the kernel in one piece when it is made, so that a run that is killed
 * loses nothing that was said before. When it cannot be written (a full disk), what was kept stays
 * good, nothing more is kept, and on_failure is called once: the run itself goes on.
 */
#ifndef CORDPAIR_AGENT_SESSION_H
#define CORDPAIR_AGENT_SESSION_H

#include "agent/session_file.h"
#include "model/chat.h"

struct session_listener {
	void (*on_failure)(void *arg, const struct err *err); /* ERR_RECORD */
};

struct session_end {
	int exit_code;
	const char *status, *model; /* model: that answered; or NULL */
	long requests, calls, time_ms;
	const struct chat_usage *usage;
};

struct session;
/* A new one below dir ("…/sessions", made when missing). title: the first prompt; shortened. */
struct session *session_new(const char *dir, const char *title, size_t title_len, struct err *err)
	__attribute__((warn_unused_result));
/*
 * One that is there, to go on with it. Its records are given to take(), as session_file_read()
 * does; a line that was cut off is removed. ERR_TEMPORARY: a run is using it.
 */
struct session *session_resume(const char *dir, const char *id,
			       int (*take)(void *arg, const struct session_record *record,
					   struct err *err),
			       void *arg, struct err *err) __attribute__((warn_unused_result));
void session_free(struct session **session);
/* listener is borrowed. Before the first record of a run. */
void session_set_listener(struct session *session, const struct session_listener *listener,
			  void *arg);

const char *session_id(const struct session *session);
/* Of its last run: what was asked for. Either may be NULL. Borrowed until the next run begins. */
const char *session_model(const struct session *session);
const char *session_base_url(const struct session *session);

/* model: NULL, the account's default. */
void session_begin_run(struct session *session, const char *base_url, const char *model);
/* A message's JSON, as it is sent. */
void session_add_message(struct session *session, const char *json, size_t len);
/* messages: the JSON of an array. why: one clause, for people. */
void session_add_replaced(struct session *session, size_t at, size_t count,
			  struct json_span messages, const char *why);
void session_end_run(struct session *session, const struct session_end *end);

#endif
