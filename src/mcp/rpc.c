/* SPDX-License-Identifier: MIT */
/* A table of pending requests by id. Ids count up from 1 and are never used again. */
#include "config.h"

#include "mcp/rpc.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/json_write.h"
#include "base/mem.h"

#define RPC_BUCKETS		256
#define RPC_PARAMS_MAX_BYTES	((size_t)32 << 20)
#define RPC_PARAMS_KEEP_BYTES	((size_t)64 << 10)
#define PROGRESS_TEXT_MAX_BYTES 1024
#define TIMER_STEP_US		2000 /* timers go by milliseconds */

struct pending {
	struct pending *next; /* in its bucket */
	struct rpc *rpc;
	int64_t id;
	struct rpc_request request;
	struct loop_timer timer;
	long hard_ms; /* the request's, or its timeout */
	int64_t hard_us;
};

struct rpc {
	struct loop *loop;
	struct transport *transport;
	char *who, *meta;
	int64_t next_id;
	struct pending *bucket[RPC_BUCKETS];
	size_t count;
	struct pending *spare; /* one, so that a call after a call needs no allocation */
	struct buf params;
};

struct rpc *rpc_new(struct loop *loop, struct transport *transport, const char *who)
{
	struct rpc *rpc = mem_new(sizeof(*rpc));

	rpc->loop = loop;
	rpc->transport = transport;
	rpc->who = mem_string(who);
	rpc->next_id = 1;
	buf_init(&rpc->params, RPC_PARAMS_MAX_BYTES);
	return rpc;
}

void rpc_set_meta(struct rpc *rpc, const char *members)
{
	free(rpc->meta);
	rpc->meta = mem_string_or_null(members);
}

/* The table */

static struct pending **find_slot(struct rpc *rpc, int64_t id)
{
	struct pending **at = &rpc->bucket[(uint64_t)id % RPC_BUCKETS];

	while (*at && (*at)->id != id)
		at = &(*at)->next;
	return at;
}

static struct pending *new_pending(struct rpc *rpc)
{
	struct pending *pending = rpc->spare;

	rpc->spare = NULL;
	return pending ? pending : mem_new(sizeof(*pending));
}

/* Takes it out of the table and gives its request back; its memory is used again. */
static struct rpc_request settle(struct rpc *rpc, struct pending **slot)
{
	struct pending *pending = *slot;
	struct rpc_request request = pending->request;

	*slot = pending->next;
	rpc->count--;
	loop_timer_stop(&pending->timer);
	if (rpc->spare)
		free(pending);
	else
		rpc->spare = pending;
	return request;
}

static void rpc_destroy(void *object)
{
	struct rpc *rpc = object;

	free(rpc->spare);
	buf_clear(&rpc->params);
	free(rpc->who);
	free(rpc->meta);
	free(rpc);
}

void rpc_free(struct rpc **rpc_p)
{
	struct rpc *rpc = *rpc_p;

	if (!rpc)
		return;
	*rpc_p = NULL;
	for (size_t i = 0; i < RPC_BUCKETS; i++)
		while (rpc->bucket[i])
			settle(rpc, &rpc->bucket[i]);
	loop_free_later(rpc->loop, rpc, rpc_destroy);
}

/* Sending */

struct buf *rpc_params(struct rpc *rpc, const struct rpc_request *request)
{
	struct buf *params = &rpc->params;

	if (params->cap > RPC_PARAMS_KEEP_BYTES)
		buf_clear(params);
	else
		buf_truncate(params, 0);
	buf_append_char(params, '{');
	if (!rpc->meta && !request->on_progress)
		return params;
	json_write_key(params, "_meta");
	buf_append_char(params, '{');
	if (request->on_progress)
		json_write_member_int(params, "progressToken", rpc->next_id);
	if (rpc->meta)
		buf_append_text(params, request->on_progress ? rpc->meta : rpc->meta + 1);
	buf_append_char(params, '}');
	return params;
}

static void deadline_passed(void *arg)
{
	struct pending *pending = arg;
	struct rpc *rpc = pending->rpc;
	int64_t id = pending->id;
	const long hard_ms = pending->hard_ms;
	const bool at_all = loop_now_us(rpc->loop) >= pending->hard_us - TIMER_STEP_US;
	struct rpc_request request = settle(rpc, find_slot(rpc, id));
	struct err err;

	err_set(&err, ERR_TEMPORARY,
		"server \"%s\": no %s %s within %ld seconds, so it was cancelled", rpc->who,
		at_all && hard_ms != request.timeout_ms ? "end of" : "answer to", request.method,
		((at_all ? hard_ms : request.timeout_ms) + 999) / 1000);
	err.os_errno = ETIMEDOUT;
	rpc->transport->ops->cancel(rpc->transport, id, "timeout");
	request.on_reply(request.arg, NULL, &(char *){NULL}, &err);
}

