/* SPDX-License-Identifier: MIT */
/*
 * Streams that real endpoints sent, beside what the official clients make of them. The recordings
 * lie beside the project (../shared/recorded); without them this test says that it is skipped.
 */
#include "config.h"

#include <fcntl.h>
#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <json-c/json.h>

#include "base/json.h"
#include "base/json_write.h"
#include "base/mem.h"
#include "base/sse.h"
#include "io/file.h"
#include "model/chat_stream.h"

#define RECORDING_MAX_BYTES ((size_t)64 << 20)

struct recording {
	const char *name;
	struct buf bytes; /* of the stream */
	struct json_object *golden;
};

static glob_t recordings;

static void read_whole(const char *path, struct buf *out)
{
	struct err err;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	assert_true(fd >= 0);
	buf_init(out, RECORDING_MAX_BYTES);
	assert_int_equal(file_read_all(fd, out, &err), 0);
	close(fd);
}

static void recording_open(struct recording *recording, const char *golden_path)
{
	const char *cut = strstr(golden_path, ".golden.json");
	char *path = mem_format("%.*s.response.sse", (int)(cut - golden_path), golden_path);
	struct buf golden;
	struct err err;

	recording->name = golden_path;
	read_whole(path, &recording->bytes);
	read_whole(golden_path, &golden);
	assert_int_equal(
		json_parse(golden.data, golden.len, &json_limits_default, &recording->golden, &err),
		0);
	buf_clear(&golden);
	free(path);
}

static void recording_close(struct recording *recording)
{
	buf_clear(&recording->bytes);
	json_put(&recording->golden);
}

/* Feeding */

struct feed {
	struct chat_stream *stream;
	bool failed;
	struct err err;
};

static void take_event(void *arg, const struct sse_event *event)
{
	struct feed *feed = arg;

	if (!feed->failed && chat_stream_chunk(feed->stream, event->data, event->len, &feed->err))
		feed->failed = true;
}

/* piece 0: whole. NULL: the stream told an error or was incomplete. */
static struct chat_answer *feed_bytes(const char *bytes, size_t len, size_t piece)
{
	struct feed feed = {.stream = chat_stream_new(NULL, NULL)};
	struct sse *sse = sse_new(SSE_EVENT_MAX_BYTES, take_event, &feed);
	struct chat_answer *answer = NULL;

	for (size_t at = 0; at < len;) {
		size_t n = piece && len - at > piece ? piece : len - at;

		assert_int_equal(sse_feed(sse, bytes + at, n, &feed.err), 0);
		at += n;
	}
	sse_finish(sse);
	if (!feed.failed)
		answer = chat_stream_finish(feed.stream, &feed.err);
	if (!answer)
		assert_true(strlen(feed.err.text) > 0);
	chat_stream_free(&feed.stream);
	sse_free(&sse);
	return answer;
}

/* Comparing */

static void same_text(const struct recording *recording, const char *what, const char *got,
		      const char *wanted)
{
	if (strcmp(got ? got : "", wanted ? wanted : "") != 0)
		fail_msg("%s: %s is \"%s\", wanted \"%s\"", recording->name, what, got, wanted);
}

/* Arguments are equal as values: an empty text and {} are the same. */
static void same_arguments(const struct recording *recording, const char *got, const char *wanted)
{
	struct json_object *a = NULL, *b = NULL;
	struct err err;

	if (!wanted || !*wanted)
		wanted = "{}";
	assert_non_null(got);
	assert_int_equal(json_parse(got, strlen(got), &json_limits_default, &a, &err), 0);
	assert_int_equal(json_parse(wanted, strlen(wanted), &json_limits_default, &b, &err), 0);
	if (!json_object_equal(a, b))
		fail_msg("%s: arguments %s, wanted %s", recording->name, got, wanted);
	json_put(&a);
	json_put(&b);
}

static void same_calls(const struct recording *recording, const struct chat_answer *answer)
{
	struct json_object *calls =
		json_member_array(json_member_object(recording->golden, "openai"), "tool_calls");

	assert_int_equal(answer->calls, json_object_array_length(calls));
	for (size_t i = 0; i < answer->calls; i++) {
		struct json_object *call = json_object_array_get_idx(calls, i);
		struct json_object *function = json_member_object(call, "function");

		if (!function)
			function = call;
		same_text(recording, "a call's id", answer->call[i].id,
			  json_member_string(call, "id"));
		same_text(recording, "a call's name", answer->call[i].name,
			  json_member_string(function, "name"));
		same_arguments(recording, answer->call[i].arguments,
			       json_member_string(function, "arguments"));
	}
}

