/* SPDX-License-Identifier: MIT */
/*
 * `ping` and `roots/list` are answered at once; other requests go to the listener, which answers
 * later, or are refused.
 */
#include "config.h"

#include "mcp/server_request.h"

#include <stdlib.h>
#include <string.h>

#include "base/json_write.h"
#include "base/log.h"
#include "base/mem.h"
#include "mcp/server_internal.h"

#define RELATED_TASK "io.modelcontextprotocol/related-task"

struct server_request {
	struct server *server;	   /* NULL: nobody waits for the answer */
	struct input_round *round; /* NULL: it came as a JSON-RPC request */
	struct server_request *next, **previous;
	char *block; /* behind the spans: id (or the key in its round), params */
	struct json_span id, params;
	char *method;
};

struct input_round {
	struct server *server;
	input_round_fn *done;
	void *arg;
	struct buf responses; /* members of inputResponses */
	char *state;	      /* requestState, as JSON, or NULL */
	unsigned open;	      /* requests not answered */
	struct loop_timer timer;
	struct err err; /* the first refusal */
	bool failed;
	bool comes_first;      /* see input_round_comes_first() */
	unsigned asked, begun; /* of all its requests */
};

/* Rounds */

static void round_finish(void *arg)
{
	struct input_round *round = arg;
	struct buf members = BUF_INIT;

	loop_timer_stop(&round->timer);
	if (round->failed) {
		round->done(round->arg, NULL, &round->err);
		return;
	}
	if (round->responses.data) {
		json_write_key(&members, "inputResponses");
		buf_append_char(&members, '{');
		buf_append(&members, round->responses.data, round->responses.len);
		buf_append_char(&members, '}');
	}
	if (round->state) {
		json_write_key(&members, "requestState");
		buf_append_text(&members, round->state);
	}
	round->done(round->arg, buf_text(&members), NULL);
	buf_clear(&members);
}

static void round_step(struct input_round *round)
{
	if (round->open == 0)
		loop_defer(round->server->context->loop, round_finish, round);
}

static void round_fail(struct input_round *round, const char *why)
{
	if (round->failed)
		return;
	round->failed = true;
	err_set(&round->err, ERR_DENIED, "server \"%s\": %s", round->server->config->name, why);
}

static void round_take(struct input_round *round, struct json_span key, const char *result,
		       size_t len)
{
	if (round->responses.len > 0)
		buf_append_char(&round->responses, ',');
	buf_append(&round->responses, key.at, key.len);
	buf_append_char(&round->responses, ':');
	if (buf_append(&round->responses, result, len))
		round_fail(round, "the answers to its questions are too large");
	round->open--;
	round_step(round);
}

static void round_take_refusal(struct input_round *round, const char *method, const char *message)
{
	char *why = mem_format("it asked for %s, which was refused: %s", method, message);

	round_fail(round, why);
	free(why);
	round->open--;
	round_step(round);
}

/* Requests */

static void unlink_request(struct server_request *request)
{
	if (!request->server)
		return;
	*request->previous = request->next;
	if (request->next)
		request->next->previous = request->previous;
	request->server->requests_count--;
	request->server = NULL;
	request->round = NULL;
}

/* Whoever has it frees it, by an answer that goes nowhere. */
static void withdraw(struct server_request *request)
{
	struct server *server = request->server;

	unlink_request(request);
	if (server->listener && server->listener->on_request_withdrawn)
		server->listener->on_request_withdrawn(server->arg, server, request);
}

static void free_request(struct server_request **request)
{
	unlink_request(*request);
	free((*request)->block);
	free((*request)->method);
	free(*request);
	*request = NULL;
}

/* id, method and params lie in `whole`; the request outlives it, so it gets memory of its own. */
static struct server_request *request_new(struct server *server, struct json_span whole,
					  struct json_span id, struct json_span method,
					  struct json_span params)
{
	struct server_request *request = mem_new(sizeof(*request));
	struct buf name = BUF_INIT;

	request->block = mem_string_len(whole.at, whole.len);
	request->id = (struct json_span){request->block + (id.at - whole.at), id.len};
	if (params.at)
		request->params =
			(struct json_span){request->block + (params.at - whole.at), params.len};
	(void)!json_span_unescape(method, &name);
	request->method = buf_take(&name);
	request->server = server;
	request->next = server->requests;
	request->previous = &server->requests;
	if (server->requests)
		server->requests->previous = &request->next;
	server->requests = request;
	server->requests_count++;
	return request;
}

