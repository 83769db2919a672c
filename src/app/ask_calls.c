/* SPDX-License-Identifier: MIT */
/* Each call is written when it begins, and its object is closed when all is written. */
#include "config.h"

#include "app/ask_calls.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "app/tool_events.h"
#include "base/json_write.h"
#include "base/mem.h"

struct kept_call {
	char *id;
	struct buf json; /* an object that is not closed yet */
	bool settled;
};

void ask_calls_keep(struct ask_calls *calls, const struct turn_call *call)
{
	struct kept_call *kept;

	calls->call = mem_resize_array(calls->call, calls->count + 1, sizeof(*calls->call));
	kept = &calls->call[calls->count++];
	*kept = (struct kept_call){.id = mem_string(call->id), .json = BUF_INIT};
	buf_append_char(&kept->json, '{');
	json_write_member(&kept->json, "id", call->id);
	json_write_member(&kept->json, "name", call->name);
	if (call->server) {
		json_write_member(&kept->json, "server", call->server);
		json_write_member(&kept->json, "tool", call->tool);
	}
	tool_events_write_arguments(&kept->json, call);
}

void ask_calls_settle(struct ask_calls *calls, const struct turn_call *call,
		      const struct tool_outcome *outcome)
{
	for (size_t i = calls->count; i > 0; i--) {
		struct kept_call *kept = &calls->call[i - 1];

		if (strcmp(kept->id, call->id) != 0)
			continue;
		tool_events_write_outcome(&kept->json, outcome);
		kept->settled = true;
		return;
	}
}

void ask_calls_write(const struct ask_calls *calls, struct buf *out)
{
	json_write_key(out, "calls");
	buf_append_char(out, '[');
	for (size_t i = 0; i < calls->count; i++) {
		const struct kept_call *kept = &calls->call[i];

		if (i > 0)
			buf_append_char(out, ',');
		buf_append(out, buf_text(&kept->json), kept->json.len);
		if (!kept->settled)
			json_write_member(out, "status", "cancelled");
		buf_append_char(out, '}');
	}
	buf_append_char(out, ']');
}

void ask_calls_clear(struct ask_calls *calls)
{
	for (size_t i = 0; i < calls->count; i++) {
		free(calls->call[i].id);
		buf_clear(&calls->call[i].json);
	}
	free(calls->call);
	*calls = (struct ask_calls){0};
}
