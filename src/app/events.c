/* SPDX-License-Identifier: MIT */
/* Each event is printed into one reused buffer and written at once. */
#include "config.h"

#include "app/events.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/digest.h"
#include "base/json_write.h"
#include "base/mem.h"

#define EVENTS_VERSION 1

struct events {
	struct output *output;
	struct buf line;
	int64_t seq;
	const char *command;
	bool started;
	char run[RANDOM_ID_DIGITS + 1];
};

static struct buf *begin_line(struct events *events, const char *type)
{
	buf_truncate(&events->line, 0);
	buf_append_char(&events->line, '{');
	json_write_member_int(&events->line, "v", EVENTS_VERSION);
	json_write_member_int(&events->line, "seq", events->seq++);
	json_write_member_now(&events->line, "ts");
	json_write_member(&events->line, "run", events->run);
	json_write_member(&events->line, "type", type);
	return &events->line;
}

/* run.start comes with the first event: a program that becomes `engine` before has said nothing. */
static struct buf *begin(struct events *events, const char *type)
{
	if (!events->started) {
		events->started = true;
		json_write_member(begin_line(events, "run.start"), "command", events->command);
		json_write_member(&events->line, "version", PACKAGE_VERSION);
		events_send(events);
	}
	return begin_line(events, type);
}

struct buf *events_begin(struct events *events, const char *type)
{
	return events ? begin(events, type) : NULL;
}

void events_send(struct events *events)
{
	buf_append_text(&events->line, "}\n");
	output_buf(events->output, &events->line);
}

struct events *events_new(struct output *output, const char *command)
{
	struct events *events = mem_new(sizeof(*events));

	events->output = output;
	buf_init(&events->line, BUF_MAX_BYTES);
	random_id(events->run);
	events->command = command;
	return events;
}

void events_free(struct events **events)
{
	if (!*events)
		return;
	buf_clear(&(*events)->line);
	free(*events);
	*events = NULL;
}

const char *events_run(const struct events *events)
{
	return events->run;
}

const char *events_status(int exit_code)
{
	static const struct {
		int exit_code;
		const char *status;
	} table[] = {{0, "done"}, {3, "denied"}, {4, "incomplete"}, {124, "timeout"}};

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (table[i].exit_code == exit_code)
			return table[i].status;
	return exit_code > 128 ? "interrupted" : "failed";
}

void events_end_run(struct events *events, int exit_code, const char *text, const char *error,
		    const struct chat_usage *usage)
{
	struct buf *out = begin(events, "run.end");

	json_write_member_int(out, "exit", exit_code);
	json_write_member(out, "status", events_status(exit_code));
	if (error)
		json_write_member(out, "error", error);
	json_write_member(out, "text", text ? text : "");
	chat_usage_write(usage, out);
	events_send(events);
}
