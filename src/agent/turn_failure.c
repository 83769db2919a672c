/* SPDX-License-Identifier: MIT */
/*
 * What an endpoint refuses is left out, put otherwise or made shorter, each once, and the turn goes
 * on; what the network or the account does ends it.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "agent/turn_internal.h"
#include "base/log.h"
#include "base/mem.h"

/* The endpoint refused the request, maybe for the format. True: it is asked in another way. */
static bool format_steps_down(struct turn *turn)
{
	struct answer_format *format = turn->spec->format;
	char *words;

	if (!format || !answer_format_step_down(format))
		return false;
	log_detail("the endpoint refused the request: the answer's format is asked for in %s",
		   answer_format_json(format) ? "a looser way" : "words");
	if (answer_format_json(format))
		return true;
	words = answer_format_words(format);
	conversation_add_user(turn->spec->conversation, words, strlen(words));
	free(words);
	return true;
}

/* Images, sounds and files of tools were refused, maybe: the model gets descriptions instead. */
static bool media_step_down(struct turn *turn)
{
	if (turn->media == 0 || attachments_drop(turn->spec->conversation, MEDIA_ALL, true,
						 "the endpoint does not take it") == 0)
		return false;
	turn->media = 0;
	turn->media_told = MEDIA_ALL;
	turn_warn(turn, mem_string("the endpoint refuses what tools gave beside text: the model "
				   "gets a description"));
	return true;
}

/* A refusal: is there a tool to leave out? */

static void leave_out(struct turn *turn, const struct toolbox_entry *entry)
{
	const char *model = turn->spec->model ? turn->spec->model : "the model";
	char *text = mem_format("the provider of %s refuses the tool %s, which is left out: %s",
				model, entry->name, turn->refusal);
	struct err err;

	if (toolbox_refuse(tool_array_toolbox(turn->spec->tools), entry, turn->refusal, &err))
		log_warning("%s", err.text);
	turn_warn(turn, text);
}

static void search_done(void *arg, const struct tool_search_result *result)
{
	struct turn *turn = arg;

	const bool found = result->entry != NULL;

	turn->result.spent.requests += result->requests;
	chat_usage_add(&turn->result.spent.usage, &result->usage);
	if (result->entry)
		leave_out(turn, result->entry);
	if (turn->freed)
		return;
	tool_search_free(&turn->search);
	if (found || media_step_down(turn) || format_steps_down(turn))
		turn_ask_model(turn);
	else
		turn_finish_failed(turn, &turn->refused, NULL);
}

static bool search_begins(struct turn *turn, const struct chat_failure *failure)
{
	const struct tool_search_spec spec = {
		.loop = turn->spec->loop,
		.client = turn->spec->client,
		.model = turn->spec->model,
		.routing = turn->spec->routing,
		.tools = turn->spec->tools,
		.refusal = failure->refusal,
	};

	if (turn->searches == TURN_SEARCHES_MAX || tool_array_count(spec.tools) == 0)
		return false;
	turn->searches++;
	turn->refused = failure->err;
	free(turn->refusal);
	turn->refusal = mem_string(failure->refusal);
	turn->search = tool_search_start(&spec, search_done, turn);
	return true;
}

/* What the refusal names and the next request can do without. True: that is changed now. */
static bool is_amended(struct turn *turn, const struct chat_failure *failure)
{
	const char *refusal = failure->refusal;

	if (!refusal) {
		if (failure->affordable_tokens < TURN_AFFORDABLE_MIN)
			return false;
		if (turn->max_tokens > 0 && turn->max_tokens <= failure->affordable_tokens)
			return false;
		turn->max_tokens = failure->affordable_tokens;
		turn_warn(turn,
			  mem_format("the credits suffice for %ld tokens: a longer answer will be "
				     "cut off",
				     turn->max_tokens));
		return true;
	}
	if (turn->limit && !turn->any_choice && strstr(refusal, "tool_choice")) {
		turn->any_choice = true;
		return true;
	}
	if (strcasestr(refusal, "signature") &&
	    conversation_drop_reasoning(turn->spec->conversation) > 0) {
		turn_warn(turn,
			  mem_string("the provider does not take the reasoning of earlier answers: "
				     "it is left out"));
		return true;
	}
	if (failure->media_refused && media_step_down(turn))
		return true;
	return answer_format_is_refused(refusal) && format_steps_down(turn);
}

/* More than the model takes: True: now that this is known, less is sent. */
static bool is_overlong(struct turn *turn, const struct chat_failure *failure)
{
	if (!failure->context_full || *failure->partial || turn->overlongs == TURN_OVERLONG_MAX)
		return false;
	turn->overlongs++;
	turn->overlong = failure->err;
	context_note_refusal(turn->context, failure->context_tokens);
	return true;
}

void turn_take_failure(struct turn *turn, const struct chat_failure *failure)
{
	if (is_overlong(turn, failure)) {
		turn->rounds--;
		turn_ask_model(turn);
		return;
	}
	if (*failure->partial || (!failure->refusal && !failure->affordable_tokens)) {
		turn_finish_failed(turn, &failure->err, failure->partial);
		return;
	}
	turn->rounds--; /* a request that is refused does nothing */
	if (is_amended(turn, failure))
		turn_ask_model(turn);
	else if (!failure->refusal)
		turn_finish_failed(turn, &failure->err, NULL);
	else if (!failure->media_refused && search_begins(turn, failure))
		; /* goes on when a tool is found */
	else if (media_step_down(turn) || format_steps_down(turn))
		turn_ask_model(turn);
	else
		turn_finish_failed(turn, &failure->err, NULL);
}
