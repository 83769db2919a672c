/* SPDX-License-Identifier: MIT */
/* One request, or the pages of a list; each ends with its server at the latest. */
#include "config.h"

#include "mcp/server_query.h"

#include <stdlib.h>
#include <string.h>

#include "base/json_write.h"
#include "base/mem.h"
#include "base/sanitize.h"
#include "mcp/server_internal.h"

#define MESSAGE_SHOWN_BYTES 300
#define RESOURCE_NOT_FOUND  (-32002)
#define CURSOR_MAX_BYTES    ((size_t)64 << 10)

struct server_query {
	struct server *server;
	struct server_query *next, **previous;
	int64_t id; /* 0: none is out */
	char *method, *params;
	long timeout_ms;    /* 0: the entry's */
	const char *member; /* of a list, or NULL */
	server_query_item_fn *on_item;
	server_query_fn *done;
	void *arg;
	unsigned pages, items, rounds;
	bool waits_for_start;	   /* its server was IDLE */
	struct input_round *round; /* its server wants more input */
	struct err failure;	   /* of one that was never sent */
};

static void unlink_query(struct server_query *query)
{
	*query->previous = query->next;
	if (query->next)
		query->next->previous = query->previous;
	query->server->queries_count--;
	server_note_use(query->server);
	server_settle_drain(query->server);
}

static void destroy(struct server_query *query)
{
	loop_defer_cancel(query->server->context->loop, query);
	input_round_free(&query->round);
	free(query->method);
	free(query->params);
	free(query);
}

static void finish(struct server_query *query, struct json_span result, const struct err *err)
{
	unlink_query(query);
	query->done(query->arg, result, err);
	destroy(query);
}

static void finish_failed(struct server_query *query, const struct err *err)
{
	finish(query, (struct json_span){NULL, 0}, err);
}

static void refused(struct server_query *query, struct json_span error)
{
	struct buf message = BUF_INIT, shown = BUF_INIT;
	int64_t code = 0;
	struct err err;
	bool unknown;

	(void)json_span_int64(json_span_member(error, "code"), &code);
	unknown = code == JSONRPC_INVALID_PARAMS || code == RESOURCE_NOT_FOUND;
	if (json_span_unescape(json_span_member(error, "message"), &message))
		buf_append(&message, error.at, error.len);
	sanitize_line(buf_text(&message), message.len, MESSAGE_SHOWN_BYTES, &shown);
	err_set(&err, unknown ? ERR_CONFIG : ERR_PROTOCOL, "server \"%s\" refused %s: %s",
		query->server->config->name, query->method, buf_text(&shown));
	buf_clear(&message);
	buf_clear(&shown);
	finish_failed(query, &err);
}

/* more: further members of the params, or NULL. */
static int send_query(struct server_query *query, const char *more, struct err *err);

static void input_came(void *arg, const char *members, const struct err *err)
{
	struct server_query *query = arg;
	struct input_round *round = query->round;
	struct err send_err;

	query->round = NULL;
	if (err)
		finish_failed(query, err);
	else if (send_query(query, members, &send_err))
		finish_failed(query, &send_err);
	input_round_free(&round);
}

static void take_result(struct server_query *query, struct json_span result)
{
	struct err err;
	int wants_input = input_is_required(query->server, result, &err);

	if (wants_input == 0) {
		finish(query, result, NULL);
	} else if (wants_input > 0 && ++query->rounds <= INPUT_ROUNDS_MAX) {
		query->round = input_round_start(query->server, result, input_came, query);
	} else {
		if (wants_input > 0)
			err_set(&err, ERR_PROTOCOL,
				"server \"%s\": it asked for more input %d times for one %s",
				query->server->config->name, INPUT_ROUNDS_MAX, query->method);
		finish_failed(query, &err);
	}
}

static int take_items(struct server_query *query, struct json_span result, struct err *err)
{
	struct json_span list = json_span_member(result, query->member), item = {NULL, 0};

	if (json_span_kind(list) != JSON_ARRAY)
		return err_set(err, ERR_PROTOCOL, "server \"%s\": its answer to %s has no \"%s\"",
			       query->server->config->name, query->method, query->member);
	while (json_span_next(list, &item)) {
		if (++query->items > SERVER_LIST_MAX)
			return err_set(err, ERR_PROTOCOL, "server \"%s\" lists more than %d %s",
				       query->server->config->name, SERVER_LIST_MAX, query->member);
		query->on_item(query->arg, item);
	}
	return 0;
}

static void take_page(struct server_query *query, struct json_span result)
{
	struct json_span next = json_span_member(result, "nextCursor");
	struct buf more;
	struct err err;
	int status = take_items(query, result, &err);

	if (status == 0 && json_span_kind(next) != JSON_STRING) {
		finish(query, result, NULL);
		return;
	}
	buf_init(&more, CURSOR_MAX_BYTES);
	if (status == 0 && (++query->pages >= SERVER_LIST_PAGES_MAX ||
			    json_write_member_json(&more, "cursor", next.at, next.len)))
		status = err_set(&err, ERR_PROTOCOL,
				 "server \"%s\": there is no end to the pages of %s",
				 query->server->config->name, query->method);
	if (status == 0)
		status = send_query(query, buf_text(&more), &err);
	buf_clear(&more);
	if (status)
		finish_failed(query, &err);
}

