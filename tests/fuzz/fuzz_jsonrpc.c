/* SPDX-License-Identifier: MIT */
/* Messages: every part lies inside the line; an answer to any id is a message with that id. */
#include "config.h"

#include "base/jsonrpc.h"
#include "fuzz.h"

static void inside(struct json_span part, const char *text, size_t len)
{
	MUST(!part.at || (part.at >= text && part.at + part.len <= text + len));
}

static void answer_it(const struct jsonrpc_message *message)
{
	struct jsonrpc_message back;
	struct buf line = BUF_INIT;
	struct err err;

	jsonrpc_write_result(&line, message->id, "{}", 2);
	MUST(line.len > 1 && line.data[line.len - 1] == '\n');
	MUST(!memchr(line.data, '\n', line.len - 1));
	MUST(jsonrpc_read(line.data, line.len - 1, &json_limits_default, &back, &err) == 0);
	MUST(back.kind == JSONRPC_RESULT && back.id.len == message->id.len);
	MUST(memcmp(back.id.at, message->id.at, back.id.len) == 0);
	buf_clear(&line);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	const char *text = (const char *)bytes;
	struct jsonrpc_message message;
	struct json_span element = {NULL, 0};
	struct err err;

	if (jsonrpc_read(text, len, &json_limits_splice, &message, &err))
		return 0;
	inside(message.whole, text, len);
	inside(message.id, text, len);
	inside(message.method, text, len);
	inside(message.params, text, len);
	inside(message.result, text, len);
	inside(message.error, text, len);
	if (message.kind == JSONRPC_REQUEST)
		answer_it(&message);
	while (message.kind == JSONRPC_BATCH && json_span_next(message.whole, &element)) {
		struct jsonrpc_message one;

		inside(element, text, len);
		(void)!jsonrpc_read_span(element, &one, &err);
	}
	return 0;
}
