/* SPDX-License-Identifier: MIT */
/* The methods about servers: how each is, and starting one anew. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/json_write.h"
#include "base/mem.h"
#include "daemon/control_protocol.h"
#include "daemon/daemon_internal.h"

#define TEXT_MAX_BYTES 4096 /* of a member of params */

/* Params */

char *daemon_text_param(struct control_request **request, struct json_span params,
			const char *member)
{
	char *text = json_span_text(json_span_member(params, member), TEXT_MAX_BYTES);
	char *message;

	if (text)
		return text;
	message = mem_format("params has to have the string \"%s\"", member);
	control_refuse(request, JSONRPC_INVALID_PARAMS, message);
	free(message);
	return NULL;
}

struct server *daemon_server_param(struct daemon *daemon, struct control_request **request,
				   struct json_span params)
{
	char *name = daemon_text_param(request, params, "server");
	struct server *server = name ? server_pool_find(daemon->parts.pool, name) : NULL;
	struct err err;

	if (name && !server) {
		err_set(&err, ERR_CONFIG,
			"the daemon has no server called \"%.60s\": `cordpair servers` lists them",
			name);
		control_fail(request, &err);
	}
	free(name);
	return server;
}

/* servers.list */

static void write_calls(const struct server *server, struct buf *out)
{
	const struct server_record *record = server_record(server);

	json_write_key(out, "calls");
	buf_append_char(out, '{');
	json_write_member_int(out, "made", (int64_t)record->calls);
	json_write_member_int(out, "open", (int64_t)server_open_calls(server));
	json_write_member_int(out, "failed", (int64_t)record->calls_failed);
	buf_append_char(out, '}');
}

static void write_stderr(const struct server *server, struct buf *out)
{
	char *tail = server_stderr_tail(server, SERVER_STDERR_KEPT_LINES);
	bool first = true;

	json_write_key(out, "stderr");
	buf_append_char(out, '[');
	for (const char *at = tail; *at;) {
		const size_t len = strcspn(at, "\n");

		if (!first)
			buf_append_char(out, ',');
		first = false;
		json_write_string_len(out, at, len);
		at += len + (at[len] == '\n');
	}
	buf_append_char(out, ']');
	free(tail);
}

static void write_server(const struct daemon *daemon, const struct server *server, struct buf *out)
{
	const int64_t since_us = server_up_since_us(server);
	const struct server_record *record = server_record(server);
	char fingerprint[DIGEST_HEX_BYTES];

	buf_append_char(out, '{');
	json_write_member(out, "name", server_name(server));
	json_write_member(out, "state", server_state_name(server_get_state(server)));
	if (*server_reason(server))
		json_write_member(out, "reason", server_reason(server));
	if (server_pid(server) > 0)
		json_write_member_int(out, "pid", server_pid(server));
	if (since_us >= 0)
		json_write_member_int(out, "uptime_ms",
				      (loop_now_us(daemon->parts.loop) - since_us) / 1000);
	json_write_member_int(out, "restarts", (int64_t)record->restarts);
	if (record->last_error)
		json_write_member(out, "last_error", record->last_error);
	write_calls(server, out);
	json_write_member_int(out, "tools", (int64_t)server_tools(server)->count);
	if (*server_protocol_version(server))
		json_write_member(out, "protocol", server_protocol_version(server));
	json_write_member(out, "identity", server_config(server)->identity);
	server_config_fingerprint(server_config(server), fingerprint);
	json_write_member(out, "fingerprint", fingerprint); /* for tool.call */
	write_stderr(server, out);
	buf_append_char(out, '}');
}

static void run_list(void *arg, struct control_request *request, struct json_span params)
{
	const struct daemon *daemon = arg;
	const struct server_pool *pool = daemon->parts.pool;
	struct buf out = BUF_INIT;

	(void)params;
	buf_append_text(&out, "{\"servers\":[");
	for (size_t i = 0; i < server_pool_count(pool); i++) {
		if (i > 0)
			buf_append_char(&out, ',');
		write_server(daemon, server_pool_at(pool, i), &out);
	}
	buf_append_text(&out, "]}");
	control_answer(&request, buf_text(&out), out.len);
	buf_clear(&out);
}

/* servers.restart */

static void answer_restart(struct daemon *daemon, struct control_request *request,
			   struct server *server)
{
	struct buf out = BUF_INIT;

	write_server(daemon, server, &out);
	control_answer(&request, buf_text(&out), out.len);
	buf_clear(&out);
}

static void run_restart(void *arg, struct control_request *request, struct json_span params)
{
	struct daemon *daemon = arg;
	struct server *server = daemon_server_param(daemon, &request, params);
	struct err err;

	if (!server)
		return;
	if (daemon->stopping) {
		err_set(&err, ERR_UNAVAILABLE, "the daemon is stopping");
		control_fail(&request, &err);
		return;
	}
	server = server_pool_restart(daemon->parts.pool, server);
	daemon_wait_for(daemon, request, server_name(server), answer_restart);
}

const struct control_method daemon_servers_methods[] = {
	{CONTROL_SERVERS_LIST, run_list},
	{CONTROL_SERVERS_RESTART, run_restart},
	{NULL, NULL},
};
