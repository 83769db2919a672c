/* SPDX-License-Identifier: MIT */
/*
 * tool_events: the events of one tool call, the same for every command. Each does nothing when
 * events is NULL.
 */
#ifndef CORDPAIR_APP_TOOL_EVENTS_H
#define CORDPAIR_APP_TOOL_EVENTS_H

#include "agent/turn.h"
#include "app/events.h"

void tool_events_call(struct events *events, const struct turn_call *call);
void tool_events_question(struct events *events, const struct turn_call *call);
void tool_events_approval(struct events *events, const struct turn_call *call, const char *decision,
			  const char *by);
void tool_events_progress(struct events *events, const struct turn_call *call, double progress,
			  double total, const char *message);
void tool_events_result(struct events *events, const struct turn_call *call,
			const struct tool_outcome *outcome);

/* Members of a call and of its outcome, for events and for --json. */
void tool_events_write_arguments(struct buf *out, const struct turn_call *call);
void tool_events_write_outcome(struct buf *out, const struct tool_outcome *outcome);

#endif
