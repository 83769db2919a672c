/* SPDX-License-Identifier: MIT */
/*
 * Starts the servers, runs the turn, shows what happens: text on stdout as it comes, or one JSON
 * object, or events; what a person may want to know on stderr.
 */
#include "config.h"

#include "app/ask_run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/attachments.h"
#include "agent/instructions.h"
#include "agent/sampling.h"
#include "agent/tool_ranking.h"
#include "agent/turn.h"
#include "app/ask_calls.h"
#include "app/ask_cost.h"
#include "app/model_catalogue.h"
#include "app/prompt_run.h"
#include "app/servers_run.h"
#include "app/tool_events.h"
#include "app/tool_progress.h"
#include "app/tools_budget.h"
#include "base/json_write.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/sanitize.h"

#define SHOWN_BYTES 160 /* of arguments and messages on stderr */

struct ask {
	struct program *program;
	struct chat_endpoint endpoint;
	struct ask_calls calls;
	struct buf text; /* of the message that is arriving */
	struct turn_result result;
	struct prompt prompt; /* of a server: what the conversation begins with */
	struct ask_cost cost;
	bool done, cost_unknown;
	bool checks;	     /* --schema */
	const char *session; /* its id; or NULL */
};

static bool plain(const struct ask *ask)
{
	return !ask->program->options.json && !ask->program->options.events;
}

/* An answer that has to be checked is not shown before it was. */
static bool shows_text(const struct ask *ask)
{
	return plain(ask) && !ask->checks;
}

static const char *shown(struct buf *line, const char *text)
{
	buf_truncate(line, 0);
	sanitize_line(text, strlen(text), SHOWN_BYTES, line);
	return buf_text(line);
}

/* What the turn tells */

static void on_text(void *arg, const char *text, size_t len)
{
	struct ask *ask = arg;
	struct buf *event = events_begin(ask->program->events, "text.delta");

	buf_append(&ask->text, text, len);
	if (shows_text(ask))
		output_text(&ask->program->out, text, len);
	if (event) {
		json_write_key(event, "text");
		json_write_string_len(event, text, len);
		events_send(ask->program->events);
	}
	if (program_interrupted(ask->program))
		loop_stop(ask->program->loop); /* the reader of stdout is gone */
}

static void on_reasoning(void *arg, const char *text, size_t len)
{
	struct ask *ask = arg;
	struct buf *event = events_begin(ask->program->events, "reasoning.delta");

	if (!event)
		return;
	json_write_key(event, "text");
	json_write_string_len(event, text, len);
	events_send(ask->program->events);
}

static void warn(struct ask *ask, const char *text)
{
	struct buf *event = events_begin(ask->program->events, "warning");

	log_warning("%s", text);
	if (!event)
		return;
	json_write_member(event, "text", text);
	events_send(ask->program->events);
}

static void on_message(void *arg, const struct chat_answer *answer, bool more_follows)
{
	struct ask *ask = arg;

	if (ask->program->settings.cost_chosen && answer->usage.present &&
	    !answer->usage.has_cost && !ask->cost_unknown) {
		ask->cost_unknown = true;
		warn(ask, "the endpoint does not tell what an answer costs: the limit of cost "
			  "cannot be kept");
	}
	ask_cost_record(&ask->cost, ask->program, answer->usage.has_cost ? answer->usage.cost : 0);
	if (more_follows)
		buf_truncate(&ask->text, 0);
	if (shows_text(ask))
		output_end_text(&ask->program->out);
}

static void on_retry(void *arg, const struct err *reason, long delay_ms)
{
	char *text = mem_format("%s; trying again in %ld ms", reason->text, delay_ms);

	warn(arg, text);
	free(text);
}

static void on_warning(void *arg, const char *text)
{
	warn(arg, text);
}

static void on_call(void *arg, const struct turn_call *call)
{
	struct ask *ask = arg;
	struct buf line = BUF_INIT, name = BUF_INIT;

	log_notice("calling %s %s", shown(&name, call->name),
		   shown(&line, call->arguments ? call->arguments : "with broken arguments"));
	buf_clear(&line);
	buf_clear(&name);
	if (ask->program->options.json)
		ask_calls_keep(&ask->calls, call);
	tool_events_call(ask->program->events, call);
}

static void on_question(void *arg, const struct turn_call *call)
{
	struct ask *ask = arg;

	tool_events_question(ask->program->events, call);
}

static void on_approval(void *arg, const struct turn_call *call, const char *decision,
			const char *by)
{
	struct ask *ask = arg;

	tool_events_approval(ask->program->events, call, decision, by);
}

