/* SPDX-License-Identifier: MIT */
/* One exchange with the endpoint for each request; its answer, or the refusal, goes back. */
#include "config.h"

#include "agent/sampling.h"

#include <stdlib.h>
#include <string.h>

#include "agent/sampling_messages.h"
#include "base/jsonrpc.h"
#include "base/log.h"
#include "base/mem.h"

#define REFUSED (-1) /* MCP, "Sampling", Error Handling */

struct sampling {
	struct samplings *owner;
	struct sampling *next, **previous;
	struct server_request *request;
	struct chat_exchange *exchange;
	char *server;
};

struct budget { /* of one server */
	struct budget *next;
	char *server;
	long used;
	bool told; /* that it got no more */
};

struct samplings {
	struct sampling_model model; /* client NULL: there is none */
	struct sampling *first;
	struct budget *budgets;
	size_t open;
};

struct samplings *samplings_new(void)
{
	return mem_new(sizeof(struct samplings));
}

static void sampling_free(struct sampling *sampling)
{
	*sampling->previous = sampling->next;
	if (sampling->next)
		sampling->next->previous = sampling->previous;
	sampling->owner->open--;
	chat_client_cancel(&sampling->exchange);
	if (sampling->request) /* it is ours until it is answered */
		server_refuse(&sampling->request, JSONRPC_INTERNAL_ERROR, "the host ends");
	free(sampling->server);
	free(sampling);
}

void samplings_set_model(struct samplings *samplings, const struct sampling_model *model)
{
	for (struct sampling *at = samplings->first, *next; at; at = next) {
		next = at->next;
		sampling_free(at);
	}
	samplings->model = model ? *model : (struct sampling_model){0};
}

void samplings_free(struct samplings **samplings_p)
{
	struct samplings *samplings = *samplings_p;

	*samplings_p = NULL;
	if (!samplings)
		return;
	samplings_set_model(samplings, NULL);
	while (samplings->budgets) {
		struct budget *budget = samplings->budgets;

		samplings->budgets = budget->next;
		free(budget->server);
		free(budget);
	}
	free(samplings);
}

static struct budget *budget_of(struct samplings *samplings, const char *server)
{
	struct budget *budget = samplings->budgets;

	while (budget && strcmp(budget->server, server) != 0)
		budget = budget->next;
	if (budget)
		return budget;
	budget = mem_new(sizeof(*budget));
	budget->server = mem_string(server);
	budget->next = samplings->budgets;
	samplings->budgets = budget;
	return budget;
}

/* The answer */

static void answered(void *arg, struct chat_answer *take_answer, const struct chat_failure *failure)
{
	struct sampling *sampling = arg;
	const struct sampling_model *model = &sampling->owner->model;
	struct buf result = BUF_INIT;

	sampling->exchange = NULL;
	if (take_answer) {
		model->on_spent(model->arg, &take_answer->usage);
		sampling_write_result(take_answer, &result);
		server_answer(&sampling->request, result.data, result.len);
	} else {
		log_warning("server \"%s\" asked the model: %s", sampling->server,
			    failure->err.text);
		server_refuse(&sampling->request, JSONRPC_INTERNAL_ERROR, failure->err.text);
	}
	chat_answer_free(&take_answer);
	buf_clear(&result);
	sampling_free(sampling);
}

static const struct chat_listener chat_listener = {.on_done = answered};

/* The question */

static long tokens_of(struct json_span params, long max_tokens)
{
	int64_t wanted;

	if (!json_span_int64(json_span_member(params, "maxTokens"), &wanted) || wanted < 1 ||
	    wanted > max_tokens)
		return max_tokens;
	return (long)wanted;
}

static enum chat_tool_choice choice_of(struct json_span params)
{
	struct json_span mode = json_span_member(json_span_member(params, "toolChoice"), "mode");

	if (json_span_equals(mode, "none"))
		return CHAT_TOOL_CHOICE_NONE;
	return json_span_equals(mode, "required") ? CHAT_TOOL_CHOICE_REQUIRED
						  : CHAT_TOOL_CHOICE_AUTO;
}

static int send_request(struct sampling *sampling, const struct server_config *config,
			struct json_span params, struct err *err)
{
	const struct sampling_model *model = &sampling->owner->model;
	const char *name = config->sampling.model ? config->sampling.model : model->model;
	struct buf messages, tools, parameters = BUF_INIT;
	int status;

	buf_init(&messages, 4 * SAMPLING_TEXT_MAX_BYTES);
	buf_init(&tools, SAMPLING_TEXT_MAX_BYTES);
	status = sampling_write_messages(params, &messages, err);
	if (status == 0)
		status = sampling_write_tools(params, profile_family(model->profile, name), &tools,
					      err);
	if (status == 0 && (messages.overflowed || tools.overflowed))
		status = err_set(err, ERR_USAGE, "it is too large");
	if (status == 0) {
		sampling_write_parameters(params, &parameters);
		const struct chat_request request = {
			.model = name,
			.messages = messages.data,
			.messages_len = messages.len,
			.tools = tools.data,
			.tools_len = tools.len,
			.tool_choice = choice_of(params),
			.max_tokens = tokens_of(params, config->sampling.max_tokens),
			.parameters = parameters.len > 0 ? parameters.data : NULL,
		};

		sampling->exchange =
			chat_client_send(model->client, &request, &chat_listener, sampling, err);
		status = sampling->exchange ? 0 : -1;
	}
	buf_clear(&messages);
	buf_clear(&tools);
	buf_clear(&parameters);
	return status;
}

/* NULL: it may be asked. */
static const char *why_not(const struct samplings *samplings, const struct budget *budget,
			   const struct server_config *config)
{
	if (!samplings->model.client)
		return "there is no model in this command";
	if (budget->used >= config->sampling.requests)
		return "its entry allows no more in one run (\"sampling\": {\"requests\": …})";
	if (samplings->open >= SAMPLING_OPEN_MAX)
		return "too many are open at the same time";
	return NULL;
}

void samplings_take(struct samplings *samplings, struct server *server,
		    struct server_request *request)
{
	const struct server_config *config = server_config(server);
	struct budget *budget = budget_of(samplings, config->name);
	const char *why = why_not(samplings, budget, config);
	struct sampling *sampling;
	struct err err;

	/* It was not told that it could: it is answered like any other unknown request. */
	if (!config->sampling.on) {
		server_refuse(&request, JSONRPC_METHOD_NOT_FOUND,
			      "Method not found: \"sampling\" is not allowed");
		return;
	}
	if (why) {
		if (!budget->told)
			log_notice("server \"%s\" wants to ask the model; refused: %s",
				   config->name, why);
		budget->told = true;
		server_refuse(&request, REFUSED, why);
		return;
	}
	budget->used++;
	log_notice("server \"%s\" asks the model (%ld of %ld)", config->name, budget->used,
		   config->sampling.requests);
	sampling = mem_new(sizeof(*sampling));
	sampling->owner = samplings;
	sampling->request = request;
	sampling->server = mem_string(config->name);
	sampling->next = samplings->first;
	sampling->previous = &samplings->first;
	if (samplings->first)
		samplings->first->previous = &sampling->next;
	samplings->first = sampling;
	samplings->open++;
	if (send_request(sampling, config, server_request_params(request), &err) == 0)
		return;
	server_refuse(&sampling->request, JSONRPC_INVALID_PARAMS, err.text);
	sampling_free(sampling);
}

void samplings_withdraw(struct samplings *samplings, struct server_request *request)
{
	struct sampling *at = samplings->first;

	while (at && at->request != request)
		at = at->next;
	if (at)
		sampling_free(at);
}
