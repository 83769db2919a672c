/* SPDX-License-Identifier: MIT */
/*
 * servers_run: the servers of one command: chosen, started together, stopped together.
 */
#ifndef CORDPAIR_APP_SERVERS_RUN_H
#define CORDPAIR_APP_SERVERS_RUN_H

#include "app/program.h"

/* Which servers.d is meant. Borrows from program. */
struct servers_dir_options servers_run_options(const struct program *program);
/* Reads servers.d into program->dir. */
void servers_run_read(struct program *program);
/* The same, and tells its faults. */
void servers_run_load(struct program *program);

/*
 * Puts the enabled servers into program->pool, or only those called names[0..n-1]; a name that
 * cannot be used is an error that says why (ERR_CONFIG). The faults of servers.d are told, unless
 * all named servers are known: then they are somebody else's, or the error, and a detail. When one
 * of them needs HTTP and this is `cordpair`, the program is replaced by `engine` here: nothing was
 * started yet.
 */
int servers_run_select(struct program *program, const char *const names[], size_t n,
		       struct err *err) __attribute__((warn_unused_result));
/* Says that there is no such server, and which may have been meant (ERR_CONFIG). Returns -1. */
int servers_run_unknown(const struct program *program, const char *name, struct err *err);
/* Adds one that is in no file. */
void servers_run_add(struct program *program, const struct server_config *config);

/* Starts them and waits until each is ready or has failed; names those that have. -1: interrupted.
 */
int servers_run_start(struct program *program) __attribute__((warn_unused_result));
/* The same, but those whose tools are known from an earlier run start when they are called. */
int servers_run_start_lazily(struct program *program) __attribute__((warn_unused_result));
/* Offers the tools in the words of this model's provider (NULL: the account's default), and of the
 * settings' fallbacks', without those that it refused. */
void servers_run_set_model(struct program *program, const struct profile *profile,
			   const char *model);
/* Stops them; returns when none is left. */
void servers_run_stop(struct program *program);

/* ": `cordpair …` …": the command that knows more of a server's failure, or "". The caller frees.
 */
char *servers_run_clue_of(enum server_clue clue, const char *server);

/* -1: some required server is not ready; that is told, and is the exit code. */
int servers_run_check_required(struct program *program) __attribute__((warn_unused_result));

/* Replaces this program by `engine`, which has libcurl. Returns only with an error. */
int servers_run_engine(const struct program *program, struct err *err);

#endif
