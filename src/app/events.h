/* SPDX-License-Identifier: MIT */
/*
 * events: --events, one JSON object per line on stdout: v, seq, ts, run, type, and the type's own
 * members (share/cordpair/schema/events.json). run.end comes exactly once, as the last line.
 */
#ifndef CORDPAIR_APP_EVENTS_H
#define CORDPAIR_APP_EVENTS_H

#include "app/output.h"
#include "base/buf.h"
#include "model/chat.h"

struct events;
/* run.start is written with the first event. output and command are borrowed. */
struct events *events_new(struct output *output, const char *command);
void events_free(struct events **events);
const char *events_run(const struct events *events);

/*
 * Begins an event; append members with json_write_*, then events_send(). NULL when events is NULL:
 * the caller needs no other check than that.
 */
struct buf *events_begin(struct events *events, const char *type);
void events_send(struct events *events);

/* The last event: run.end with exit, status, error, text and usage. text and error may be NULL. */
void events_end_run(struct events *events, int exit_code, const char *text, const char *error,
		    const struct chat_usage *usage);
/* "done", "denied", "incomplete", "failed", "timeout", "interrupted". */
const char *events_status(int exit_code);

#endif
