/* SPDX-License-Identifier: MIT */
/* Each event is printed into one reused buffer and written at once. */
#include "config.h"

#include "app/events.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/digest.h"
#include "base/err.h"
#include "base/json_write.h"
#include "base/mem.h"

#define EVENTS_VERSION	1
#define LAST_LINE_BYTES ((size_t)1 << 10) /* run.end of a program that is out of memory */

struct events {
	struct output *output;
	struct buf line;
	struct buf last_line; /* has its memory from the beginning */
	struct mem_last_words last_words;
	int64_t seq;
	const char *command;
	bool started;
	char run[RANDOM_ID_DIGITS + 1];
};

static void write_head(struct events *events, struct buf *line, const char *type)
{
	buf_truncate(line, 0);
	buf_append_char(line, '{');
	json_write_member_int(line, "v", EVENTS_VERSION);
	json_write_member_int(line, "seq", events->seq++);
	json_write_member_now(line, "ts");
	json_write_member(line, "run", events->run);
	json_write_member(line, "type", type);
}

static struct buf *begin_line(struct events *events, const char *type)
{
	write_head(events, &events->line, type);
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

static void write_end(struct buf *out, int exit_code, const char *text, const char *error,
		      const struct chat_usage *usage)
{
	json_write_member_int(out, "exit", exit_code);
	json_write_member(out, "status", events_status(exit_code));
	if (error)
		json_write_member(out, "error", error);
	json_write_member(out, "text", text ? text : "");
	chat_usage_write(usage, out);
}

/* The run ends here, without memory: what it cost is not told. */
static void say_last_words(void *arg)
{
	struct events *events = arg;

	if (!events->started)
		return;
	write_head(events, &events->last_line, "run.end");
	write_end(&events->last_line, err_exit_code(ERR_INTERNAL), NULL,
		  "there is not enough memory", &(struct chat_usage){0});
	buf_append_text(&events->last_line, "}\n");
	output_buf(events->output, &events->last_line);
}

struct events *events_new(struct output *output, const char *command)
{
	struct events *events = mem_new(sizeof(*events));

	events->output = output;
	buf_init(&events->line, BUF_MAX_BYTES);
	random_id(events->run);
	events->command = command;
	buf_init(&events->last_line, LAST_LINE_BYTES);
	(void)buf_reserve(&events->last_line, LAST_LINE_BYTES);
	events->last_words = (struct mem_last_words){say_last_words, events};
	mem_on_exhausted(&events->last_words);
	return events;
}

void events_free(struct events **events)
{
	if (!*events)
		return;
	mem_on_exhausted(NULL);
	buf_clear(&(*events)->line);
	buf_clear(&(*events)->last_line);
	free(*events);
	*events = NULL;
}

const char *events_run(const struct events *events)
{
	return events->run;
}

void events_end_run(struct events *events, int exit_code, const char *text, const char *error,
		    const struct chat_usage *usage)
{
	struct buf *out = begin(events, "run.end");

	write_end(out, exit_code, text, error, usage);
	buf_append_text(out, "}\n");
	mem_on_exhausted(NULL); /* it is said here */
	output_buf(events->output, out);
}
