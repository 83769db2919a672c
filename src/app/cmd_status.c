/* SPDX-License-Identifier: MIT */
/* cordpair status: the daemon, since when it runs, and how its servers are. */
#include "config.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "app/commands.h"
#include "app/daemon_query.h"
#include "daemon/control_protocol.h"

#define TEXT_MAX_BYTES 4096

static void print_text(struct program *program, struct json_span status, const char *label,
		       const char *member)
{
	char *text = json_span_text(json_span_member(status, member), TEXT_MAX_BYTES);

	output_format(&program->out, "%-12s ", label);
	output_text(&program->out, text ? text : "?", text ? strlen(text) : 1);
	output_end_text(&program->out);
	free(text);
}

static int64_t number(struct json_span status, const char *member)
{
	int64_t value = 0;

	(void)json_span_int64(json_span_member(status, member), &value);
	return value;
}

static void print_servers(struct program *program, struct json_span servers)
{
	struct json_span state = {NULL, 0}, count = {NULL, 0};
	struct buf line = BUF_INIT;

	while (json_span_next_member(servers, &state, &count)) {
		buf_append_text(&line, line.len > 0 ? ", " : "");
		buf_append(&line, count.at, count.len);
		buf_append_char(&line, ' ');
		(void)!json_span_unescape(state, &line);
	}
	output_format(&program->out, "%-12s ", "servers");
	output_text(&program->out, line.len > 0 ? buf_text(&line) : "none",
		    line.len > 0 ? line.len : 4);
	output_end_text(&program->out);
	buf_clear(&line);
}

static void print_status(struct program *program, struct json_span status)
{
	struct buf uptime = BUF_INIT;

	daemon_append_time(&uptime, number(status, "uptime_ms"));
	print_text(program, status, "daemon", "state");
	print_text(program, status, "version", "version");
	output_format(&program->out, "%-12s %" PRId64 "\n", "process", number(status, "pid"));
	output_format(&program->out, "%-12s %s\n", "up for", buf_text(&uptime));
	print_text(program, status, "socket", "socket");
	print_servers(program, json_span_member(status, "servers"));
	buf_clear(&uptime);
}

static void run_status(struct program *program)
{
	struct buf result = BUF_INIT;
	struct err err;

	if (daemon_query_once(program, CONTROL_STATUS, NULL, &result, &err)) {
		if (!program_interrupted(program))
			program_fail(program, &err);
	} else if (program->options.json) {
		buf_append_char(&result, '\n');
		output_buf(&program->out, &result);
	} else {
		print_status(program, (struct json_span){buf_text(&result), result.len});
	}
	buf_clear(&result);
}

const struct command command_status = {
	.name = "status",
	.operands = "",
	.summary = "Show the daemon and how its servers are",
	.details = "Without a daemon: exit 69. `cordpair servers` shows each server.",
	.run = run_status,
};