static void answer_ping(struct server_request *request)
{
	server_answer(&request, "{}", 2);
}

static void answer_roots(struct server_request *request)
{
	struct buf result = BUF_INIT;
	char **roots = request->server->config->roots;

	buf_append_text(&result, "{\"roots\":[");
	for (char **root = roots; *root; root++) {
		if (root != roots)
			buf_append_char(&result, ',');
		buf_append_char(&result, '{');
		json_write_member(&result, "uri", *root);
		buf_append_char(&result, '}');
	}
	buf_append_text(&result, "]}");
	server_answer(&request, result.data, result.len);
	buf_clear(&result);
}

static const struct {
	const char *method;
	void (*answer)(struct server_request *request);
} answered_here[] = {
	{"ping", answer_ping},
	{"roots/list", answer_roots},
};

/* Is it of the kind that this entry lets a server ask for, as the host told it? */
static bool is_declared(const struct server *server, const char *method)
{
	const bool listens = server->listener && server->listener->on_request;

	if (strcmp(method, "ping") == 0)
		return server->era != SERVER_ERA_MODERN;
	if (strcmp(method, "roots/list") == 0)
		return server->config->roots[0] != NULL;
	if (strcmp(method, "sampling/createMessage") == 0)
		return listens && server->config->sampling.on;
	return strcmp(method, "elicitation/create") == 0 && listens;
}

static void note_deviations(const struct server_request *request)
{
	struct server *server = request->server;

	if (server->era == SERVER_ERA_MODERN && !request->round)
		deviation_note(&server->deviations, RULE_NO_REQUESTS, "it asked for %s",
			       request->method);
	else if (!*server->protocol_version && strcmp(request->method, "ping") != 0)
		deviation_note(&server->deviations, RULE_BEFORE_INITIALIZED, "it asked for %s",
			       request->method);
	else if (!is_declared(server, request->method))
		deviation_note(&server->deviations, RULE_DECLARED_BY_CLIENT, "it asked for %s",
			       request->method);
}

static void dispatch(struct server_request *request)
{
	struct server *server = request->server;

	note_deviations(request);

	for (size_t i = 0; i < sizeof(answered_here) / sizeof(answered_here[0]); i++) {
		if (strcmp(request->method, answered_here[i].method) != 0)
			continue;
		answered_here[i].answer(request);
		return;
	}
	if (server->listener && server->listener->on_request &&
	    server->requests_count <= SERVER_REQUESTS_MAX)
		server->listener->on_request(server->arg, server, request);
	else
		server_refuse(&request, JSONRPC_METHOD_NOT_FOUND, "Method not found");
}

void server_take_request(struct server *server, const struct jsonrpc_message *message)
{
	dispatch(
		request_new(server, message->whole, message->id, message->method, message->params));
}

void server_request_cancelled(struct server *server, struct json_span params)
{
	const struct json_span id = json_span_member(params, "requestId");
	struct server_request *request = server->requests;

	while (request && (request->round || request->id.len != id.len ||
			   memcmp(request->id.at, id.at, id.len) != 0))
		request = request->next;
	if (request)
		withdraw(request);
}

void server_requests_drop(struct server *server)
{
	for (struct server_request *request = server->requests, *next; request; request = next) {
		struct input_round *round = request->round;

		next = request->next;
		withdraw(request);
		if (!round)
			continue;
		round_fail(round, "it ended while its questions were being answered");
		round->open--;
		round_step(round);
	}
}

const char *server_request_method(const struct server_request *request)
{
	return request->method;
}

struct json_span server_request_params(const struct server_request *request)
{
	return request->params;
}

bool server_request_begin(const struct server_request *request)
{
	if (!request->round)
		return false;
	request->round->begun++;
	return request->round->comes_first;
}

/* What was asked for a task is answered for that task (2025-11-25, "Related Task Metadata"). */
static void add_related_task(const struct server_request *request, struct buf *result)
{
	struct json_span meta = json_span_member(request->params, "_meta");
	struct json_span task = json_span_member(meta, RELATED_TASK);
	struct buf whole = BUF_INIT;

	if (json_span_kind(task) != JSON_OBJECT)
		return;
	buf_append_text(&whole, "{\"_meta\":{\"" RELATED_TASK "\":");
	buf_append(&whole, task.at, task.len);
	buf_append_text(&whole, result->len > 2 ? "}," : "}");
	buf_append(&whole, result->data + 1, result->len - 1);
	buf_clear(result);
	*result = whole;
}

