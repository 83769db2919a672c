/* SPDX-License-Identifier: MIT */
/*
 * program: what a running command has: options, settings, the loop, the servers, the ways out.
 *
 * A command is written as a sequence of stages. Each starts something and waits for it with
 * program_wait(), which runs the loop; a signal or --timeout ends every wait, and the command then
 * goes straight to its end, where the servers are stopped in order.
 */
#ifndef CORDPAIR_APP_PROGRAM_H
#define CORDPAIR_APP_PROGRAM_H

#include <stdbool.h>

#include "agent/tool_array.h"
#include "agent/tool_batch.h"
#include "agent/toolbox.h"
#include "app/events.h"
#include "app/global_options.h"
#include "app/output.h"
#include "config/servers_dir.h"
#include "config/settings.h"
#include "mcp/server_pool.h"
#include "model/chat.h"
#include "model/profile.h"

/* What servers tell that a daemon has to know, too. */
struct program_hooks {
	void (*on_state)(void *arg, struct server *server); /* after it was told */
	/* False: the program answers it. */
	bool (*take_request)(void *arg, struct server *server, struct server_request *request);
	void (*withdraw_request)(void *arg, struct server_request *request);
};

struct program {
	struct global_options options;
	char **argv; /* as given, for executing `engine` */
	const struct command *command;
	struct strings operands;

	struct loop *loop;
	struct worker_pool *workers;
	struct http *http; /* NULL in `cordpair` */
	struct settings settings;
	const char *base_url; /* of the model's endpoint: --base-url or settings; borrowed */
	const char *model;    /* --model or settings; or NULL; borrowed */
	const struct profile *profile; /* of base_url */
	struct output out;
	struct events *events; /* with --events */

	struct servers_dir *dir;
	struct mcp_context mcp;
	char *state_dir;
	char *login_dir;     /* of remote servers */
	struct oauth *oauth; /* NULL in `cordpair` */
	struct server_pool *pool;
	struct toolbox *toolbox;
	struct tool_array *tools; /* of the toolbox, as the model gets them */
	/* Of `resources watch`; or NULL. */
	void (*on_resource_updated)(struct program *program, const char *server, const char *uri);
	const struct program_hooks *hooks; /* of a daemon; or NULL */
	void *hooks_arg;
	struct quarantine *quarantine; /* of tools that providers refused */
	bool servers_settled, servers_stopped;
	/* What it means that a server fails, where the command is for the servers that it names:
	 * then it is the command's error. NULL: it is left out. */
	const char *without_server;

	struct elicitations *elicitations;
	struct samplings *samplings;
	struct asker *asker;
	struct tool_grants grants;
	struct tool_gate gate;

	struct loop_timer deadline;
	char *final_text;	 /* of the run, for run.end; or NULL */
	char *error;		 /* the first that was told, or NULL */
	struct chat_usage usage; /* of the run */

	int64_t progress_told_us; /* when a person was told last how far a call is */
	int signo;		  /* that asked us to end, or 0 */
	bool impatient;		  /* and a second one: the servers are not waited for */
	bool timed_out;
	int exit_code; /* the worst so far */
};

/* Opens everything but the servers. The error is already told. */
int program_open(struct program *program) __attribute__((warn_unused_result));
/* Closes everything; the exit code to end with. */
int program_close(struct program *program);

/* Tells the error on stderr and makes its exit code count. */
void program_fail(struct program *program, const struct err *err);
void program_tell_error(struct program *program, const char *text); /* the first half of it */
void program_set_exit(struct program *program, int exit_code);

/* A signal came, the time is over, or stdout is gone: go to the end. */
bool program_interrupted(const struct program *program);
/* Runs the loop until *done; -1 when interrupted. */
int program_wait(struct program *program, const bool *done) __attribute__((warn_unused_result));
/* For callbacks: the stage is over. */
void program_stage_done(struct program *program, bool *done);

/* Everything from stdin, at most out->max; ends early when interrupted. */
int program_read_stdin(struct program *program, struct buf *out, struct err *err)
	__attribute__((warn_unused_result));

#endif
