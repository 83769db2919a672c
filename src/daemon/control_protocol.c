/* SPDX-License-Identifier: MIT */
/* Failures across the socket: the kind travels as the exit status that it stands for. */
#include "config.h"

#include "daemon/control_protocol.h"

#include <stdlib.h>

#include "agent/tool_batch.h"
#include "base/json_write.h"
#include "trust/asker.h"

const char *const control_approvals[] = {
	[APPROVAL_GRANTED] = "granted",
	[APPROVAL_GRANTED_FOR_RUN] = "granted-for-run",
	[APPROVAL_REFUSED] = "refused",
	[APPROVAL_NOBODY] = "nobody",
};

const char *const control_verdicts[] = {
	[TOOL_DONE] = "done",
	[TOOL_FAILED] = "failed",
	[TOOL_DENIED] = "denied",
	[TOOL_NOBODY] = "nobody",
};

int control_word(const char *const words[], int n, struct json_span word)
{
	for (int i = 0; i < n; i++)
		if (json_span_equals(word, words[i]))
			return i;
	return -1;
}

void control_write_failure(struct buf *out, struct json_span id, const struct err *err)
{
	buf_append_text(out, "{\"jsonrpc\":\"2.0\"");
	json_write_member_json(out, "id", id.at, id.len);
	json_write_key(out, "error");
	buf_append_char(out, '{');
	json_write_member_int(out, "code", CONTROL_FAILURE);
	json_write_member(out, "message", err->text);
	json_write_key(out, "data");
	buf_append_char(out, '{');
	json_write_member_int(out, "exit", err_exit_code(err->kind));
	buf_append_text(out, "}}}\n");
}

static enum err_kind kind_of_exit(int64_t exit_code)
{
	for (int kind = ERR_NONE + 1; kind < ERR_KINDS; kind++)
		if (err_exit_code((enum err_kind)kind) == exit_code)
			return (enum err_kind)kind;
	return ERR_PROTOCOL;
}

void control_read_failure(struct json_span error, struct json_span data, struct err *err)
{
	char *text = json_span_text(json_span_member(error, "message"), ERR_TEXT_BYTES - 1);
	int64_t exit_code = 0;

	(void)json_span_int64(json_span_member(data, "exit"), &exit_code);
	err_set(err, kind_of_exit(exit_code), "%s",
		text ? text : "the daemon refused, and does not say why");
	free(text);
}