static void on_progress(void *arg, const struct turn_call *call, double progress, double total,
			const char *message)
{
	struct ask *ask = arg;

	tool_progress_tell(ask->program, call, progress, total, message);
}

static void on_result(void *arg, const struct turn_call *call, const struct tool_outcome *outcome)
{
	struct ask *ask = arg;
	const struct tool_result *result = outcome->result;
	struct buf line = BUF_INIT, name = BUF_INIT;

	if (result->is_error)
		log_notice("%s: %s", shown(&name, call->name), shown(&line, result->text));
	else
		log_detail("%s answered %zu bytes in %lld ms", shown(&name, call->name),
			   result->text_full_len, (long long)(outcome->took_us / 1000));
	buf_clear(&line);
	buf_clear(&name);
	ask_calls_settle(&ask->calls, call, outcome);
	tool_events_result(ask->program->events, call, outcome);
}

/* From the result of a turn, or what there was of it when the run was interrupted. */
static void keep_result(struct ask *ask, const struct turn_result *result, const char *text)
{
	struct program *program = ask->program;
	struct buf *event = events_begin(program->events, "usage");

	ask->result = *result;
	ask->result.text = NULL;
	ask->result.model = mem_string_or_null(result->model);
	program->final_text = mem_string(text);
	program->usage = result->spent.usage;
	if (event) {
		chat_usage_write(&program->usage, event);
		events_send(program->events);
	}
}

static void on_done(void *arg, const struct turn_result *result)
{
	struct ask *ask = arg;

	keep_result(ask, result, result->text);
	program_stage_done(ask->program, &ask->done);
}

static const struct turn_listener turn_listener = {
	.on_text = on_text,
	.on_reasoning = on_reasoning,
	.on_message = on_message,
	.on_retry = on_retry,
	.on_warning = on_warning,
	.on_call = on_call,
	.on_question = on_question,
	.on_approval = on_approval,
	.on_progress = on_progress,
	.on_result = on_result,
	.on_done = on_done,
};

/* The run */

static void print_json(struct program *program, const struct ask *ask)
{
	struct buf out = BUF_INIT;

	buf_append_char(&out, '{');
	json_write_member(&out, "text", program->final_text ? program->final_text : "");
	json_write_member_int(&out, "exit", program->exit_code);
	json_write_member(&out, "status", events_status(program->exit_code));
	if (program->error)
		json_write_member(&out, "error", program->error);
	if (ask->result.model)
		json_write_member(&out, "model", ask->result.model);
	if (ask->session)
		json_write_member(&out, "session", ask->session);
	json_write_member_int(&out, "requests", ask->result.spent.requests);
	ask_calls_write(&ask->calls, &out);
	chat_usage_write(&program->usage, &out);
	buf_append_text(&out, "}\n");
	output_buf(&program->out, &out);
	buf_clear(&out);
}

/* What is said on stderr now begins a line of its own. */
static void end_text(struct ask *ask)
{
	if (plain(ask) && ask->program->out.open_line)
		output_end_text(&ask->program->out);
}

static struct turn_limits turn_limits_of(const struct settings *settings,
					 const struct ask_cost *cost)
{
	return (struct turn_limits){
		.requests = settings->turns,
		.calls = settings->calls,
		.parallel = settings->parallel,
		.result_bytes = settings->result_bytes,
		.cost = ask_cost_limit(cost, settings),
		.tokens = settings->tokens,
		.time_ms = settings->seconds * 1000,
	};
}

/* session_id: the conversation stays with one provider, whose cache then hits. */
static struct chat_routing routing_of(const struct settings *settings, const struct ask_spec *spec,
				      const char *session_id, struct buf *provider)
{
	bool marks =
		settings->prompt_cache && profile_needs_cache_marks(spec->profile, spec->model);

	for (char **other = settings->models; *other; other++)
		marks = marks && profile_needs_cache_marks(spec->profile, *other);
	provider_choice_write(settings->provider, provider);
	return (struct chat_routing){
		.fallback = (const char *const *)settings->models,
		.provider = provider->len > 0 ? buf_text(provider) : NULL,
		.service_tier = settings->service_tier,
		.session_id = settings->session_id ? settings->session_id : session_id,
		.cache_marks = marks,
	};
}

static void tell_spent(const struct ask *ask)
{
	char *spent = turn_spent_text(&ask->result.spent);

	log_detail("spent: %s", spent);
	free(spent);
}

/* The endpoint does not have the model, or not with tools. */
static void advise_model(struct ask *ask, const char *model)
{
	char *advice = model_catalogue_advice(ask->program, &ask->endpoint, model,
					      toolbox_count(ask->program->toolbox) > 0);

	if (advice)
		warn(ask, advice);
	free(advice);
}

