/* SPDX-License-Identifier: MIT */
/*
 * chat_stream against recorded traffic of real services, which lies beside the source tree; without
 * it the tests skip. Beside each stream lies what the official clients made of it.
 */
#include "unit.h"

#include <glob.h>
#include <json-c/json_object.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/sse.h"
#include "model/chat_stream.h"

#define GOLDEN_SUFFIX ".golden.json"
#define ROUND_TRIP                                               \
	"ruby_llm/chat_openrouter_reasoning_details_round-trip_" \
	"accumulates_reasoning_details_while_streaming_tool_calls"

static char *recorded_path(const char *rest)
{
	const char *top = getenv("TOP_SRCDIR");
	struct buf path = BUF_INIT;

	buf_format(&path, "%s/../shared/recorded/%s", top ? top : ".", rest);
	return buf_take(&path);
}

static void read_whole(const char *path, struct buf *out)
{
	FILE *file = fopen(path, "r");
	size_t n;

	if (!file)
		fail_msg("%s cannot be opened", path);
	do {
		char *to = buf_reserve(out, 65536);

		n = fread(to, 1, 65536, file);
		out->len += n;
	} while (n > 0);
	buf_append(out, "", 0);
	fclose(file);
}

static struct json_object *read_json(const char *path)
{
	struct buf text = BUF_INIT;
	struct json_object *value = NULL;
	struct err err;

	read_whole(path, &text);
	if (json_parse(text.data, text.len, &json_limits_default, &value, &err))
		fail_msg("%s: %s", path, err.text);
	buf_clear(&text);
	return value;
}

/* One run: a stream's bytes, as many of its events as `events_max`, and what came of them. */
struct run {
	struct chat_stream *stream;
	size_t events, events_max;
	bool failed;
	struct err err;
	struct chat_answer *answer;
	struct buf told; /* through on_text */
};

static void on_text(void *arg, const char *text, size_t len)
{
	struct run *run = arg;

	buf_append(&run->told, text, len);
}

static void on_event(void *arg, const struct sse_event *event)
{
	struct run *run = arg;

	if (run->events++ >= run->events_max || run->failed)
		return;
	run->failed = event->error ||
		      chat_stream_chunk(run->stream, event->data, event->len, &run->err) != 0;
	if (event->error)
		err_set(&run->err, ERR_PROTOCOL, "%s", event->error);
}

static void run_stream(struct run *run, const struct buf *bytes, size_t step, size_t events_max)
{
	static const struct chat_stream_listener listener = {.on_text = on_text};
	struct sse *sse = sse_new(SSE_EVENT_MAX_BYTES, on_event, run);
	struct err err;

	*run = (struct run){.events_max = events_max, .told = BUF_INIT};
	run->stream = chat_stream_new(&listener, run);
	for (size_t at = 0; at < bytes->len; at += step)
		assert_int_equal(sse_feed(sse, bytes->data + at,
					  step < bytes->len - at ? step : bytes->len - at, &err),
				 0);
	sse_finish(sse);
	sse_free(&sse);
	if (!run->failed)
		run->answer = chat_stream_finish(run->stream, &run->err);
}

static void run_clear(struct run *run)
{
	chat_stream_free(&run->stream);
	chat_answer_free(&run->answer);
	buf_clear(&run->told);
}

static bool same_text(const char *a, const char *b)
{
	return (!a && !b) || (a && b && strcmp(a, b) == 0);
}

static void assert_same_text(const char *path, const char *what, const char *got,
			     const char *wanted)
{
	if (!same_text(got, wanted))
		fail_msg("%s: %s\n got: %s\nwant: %s", path, what, got ? got : "(null)",
			 wanted ? wanted : "(null)");
}

/* Calls: the ids of the same bytes may differ where the service gave none. */
static void assert_same_answer(const char *path, const struct run *a, const struct run *b)
{
	const struct chat_answer *x = a->answer, *y = b->answer;

	if (!x || !y) {
		assert_true(!x && !y);
		assert_int_equal(a->err.kind, b->err.kind);
		assert_same_text(path, "error", a->err.text, b->err.text);
		return;
	}
	assert_same_text(path, "text", x->text, y->text);
	assert_same_text(path, "reasoning", x->reasoning, y->reasoning);
	assert_same_text(path, "details", x->reasoning_details, y->reasoning_details);
	assert_same_text(path, "finish_reason", x->finish_reason, y->finish_reason);
	assert_int_equal(x->calls, y->calls);
	for (size_t i = 0; i < x->calls; i++) {
		assert_same_text(path, "name", x->call[i].name, y->call[i].name);
		assert_same_text(path, "arguments", x->call[i].arguments, y->call[i].arguments);
	}
	assert_int_equal(x->usage.total_tokens, y->usage.total_tokens);
}