static void same_details(const struct recording *recording, const struct chat_answer *answer)
{
	struct json_object *wanted = json_member_array(
		json_member_object(recording->golden, "openrouter"), "reasoning_details");
	struct json_object *got = NULL;
	struct err err;

	if (!wanted || json_object_array_length(wanted) == 0)
		return;
	assert_non_null(answer->reasoning_details);
	assert_int_equal(json_parse(answer->reasoning_details, strlen(answer->reasoning_details),
				    &json_limits_default, &got, &err),
			 0);
	if (!json_object_equal(got, wanted))
		fail_msg("%s: reasoning_details %s", recording->name, answer->reasoning_details);
	json_put(&got);
}

static void same_answer(const struct recording *recording, const struct chat_answer *answer)
{
	struct json_object *openai = json_member_object(recording->golden, "openai");
	struct json_object *usage = json_member_object(openai, "usage");

	assert_non_null(answer);
	same_text(recording, "the text", answer->text, json_member_string(openai, "content"));
	same_text(recording, "finish_reason", answer->finish_reason,
		  json_member_string(openai, "finish_reason"));
	same_calls(recording, answer);
	same_details(recording, answer);
	if (usage)
		assert_int_equal(answer->usage.total_tokens,
				 json_member_int(usage, "total_tokens", 0));
}

/* What the official client's accumulator made nothing of. */
static const char *golden_error(const struct recording *recording)
{
	return json_member_string(json_member_object(recording->golden, "openai"), "error");
}

static void judge(const struct recording *recording, const char *bytes, size_t len, size_t piece)
{
	struct chat_answer *answer = feed_bytes(bytes, len, piece);
	const char *error = golden_error(recording);

	if (!error)
		same_answer(recording, answer);
	else if (strncmp(error, "APIError", strlen("APIError")) == 0)
		assert_null(answer);
	chat_answer_free(&answer);
}

/* The tests */

static void for_each(void (*test)(const struct recording *recording))
{
	if (recordings.gl_pathc == 0)
		skip();
	for (size_t i = 0; i < recordings.gl_pathc; i++) {
		struct recording recording;

		recording_open(&recording, recordings.gl_pathv[i]);
		test(&recording);
		recording_close(&recording);
	}
}

static void judge_whole(const struct recording *recording)
{
	judge(recording, recording->bytes.data, recording->bytes.len, 0);
}

static void whole(void **state)
{
	(void)state;
	for_each(judge_whole);
}

static void judge_bytes(const struct recording *recording)
{
	judge(recording, recording->bytes.data, recording->bytes.len, 1);
}

static void one_byte_at_a_time(void **state)
{
	(void)state;
	for_each(judge_bytes);
}

static void judge_crlf(const struct recording *recording)
{
	struct buf crlf = BUF_INIT;

	for (size_t i = 0; i < recording->bytes.len; i++) {
		char byte = recording->bytes.data[i];

		if (byte == '\n' && (i == 0 || recording->bytes.data[i - 1] != '\r'))
			buf_append_char(&crlf, '\r');
		buf_append_char(&crlf, byte);
	}
	judge(recording, crlf.data, crlf.len, 7);
	buf_clear(&crlf);
}

static void with_crlf(void **state)
{
	(void)state;
	for_each(judge_crlf);
}

/* Either it is known to be incomplete, or it is the whole answer. */
static void judge_cut(const struct recording *recording)
{
	const char *bytes = recording->bytes.data, *at = bytes;
	struct json_object *openai = json_member_object(recording->golden, "openai");

	while ((at = strstr(at, "\n\n"))) {
		struct chat_answer *answer;

		at += 2;
		answer = feed_bytes(bytes, (size_t)(at - bytes), 0);
		if (answer && !golden_error(recording)) {
			same_text(recording, "the text of a cut stream", answer->text,
				  json_member_string(openai, "content"));
			same_calls(recording, answer);
		}
		chat_answer_free(&answer);
	}
}

static void cut_at_every_event(void **state)
{
	(void)state;
	for_each(judge_cut);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whole),
		cmocka_unit_test(one_byte_at_a_time),
		cmocka_unit_test(with_crlf),
		cmocka_unit_test(cut_at_every_event),
	};
	const char *source = getenv("TOP_SRCDIR");
	char *pattern =
		mem_format("%s/../shared/recorded/*/*/*.golden.json", source ? source : ".");
	int status;

	glob(pattern, 0, NULL, &recordings);
	status = cmocka_run_group_tests(tests, NULL, NULL);
	globfree(&recordings);
	free(pattern);
	return status;
}
