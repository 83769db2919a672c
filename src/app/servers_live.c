/* SPDX-License-Identifier: MIT */
/* Asks the daemon and puts what it says into words. */
#include "config.h"

#include "app/servers_live.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "app/daemon_query.h"
#include "base/json_write.h"
#include "base/log.h"
#include "base/sanitize.h"
#include "daemon/control_protocol.h"

#define REASON_SHOWN_BYTES  600
#define LIVE_TEXT_MAX_BYTES ((size_t)64 << 10)
/* A restart ends the old one, calls first, and starts the new one. */
#define RESTART_STOP_MAX_MS (SERVER_RESTART_DRAIN_MS + 6000)
#define RESTART_SPARE_MS    5000

void servers_live_ask(struct servers_live *live, struct program *program)
{
	struct control_client *client;
	struct err err;

	*live = (struct servers_live){.text = BUF_INIT};
	if (program->options.no_daemon)
		return;
	client = control_client_new(program->loop, true, NULL, NULL, &err);
	if (!client) {
		log_detail("%s", err.text);
		return;
	}
	if (daemon_query(program, client, CONTROL_SERVERS_LIST, NULL, SERVERS_LIVE_MS, &live->text,
			 &err) == 0)
		live->present = true;
	else if (!program_interrupted(program))
		log_warning("%s: how its servers are is not known", err.text);
	control_client_free(&client);
}

void servers_live_clear(struct servers_live *live)
{
	buf_clear(&live->text);
}

struct json_span servers_live_find(const struct servers_live *live, const char *name)
{
	const struct json_span all = {buf_text(&live->text), live->text.len};
	struct json_span list, server = {NULL, 0};

	if (!live->present)
		return server;
	list = json_span_member(all, "servers");
	while (json_span_kind(list) == JSON_ARRAY && json_span_next(list, &server))
		if (json_span_equals(json_span_member(server, "name"), name))
			return server;
	return (struct json_span){NULL, 0};
}

static int64_t number(struct json_span object, const char *member, int64_t fallback)
{
	int64_t value;

	return json_span_int64(json_span_member(object, member), &value) ? value : fallback;
}

static void append_text(struct buf *out, struct json_span text_span, size_t max_bytes)
{
	char *text = json_span_text(text_span, LIVE_TEXT_MAX_BYTES);

	if (text)
		sanitize_line(text, strlen(text), max_bytes, out);
	free(text);
}

static void append_count(struct buf *out, int64_t count, const char *what)
{
	if (count > 0)
		buf_format(out, ", %" PRId64 " %s%s", count, what, count == 1 ? "" : "s");
}

static bool runs_by_another_entry(struct json_span server, const struct server_config *config)
{
	return config && !json_span_equals(json_span_member(server, "identity"), config->identity);
}

void servers_live_append_line(struct json_span server, const struct server_config *config,
			      struct buf *out)
{
	const struct json_span calls = json_span_member(server, "calls");
	const int64_t uptime_ms = number(server, "uptime_ms", -1), pid = number(server, "pid", 0);
	const struct json_span reason = json_span_member(server, "reason");

	append_text(out, json_span_member(server, "state"), REASON_SHOWN_BYTES);
	if (uptime_ms >= 0) {
		buf_append_text(out, " for ");
		daemon_append_time(out, uptime_ms);
	}
	if (pid > 0)
		buf_format(out, ", process %" PRId64, pid);
	append_count(out, number(server, "restarts", 0), "restart");
	append_count(out, number(calls, "made", 0), "call");
	if (reason.at) {
		buf_append_text(out, ": ");
		append_text(out, reason, REASON_SHOWN_BYTES);
	}
	if (runs_by_another_entry(server, config))
		buf_append_text(out, "; the daemon has it by another entry");
}

static void show_text(struct program *program, const char *label, struct json_span text)
{
	struct buf line = BUF_INIT;

	append_text(&line, text, SIZE_MAX);
	if (line.len > 0)
		output_format(&program->out, "%-14s %s\n", label, buf_text(&line));
	buf_clear(&line);
}

static void show_stderr(struct program *program, struct json_span lines)
{
	struct json_span line = {NULL, 0};
	bool any = false;

	while (json_span_kind(lines) == JSON_ARRAY && json_span_next(lines, &line)) {
		char *text = json_span_text(line, LIVE_TEXT_MAX_BYTES);

		output_format(&program->out, "%-14s ", any ? "" : "stderr");
		any = true;
		if (text)
			output_text(&program->out, text, strlen(text));
		output_end_text(&program->out);
		free(text);
	}
}

void servers_live_show(struct program *program, struct json_span server,
		       const struct server_config *config)
{
	const struct json_span calls = json_span_member(server, "calls");
	struct buf line = BUF_INIT;

	servers_live_append_line(server, config, &line);
	output_format(&program->out, "%-14s %s\n", "daemon", buf_text(&line));
	output_format(&program->out,
		      "%-14s %" PRId64 " made, %" PRId64 " open, %" PRId64 " failed\n", "calls",
		      number(calls, "made", 0), number(calls, "open", 0),
		      number(calls, "failed", 0));
	output_format(&program->out, "%-14s %" PRId64 "\n", "restarts",
		      number(server, "restarts", 0));
	show_text(program, "last error", json_span_member(server, "last_error"));
	show_stderr(program, json_span_member(server, "stderr"));
	buf_clear(&line);
}

/* Restart */

static void tell_restarted(struct program *program, const char *name, struct json_span server)
{
	const struct json_span state = json_span_member(server, "state");
	struct buf line = BUF_INIT;
	struct err err;

	if (program->options.json) {
		buf_append(&line, server.at, server.len);
		buf_append_char(&line, '\n');
		output_buf(&program->out, &line);
	}
	if (json_span_equals(state, "ready") || json_span_equals(state, "idle")) {
		log_notice("server \"%s\" was restarted", name);
	} else {
		buf_clear(&line);
		append_text(&line, json_span_member(server, "reason"), REASON_SHOWN_BYTES);
		err_set(&err,
			json_span_equals(state, "needs-login") ? ERR_PERMISSION : ERR_UNAVAILABLE,
			"%s", buf_text(&line));
		program_fail(program, &err);
	}
	buf_clear(&line);
}

void servers_live_restart(struct program *program, const char *name)
{
	const long timeout_ms =
		RESTART_STOP_MAX_MS + SERVER_START_TIMEOUT_FETCH_MS + RESTART_SPARE_MS;
	struct control_client *client;
	struct buf params = BUF_INIT, result = BUF_INIT;
	struct err err;
	int status;

	client = control_client_new(program->loop, true, NULL, NULL, &err);
	buf_append_char(&params, '{');
	json_write_member(&params, "server", name);
	buf_append_char(&params, '}');
	status = client ? daemon_query(program, client, CONTROL_SERVERS_RESTART, &params,
				       timeout_ms, &result, &err)
			: -1;
	if (status == 0)
		tell_restarted(program, name, (struct json_span){buf_text(&result), result.len});
	else if (!program_interrupted(program))
		program_fail(program, &err);
	control_client_free(&client);
	buf_clear(&params);
	buf_clear(&result);
}
