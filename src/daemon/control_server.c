/* SPDX-License-Identifier: MIT */
/* Connections, their open requests, and which method each is for. */
#include "config.h"

#include "daemon/control_server.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/json_write.h"
#include "base/mem.h"
#include "daemon/control_protocol.h"
#include "io/local_socket.h"

#define TABLES_MAX 8

struct connection;

struct question {
	struct question *next;
	int64_t id;
	control_answered_fn *answered;
	void *arg;
};

struct control_request {
	struct connection *connection;
	struct control_request *next, **previous;
	char *id;		    /* as JSON */
	struct question *questions; /* to the client, not answered yet */
	loop_fn *gone;
	void *gone_arg;
};

struct connection {
	struct control_server *server;
	struct connection *next, **previous;
	struct control_channel *channel;
	struct control_request *requests;
	unsigned requests_count;
	int64_t last_question;
	int64_t active_us; /* when it said something last */
};

struct control_server {
	struct loop *loop;
	struct local_listener *listener;
	struct connection *connections;
	size_t connections_count;
	struct {
		const struct control_method *methods;
		void *arg;
	} table[TABLES_MAX];
	size_t tables;
};

/* Requests */

static struct question *take_question(struct control_request *request, int64_t id)
{
	for (struct question **at = &request->questions; *at; at = &(*at)->next) {
		struct question *found = *at;

		if (found->id != id)
			continue;
		*at = found->next;
		return found;
	}
	return NULL;
}

static void request_free(struct control_request *request)
{
	*request->previous = request->next;
	if (request->next)
		request->next->previous = request->previous;
	request->connection->requests_count--;
	while (request->questions)
		free(take_question(request, request->questions->id));
	free(request->id);
	free(request);
}

static struct control_request *request_new(struct connection *connection, struct json_span id)
{
	struct control_request *request = mem_new(sizeof(*request));

	request->connection = connection;
	request->id = mem_string_len(id.at, id.len);
	request->next = connection->requests;
	request->previous = &connection->requests;
	if (request->next)
		request->next->previous = &request->next;
	connection->requests = request;
	connection->requests_count++;
	return request;
}

static void request_lose(struct control_request *request)
{
	if (request->gone)
		request->gone(request->gone_arg);
	request_free(request);
}

void control_request_on_gone(struct control_request *request, loop_fn *gone, void *arg)
{
	request->gone = gone;
	request->gone_arg = arg;
}

static struct json_span id_of(const struct control_request *request)
{
	return (struct json_span){request->id, strlen(request->id)};
}

static void send(struct connection *connection, struct buf *line)
{
	control_channel_write(connection->channel, line);
	buf_clear(line);
}

static void write_params(const struct control_request *request, const struct buf *members,
			 struct buf *params)
{
	buf_append_char(params, '{');
	json_write_member_json(params, "request", request->id, strlen(request->id));
	if (members && members->len > 0) {
		buf_append_char(params, ',');
		buf_append(params, buf_text(members), members->len);
	}
	buf_append_char(params, '}');
}

bool control_request_congested(const struct control_request *request)
{
	return control_channel_waits(request->connection->channel);
}

int64_t control_ask(struct control_request *request, const char *method, const struct buf *members,
		    control_answered_fn *answered, void *arg)
{
	struct question *question = mem_new(sizeof(*question));
	struct buf params = BUF_INIT, line = BUF_INIT;

	*question = (struct question){
		.next = request->questions,
		.id = ++request->connection->last_question,
		.answered = answered,
		.arg = arg,
	};
	request->questions = question;
	write_params(request, members, &params);
	jsonrpc_write_request(&line, question->id, method, buf_text(&params), params.len);
	send(request->connection, &line);
	buf_clear(&params);
	return question->id;
}

void control_ask_cancel(struct control_request *request, int64_t id)
{
	struct question *question = take_question(request, id);
	struct buf members = BUF_INIT;

	if (!question)
		return;
	free(question);
	json_write_member_int(&members, "question", id);
	control_request_tell(request, CONTROL_TELL_WITHDRAWN, &members);
	buf_clear(&members);
}

void control_request_tell(struct control_request *request, const char *method,
			  const struct buf *members)
{
	struct buf params = BUF_INIT, line = BUF_INIT;

	write_params(request, members, &params);
	jsonrpc_write_notification(&line, method, buf_text(&params), params.len);
	send(request->connection, &line);
	buf_clear(&params);
}

static void finish(struct control_request **request_p, struct buf *line)
{
	struct control_request *request = *request_p;
	struct connection *connection = request->connection;

	*request_p = NULL;
	connection->active_us = loop_now_us(connection->server->loop);
	request_free(request);
	send(connection, line);
}

void control_answer(struct control_request **request, const char *result, size_t len)
{
	struct buf line = BUF_INIT;

	jsonrpc_write_result(&line, id_of(*request), result, len);
	finish(request, &line);
}

void control_refuse(struct control_request **request, enum jsonrpc_code code, const char *message)
{
	struct buf line = BUF_INIT;

	jsonrpc_write_error(&line, id_of(*request), code, message);
	finish(request, &line);
}

void control_fail(struct control_request **request, const struct err *err)
{
	struct buf line = BUF_INIT;

	control_write_failure(&line, id_of(*request), err);
	finish(request, &line);
}

/* Messages */

static void refuse_now(struct connection *connection, struct json_span id, enum jsonrpc_code code,
		       const char *text)
{
	struct buf line = BUF_INIT;

	jsonrpc_write_error(&line, id, code, text);
	send(connection, &line);
}

