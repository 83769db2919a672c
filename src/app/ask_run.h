/* SPDX-License-Identifier: MIT */
/*
 * ask_run: one prompt through a model and the program's servers, shown as the options say. What
 * `ask` and `demo` have in common.
 */
#ifndef CORDPAIR_APP_ASK_RUN_H
#define CORDPAIR_APP_ASK_RUN_H

#include "agent/answer_format.h"
#include "app/ask_session.h"
#include "app/program.h"

struct ask_spec {
	const char *prompt; /* may be empty where a server's prompt begins the conversation */
	size_t prompt_len;
	const char *parts; /* the same with files, as a message's content (prompt_files.h) … */
	size_t parts_len;  /* … 0: there are none */
	const char *server_prompt;		/* "SERVER:NAME", or NULL */
	const struct strings *prompt_arguments; /* KEY=VALUE, of it */
	const char *base_url;
	const struct profile *profile; /* of base_url */
	const char *api_key;	       /* NULL: none is sent */
	const char *model;	       /* NULL: the account's default */
	bool text_only;		       /* the model takes nothing but text: the demo's */
	struct ask_session *kept;      /* or NULL: the conversation is not kept */
	struct answer_format *format;  /* --schema: only an answer that fits is printed; or NULL */
};

/* The servers are chosen already; they are started here, and stopped. */
void ask_run(struct program *program, const struct ask_spec *spec);
/* Why there is no run: told as the errors of a run are, with --json as its object. */
void ask_run_not(struct program *program, const struct err *err);

#endif
