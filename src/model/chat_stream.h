/* SPDX-License-Identifier: MIT */
/*
 * chat_stream: chunks of a streamed completion, or one whole body, gathered into a chat_answer.
 *
 * Independent of the transport, so that recorded traffic tests it. Merges tool calls by index (a
 * new id under the same index is a new call; a missing index means the last open call),
 * reasoning_details by (type, index), tolerates everything listed in the reference "Streaming".
 */
#ifndef CORDPAIR_MODEL_CHAT_STREAM_H
#define CORDPAIR_MODEL_CHAT_STREAM_H

#include "base/err.h"
#include "model/chat.h"
#include "model/chat_error.h"

struct chat_stream_listener {
	void (*on_text)(void *arg, const char *text, size_t len);
	void (*on_reasoning)(void *arg, const char *text, size_t len);
};

struct chat_stream;
struct chat_stream *chat_stream_new(const struct chat_stream_listener *listener, void *arg);
void chat_stream_free(struct chat_stream **stream);
/* For the sentences of errors; either may be NULL. Copied. */
void chat_stream_set_names(struct chat_stream *stream, const char *base_url, const char *model);

/*
 * One `data:` payload ("[DONE]" included), or a whole non-streaming body. -1: it carried an error
 * or is no JSON object; *err has the classified error (see chat_error.h).
 */
int chat_stream_chunk(struct chat_stream *stream, const char *json, size_t len, struct err *err)
	__attribute__((warn_unused_result));
int chat_stream_body(struct chat_stream *stream, const char *json, size_t len, struct err *err)
	__attribute__((warn_unused_result));

/* After such an error: whether to try again, as far as the endpoint itself is concerned. */
struct chat_error_advice chat_stream_advice(const struct chat_stream *stream);
/* True after [DONE] or a whole body: nothing more will count. */
bool chat_stream_is_done(const struct chat_stream *stream);

/* True when no text of the answer has arrived: a retry is harmless. No tool is called before the
 * end, and reasoning is told to programs only, which learn of the retry. */
bool chat_stream_untouched(const struct chat_stream *stream);

/*
 * The end of the stream. NULL: incomplete (neither [DONE] nor a finish_reason), or empty (no text,
 * no calls, no finish_reason); *err says which. A call whose arguments were cut off is never among
 * the answer's usable calls: it is marked broken.
 */
struct chat_answer *chat_stream_finish(struct chat_stream *stream, struct err *err)
	__attribute__((warn_unused_result));
/* What had arrived when the stream broke, for display; without tool calls. Caller frees. */
char *chat_stream_partial_text(const struct chat_stream *stream);

#endif
