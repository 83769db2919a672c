/* SPDX-License-Identifier: MIT */
/* A line now and then, where somebody looks on: a server may tell a thousand times a second. */
#include "config.h"

#include "app/tool_progress.h"

#include <string.h>
#include <unistd.h>

#include "app/tool_events.h"
#include "base/log.h"
#include "base/sanitize.h"

static bool is_time(struct program *program)
{
	const int64_t now_us = loop_now_us(program->loop);

	if (!isatty(STDERR_FILENO) ||
	    (program->progress_told_us &&
	     now_us - program->progress_told_us < (int64_t)TOOL_PROGRESS_EVERY_MS * 1000))
		return false;
	program->progress_told_us = now_us;
	return true;
}

void tool_progress_tell(struct program *program, const struct turn_call *call, double progress,
			double total, const char *message)
{
	struct buf line = BUF_INIT;

	tool_events_progress(program->events, call, progress, total, message);
	sanitize_line(call->name, strlen(call->name), TOOL_PROGRESS_SHOWN_BYTES, &line);
	buf_append_text(&line, ": ");
	if (total >= 0)
		buf_format(&line, "%g of %g", progress, total);
	else if (!message)
		buf_format(&line, "at %g", progress);
	if (message) {
		buf_append_text(&line, total >= 0 ? ", " : "");
		sanitize_line(message, strlen(message), TOOL_PROGRESS_SHOWN_BYTES, &line);
	}
	if (is_time(program))
		log_notice("%s", buf_text(&line));
	else
		log_detail("%s", buf_text(&line));
	buf_clear(&line);
}