static void replied(void *arg, const struct jsonrpc_message *reply, char **block,
		    const struct err *err)
{
	struct server_query *query = arg;

	(void)block;
	query->id = 0;
	if (!reply)
		finish_failed(query, err);
	else if (reply->kind == JSONRPC_ERROR)
		refused(query, reply->error);
	else if (query->member)
		take_page(query, reply->result);
	else
		take_result(query, reply->result);
}

static void add_members(struct buf *params, const char *members)
{
	if (!members || !*members)
		return;
	if (params->len > 1)
		buf_append_char(params, ',');
	buf_append_text(params, members);
}

/* Only what was negotiated is used (2025-11-25, "Lifecycle", "Operation"). */
static int check_declared(const struct server *server, const char *method, struct err *err)
{
	static const struct {
		const char *prefix;
		enum server_capability capability;
		const char *what;
	} features[] = {
		{"resources/", SERVER_RESOURCES, "resources"},
		{"prompts/", SERVER_PROMPTS, "prompts"},
		{"completion/", SERVER_COMPLETIONS, "completion of arguments"},
	};

	for (size_t i = 0; i < sizeof(features) / sizeof(features[0]); i++)
		if (strncmp(method, features[i].prefix, strlen(features[i].prefix)) == 0 &&
		    !server_has(server, features[i].capability))
			return err_set(err, ERR_PROTOCOL, "server \"%s\" has no %s",
				       server->config->name, features[i].what);
	return 0;
}

static int send_query(struct server_query *query, const char *more, struct err *err)
{
	struct server *server = query->server;
	const struct rpc_request request = {
		.method = query->method,
		.timeout_ms = query->timeout_ms ? query->timeout_ms : server->config->timeout_ms,
		.on_reply = replied,
		.arg = query,
	};
	struct buf *params;
	int64_t id;

	if (server->state != SERVER_READY)
		return server_refuse_unready(server, "it was not asked", err);
	if (check_declared(server, query->method, err))
		return -1;
	if (server->queries_count > SERVER_QUERIES_MAX)
		return err_set(err, ERR_TEMPORARY, "server \"%s\": %d requests are open already",
			       server->config->name, SERVER_QUERIES_MAX);
	params = rpc_params(server->rpc, &request);
	add_members(params, query->params);
	add_members(params, more);
	id = rpc_send(server->rpc, &request, err);
	if (id < 0)
		return -1;
	query->id = id;
	return 0;
}

static void not_sent(void *arg)
{
	struct server_query *query = arg;
	struct err err = query->failure;

	finish_failed(query, &err);
}

static struct server_query *start(struct server *server, const struct server_query *what)
{
	struct server_query *query = mem_new(sizeof(*query));

	*query = *what;
	query->server = server;
	query->next = server->queries;
	query->previous = &server->queries;
	if (server->queries)
		server->queries->previous = &query->next;
	server->queries = query;
	server->queries_count++;
	server_note_use(server);
	if (server_check_draining(server, &query->failure))
		loop_defer(server->context->loop, not_sent, query);
	else if (server_wake(server))
		query->waits_for_start = true;
	else if (send_query(query, NULL, &query->failure))
		loop_defer(server->context->loop, not_sent, query);
	return query;
}

/* In the order in which they were asked: the newest is the first of the list. */
static struct server_query *next_to_start(const struct server *server)
{
	struct server_query *oldest = NULL;

	for (struct server_query *query = server->queries; query; query = query->next)
		if (query->waits_for_start)
			oldest = query;
	return oldest;
}

void server_queries_started(struct server *server)
{
	struct server_query *query;

	while ((query = next_to_start(server))) {
		query->waits_for_start = false;
		if (send_query(query, NULL, &query->failure))
			loop_defer(server->context->loop, not_sent, query);
	}
}

void server_queries_not_started(struct server *server)
{
	struct server_query *query;

	while ((query = next_to_start(server))) {
		query->waits_for_start = false;
		err_set(&query->failure, ERR_UNAVAILABLE, "%s",
			*server->reason ? server->reason : "its server was stopped");
		loop_defer(server->context->loop, not_sent, query);
	}
}

struct server_query *server_query_within(struct server *server, const char *method,
					 const char *params, long timeout_ms, server_query_fn *done,
					 void *arg)
{
	const struct server_query query = {
		.method = mem_string(method),
		.params = mem_string_or_null(params),
		.timeout_ms = timeout_ms,
		.done = done,
		.arg = arg,
	};

	return start(server, &query);
}

struct server_query *server_query(struct server *server, const char *method, const char *params,
				  server_query_fn *done, void *arg)
{
	return server_query_within(server, method, params, 0, done, arg);
}

struct server_query *server_query_list(struct server *server, const char *method,
				       const char *member, server_query_item_fn *on_item,
				       server_query_fn *done, void *arg)
{
	const struct server_query query = {
		.method = mem_string(method),
		.member = member,
		.on_item = on_item,
		.done = done,
		.arg = arg,
	};

	return start(server, &query);
}

void server_query_cancel(struct server_query **query_p)
{
	struct server_query *query = *query_p;

	if (!query)
		return;
	*query_p = NULL;
	if (query->id && query->server->rpc)
		rpc_cancel(query->server->rpc, query->id, "not wanted any more");
	unlink_query(query);
	destroy(query);
}

void server_queries_drop(struct server *server)
{
	for (struct server_query *query = server->queries, *next; query; query = next) {
		next = query->next;
		server_query_cancel(&(struct server_query *){query});
	}
}
