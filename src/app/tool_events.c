/* SPDX-License-Identifier: MIT */
/* What share/cordpair/schema/events.json says of tool.* and approval.*. */
#include "config.h"

#include "app/tool_events.h"

#include <string.h>

#include "base/json_write.h"

static struct buf *begin(struct events *events, const char *type, const struct turn_call *call)
{
	struct buf *event = events_begin(events, type);

	if (!event)
		return NULL;
	json_write_member(event, "id", call->id);
	json_write_member(event, "name", call->name);
	if (call->server) {
		json_write_member(event, "server", call->server);
		json_write_member(event, "tool", call->tool);
	}
	return event;
}

void tool_events_write_arguments(struct buf *out, const struct turn_call *call)
{
	if (!call->arguments)
		return;
	/* The model's own text may be spread over lines; an event is one. */
	json_write_key(out, "arguments");
	json_write_compact(out, call->arguments, strlen(call->arguments));
}

static void send_with_arguments(struct events *events, const char *type,
				const struct turn_call *call)
{
	struct buf *event = begin(events, type, call);

	if (!event)
		return;
	tool_events_write_arguments(event, call);
	events_send(events);
}

void tool_events_call(struct events *events, const struct turn_call *call)
{
	send_with_arguments(events, "tool.call", call);
}

void tool_events_question(struct events *events, const struct turn_call *call)
{
	send_with_arguments(events, "approval.request", call);
}

void tool_events_approval(struct events *events, const struct turn_call *call, const char *decision,
			  const char *by)
{
	struct buf *event = begin(events, "approval.result", call);

	if (!event)
		return;
	json_write_member(event, "decision", decision);
	json_write_member(event, "by", by);
	events_send(events);
}

void tool_events_progress(struct events *events, const struct turn_call *call, double progress,
			  double total, const char *message)
{
	struct buf *event = begin(events, "tool.progress", call);

	if (!event)
		return;
	json_write_key(event, "progress");
	buf_format(event, "%.10g", progress);
	if (total >= 0) {
		json_write_key(event, "total");
		buf_format(event, "%.10g", total);
	}
	if (message)
		json_write_member(event, "message", message);
	events_send(events);
}

static const char *verdict_name(enum tool_verdict verdict)
{
	static const char *const names[] = {
		[TOOL_DONE] = "done",
		[TOOL_FAILED] = "failed",
		[TOOL_DENIED] = "denied",
		[TOOL_NOBODY] = "denied",
	};

	return names[verdict];
}

void tool_events_write_outcome(struct buf *out, const struct tool_outcome *outcome)
{
	json_write_member(out, "status", verdict_name(outcome->verdict));
	json_write_member_bool(out, "is_error", outcome->result->is_error);
	json_write_member_int(out, "ms", outcome->took_us / 1000);
	json_write_member_int(out, "bytes", (int64_t)outcome->result->text_full_len);
}

void tool_events_result(struct events *events, const struct turn_call *call,
			const struct tool_outcome *outcome)
{
	struct buf *event = begin(events, "tool.result", call);

	if (!event)
		return;
	tool_events_write_outcome(event, outcome);
	json_write_key(event, "text");
	json_write_string_len(event, outcome->result->text, outcome->result->text_len);
	events_send(events);
}