static void assert_golden_calls(const char *path, const struct chat_answer *answer,
				struct json_object *golden)
{
	struct json_object *calls = json_member_array(golden, "tool_calls");

	assert_int_equal(answer->calls, json_object_array_length(calls));
	for (size_t i = 0; i < answer->calls; i++) {
		struct json_object *call = json_object_array_get_idx(calls, i);

		assert_same_text(path, "name", answer->call[i].name,
				 json_member_string(call, "name"));
		assert_same_text(path, "id", answer->call[i].id, json_member_string(call, "id"));
		assert_same_text(path, "arguments", answer->call[i].arguments,
				 json_member_string(call, "arguments"));
		assert_null(answer->call[i].broken);
	}
}

static void assert_golden_details(const char *path, const char *details, struct json_object *wanted)
{
	struct json_object *got = NULL;
	struct err err;

	if (details)
		assert_int_equal(
			json_parse(details, strlen(details), &json_limits_default, &got, &err), 0);
	if (details ? !json_object_equal(got, wanted) : json_object_array_length(wanted) > 0)
		fail_msg("%s: reasoning_details are %s", path, details ? details : "absent");
	json_put(&got);
}

static void assert_golden(const char *path, const struct run *run, struct json_object *root)
{
	struct json_object *golden = json_member_object(root, "openai");
	struct json_object *openrouter = json_member_object(root, "openrouter");
	struct json_object *usage = json_member_object(golden, "usage");
	const char *content = json_member_string(golden, "content");

	if (!run->answer)
		fail_msg("%s: %s", path, run->err.text);
	assert_same_text(path, "content", run->answer->text, content ? content : "");
	assert_same_text(path, "content as told", buf_text(&run->told), run->answer->text);
	assert_same_text(path, "finish_reason", run->answer->finish_reason,
			 json_member_string(golden, "finish_reason"));
	assert_golden_calls(path, run->answer, golden);
	if (json_member(usage, "total_tokens"))
		assert_int_equal(run->answer->usage.total_tokens,
				 json_member_int(usage, "total_tokens", -1));
	if (!openrouter)
		return;
	assert_same_text(path, "reasoning", run->answer->reasoning ? run->answer->reasoning : "",
			 json_member_string(openrouter, "reasoning"));
	assert_golden_details(path, run->answer->reasoning_details,
			      json_member_array(openrouter, "reasoning_details"));
}

/*
 * Where the official client gave up: on what a peer may leave out (we do not), or because the
 * service told an error (then there must be no answer here either).
 */
static void assert_golden_error(const char *path, const struct run *run, struct json_object *root)
{
	const char *error = json_member_string(json_member_object(root, "openai"), "error");

	assert_non_null(error);
	if (strncmp(error, "APIError", strlen("APIError")) != 0) {
		if (!run->answer)
			fail_msg("%s: %s", path, run->err.text);
		return;
	}
	assert_null(run->answer);
	assert_true(strlen(run->err.text) > 0);
}

static void with_crlf(const struct buf *bytes, struct buf *out)
{
	for (size_t i = 0; i < bytes->len; i++) {
		if (bytes->data[i] == '\n' && (i == 0 || bytes->data[i - 1] != '\r'))
			buf_append_char(out, '\r');
		buf_append_char(out, bytes->data[i]);
	}
}

/* Whether the whole answer has this usable call. */
static bool has_call(const struct chat_answer *whole, const struct chat_tool_call *call)
{
	for (size_t i = 0; whole && i < whole->calls; i++)
		if (same_text(whole->call[i].name, call->name) &&
		    same_text(whole->call[i].arguments, call->arguments))
			return true;
	return false;
}

