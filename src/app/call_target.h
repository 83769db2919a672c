/* SPDX-License-Identifier: MIT */
/*
 * call_target: what `cordpair call` is to call: its operands, read one after the other as it is
 * known what the server has.
 */
#ifndef CORDPAIR_APP_CALL_TARGET_H
#define CORDPAIR_APP_CALL_TARGET_H

#include "app/program.h"

struct call_target {
	char *server;		/* free() */
	const char *tool;	/* NULL: see model_name */
	const char *model_name; /* operand 0, where it is the tool's name toward the model */
	const char *const *words;
	size_t words_count;
};

/* Reads servers.d. */
int call_target_find(struct program *program, struct call_target *target, struct err *err)
	__attribute__((warn_unused_result));
/* NULL: the server has none of this name; the error proposes one (ERR_CONFIG). */
const struct tool *call_target_tool(const struct call_target *target, const struct tool_list *tools,
				    struct err *err);
/* The arguments, checked against the tool's schema; "-" reads them from stdin. */
int call_target_arguments(struct program *program, const struct call_target *target,
			  const struct tool *tool, struct buf *out, struct err *err)
	__attribute__((warn_unused_result));

#endif
