/* SPDX-License-Identifier: MIT */
/*
 * The loop of the main job. One request is out, or one batch of tool calls is in flight, never
 * both; after each the next step follows from what came back. What the model did wrong (an unknown
 * name, broken arguments) goes back to it as the result of that call; only what the endpoint or a
 * limit does ends the turn.
 */
#include "config.h"

#include "agent/turn.h"

#include <stdlib.h>
#include <string.h>

#include "agent/tool_message.h"
#include "agent/turn_internal.h"
#include "base/log.h"
#include "base/mem.h"

/* What it is offered when all tools that it has called are gone. */
#define NO_TOOLS                                                                                      \
	"[{\"type\":\"function\",\"function\":{\"name\":\"no_tools\",\"description\":\"There are no " \
	"tools any more: do not call this.\",\"parameters\":{\"type\":\"object\",\"properties\":{}}}}]"

static void note_time(struct turn *turn)
{
	turn->result.spent.time_ms = (loop_now_us(turn->spec->loop) - turn->started_us) / 1000;
}

/* The end */

static void finish(struct turn *turn)
{
	note_time(turn);
	if (!turn->result.text)
		turn->result.text = turn->answer ? turn->answer->text : "";
	turn->listener->on_done(turn->arg, &turn->result);
}

void turn_finish_failed(struct turn *turn, const struct err *err, const char *partial)
{
	turn->result.err = *err;
	turn->text = mem_string(partial ? partial : "");
	if (*turn->text)
		conversation_add_assistant(turn->spec->conversation, turn->text,
					   strlen(turn->text));
	turn->result.text = turn->text;
	finish(turn);
}

static void set_limit_error(const struct turn *turn, struct err *err)
{
	char *spent = turn_spent_text(&turn->result.spent);

	err_set(err, ERR_INCOMPLETE, "the run was ended: %s; spent: %s: %s", turn->limit, spent,
		turn->in_circles ? "ask in other words, or choose another model with --model"
				 : "\"limits\" in settings.json sets it");
	free(spent);
}

/* The conversation may be gone on with. Calls that are not made any more have no place in it. */
static void keep_answer(const struct turn *turn)
{
	struct chat_answer *answer = turn->answer;

	if (answer->calls == 0 && answer->text_len > 0)
		conversation_add_answer(turn->spec->conversation, answer);
	else if (answer->text_len > 0)
		conversation_add_assistant(turn->spec->conversation, answer->text,
					   answer->text_len);
}

/* An answer without tool calls: what is its worth? */
static void finish_answered(struct turn *turn)
{
	const struct chat_answer *answer = turn->answer;
	const char *finish_reason = answer->finish_reason ? answer->finish_reason : "";
	struct err *err = &turn->result.err;

	if (turn->spec->format && turn->json) {
		turn->result.text = turn->json;
		turn->result.fits = true;
	}
	if (turn->limit)
		set_limit_error(turn, err);
	else if (strcmp(finish_reason, "length") == 0)
		err_set(err, ERR_INCOMPLETE,
			"the answer was cut off at the model's limit of tokens: "
			"a larger \"max_tokens\" in settings.json may help");
	else if (strcmp(finish_reason, "content_filter") == 0)
		err_set(err, ERR_INCOMPLETE,
			"the provider's content filter ended the answer: ask in other words, or "
			"choose another model with --model");
	else if (turn->spec->format && !turn->json)
		*err = turn->misfit;
	else if (turn->result.denied > 0)
		err_set(err, ERR_DENIED,
			"%ld tool call%s denied or could not be approved: allow it with "
			"--yes-to, or by \"policy\" in the server's entry",
			turn->result.denied, turn->result.denied == 1 ? " was" : "s were");
	else if (answer->text_len == 0)
		err_set(err, ERR_NO_ANSWER,
			"the model gave no answer%s: ask in other words, or "
			"choose another with --model",
			answer->refusal ? " and refused" : "");
	finish(turn);
}

void turn_warn(struct turn *turn, char *take_text)
{
	if (turn->listener->on_warning)
		turn->listener->on_warning(turn->arg, take_text);
	free(take_text);
}

/* Limits */

/* Takes the clause. Only the first limit is told. */
static void reach_limit(struct turn *turn, char *take_clause)
{
	if (turn->limit) {
		free(take_clause);
		return;
	}
	turn->limit = take_clause;
	if (turn->listener->on_warning)
		turn->listener->on_warning(turn->arg, turn->limit);
}

static void check_limits(struct turn *turn)
{
	char *clause;

	note_time(turn);
	clause = turn_limits_reached(&turn->spec->limits, &turn->result.spent);
	if (clause)
		reach_limit(turn, clause);
}

