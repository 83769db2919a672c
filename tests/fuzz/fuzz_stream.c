/* SPDX-License-Identifier: MIT */
/*
 * A chat stream: server-sent events and the deltas in them, whole and in pieces: the same text, the
 * same calls; arguments of a call are a JSON object or told to be broken.
 */
#include "config.h"

#include "base/json_check.h"
#include "base/sse.h"
#include "fuzz.h"
#include "model/chat_stream.h"

struct reading {
	struct chat_stream *stream;
	struct buf told;
	bool failed;
};

static void on_text(void *arg, const char *text, size_t len)
{
	buf_append(&((struct reading *)arg)->told, text, len);
}

static void on_event(void *arg, const struct sse_event *event)
{
	struct reading *reading = arg;
	struct err err;

	MUST(event->data[event->len] == '\0');
	if (!reading->failed && chat_stream_chunk(reading->stream, event->data, event->len, &err)) {
		MUST(err.kind > ERR_NONE && err.kind < ERR_KINDS && *err.text);
		reading->failed = true;
	}
}

static void finish(struct reading *reading)
{
	struct chat_answer *answer;
	struct err err;

	answer = reading->failed ? NULL : chat_stream_finish(reading->stream, &err);
	if (!answer)
		return;
	MUST(answer->calls <= CHAT_TOOL_CALLS_MAX);
	for (size_t i = 0; i < answer->calls; i++) {
		const struct chat_tool_call *call = &answer->call[i];
		struct json_fault fault;

		MUST(call->id && call->name && (call->arguments || call->broken));
		MUST(!call->arguments || json_check(call->arguments, strlen(call->arguments),
						    &json_limits_splice, NULL, &fault) == 0);
		buf_format(&reading->told, "|%s", call->name);
		buf_append_text(&reading->told, call->arguments ? call->arguments : call->broken);
	}
	chat_answer_write_message(answer, &reading->told);
	chat_answer_free(&answer);
}

static void feed(const uint8_t *bytes, size_t len, struct cutter *cutter, struct buf *told)
{
	static const struct chat_stream_listener listener = {on_text, NULL};
	struct reading reading = {.told = BUF_INIT};
	struct sse *sse = sse_new(1 << 16, on_event, &reading);
	struct err err;

	reading.stream = chat_stream_new(&listener, &reading);
	while (len > 0) {
		size_t piece = cut_next(cutter, len);

		if (sse_feed(sse, (const char *)bytes, piece, &err))
			break;
		bytes += piece;
		len -= piece;
	}
	sse_finish(sse);
	finish(&reading);
	sse_free(&sse);
	chat_stream_free(&reading.stream);
	*told = reading.told;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct cutter as_said = {bytes, len < 16 ? len : 16, 0}, whole = {NULL, 0, 0};
	struct buf a, b;

	feed(bytes, len, &as_said, &a);
	feed(bytes, len, &whole, &b);
	/* Ids that we make ourselves are random: only the lengths are compared where there are any.
	 */
	MUST(a.len == b.len);
	buf_clear(&a);
	buf_clear(&b);
	return 0;
}
