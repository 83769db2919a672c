/* SPDX-License-Identifier: MIT */
/* cordpair reload: the daemon reads servers.d anew; what it did, and what is wrong there. */
#include "config.h"

#include <inttypes.h>
#include <string.h>

#include "app/commands.h"
#include "app/daemon_query.h"
#include "base/log.h"
#include "daemon/control_protocol.h"

static void print_lines(struct program *program, struct json_span messages)
{
	struct json_span item = {NULL, 0};

	while (json_span_next(messages, &item)) {
		struct buf line = BUF_INIT;

		(void)!json_span_unescape(item, &line);
		output_text(&program->out, buf_text(&line), line.len);
		output_end_text(&program->out);
		buf_clear(&line);
	}
}

static bool is_told(struct json_span messages, const char *fault)
{
	struct json_span item = {NULL, 0};
	bool told = false;

	while (!told && json_span_next(messages, &item)) {
		struct buf line = BUF_INIT;

		(void)!json_span_unescape(item, &line);
		told = strstr(buf_text(&line), fault) != NULL;
		buf_clear(&line);
	}
	return told;
}

/* They are why the exit is not 0; what a message says already is not said again. */
static void tell_faults(struct program *program, struct json_span report)
{
	struct json_span messages = json_span_member(report, "messages");
	struct json_span item = {NULL, 0};

	while (json_span_next(json_span_member(report, "faults"), &item)) {
		struct buf line = BUF_INIT;

		(void)!json_span_unescape(item, &line);
		if (program->options.json || !is_told(messages, buf_text(&line)))
			log_error("%s", buf_text(&line));
		buf_clear(&line);
		program_set_exit(program, err_exit_code(ERR_CONFIG));
	}
}

static void print_report(struct program *program, struct json_span report)
{
	struct json_span messages = json_span_member(report, "messages");
	struct json_span first = {NULL, 0};
	int64_t kept = 0;

	(void)json_span_int64(json_span_member(report, "kept"), &kept);
	print_lines(program, messages);
	if (!json_span_next(messages, &first))
		output_format(&program->out, "nothing has changed: %" PRId64 " server%s on\n", kept,
			      kept == 1 ? " goes" : "s go");
}

static void run_reload(struct program *program)
{
	struct buf result = BUF_INIT;
	struct json_span report;
	struct err err;

	if (daemon_query_once(program, CONTROL_RELOAD, NULL, &result, &err)) {
		if (!program_interrupted(program))
			program_fail(program, &err);
		buf_clear(&result);
		return;
	}
	report = (struct json_span){buf_text(&result), result.len};
	tell_faults(program, report);
	if (program->options.json) {
		buf_append_char(&result, '\n');
		output_buf(&program->out, &result);
	} else {
		print_report(program, report);
	}
	buf_clear(&result);
}

const struct command command_reload = {
	.name = "reload",
	.operands = "",
	.summary = "Have the daemon read servers.d anew",
	.details =
		"Prints what it did. Only what changed is started anew; calls under way finish; a file\n"
		"that cannot be read keeps its servers as they were (exit 78). Without a daemon: "
		"exit 69.",
	.run = run_reload,
};