static char *refusal_for(const char *clause)
{
	return mem_format("this call was not made: %s; answer with what is known", clause);
}

/* True while this call may be made; else *refusal says why not. */
static bool within_limits(struct turn *turn, const struct chat_tool_call *call, char **refusal)
{
	const struct turn_limits *limits = &turn->spec->limits;
	char *clause = call_history_add(&turn->history, call->name,
					call->arguments ? call->arguments : call->broken);

	turn->in_circles |= clause && !turn->limit;
	if (!clause && turn->result.spent.calls >= limits->calls)
		clause = mem_format("the limit of %ld tool calls is reached", limits->calls);
	if (clause)
		*refusal = refusal_for(clause);
	else if (turn->limit)
		*refusal = refusal_for(turn->limit);
	if (clause)
		reach_limit(turn, clause);
	return !*refusal;
}

/* From the model's calls to a batch */

static size_t result_bytes(const struct turn *turn)
{
	return context_result_bytes(turn->context, (size_t)turn->spec->limits.result_bytes);
}

static void plan_call(struct turn *turn, const struct chat_tool_call *call,
		      struct planned_call *planned, struct tool_batch_call *out)
{
	const struct call_plan_spec spec = {
		.tools = turn->spec->tools,
		.pool = turn->spec->pool,
		.results = turn->spec->results,
		.result_bytes = result_bytes(turn),
	};
	char *refusal = NULL;

	/* A call that cannot be made counts too: the model must not repeat it for ever. */
	(void)within_limits(turn, call, &refusal);
	planned_call_init(planned, call, refusal, &spec, out);
	if (!planned->refusal)
		turn->result.spent.calls++;
}

static void forget_plan(struct turn *turn)
{
	for (size_t i = 0; turn->planned && i < turn->answer->calls; i++)
		planned_call_clear(&turn->planned[i]);
	free(turn->planned);
	turn->planned = NULL;
}

static void batch_question(void *arg, size_t i)
{
	struct turn *turn = arg;

	if (turn->listener->on_question)
		turn->listener->on_question(turn->arg, &turn->planned[i].told);
}

static void batch_approval(void *arg, size_t i, const char *decision, const char *by)
{
	struct turn *turn = arg;

	if (turn->listener->on_approval)
		turn->listener->on_approval(turn->arg, &turn->planned[i].told, decision, by);
}

static void batch_progress(void *arg, size_t i, double progress, double total, const char *message)
{
	struct turn *turn = arg;

	if (turn->listener->on_progress)
		turn->listener->on_progress(turn->arg, &turn->planned[i].told, progress, total,
					    message);
}

static void batch_outcome(void *arg, size_t i, const struct tool_outcome *outcome)
{
	struct turn *turn = arg;

	if (outcome->verdict == TOOL_DENIED || outcome->verdict == TOOL_NOBODY)
		turn->result.denied++;
	tool_message_keep(turn->spec->conversation, turn->answer->call[i].id, outcome->result);
	if (turn->listener->on_result)
		turn->listener->on_result(turn->arg, &turn->planned[i].told, outcome);
}

static void add_tool_message(struct turn *turn, const char *id, const struct tool_result *result)
{
	struct err err;

	if (tool_message_add(turn->spec->conversation, turn->spec->results, id, result, &err))
		turn_warn(turn, mem_format("a result of %zu bytes is not kept whole: %s",
					   result->text_full_len, err.text));
}

/* Behind all results: right behind the calls nothing else may come. */
static void add_attachments(struct turn *turn, const struct tool_outcome *outcomes, size_t count)
{
	const enum schema_family family = turn->spec->family;
	struct attachments attachments;
	char *notice;

	attachments_init(&attachments);
	for (size_t i = 0; i < count; i++)
		attachments_take(&attachments, turn->answer->call[i].id, outcomes[i].result,
				 turn->media, family);
	attachments_add(&attachments, turn->spec->conversation, family);
	notice = attachments_notice(&attachments, turn->media_told);
	turn->media_told |= attachments.untaken;
	attachments_clear(&attachments);
	if (notice)
		turn_warn(turn, notice);
}

static void batch_done(void *arg, const struct tool_outcome *outcomes, size_t count)
{
	struct turn *turn = arg;

	for (size_t i = 0; i < count; i++)
		add_tool_message(turn, turn->answer->call[i].id, outcomes[i].result);
	add_attachments(turn, outcomes, count);
	forget_plan(turn);
	tool_batch_free(&turn->batch);
	check_limits(turn);
	if (turn->rounds >= turn->spec->limits.requests)
		reach_limit(turn, mem_format("the limit of %ld model requests is reached",
					     turn->spec->limits.requests));
	if (!turn->freed)
		turn_ask_model(turn);
}