int64_t rpc_send(struct rpc *rpc, const struct rpc_request *request, struct err *err)
{
	struct pending *pending;
	int64_t id = rpc->next_id;
	long hard_ms = request->hard_ms ? request->hard_ms : request->timeout_ms;
	struct pending **bucket;

	if (rpc->count >= RPC_PENDING_MAX)
		return err_set(err, ERR_TEMPORARY, "server \"%s\": %d requests are open already",
			       rpc->who, RPC_PENDING_MAX);
	if (buf_append_char(&rpc->params, '}'))
		return err_set(err, ERR_TEMPORARY,
			       "server \"%s\": the request is larger than %zu MiB", rpc->who,
			       RPC_PARAMS_MAX_BYTES >> 20);
	if (rpc->transport->ops->request(rpc->transport, id, request->method, rpc->params.data,
					 rpc->params.len, request->headers, err))
		return -1;
	rpc->next_id++;
	pending = new_pending(rpc);
	bucket = &rpc->bucket[(uint64_t)id % RPC_BUCKETS];
	*pending = (struct pending){
		.next = *bucket,
		.rpc = rpc,
		.id = id,
		.request = *request,
		.hard_ms = hard_ms,
		.hard_us = loop_now_us(rpc->loop) + (int64_t)hard_ms * 1000,
	};
	*bucket = pending;
	rpc->count++;
	if (request->timeout_ms > 0)
		loop_timer_start(rpc->loop, &pending->timer,
				 hard_ms < request->timeout_ms ? hard_ms : request->timeout_ms,
				 deadline_passed, pending);
	return id;
}

void rpc_cancel(struct rpc *rpc, int64_t id, const char *reason)
{
	struct pending **slot = find_slot(rpc, id);

	if (!*slot)
		return;
	settle(rpc, slot);
	rpc->transport->ops->cancel(rpc->transport, id, reason);
}

/* Receiving */

void rpc_take_reply(struct rpc *rpc, const struct jsonrpc_message *reply, char **block)
{
	struct pending **slot;
	struct rpc_request request;
	int64_t id;

	if (!json_span_int64(reply->id, &id))
		return; /* an error without an id, or an id that we never gave */
	slot = find_slot(rpc, id);
	if (!*slot)
		return;
	request = settle(rpc, slot);
	request.on_reply(request.arg, reply, block, NULL);
}

bool rpc_gave_id(const struct rpc *rpc, struct json_span span)
{
	int64_t id;

	return json_span_int64(span, &id) && id > 0 && id < rpc->next_id;
}

static double span_number(struct json_span span, double fallback)
{
	return json_span_kind(span) == JSON_NUMBER ? strtod(span.at, NULL) : fallback;
}

void rpc_take_progress(struct rpc *rpc, struct json_span params)
{
	enum { TOKEN, PROGRESS, TOTAL, MESSAGE, COUNT };
	static const char *const names[COUNT] = {"progressToken", "progress", "total", "message"};
	struct json_span member[COUNT];
	struct buf message;
	struct pending *pending;
	int64_t id, left_ms;

	if (!json_span_members(params, names, member, COUNT) ||
	    !json_span_int64(member[TOKEN], &id))
		return;
	pending = *find_slot(rpc, id);
	if (!pending || !pending->request.on_progress)
		return;
	left_ms = (pending->hard_us - loop_now_us(rpc->loop)) / 1000;
	if (left_ms > pending->request.timeout_ms)
		left_ms = pending->request.timeout_ms;
	loop_timer_start(rpc->loop, &pending->timer, left_ms > 0 ? left_ms : 0, deadline_passed,
			 pending);
	buf_init(&message, PROGRESS_TEXT_MAX_BYTES);
	if (json_span_kind(member[MESSAGE]) == JSON_STRING &&
	    json_span_unescape(member[MESSAGE], &message))
		buf_truncate(&message, 0);
	pending->request.on_progress(pending->request.arg, span_number(member[PROGRESS], 0),
				     span_number(member[TOTAL], -1), message.data);
	buf_clear(&message);
}

/* One of the pending requests' slots, or NULL. */
static struct pending **any_slot(struct rpc *rpc)
{
	for (size_t i = 0; rpc->count > 0 && i < RPC_BUCKETS; i++)
		if (rpc->bucket[i])
			return &rpc->bucket[i];
	return NULL;
}

static void fail_one(struct rpc *rpc, struct pending **slot, const struct err *err)
{
	struct rpc_request request = settle(rpc, slot);

	request.on_reply(request.arg, NULL, &(char *){NULL}, err);
}

void rpc_fail_all(struct rpc *rpc, const struct err *err)
{
	struct pending **slot;

	while ((slot = any_slot(rpc)))
		fail_one(rpc, slot, err);
}

void rpc_take_failure(struct rpc *rpc, int64_t id, const struct err *err)
{
	struct pending **slot = find_slot(rpc, id);

	if (*slot)
		fail_one(rpc, slot, err);
}

/* The slot of the only request that waits for an answer, or NULL. */
static struct pending **only_waiting(struct rpc *rpc)
{
	struct pending **only = NULL;

	for (size_t i = 0; i < RPC_BUCKETS; i++)
		for (struct pending **slot = &rpc->bucket[i]; *slot; slot = &(*slot)->next) {
			if ((*slot)->request.timeout_ms == 0)
				continue;
			if (only)
				return NULL;
			only = slot;
		}
	return only;
}

bool rpc_take_loss(struct rpc *rpc, const char *why)
{
	struct pending **slot = only_waiting(rpc);
	struct err err;

	if (!slot)
		return false;
	err_set(&err, ERR_PROTOCOL, "server \"%s\": its answer was lost: %s", rpc->who, why);
	fail_one(rpc, slot, &err);
	return true;
}