static bool run_method(struct control_server *server, struct control_request *request,
		       const struct jsonrpc_message *message)
{
	for (size_t i = 0; i < server->tables; i++)
		for (const struct control_method *at = server->table[i].methods; at->name; at++) {
			if (!json_span_equals(message->method, at->name))
				continue;
			at->run(server->table[i].arg, request, message->params);
			return true;
		}
	return false;
}

static void take_request(struct connection *connection, const struct jsonrpc_message *message)
{
	struct control_request *request;

	if (connection->requests_count == CONTROL_REQUESTS_MAX) {
		refuse_now(connection, message->id, JSONRPC_INVALID_REQUEST,
			   "this connection has too many open requests");
		return;
	}
	request = request_new(connection, message->id);
	if (!run_method(connection->server, request, message))
		control_refuse(&request, JSONRPC_METHOD_NOT_FOUND,
			       "the daemon does not know this method");
}

/* `cancel` {"request": id} */
static void take_cancel(struct connection *connection, struct json_span params)
{
	const struct json_span id = json_span_member(params, "request");

	for (struct control_request *at = connection->requests; at && id.at; at = at->next) {
		if (strlen(at->id) != id.len || memcmp(at->id, id.at, id.len) != 0)
			continue;
		request_lose(at);
		return;
	}
}

/* What nobody asked, or asks no more, is nothing. */
static void take_reply(struct connection *connection, const struct jsonrpc_message *message)
{
	struct question *question = NULL;
	int64_t id;

	if (!json_span_int64(message->id, &id))
		return;
	for (struct control_request *at = connection->requests; at && !question; at = at->next)
		question = take_question(at, id);
	if (!question)
		return;
	question->answered(question->arg, message->kind == JSONRPC_RESULT
						  ? message->result
						  : (struct json_span){NULL, 0});
	free(question);
}

static void on_message(void *arg, const struct jsonrpc_message *message)
{
	struct connection *connection = arg;

	connection->active_us = loop_now_us(connection->server->loop);
	if (message->kind == JSONRPC_REQUEST)
		take_request(connection, message);
	else if (message->kind == JSONRPC_NOTIFICATION &&
		 json_span_equals(message->method, CONTROL_CANCEL))
		take_cancel(connection, message->params);
	else if (message->kind == JSONRPC_RESULT || message->kind == JSONRPC_ERROR)
		take_reply(connection, message);
}

static void on_fault(void *arg, enum jsonrpc_code code, struct json_span id, const char *text)
{
	const enum json_kind kind = json_span_kind(id);
	const struct json_span none = {NULL, 0};

	refuse_now(arg, kind == JSON_NUMBER || kind == JSON_STRING ? id : none, code, text);
}

/* Connections */

static void connection_free(struct connection *connection)
{
	struct control_request *request;

	while ((request = connection->requests)) {
		connection->requests =
			request->next; /* as request_free() does, unseen by analysers */
		request_lose(request);
	}
	control_channel_free(&connection->channel);
	*connection->previous = connection->next;
	if (connection->next)
		connection->next->previous = connection->previous;
	connection->server->connections_count--;
	loop_free_later(connection->server->loop, connection, free);
}

static void on_end(void *arg)
{
	connection_free(arg);
}

static const struct control_channel_listener channel_listener = {
	.on_message = on_message,
	.on_fault = on_fault,
	.on_end = on_end,
};

/* The one that has been idle for longest, or NULL: all are at work. */
static struct connection *most_idle(const struct control_server *server)
{
	struct connection *found = NULL;

	for (struct connection *at = server->connections; at; at = at->next)
		if (!at->requests && (!found || at->active_us < found->active_us))
			found = at;
	return found;
}

static void on_accept(void *arg, int take_fd)
{
	struct control_server *server = arg;
	struct connection *idle, *connection;

	if (server->connections_count == CONTROL_CONNECTIONS_MAX) {
		idle = most_idle(server);
		if (!idle) {
			close(take_fd);
			return;
		}
		connection_free(idle);
	}
	connection = mem_new(sizeof(*connection));
	connection->server = server;
	connection->active_us = loop_now_us(server->loop);
	connection->channel = control_channel_new(server->loop, take_fd, CONTROL_REQUEST_MAX_BYTES,
						  &channel_listener, connection);
	connection->next = server->connections;
	connection->previous = &server->connections;
	if (connection->next)
		connection->next->previous = &connection->next;
	server->connections = connection;
	server->connections_count++;
}

struct control_server *control_server_new(struct loop *loop, const char *path, struct err *err)
{
	struct control_server *server = mem_new(sizeof(*server));

	server->loop = loop;
	server->listener = local_listener_new(loop, path, on_accept, server, err);
	if (server->listener)
		return server;
	free(server);
	return NULL;
}

void control_server_add(struct control_server *server, const struct control_method *methods,
			void *arg)
{
	if (server->tables == TABLES_MAX)
		abort(); /* a bug: the tables are the program's own */
	server->table[server->tables].methods = methods;
	server->table[server->tables++].arg = arg;
}

size_t control_server_connections(const struct control_server *server)
{
	return server->connections_count;
}

void control_server_free(struct control_server **server_p)
{
	struct control_server *server = *server_p;

	if (!server)
		return;
	*server_p = NULL;
	/* Who waits for the end may start another one then. */
	local_listener_free(&server->listener);
	while (server->connections)
		connection_free(server->connections);
	loop_free_later(server->loop, server, free);
}
