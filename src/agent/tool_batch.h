/* SPDX-License-Identifier: MIT */
/*
 * tool_batch: the one door to every tool. Asks trust/policy (and a person where it says so), sends
 * what is allowed, all in flight together up to a limit, and gives every call exactly one outcome,
 * in any order, then `done`.
 *
 * Used by `ask` (the calls of one answer) and by `call` (a batch of one). Only this file calls
 * server_call_tool().
 */
#ifndef CORDPAIR_AGENT_TOOL_BATCH_H
#define CORDPAIR_AGENT_TOOL_BATCH_H

#include <stdbool.h>
#include <stddef.h>

#include "agent/builtin_tools.h"
#include "base/options.h"
#include "mcp/server.h"
#include "trust/asker.h"

/* What a person granted for the rest of the run. Zero it before the first use. */
struct tool_grants {
	char **item; /* "SERVER:TOOL", owned */
	size_t count;
};

void tool_grants_clear(struct tool_grants *grants);

struct tool_gate { /* who decides; borrowed for the run */
	struct loop *loop;
	struct asker *asker; /* NULL: there is nobody to ask */
	const struct strings *yes_to;
	struct tool_grants *grants;
};

struct tool_batch_call {
	struct server *server;		    /* held; NULL: the call is broken, or answered */
	const char *tool;		    /* the server's name of it; copied */
	const struct builtin_tool *builtin; /* the host's own tool on this server; or NULL */
	const char *description; /* of the tool, for the person who is asked; copied; or NULL */
	const char *arguments;	 /* JSON text of an object; borrowed until done */
	/* When not NULL the call is not made: its outcome is this text as a failure. Borrowed. */
	const char *broken;
	/* When not NULL the host has answered the call, which needs no server and no approval: its
	 * outcome is this text. Borrowed. */
	const char *answer;
};

enum tool_verdict {
	TOOL_DONE,   /* the tool answered; result->is_error says how */
	TOOL_FAILED, /* the call failed: server died, deadline … (err) or it was broken */
	TOOL_DENIED, /* by policy or by a person */
	TOOL_NOBODY  /* needs approval and there is nobody to ask */
};

struct tool_outcome {
	enum tool_verdict verdict;
	struct tool_result *result; /* never NULL: also a denial is a text for the model */
	struct err err;		    /* TOOL_FAILED by the server: its kind and text */
	int64_t took_us;
};

struct tool_batch_listener {			  /* each may be NULL except on_done */
	void (*on_question)(void *arg, size_t i); /* a person is about to be asked */
	void (*on_approval)(void *arg, size_t i, const char *decision, const char *by);
	void (*on_start)(void *arg, size_t i);
	void (*on_progress)(void *arg, size_t i, double progress, double total,
			    const char *message);
	void (*on_outcome)(void *arg, size_t i, const struct tool_outcome *outcome);
	/* Once; outcomes[i] belongs to calls[i] and to the batch. */
	void (*on_done)(void *arg, const struct tool_outcome *outcomes, size_t count);
};

struct tool_batch;
/* text_max_bytes and the deadline of each call are in options. */
struct tool_batch *tool_batch_start(const struct tool_gate *gate,
				    const struct tool_batch_call *calls, size_t count,
				    size_t parallel, const struct server_call_options *options,
				    const struct tool_batch_listener *listener, void *arg);
/* Cancels what is in flight (the servers are told); no call comes after. Frees. */
void tool_batch_free(struct tool_batch **batch);

#endif