static void begin_conversation(const struct ask *ask, const struct ask_spec *spec,
			       struct conversation *conversation)
{
	const struct settings *settings = &ask->program->settings;
	char *system = NULL;

	/* Who goes on has a system message: another one would change the prefix that is cached. */
	if (conversation_count(conversation) == 0)
		system =
			instructions_text(settings->server_instructions ? ask->program->pool : NULL,
					  settings->system_prompt);
	if (system)
		conversation_add_system(conversation, system);
	free(system);
	for (size_t i = 0; i < ask->prompt.count; i++) {
		const struct prompt_message *message = &ask->prompt.message[i];

		if (message->assistant)
			conversation_add_assistant(conversation, message->text,
						   strlen(message->text));
		else
			conversation_add_user(conversation, message->text, strlen(message->text));
	}
	if (spec->parts_len > 0)
		conversation_add_parts(conversation, spec->parts, spec->parts_len);
	else if (spec->prompt_len > 0)
		conversation_add_user(conversation, spec->prompt, spec->prompt_len);
}

static void keep_conversation(struct ask *ask, const struct ask_spec *spec,
			      struct conversation *conversation)
{
	const bool written = spec->prompt_len > 0 || !spec->server_prompt;

	if (!spec->kept)
		return;
	ask_session_begin(
		spec->kept, ask->program,
		&(const struct ask_session_run){
			.base_url = spec->base_url,
			.model = spec->model,
			.title = written ? spec->prompt : spec->server_prompt,
			.title_len = written ? spec->prompt_len : strlen(spec->server_prompt),
			.on_warning = on_warning,
			.arg = ask,
		},
		conversation);
	ask->session = ask_session_id(spec->kept);
}

/* A conversation that is gone on with is its session's. */
static struct conversation *open_conversation(const struct ask_spec *spec)
{
	return spec->kept && spec->kept->conversation ? spec->kept->conversation
						      : conversation_new();
}

static void close_conversation(struct ask *ask, const struct ask_spec *spec,
			       struct conversation *conversation)
{
	/* What was shown of an answer that was interrupted. */
	if (!ask->done && ask->text.len > 0)
		conversation_add_assistant(conversation, ask->text.data, ask->text.len);
	if (spec->kept)
		ask_session_end(spec->kept, &ask->result);
	if (!spec->kept || conversation != spec->kept->conversation)
		conversation_free(&conversation);
}

static void keep_tool(void *arg, const char *name)
{
	tool_array_keep(arg, name);
}

/* The tools that the model gets, of more than fit: by what it is asked. */
static void choose_tools(struct ask *ask, const struct ask_spec *spec,
			 struct conversation *conversation, int64_t context)
{
	struct program *program = ask->program;
	struct tool_budget budget = tools_budget(&program->settings, context);
	struct buf prompt;

	buf_init(&prompt, TOOL_RANKING_QUESTION_MAX_BYTES);
	for (size_t i = 0; i < ask->prompt.count; i++)
		buf_format(&prompt, "%s\n", ask->prompt.message[i].text);
	budget.prompt = prompt.len > 0 ? buf_text(&prompt) : spec->prompt;
	budget.prompt_len = prompt.len > 0 ? prompt.len : spec->prompt_len;
	tool_array_set_budget(program->tools, &budget);
	conversation_each_call(conversation, keep_tool, program->tools);
	buf_clear(&prompt);
}

/* Of a conversation that is gone on with, with another model maybe. */
static void leave_out_media(struct ask *ask, struct conversation *conversation, unsigned kinds)
{
	if (attachments_drop(conversation, MEDIA_ALL & ~kinds, false, "the model does not take it"))
		warn(ask, "this model does not take all that the conversation has beside text: it "
			  "gets descriptions");
}

/* What depends on the model: the tools, and what of the conversation it takes. */
static void fit_to_model(struct ask *ask, const struct ask_spec *spec, struct turn_spec *turn)
{
	const struct model_facts facts =
		model_catalogue_check(&ask->endpoint, spec->model,
				      toolbox_count(ask->program->toolbox) > 0, on_warning, ask);

	turn->context_tokens = facts.context;
	turn->media = spec->text_only ? 0 : facts.media.kinds;
	turn->family = toolbox_family(ask->program->toolbox);
	leave_out_media(ask, turn->conversation, turn->media);
	choose_tools(ask, spec, turn->conversation, facts.context);
}

static void sampling_spent(void *arg, const struct chat_usage *usage)
{
	turn_spend(arg, usage);
}