static void cut_everywhere(const char *path, const struct buf *bytes, const struct run *whole)
{
	for (size_t events = 0; events < whole->events; events++) {
		struct run run;

		run_stream(&run, bytes, bytes->len, events);
		if (!run.answer && strlen(run.err.text) == 0)
			fail_msg("%s: nothing is said after %zu events", path, events);
		for (size_t i = 0; run.answer && i < run.answer->calls; i++)
			if (run.answer->call[i].arguments &&
			    !has_call(whole->answer, &run.answer->call[i]))
				fail_msg("%s: an unfinished call after %zu events: %s", path,
					 events, run.answer->call[i].arguments);
		if (run.answer && !run.answer->finish_reason)
			assert_true(chat_stream_is_done(run.stream));
		run_clear(&run);
	}
}

typedef void stream_fn(const char *path, const struct buf *bytes, struct json_object *golden);

static bool is_recorded(void)
{
	char *path = recorded_path(ROUND_TRIP "/00.response.sse");
	bool is_there = access(path, R_OK) == 0;

	free(path);
	return is_there;
}

static void each_stream(stream_fn *fn)
{
	char *pattern = recorded_path("*/*/*" GOLDEN_SUFFIX);
	glob_t found;

	if (glob(pattern, 0, NULL, &found))
		fail_msg("nothing matches %s", pattern);
	free(pattern);
	for (size_t i = 0; i < found.gl_pathc; i++) {
		const char *path = found.gl_pathv[i];
		struct json_object *golden = read_json(path);
		struct buf name = BUF_INIT, bytes = BUF_INIT;

		buf_append(&name, path, strlen(path) - strlen(GOLDEN_SUFFIX));
		buf_append_text(&name, ".response.sse");
		read_whole(name.data, &bytes);
		fn(path, &bytes, golden);
		buf_clear(&name);
		buf_clear(&bytes);
		json_put(&golden);
	}
	globfree(&found);
}

static void check_golden(const char *path, const struct buf *bytes, struct json_object *golden)
{
	struct buf crlf = BUF_INIT;
	struct run whole, single, returns;

	run_stream(&whole, bytes, bytes->len, SIZE_MAX);
	if (json_member(json_member(golden, "openai"), "error"))
		assert_golden_error(path, &whole, golden);
	else
		assert_golden(path, &whole, golden);
	run_stream(&single, bytes, 1, SIZE_MAX);
	assert_same_answer(path, &single, &whole);
	with_crlf(bytes, &crlf);
	run_stream(&returns, &crlf, 1000, SIZE_MAX);
	assert_same_answer(path, &returns, &whole);
	buf_clear(&crlf);
	run_clear(&whole);
	run_clear(&single);
	run_clear(&returns);
}

static void check_cuts(const char *path, const struct buf *bytes, struct json_object *golden)
{
	struct run whole;

	(void)golden;
	run_stream(&whole, bytes, bytes->len, SIZE_MAX);
	cut_everywhere(path, bytes, &whole);
	run_clear(&whole);
}

static void gives_the_golden_message(void **state)
{
	(void)state;
	each_stream(check_golden);
}

static void no_call_of_a_cut_stream_is_taken_for_whole(void **state)
{
	(void)state;
	each_stream(check_cuts);
}

/* The array that the service accepted in the follow-up request is the one that we send back. */
static void sends_reasoning_details_back(void **state)
{
	char *stream_path = recorded_path(ROUND_TRIP "/00.response.sse");
	char *request_path = recorded_path(ROUND_TRIP "/01.request.json");
	struct json_object *request, *messages, *wanted = NULL;
	struct buf bytes = BUF_INIT;
	struct run run;

	(void)state;
	read_whole(stream_path, &bytes);
	run_stream(&run, &bytes, bytes.len, SIZE_MAX);
	assert_non_null(run.answer);
	request = read_json(request_path);
	messages = json_member_array(request, "messages");
	for (size_t i = 0; i < json_object_array_length(messages) && !wanted; i++)
		wanted = json_member_array(json_object_array_get_idx(messages, i),
					   "reasoning_details");
	assert_non_null(wanted);
	assert_golden_details(stream_path, run.answer->reasoning_details, wanted);
	json_put(&request);
	run_clear(&run);
	buf_clear(&bytes);
	free(stream_path);
	free(request_path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(gives_the_golden_message),
		cmocka_unit_test(no_call_of_a_cut_stream_is_taken_for_whole),
		cmocka_unit_test(sends_reasoning_details_back),
	};

	if (!is_recorded()) {
		puts("1..0 # SKIP no recorded traffic beside the source tree");
		return 0;
	}
	return cmocka_run_group_tests_name("chat_recorded", tests, NULL, NULL);
}
