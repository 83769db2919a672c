/* SPDX-License-Identifier: MIT */
/*
 * prompt_run: one prompt of a server, with its arguments, as messages.
 */
#ifndef CORDPAIR_APP_PROMPT_RUN_H
#define CORDPAIR_APP_PROMPT_RUN_H

#include "app/program.h"
#include "mcp/prompt.h"

/*
 * Waits for prompts/get. words: KEY=VALUE pairs, values are texts. json: the answer as it came is
 * appended; may be NULL. Errors: as query_run(), and ERR_USAGE for a word that is no pair.
 */
int prompt_run(struct program *program, struct server *server, const char *name,
	       const char *const words[], size_t count, struct prompt *prompt, struct buf *json,
	       struct err *err) __attribute__((warn_unused_result));

/* `"arguments":{…}` of KEY=VALUE words, a member. ERR_USAGE: a word is none. */
int prompt_run_write_arguments(struct buf *params, const char *const words[], size_t count,
			       struct err *err) __attribute__((warn_unused_result));

#endif
