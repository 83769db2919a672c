/* SPDX-License-Identifier: MIT */
/* turn_internal: what turn.c shares with turn_failure.c. */
#ifndef CORDPAIR_AGENT_TURN_INTERNAL_H
#define CORDPAIR_AGENT_TURN_INTERNAL_H

#include "agent/attachments.h"
#include "agent/context.h"
#include "agent/tool_search.h"
#include "agent/turn.h"

struct turn {
	const struct turn_spec *spec;
	const struct turn_listener *listener;
	void *arg;

	struct chat_exchange *exchange;
	struct chat_answer *answer; /* the last one */
	struct tool_batch *batch;
	struct planned_call *planned;

	bool in_circles; /* the limit is of calls that come again and again */
	char *limit; /* that was reached, a clause: the answer is asked for without tools; or NULL
		      */
	struct call_history history;
	int64_t started_us;
	bool any_choice; /* the endpoint does not know "none": the last request goes without it */
	long max_tokens;
	unsigned media;	     /* that is sent: less than the spec's when the endpoint refuses some */
	unsigned media_told; /* kinds that a notice was about */
	char *json;	     /* of the answer, when it has the turn's format; or NULL */
	struct err misfit;
	int repairs;
	struct tool_search *search;
	char *refusal;	    /* that led to the search */
	struct err refused; /* the same as the turn's end, should no tool be found */
	struct context *context;
	struct err overlong; /* the refusal of a conversation that is too long */
	int overlongs;
	long searches;
	long rounds; /* requests that the limit counts: without searches */
	struct turn_result result;
	char *text; /* behind result.text when there is no answer */
	bool freed;
};

/* arg: the turn. The next request. */
void turn_ask_model(void *arg);
/* Takes the sentence. */
void turn_warn(struct turn *turn, char *take_text);
/* The end. partial: what there was of an answer; or NULL. */
void turn_finish_failed(struct turn *turn, const struct err *err, const char *partial);

/* A request failed: it is sent again, changed, or the turn ends. */
void turn_take_failure(struct turn *turn, const struct chat_failure *failure);

#endif
