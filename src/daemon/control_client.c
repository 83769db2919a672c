/* SPDX-License-Identifier: MIT */
/* Open requests by their number; one clock for each. */
#include "config.h"

#include "daemon/control_client.h"

#include <errno.h>
#include <stdlib.h>

#include "base/json_write.h"
#include "base/mem.h"
#include "base/paths.h"
#include "daemon/control_protocol.h"
#include "io/local_socket.h"

struct pending {
	struct control_client *client;
	struct pending *next;
	int64_t id;
	long timeout_ms;
	struct loop_timer timer;
	control_answer_fn *answered;
	void *arg;
};

struct control_client {
	struct loop *loop;
	struct control_channel *channel; /* NULL: not connected yet, or not any more */
	const struct control_client_listener *listener;
	void *arg;
	struct loop_timer retry;
	unsigned tries;
	struct buf unsent; /* until it is connected */
	struct pending *pending;
	int64_t last_id;
	bool freed;
};

static struct pending *take_pending(struct control_client *client, int64_t id)
{
	for (struct pending **at = &client->pending; *at; at = &(*at)->next) {
		struct pending *found = *at;

		if (found->id != id)
			continue;
		*at = found->next;
		loop_timer_stop(&found->timer);
		return found;
	}
	return NULL;
}

static void settle(struct control_client *client, int64_t id, struct json_span result,
		   const struct err *err)
{
	struct pending *pending = take_pending(client, id);

	if (!pending)
		return;
	pending->answered(pending->arg, result, err);
	loop_free_later(client->loop, pending, free);
}

static void fail(struct control_client *client, int64_t id, const char *why)
{
	struct err err;

	err_set(&err, ERR_UNAVAILABLE, "%s", why);
	settle(client, id, (struct json_span){NULL, 0}, &err);
}

static void no_answer(void *arg)
{
	const struct pending *pending = arg;

	fail(pending->client, pending->id, "the daemon does not answer");
}

static void take_answer(struct control_client *client, const struct jsonrpc_message *message)
{
	struct err err;
	int64_t id;

	if (!json_span_int64(message->id, &id))
		return;
	if (message->kind == JSONRPC_RESULT) {
		settle(client, id, message->result, NULL);
		return;
	}
	control_read_failure(message->error, json_span_member(message->error, "data"), &err);
	settle(client, id, (struct json_span){NULL, 0}, &err);
}

static void on_message(void *arg, const struct jsonrpc_message *message)
{
	struct control_client *client = arg;

	if (message->kind == JSONRPC_RESULT || message->kind == JSONRPC_ERROR)
		take_answer(client, message);
	else if (client->listener && client->listener->on_message)
		client->listener->on_message(client->arg, message);
}

/* What is no message of a daemon is not one of its answers: the clock of the request decides. */
static void on_fault(void *arg, enum jsonrpc_code code, struct json_span id, const char *text)
{
	(void)arg;
	(void)code;
	(void)id;
	(void)text;
}

static void on_end(void *arg)
{
	struct control_client *client = arg;

	control_channel_free(&client->channel);
	while (!client->freed && client->pending)
		fail(client, client->pending->id, "the daemon is gone");
	if (!client->freed && client->listener && client->listener->on_end)
		client->listener->on_end(client->arg);
}

static const struct control_channel_listener channel_listener = {
	.on_message = on_message,
	.on_fault = on_fault,
	.on_end = on_end,
};

static int connect_to_daemon(bool only_running, struct err *err)
{
	char *path = paths_runtime(CONTROL_SOCKET_NAME);
	int fd, os_errno;

	if (!path)
		return err_set(err, ERR_UNAVAILABLE,
			       "no daemon can be found: neither XDG_RUNTIME_DIR nor HOME is set");
	if (only_running && !local_socket_is_served(path))
		fd = err_set_os(err, ERR_UNAVAILABLE, ENOENT, "%.150s", path);
	else
		fd = local_socket_connect(path, err);
	os_errno = fd < 0 ? err->os_errno : 0;
	if (os_errno == ENOENT || os_errno == ECONNREFUSED) {
		err_set(err, ERR_UNAVAILABLE,
			"no daemon runs at %.120s; `cordpair daemon` starts one", path);
		err->os_errno = os_errno;
	} else if (fd < 0) {
		err_prefix(err, "the daemon cannot be reached");
	}
	free(path);
	return fd;
}

