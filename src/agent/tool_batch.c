/* SPDX-License-Identifier: MIT */
/*
 * Each call of a batch walks WAITING → (ASKING →) APPROVED → RUNNING → SETTLED, or is settled
 * without being made. One deferred step moves everything that can move; every callback that may
 * change something asks for another step, so nothing here recurses. People are asked one question
 * at a time, in call order; what needs no question does not wait for one.
 */
#include "config.h"

#include "agent/tool_batch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "trust/policy.h"

enum stage { STAGE_WAITING, STAGE_ASKING, STAGE_APPROVED, STAGE_RUNNING, STAGE_SETTLED };

struct call_state {
	struct tool_batch *batch;
	size_t index;
	struct tool_batch_call call;
	char *tool, *description; /* call's own copies */
	struct server *server;	  /* the batch's hold on call.server */
	enum stage stage;
	bool needs_person;
	struct server_call *running;
	struct builtin_run *builtin_running;
	int64_t started_us;
};

struct tool_batch {
	struct tool_gate gate;
	struct call_state *state;
	struct tool_outcome *outcome;
	size_t count, settled, in_flight, parallel;
	struct server_call_options options;
	const struct tool_batch_listener *listener;
	void *arg;
	bool asking;
	struct approval_request question; /* the one that is being asked */
	bool step_queued;
	bool freed; /* by its owner, inside a callback: touch nothing more */
};

static void batch_step(void *arg);

static void queue_step(struct tool_batch *batch)
{
	if (batch->step_queued || batch->freed)
		return;
	batch->step_queued = true;
	loop_defer(batch->gate.loop, batch_step, batch);
}

static void settle(struct call_state *state, enum tool_verdict verdict, struct tool_result *result)
{
	struct tool_batch *batch = state->batch;
	struct tool_outcome *outcome = &batch->outcome[state->index];

	if (state->stage == STAGE_RUNNING)
		outcome->took_us = loop_now_us(batch->gate.loop) - state->started_us;
	state->stage = STAGE_SETTLED;
	outcome->verdict = verdict;
	outcome->result = result;
	batch->settled++;
	if (batch->listener->on_outcome)
		batch->listener->on_outcome(batch->arg, state->index, outcome);
}

static void tell_approval(const struct call_state *state, const char *decision, const char *by)
{
	const struct tool_batch *batch = state->batch;

	if (batch->listener->on_approval)
		batch->listener->on_approval(batch->arg, state->index, decision, by);
}

/* Policy and person */

void tool_grants_clear(struct tool_grants *grants)
{
	for (size_t i = 0; i < grants->count; i++)
		free(grants->item[i]);
	free(grants->item);
	*grants = (struct tool_grants){0};
}

static char *grant_name(const struct call_state *state)
{
	return mem_format("%s:%s", server_name(state->call.server), state->call.tool);
}

static bool granted_before(const struct call_state *state)
{
	const struct tool_grants *grants = state->batch->gate.grants;
	char *wanted = grant_name(state);
	bool found = false;

	for (size_t i = 0; i < grants->count && !found; i++)
		found = strcmp(grants->item[i], wanted) == 0;
	free(wanted);
	return found;
}

static void deny(struct call_state *state, enum tool_verdict verdict, const char *by,
		 const char *why)
{
	tell_approval(state, "denied", by);
	settle(state, verdict,
	       tool_result_failure("Error: the call of \"%s\" on server \"%s\" was not made: %s",
				   state->call.tool, server_name(state->call.server), why));
}

/*
 * Arguments that do not fit never reach the server: the model gets one sentence and may do better.
 * False: settled.
 */
static bool check_arguments(struct call_state *state)
{
	const struct tool *tool =
		tool_list_find(server_tools(state->call.server), state->call.tool);
	struct err *err = &state->batch->outcome[state->index].err;

	if (state->call.builtin || !tool ||
	    tool_check_arguments(tool, state->call.arguments, err) == 0)
		return true;
	settle(state, TOOL_FAILED, tool_result_failure("Error: %s", err->text));
	return false;
}

