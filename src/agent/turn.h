/* SPDX-License-Identifier: MIT */
/*
 * turn: from the user's prompt to the model's answer: ask the model, run its tool calls, ask again.
 *
 * Limits: see turn_limits.h. Past one, no call is made any more, a last request with tool_choice
 * "none" asks for the answer, and the turn ends as ERR_INCOMPLETE. An unknown tool's name is
 * answered with a text that names the nearest. When the endpoint refuses a request for a tool that
 * is in it, that tool is found and left out (tool_search.h), and the turn goes on. What a refusal
 * names and a request can do without (tool_choice, the reasoning of earlier answers, tokens that
 * the credits do not suffice for, images of tools) is left out or changed, once. A conversation
 * that nears what the model takes is shortened (context.h).
 */
#ifndef CORDPAIR_AGENT_TURN_H
#define CORDPAIR_AGENT_TURN_H

#include <stdbool.h>

#include "agent/answer_format.h"
#include "agent/call_plan.h"
#include "agent/conversation.h"
#include "agent/result_store.h"
#include "agent/turn_limits.h"
#include "base/err.h"
#include "model/chat_client.h"

#define TURN_AFFORDABLE_MIN 256 /* tokens: less is no answer worth its price */
#define TURN_SEARCHES_MAX   8	/* for tools that the provider refuses */
#define TURN_OVERLONG_MAX   3	/* refusals in a row of a conversation that is too long */

struct turn_spec { /* borrowed until the turn is freed */
	struct loop *loop;
	struct chat_client *client;
	const char *model; /* or NULL */
	bool stream;
	const struct chat_routing *routing; /* or NULL */
	const char *reasoning;		    /* see chat_request.h; or NULL */
	long max_tokens;
	int64_t context_tokens;		   /* that the model takes; 0: not known */
	unsigned media;			   /* kinds of media that may be sent (content_part.h) */
	enum schema_family family;	   /* in whose form */
	struct answer_format *format;	   /* that the answer must have; or NULL: any text */
	struct conversation *conversation; /* the prompt is its last message */
	struct server_pool *pool;
	struct tool_array *tools;
	struct result_store *results; /* where what is too long is kept; or NULL */
	const struct tool_gate *gate;
	struct turn_limits limits;
	long call_timeout_ms; /* 0: each server's own */
};

struct turn_result;

struct turn_listener { /* each may be NULL except on_done */
	void (*on_text)(void *arg, const char *text, size_t len);
	void (*on_reasoning)(void *arg, const char *text, size_t len);
	/* The model's message is complete; more_follows when it called tools. */
	void (*on_message)(void *arg, const struct chat_answer *answer, bool more_follows);
	void (*on_retry)(void *arg, const struct err *reason, long delay_ms);
	void (*on_call)(void *arg, const struct turn_call *call);
	void (*on_question)(void *arg, const struct turn_call *call);
	void (*on_approval)(void *arg, const struct turn_call *call, const char *decision,
			    const char *by);
	void (*on_progress)(void *arg, const struct turn_call *call, double progress, double total,
			    const char *message);
	void (*on_result)(void *arg, const struct turn_call *call,
			  const struct tool_outcome *outcome);
	/* A limit was reached, a tool is refused by the model's provider: one sentence. */
	void (*on_warning)(void *arg, const char *text);
	void (*on_done)(void *arg, const struct turn_result *result);
};

struct turn_result {
	/* ERR_NONE: an answer. ERR_DENIED: an answer, but a call was denied. ERR_INCOMPLETE … */
	struct err err;
	const char *text;	 /* the final answer, or what there was of it; never NULL */
	bool fits;		 /* it is JSON that fits the turn's format */
	struct turn_spent spent; /* summed up */
	long denied;
	const char *model; /* that answered last, or NULL */
};

struct turn;
struct turn *turn_start(const struct turn_spec *spec, const struct turn_listener *listener,
			void *arg);
/* Of a turn that is to be freed before its end: usage, requests, calls; no text. Borrowed. */
const struct turn_result *turn_so_far(const struct turn *turn);
/* A request that was made in its course, by somebody else, counts in its limits too. */
void turn_spend(struct turn *turn, const struct chat_usage *usage);
void turn_free(struct turn **turn); /* cancels what is under way; no call comes after */

#endif