static void connected(struct control_client *client, int take_fd)
{
	client->channel = control_channel_new(client->loop, take_fd, CONTROL_ANSWER_MAX_BYTES,
					      &channel_listener, client);
	if (client->unsent.len > 0)
		control_channel_write(client->channel, &client->unsent);
	buf_clear(&client->unsent);
}

/* Many connect at the same time: the daemon has not come to accept them all yet. */
static void try_again(void *arg)
{
	struct control_client *client = arg;
	struct err err;
	int fd = connect_to_daemon(false, &err);

	if (fd >= 0)
		connected(client, fd);
	else if (err.os_errno == EAGAIN && ++client->tries < CONTROL_CONNECT_TRIES)
		loop_timer_start(client->loop, &client->retry, CONTROL_CONNECT_RETRY_MS, try_again,
				 client);
	else
		on_end(client);
}

struct control_client *control_client_new(struct loop *loop, bool only_running,
					  const struct control_client_listener *listener, void *arg,
					  struct err *err)
{
	struct control_client *client;
	struct err failure;
	int fd = connect_to_daemon(only_running, &failure);

	if (fd < 0 && failure.os_errno != EAGAIN) {
		*err = failure;
		return NULL;
	}
	client = mem_new(sizeof(*client));
	client->loop = loop;
	client->listener = listener;
	client->arg = arg;
	buf_init(&client->unsent, CONTROL_REQUEST_MAX_BYTES);
	if (fd >= 0)
		connected(client, fd);
	else
		loop_timer_start(loop, &client->retry, CONTROL_CONNECT_RETRY_MS, try_again, client);
	return client;
}

void control_client_free(struct control_client **client_p)
{
	struct control_client *client = *client_p;

	if (!client)
		return;
	*client_p = NULL;
	client->freed = true;
	loop_defer_cancel(client->loop, client);
	loop_timer_stop(&client->retry);
	buf_clear(&client->unsent);
	while (client->pending)
		loop_free_later(client->loop, take_pending(client, client->pending->id), free);
	control_channel_free(&client->channel);
	loop_free_later(client->loop, client, free);
}

static void write_line(struct control_client *client, struct buf *line)
{
	if (client->channel)
		control_channel_write(client->channel, line);
	else if (loop_timer_active(&client->retry))
		buf_append(&client->unsent, buf_text(line), line->len);
	buf_clear(line);
}

static void gone_already(void *arg)
{
	on_end(arg);
}

int64_t control_client_request(struct control_client *client, const char *method,
			       const char *params, size_t params_len, long timeout_ms,
			       control_answer_fn *answered, void *arg)
{
	struct pending *pending = mem_new(sizeof(*pending));
	struct buf line = BUF_INIT;

	*pending = (struct pending){
		.client = client,
		.next = client->pending,
		.id = ++client->last_id,
		.timeout_ms = timeout_ms,
		.answered = answered,
		.arg = arg,
	};
	client->pending = pending;
	loop_timer_start(client->loop, &pending->timer, timeout_ms, no_answer, pending);
	jsonrpc_write_request(&line, pending->id, method, params, params_len);
	write_line(client, &line);
	if (!client->channel && !loop_timer_active(&client->retry))
		loop_defer(client->loop, gone_already, client);
	return pending->id;
}

void control_client_extend(struct control_client *client, int64_t id)
{
	for (struct pending *at = client->pending; at; at = at->next)
		if (at->id == id)
			loop_timer_start(client->loop, &at->timer, at->timeout_ms, no_answer, at);
}

void control_client_hold(struct control_client *client, int64_t id)
{
	for (struct pending *at = client->pending; at; at = at->next)
		if (at->id == id)
			loop_timer_stop(&at->timer);
}

void control_client_cancel(struct control_client *client, int64_t id)
{
	struct pending *pending = take_pending(client, id);
	struct buf params = BUF_INIT, line = BUF_INIT;

	if (!pending)
		return;
	loop_free_later(client->loop, pending, free);
	buf_append_char(&params, '{');
	json_write_member_int(&params, "request", id);
	buf_append_char(&params, '}');
	jsonrpc_write_notification(&line, CONTROL_CANCEL, buf_text(&params), params.len);
	write_line(client, &line);
	buf_clear(&params);
}

void control_client_answer(struct control_client *client, struct json_span id, const char *result,
			   size_t len)
{
	struct buf line = BUF_INIT;

	jsonrpc_write_result(&line, id, result, len);
	write_line(client, &line);
}