static void send_answer(struct server_request *request, int code, const char *text, size_t len)
{
	struct transport *transport = request->server->transport;
	struct buf answer = BUF_INIT;
	struct err err;

	buf_append(&answer, text, len);
	if (code == 0)
		add_related_task(request, &answer);
	if (transport->ops->answer(transport, request->id, code, buf_text(&answer), answer.len,
				   &err))
		log_warning("%s", err.text);
	buf_clear(&answer);
}

void server_answer(struct server_request **request, const char *result, size_t len)
{
	struct input_round *round = (*request)->round;

	if (round)
		round_take(round, (*request)->id, result, len);
	else if ((*request)->server)
		send_answer(*request, 0, result, len);
	free_request(request);
}

void server_refuse(struct server_request **request, int code, const char *message)
{
	struct input_round *round = (*request)->round;

	if (round)
		round_take_refusal(round, (*request)->method, message);
	else if ((*request)->server)
		send_answer(*request, code, message, strlen(message));
	free_request(request);
}

/* input_required */

int input_is_required(const struct server *server, struct json_span result, struct err *err)
{
	struct json_span type = json_span_member(result, "resultType");

	if (!type.at || json_span_equals(type, "complete"))
		return 0;
	if (json_span_equals(type, "input_required"))
		return 1;
	return err_set(err, ERR_PROTOCOL, "server \"%s\": its result is of an unknown type, %.*s",
		       server->config->name, type.len < 40 ? (int)type.len : 40, type.at);
}

static void round_too_slow(void *arg)
{
	struct input_round *round = arg;

	round_fail(round, "nobody answered its questions in time");
	loop_defer(round->server->context->loop, round_finish, round);
}

static void round_ask(struct input_round *round, struct json_span whole)
{
	struct server *server = round->server;
	struct json_span key = {NULL, 0}, value = {NULL, 0};

	while (json_span_next_member(whole, &key, &value)) {
		struct json_span method = json_span_member(value, "method");
		struct server_request *request;

		if (json_span_kind(method) != JSON_STRING || round->open > SERVER_REQUESTS_MAX) {
			round_fail(round, "its questions are not what MCP says, or too many");
			return;
		}
		request =
			request_new(server, whole, key, method, json_span_member(value, "params"));
		request->round = round;
		round->asked++;
		round->open++;
		dispatch(request);
	}
}

struct input_round *input_round_start(struct server *server, struct json_span result,
				      input_round_fn *done, void *arg)
{
	struct input_round *round = mem_new(sizeof(*round));
	struct json_span requests = json_span_member(result, "inputRequests");
	struct json_span state = json_span_member(result, "requestState");

	round->server = server;
	round->done = done;
	round->arg = arg;
	buf_init(&round->responses, INPUT_RESPONSES_MAX_BYTES);
	if (json_span_kind(state) == JSON_STRING)
		round->state = mem_string_len(state.at, state.len);
	loop_timer_start(server->context->loop, &round->timer, INPUT_ROUND_TIMEOUT_MS,
			 round_too_slow, round);
	round->open = 1; /* what is answered at once does not finish it before all are asked */
	if (json_span_kind(requests) == JSON_OBJECT)
		round_ask(round, requests);
	else if (!round->state)
		round_fail(round, "it wants more input and does not say what");
	round->open--;
	round_step(round);
	return round;
}

void input_round_comes_first(struct input_round *round)
{
	round->comes_first = true;
}

bool input_round_is_done(struct input_round *round)
{
	round->comes_first = false;
	return round->begun == round->asked;
}

void input_round_free(struct input_round **round_p)
{
	struct input_round *round = *round_p;

	if (!round)
		return;
	*round_p = NULL;
	for (struct server_request *request = round->server->requests, *next; request;
	     request = next) {
		next = request->next;
		if (request->round == round)
			withdraw(request);
	}
	loop_timer_stop(&round->timer);
	loop_defer_cancel(round->server->context->loop, round);
	buf_clear(&round->responses);
	free(round->state);
	free(round);
}
