/* SPDX-License-Identifier: MIT */
/* cordpair reload: the daemon reads servers.d anew; what it did, and what is wrong there. */
#include "config.h"

#include <inttypes.h>
#include <string.h>

#include "app/commands.h"
#include "app/daemon_query.h"
#include "base/log.h"
#include "daemon/control_protocol.h"

/* The next text of an array, in the buffer; false: none is left. */
static bool next_text(struct json_span array, struct json_span *item, struct buf *text)
{
	buf_clear(text);
	return json_span_next(array, item) && json_span_unescape(*item, text) == 0;
}

/* Does one of these texts have the other in it, or is it in that? */
static bool meets(struct json_span texts, const char *other, bool has)
{
	struct json_span item = {NULL, 0};
	struct buf text = BUF_INIT;
	bool met = false;

	while (!met && next_text(texts, &item, &text))
		met = has ? strstr(buf_text(&text), other) : strstr(other, buf_text(&text));
	buf_clear(&text);
	return met;
}

/* What says a fault is an error; the rest is what was done. */
static void tell_messages(struct program *program, struct json_span messages,
			  struct json_span faults)
{
	struct json_span item = {NULL, 0};
	struct buf text = BUF_INIT;

	while (next_text(messages, &item, &text)) {
		if (meets(faults, buf_text(&text), false)) {
			log_error("%s", buf_text(&text));
		} else {
			output_text(&program->out, buf_text(&text), text.len);
			output_end_text(&program->out);
		}
	}
	buf_clear(&text);
}

/* Those that no message has, and the exit. */
static void tell_faults(struct program *program, struct json_span messages, struct json_span faults)
{
	struct json_span item = {NULL, 0};
	struct buf text = BUF_INIT;

	while (next_text(faults, &item, &text)) {
		if (program->options.json || !meets(messages, buf_text(&text), true))
			log_error("%s", buf_text(&text));
		program_set_exit(program, err_exit_code(ERR_CONFIG));
	}
	buf_clear(&text);
}

static void print_report(struct program *program, struct json_span report)
{
	struct json_span messages = json_span_member(report, "messages");
	struct json_span faults = json_span_member(report, "faults");
	struct json_span first = {NULL, 0};
	int64_t kept = 0;

	(void)json_span_int64(json_span_member(report, "kept"), &kept);
	if (!json_span_next(messages, &first))
		output_format(&program->out, "nothing has changed: %" PRId64 " server%s on\n", kept,
			      kept == 1 ? " goes" : "s go");
	tell_messages(program, messages, faults);
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
	tell_faults(program, json_span_member(report, "messages"),
		    json_span_member(report, "faults"));
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
