/* SPDX-License-Identifier: MIT */
/*
 * tools_budget: how much of the tools a request has at first, and what they cost (tools --cost).
 */
#ifndef CORDPAIR_APP_TOOLS_BUDGET_H
#define CORDPAIR_APP_TOOLS_BUDGET_H

#include "agent/tool_array.h"
#include "app/program.h"

/* context: of the model, in tokens; 0: not known. Borrows from settings; no prompt yet. */
struct tool_budget tools_budget(const struct settings *settings, int64_t context);

/* The servers, the dearest first; with each_tool also theirs. With --json as one object. */
void tools_budget_print_costs(struct program *program, bool each_tool);

#endif