static const struct tool_batch_listener batch_listener = {
	.on_question = batch_question,
	.on_approval = batch_approval,
	.on_progress = batch_progress,
	.on_outcome = batch_outcome,
	.on_done = batch_done,
};

static void run_calls(struct turn *turn)
{
	const struct turn_spec *spec = turn->spec;
	size_t count = turn->answer->calls;
	struct tool_batch_call *calls = mem_new_array(count, sizeof(*calls));
	const struct server_call_options options = {
		.timeout_ms = spec->call_timeout_ms,
		.text_max_bytes = result_bytes(turn),
	};

	check_limits(turn);
	turn->planned = mem_new_array(count, sizeof(*turn->planned));
	for (size_t i = 0; i < count; i++)
		plan_call(turn, &turn->answer->call[i], &turn->planned[i], &calls[i]);
	for (size_t i = 0; i < count && !turn->freed; i++)
		if (turn->listener->on_call)
			turn->listener->on_call(turn->arg, &turn->planned[i].told);
	if (!turn->freed)
		turn->batch =
			tool_batch_start(spec->gate, calls, count, (size_t)spec->limits.parallel,
					 &options, &batch_listener, turn);
	free(calls);
}

/* The model's side */

static void chat_text(void *arg, const char *text, size_t len)
{
	struct turn *turn = arg;

	if (turn->listener->on_text)
		turn->listener->on_text(turn->arg, text, len);
}

static void chat_reasoning(void *arg, const char *text, size_t len)
{
	struct turn *turn = arg;

	if (turn->listener->on_reasoning)
		turn->listener->on_reasoning(turn->arg, text, len);
}

static void chat_retry(void *arg, const struct err *reason, long delay_ms)
{
	struct turn *turn = arg;

	if (turn->listener->on_retry)
		turn->listener->on_retry(turn->arg, reason, delay_ms);
}

/* An answer without calls: has it the turn's format, or is the model to be told what is wrong? */
static bool is_to_be_repaired(struct turn *turn)
{
	const struct chat_answer *answer = turn->answer;

	if (!turn->spec->format)
		return false;
	turn->json = answer_format_take(turn->spec->format, answer->text, answer->text_len,
					&turn->misfit);
	return !turn->json && !turn->limit && turn->repairs < ANSWER_REPAIRS_MAX &&
	       turn->rounds < turn->spec->limits.requests;
}

static void repair(struct turn *turn)
{
	char *text = mem_format("%s. Answer again, with the JSON alone.", turn->misfit.text);

	turn->repairs++;
	log_detail("%s: the model is asked again", turn->misfit.text);
	if (turn->answer->text_len > 0)
		conversation_add_answer(turn->spec->conversation, turn->answer);
	conversation_add_user(turn->spec->conversation, text, strlen(text));
	free(text);
	check_limits(turn);
	if (!turn->freed)
		turn_ask_model(turn);
}

static void chat_done(void *arg, struct chat_answer *take_answer,
		      const struct chat_failure *failure)
{
	struct turn *turn = arg;
	bool calls, repairs;

	turn->exchange = NULL;
	if (!take_answer) {
		turn_take_failure(turn, failure);
		return;
	}
	chat_answer_free(&turn->answer);
	turn->answer = take_answer;
	turn->result.model = take_answer->model;
	chat_usage_add(&turn->result.spent.usage, &take_answer->usage);
	context_note_answer(turn->context, &take_answer->usage);
	turn->overlongs = 0;
	/* Whether tools run is decided by the calls being there, not by finish_reason. */
	calls = take_answer->calls > 0 && !turn->limit;
	repairs = !calls && is_to_be_repaired(turn);
	if (turn->listener->on_message)
		turn->listener->on_message(turn->arg, take_answer, calls || repairs);
	if (turn->freed)
		return;
	if (calls) {
		conversation_add_answer(turn->spec->conversation, take_answer);
		run_calls(turn);
	} else if (repairs) {
		repair(turn);
	} else {
		keep_answer(turn);
		finish_answered(turn);
	}
}

static const struct chat_listener chat_listener = {
	.on_text = chat_text,
	.on_reasoning = chat_reasoning,
	.on_retry = chat_retry,
	.on_done = chat_done,
};

