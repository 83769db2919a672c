/* SPDX-License-Identifier: MIT */
/* Each event is printed into one reused buffer and written at once. */
#include "config.h"

#include "app/events.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

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
	char run[33];
};

static void write_time(struct buf *out)
{
	struct timespec now;
	struct tm utc;
	char text[32];

	clock_gettime(CLOCK_REALTIME, &now);
	gmtime_r(&now.tv_sec, &utc);
	strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &utc);
	json_write_key(out, "ts");
	buf_format(out, "\"%s.%03ldZ\"", text, now.tv_nsec / 1000000);
}

static struct buf *begin_line(struct events *events, const char *type)
{
	buf_truncate(&events->line, 0);
	buf_append_char(&events->line, '{');
	json_write_member_int(&events->line, "v", EVENTS_VERSION);
	json_write_member_int(&events->line, "seq", events->seq++);
	write_time(&events->line);
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
	unsigned char random[16];

	events->output = output;
	buf_init(&events->line, BUF_MAX_BYTES);
	random_bytes(random, sizeof(random));
	for (size_t i = 0; i < sizeof(random); i++)
		snprintf(events->run + 2 * i, 3, "%02x", random[i]);
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

void events_write_usage(struct buf *out, const struct chat_usage *usage)
{
	json_write_key(out, "usage");
	buf_append_char(out, '{');
	if (usage->present) {
		json_write_member_int(out, "prompt_tokens", usage->prompt_tokens);
		json_write_member_int(out, "completion_tokens", usage->completion_tokens);
		json_write_member_int(out, "total_tokens", usage->total_tokens);
		json_write_member_int(out, "cached_tokens", usage->cached_tokens);
		json_write_member_int(out, "reasoning_tokens", usage->reasoning_tokens);
	}
	if (usage->has_cost) {
		json_write_key(out, "cost");
		buf_format(out, "%.10g", usage->cost);
	}
	buf_append_char(out, '}');
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
	events_write_usage(out, usage);
	events_send(events);
}