static void decide(struct call_state *state)
{
	const struct tool_gate *gate = &state->batch->gate;
	struct policy_question question;
	struct policy_decision decision;

	if (state->call.broken) {
		settle(state, TOOL_FAILED, tool_result_failure("Error: %s", state->call.broken));
		return;
	}
	if (state->call.answer) {
		settle(state, TOOL_DONE, tool_result_success(state->call.answer));
		return;
	}
	if (!check_arguments(state))
		return;
	question = (struct policy_question){
		.server = server_name(state->call.server),
		.tool = state->call.tool,
		.rules = &server_config(state->call.server)->policy,
		.yes_to = gate->yes_to,
	};
	decision = policy_decide(&question);
	if (decision.verdict == POLICY_DENY) {
		deny(state, TOOL_DENIED, "policy", "the policy of this server denies it");
	} else if (decision.verdict == POLICY_ALLOW || granted_before(state)) {
		tell_approval(state, "allowed",
			      decision.verdict != POLICY_ALLOW ? "person"
			      : decision.lifted		       ? "--yes-to"
							       : "policy");
		state->stage = STAGE_APPROVED;
	} else if (!gate->asker) {
		deny(state, TOOL_NOBODY, "nobody",
		     "it needs a person's approval and there is nobody to ask");
	} else {
		state->needs_person = true;
	}
}

static void remember_grant(const struct call_state *state)
{
	struct tool_grants *grants = state->batch->gate.grants;

	grants->item = mem_resize_array(grants->item, grants->count + 1, sizeof(char *));
	grants->item[grants->count++] = grant_name(state);
}

static void answered(void *arg, enum approval approval)
{
	struct call_state *state = arg;
	struct tool_batch *batch = state->batch;

	batch->asking = false;
	switch (approval) {
	case APPROVAL_GRANTED_FOR_RUN:
	case APPROVAL_GRANTED:
		if (approval == APPROVAL_GRANTED_FOR_RUN)
			remember_grant(state);
		tell_approval(state, "allowed", "person");
		state->stage = STAGE_APPROVED;
		break;
	case APPROVAL_REFUSED:
		deny(state, TOOL_DENIED, "person", "the user refused it");
		break;
	case APPROVAL_NOBODY:
		deny(state, TOOL_NOBODY, "nobody",
		     "it needs a person's approval and there is nobody to ask");
		break;
	}
	queue_step(batch);
}

static void ask_person(struct call_state *state)
{
	struct tool_batch *batch = state->batch;

	batch->asking = true;
	state->stage = STAGE_ASKING;
	batch->question = (struct approval_request){
		.server = server_name(state->call.server),
		.tool = state->call.tool,
		.description = state->call.description,
		.arguments = state->call.arguments,
		.arguments_len = strlen(state->call.arguments),
	};
	if (batch->listener->on_question)
		batch->listener->on_question(batch->arg, state->index);
	batch->gate.asker->ask(batch->gate.asker, &batch->question, answered, state);
}

/* The call itself */

static void call_progress(void *arg, double progress, double total, const char *message)
{
	struct call_state *state = arg;
	const struct tool_batch *batch = state->batch;

	if (batch->listener->on_progress)
		batch->listener->on_progress(batch->arg, state->index, progress, total, message);
}

static void call_done(void *arg, struct tool_result *take_result, const struct err *err)
{
	struct call_state *state = arg;
	struct tool_batch *batch = state->batch;

	state->running = NULL;
	state->builtin_running = NULL;
	batch->in_flight--;
	if (err)
		batch->outcome[state->index].err = *err;
	settle(state, err ? TOOL_FAILED : TOOL_DONE, take_result);
	queue_step(batch);
}