static void run_turn(struct ask *ask, const struct ask_spec *spec, struct chat_client *client)
{
	struct program *program = ask->program;
	const struct settings *settings = &program->settings;
	struct conversation *conversation = open_conversation(spec);
	char run_id[RANDOM_ID_DIGITS + 1];
	struct buf provider = BUF_INIT;
	struct chat_routing routing;
	struct turn_spec turn_spec = {
		.loop = program->loop,
		.client = client,
		.model = spec->model,
		.stream = !program->options.no_stream,
		.routing = &routing,
		.reasoning = settings->reasoning,
		.max_tokens = settings->max_tokens,
		.format = spec->format,
		.conversation = conversation,
		.pool = program->pool,
		.tools = program->tools,
		.gate = &program->gate,
		.limits = turn_limits_of(settings, &ask->cost),
	};
	struct turn *turn;

	servers_run_set_model(program, spec->profile, spec->model);
	random_id(run_id);
	keep_conversation(ask, spec, conversation);
	turn_spec.results = ask_session_results(spec->kept);
	routing = routing_of(settings, spec, ask->session ? ask->session : run_id, &provider);
	begin_conversation(ask, spec, conversation);
	fit_to_model(ask, spec, &turn_spec);
	turn = turn_start(&turn_spec, &turn_listener, ask);
	samplings_set_model(program->samplings,
			    &(const struct sampling_model){.client = client,
							   .profile = spec->profile,
							   .model = spec->model,
							   .on_spent = sampling_spent,
							   .arg = turn});
	if (program_wait(program, &ask->done))
		keep_result(ask, turn_so_far(turn), buf_text(&ask->text));
	if (plain(ask) && ask->result.fits) {
		output_text(&program->out, program->final_text, strlen(program->final_text));
		output_end_text(&program->out);
	}
	end_text(ask);
	ask_cost_record_all(&ask->cost, program,
			    ask->result.spent.usage.cost); /* of searches too */
	tell_spent(ask);
	if (ask->done && ask->result.err.kind != ERR_NONE)
		program_fail(program, &ask->result.err);
	if (ask->done && ask->result.err.kind == ERR_CONFIG && spec->model)
		advise_model(ask, spec->model);
	samplings_set_model(program->samplings, NULL);
	turn_free(&turn);
	result_store_free(&turn_spec.results);
	close_conversation(ask, spec, conversation);
	buf_clear(&provider);
}

/* The prompt of a server that the conversation begins with. */
static int get_server_prompt(struct ask *ask, const struct ask_spec *spec, struct err *err)
{
	const char *colon = strchr(spec->server_prompt, ':');
	struct program *program = ask->program;
	struct server *server;
	char *name;
	int status;

	if (!colon || !colon[1])
		return err_set(err, ERR_USAGE, "--prompt: \"%.80s\" is no SERVER:NAME",
			       spec->server_prompt);
	name = mem_string_len(spec->server_prompt, (size_t)(colon - spec->server_prompt));
	server = server_pool_find(program->pool, name);
	if (server)
		status = prompt_run(program, server, colon + 1, spec->prompt_arguments->item,
				    spec->prompt_arguments->count, &ask->prompt, NULL, err);
	else
		status = err_set(err, ERR_CONFIG,
				 "--prompt: no server called \"%s\" is in use; `cordpair servers` "
				 "lists them",
				 name);
	free(name);
	return status;
}

static void ask_model(struct ask *ask, const struct ask_spec *spec)
{
	struct program *program = ask->program;
	struct chat_client *client;
	struct err err;

	if (servers_run_check_required(program))
		return;
	if (spec->server_prompt && get_server_prompt(ask, spec, &err)) {
		if (!program_interrupted(program))
			program_fail(program, &err);
		return;
	}
	client = chat_client_new(program->loop, program->http, &ask->endpoint);
	run_turn(ask, spec, client);
	chat_client_free(&client);
}

void ask_run(struct program *program, const struct ask_spec *spec)
{
	struct ask ask = {
		.program = program,
		.text = BUF_INIT,
		.checks = spec->format != NULL,
		.endpoint = {spec->base_url, spec->api_key, spec->profile},
	};
	struct err err;

	if (ask_cost_begin(&ask.cost, &program->settings, &err))
		program_fail(program, &err);
	else if (servers_run_start_lazily(program) == 0)
		ask_model(&ask, spec);
	servers_run_stop(program);
	if (program->options.json)
		print_json(program, &ask);
	ask_calls_clear(&ask.calls);
	buf_clear(&ask.text);
	prompt_clear(&ask.prompt);
	free((char *)ask.result.model);
}

void ask_run_not(struct program *program, const struct err *err)
{
	const struct ask nothing = {0};

	if (!program_interrupted(program))
		program_fail(program, err);
	if (program->options.json)
		print_json(program, &nothing);
}