static void offer_tools(const struct turn *turn, struct chat_request *request)
{
	const struct turn_spec *spec = turn->spec;
	struct toolbox *toolbox = tool_array_toolbox(spec->tools);

	if (toolbox_is_stale(toolbox))
		toolbox_rebuild(toolbox, spec->pool);
	if (spec->results && result_store_last(spec->results) > 0)
		tool_array_offer_reading(spec->tools);
	request->tools = tool_array_json(spec->tools, &request->tools_len);
	if (request->tools_len <= strlen("[]") && conversation_has_calls(spec->conversation)) {
		/* Providers refuse calls in the history of a request that offers no tool. */
		request->tools = NO_TOOLS;
		request->tools_len = strlen(NO_TOOLS);
	}
}

void turn_ask_model(void *arg)
{
	struct turn *turn = arg;
	const struct turn_spec *spec = turn->spec;
	struct chat_request request = {
		.model = spec->model,
		.tool_choice = turn->limit && !turn->any_choice ? CHAT_TOOL_CHOICE_NONE
								: CHAT_TOOL_CHOICE_AUTO,
		.stream = spec->stream,
		.routing = spec->routing,
		.response_format = spec->format ? answer_format_json(spec->format) : NULL,
		.reasoning = spec->reasoning,
		.max_tokens = turn->max_tokens,
	};
	enum context_room room;
	struct err err;

	server_pool_refresh_tools(spec->pool); /* what comes of it is for the next request */
	offer_tools(turn, &request);
	room = context_make_room(turn->context, request.tools, request.tools_len);
	if (turn->freed || room == CONTEXT_WAITS)
		return;
	if (room == CONTEXT_FULL) {
		turn_finish_failed(turn, &turn->overlong, NULL);
		return;
	}
	offer_tools(turn, &request); /* what was shortened can be read */
	request.messages = conversation_json(spec->conversation, &request.messages_len);
	if (!request.messages) {
		err_set(&err, ERR_INCOMPLETE, "the conversation is larger than %zu MiB",
			CONVERSATION_MAX_BYTES >> 20);
		turn_finish_failed(turn, &err, NULL);
		return;
	}
	turn->result.spent.requests++;
	turn->rounds++;
	turn->exchange = chat_client_send(spec->client, &request, &chat_listener, turn, &err);
	if (!turn->exchange)
		turn_finish_failed(turn, &err, NULL);
}

static void context_dropped(void *arg, const char *text)
{
	turn_warn(arg, mem_string(text));
}

static void context_spent(void *arg, const struct chat_usage *usage)
{
	turn_spend(arg, usage);
}

static const struct context_listener context_listener = {
	.on_dropped = context_dropped,
	.on_spent = context_spent,
	.on_room = turn_ask_model,
};

static struct context *make_context(struct turn *turn)
{
	const struct turn_spec *spec = turn->spec;
	const struct context_spec context = {
		.loop = spec->loop,
		.client = spec->client,
		.model = spec->model,
		.routing = spec->routing,
		.conversation = spec->conversation,
		.results = spec->results,
		.tokens = spec->context_tokens,
		.max_tokens = spec->max_tokens,
	};

	return context_new(&context, &context_listener, turn);
}

struct turn *turn_start(const struct turn_spec *spec, const struct turn_listener *listener,
			void *arg)
{
	struct turn *turn = mem_new(sizeof(*turn));

	turn->spec = spec;
	turn->listener = listener;
	turn->arg = arg;
	turn->max_tokens = spec->max_tokens;
	turn->media = spec->media;
	turn->started_us = loop_now_us(spec->loop);
	turn->context = make_context(turn);
	loop_defer(spec->loop, turn_ask_model, turn);
	return turn;
}

const struct turn_result *turn_so_far(const struct turn *turn)
{
	return &turn->result;
}

void turn_spend(struct turn *turn, const struct chat_usage *usage)
{
	turn->result.spent.requests++;
	chat_usage_add(&turn->result.spent.usage, usage);
}

static void turn_destroy(void *object)
{
	struct turn *turn = object;

	forget_plan(turn);
	chat_answer_free(&turn->answer);
	free(turn->limit);
	free(turn->refusal);
	free(turn->json);
	free(turn->text);
	free(turn);
}

void turn_free(struct turn **turn_p)
{
	struct turn *turn = *turn_p;

	if (!turn)
		return;
	*turn_p = NULL;
	turn->freed = true;
	loop_defer_cancel(turn->spec->loop, turn);
	chat_client_cancel(&turn->exchange);
	tool_search_free(&turn->search);
	context_free(&turn->context);
	tool_batch_free(&turn->batch);
	loop_free_later(turn->spec->loop, turn, turn_destroy);
}