static const struct server_call_listener call_listener = {
	.on_progress = call_progress,
	.on_done = call_done,
};

static void run_call(struct call_state *state)
{
	struct tool_batch *batch = state->batch;

	state->stage = STAGE_RUNNING;
	state->started_us = loop_now_us(batch->gate.loop);
	batch->in_flight++;
	if (batch->listener->on_start)
		batch->listener->on_start(batch->arg, state->index);
	if (state->call.builtin) {
		state->builtin_running = builtin_tool_start(
			state->call.builtin, state->call.server, state->call.arguments,
			batch->options.text_max_bytes, call_done, state);
		return;
	}
	state->running = server_call_tool(state->call.server, state->call.tool,
					  state->call.arguments, strlen(state->call.arguments),
					  &batch->options, &call_listener, state);
}

static void move(struct call_state *state)
{
	struct tool_batch *batch = state->batch;

	if (state->stage == STAGE_WAITING && state->needs_person && !batch->asking) {
		if (granted_before(state))
			state->stage = STAGE_APPROVED;
		else
			ask_person(state);
	}
	if (state->stage == STAGE_APPROVED && batch->in_flight < batch->parallel)
		run_call(state);
}

static void batch_step(void *arg)
{
	struct tool_batch *batch = arg;

	batch->step_queued = false;
	for (size_t i = 0; i < batch->count && !batch->freed; i++) {
		struct call_state *state = &batch->state[i];

		if (state->stage == STAGE_WAITING && !state->needs_person)
			decide(state);
		if (!batch->freed)
			move(state);
	}
	if (!batch->freed && batch->settled == batch->count)
		batch->listener->on_done(batch->arg, batch->outcome, batch->count);
}

struct tool_batch *tool_batch_start(const struct tool_gate *gate,
				    const struct tool_batch_call *calls, size_t count,
				    size_t parallel, const struct server_call_options *options,
				    const struct tool_batch_listener *listener, void *arg)
{
	struct tool_batch *batch = mem_new(sizeof(*batch));

	batch->gate = *gate;
	batch->count = count;
	batch->parallel = parallel;
	batch->options = *options;
	batch->listener = listener;
	batch->arg = arg;
	batch->state = mem_new_array(count + 1, sizeof(*batch->state));
	batch->outcome = mem_new_array(count + 1, sizeof(*batch->outcome));
	for (size_t i = 0; i < count; i++) {
		struct call_state *state = &batch->state[i];

		state->batch = batch;
		state->index = i;
		state->call = calls[i];
		/* A server's tools may be listed anew while this call waits for its turn, and the
		 * server itself may go. */
		state->server = server_ref(calls[i].server);
		state->call.tool = state->tool = mem_string_or_null(calls[i].tool);
		state->call.description = state->description =
			mem_string_or_null(calls[i].description);
	}
	queue_step(batch);
	return batch;
}

static void batch_destroy(void *arg)
{
	struct tool_batch *batch = arg;

	for (size_t i = 0; i < batch->count; i++) {
		tool_result_free(&batch->outcome[i].result);
		server_unref(&batch->state[i].server);
		free(batch->state[i].tool);
		free(batch->state[i].description);
	}
	free(batch->outcome);
	free(batch->state);
	free(batch);
}

void tool_batch_free(struct tool_batch **batch_p)
{
	struct tool_batch *batch = *batch_p;

	if (!batch)
		return;
	*batch_p = NULL;
	batch->freed = true;
	loop_defer_cancel(batch->gate.loop, batch);
	for (size_t i = 0; i < batch->count; i++) {
		struct call_state *state = &batch->state[i];

		if (state->stage == STAGE_ASKING)
			batch->gate.asker->cancel(batch->gate.asker, state);
		if (state->running)
			server_cancel_call(&state->running, "the run was cancelled");
		builtin_tool_cancel(&state->builtin_running);
	}
	loop_free_later(batch->gate.loop, batch, batch_destroy);
}
