/* SPDX-License-Identifier: MIT */
/*
 * ask_session: what keeps the conversation of a run: a new session, or one that is gone on with, as
 * the options and the settings say.
 *
 * A conversation that cannot be kept is a warning, once. Only who goes on with a session, and so
 * relies on it, gets exit 74.
 */
#ifndef CORDPAIR_APP_ASK_SESSION_H
#define CORDPAIR_APP_ASK_SESSION_H

#include "agent/conversation.h"
#include "agent/turn.h"
#include "app/program.h"

struct ask_session { /* zero it: a new session */
	struct session *session;
	struct conversation *conversation; /* of the session that is gone on with, or NULL */
	char *model;			   /* of its last run, or NULL */
	struct program *program;
	void (*on_warning)(void *arg, const char *text);
	void *arg;
};

/* id: the beginning of one; "": the session that was used last. */
int ask_session_resume(struct ask_session *kept, struct program *program, const char *id,
		       struct err *err) __attribute__((warn_unused_result));
/* The model of its last run, where that was the same endpoint's; or NULL. Borrowed. */
const char *ask_session_model(const struct ask_session *kept, const char *base_url);

struct ask_session_run {
	const char *base_url, *model; /* model: or NULL */
	const char *title;	      /* of a new one: the first prompt; need not be terminated */
	size_t title_len;
	void (*on_warning)(void *arg, const char *text);
	void *arg;
};

/* From here on the conversation is kept. Makes the new session. */
void ask_session_begin(struct ask_session *kept, struct program *program,
		       const struct ask_session_run *run, struct conversation *conversation);
/* The run is over: with what, and at what cost. */
void ask_session_end(struct ask_session *kept, const struct turn_result *result);
const char *ask_session_id(const struct ask_session *kept); /* NULL: none is kept */
/* Where the results are kept that are too long for the model. kept: NULL: for this run. */
struct result_store *ask_session_results(const struct ask_session *kept);
void ask_session_clear(struct ask_session *kept);

/* "…/sessions", to be freed; or NULL: neither XDG_STATE_HOME nor HOME is set. */
char *ask_session_dir(void);

#endif
