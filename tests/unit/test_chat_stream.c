/* SPDX-License-Identifier: MIT */
/* What nobody recorded: calls without an index, ids twice, broken arguments, ends of every kind. */
#include "unit.h"

#include "model/chat_stream.h"

#define CHUNK(delta, rest) "{\"choices\":[{\"index\":0,\"delta\":{" delta "}" rest "}]}"
#define CALLS(calls)	   CHUNK("\"tool_calls\":[" calls "]", "")
#define FINISH(reason)	   CHUNK("", ",\"finish_reason\":\"" reason "\"")
#define FUNCTION(name, arguments) \
	"\"function\":{\"name\":\"" name "\",\"arguments\":\"" arguments "\"}"
#define DONE "[DONE]"

/* Feeds chunks until NULL. */
static struct chat_answer *feed(const char *const chunks[], struct err *err)
{
	struct chat_stream *stream = chat_stream_new(NULL, NULL);
	struct chat_answer *answer = NULL;
	int status = 0;

	memset(err, 0, sizeof(*err));
	for (; *chunks && status == 0; chunks++)
		status = chat_stream_chunk(stream, *chunks, strlen(*chunks), err);
	if (status == 0)
		answer = chat_stream_finish(stream, err);
	chat_stream_free(&stream);
	return answer;
}

/* "name(arguments)" of each call, "!" for a broken one. */
static void assert_calls(const char *const chunks[], const char *expected)
{
	struct buf got = BUF_INIT;
	struct err err;
	struct chat_answer *answer = feed(chunks, &err);

	if (!answer)
		fail_msg("%s", err.text);
	for (size_t i = 0; i < answer->calls; i++) {
		const struct chat_tool_call *call = &answer->call[i];

		assert_true((call->arguments == NULL) == (call->broken != NULL));
		buf_format(&got, "%s(%s)", call->name, call->arguments ? call->arguments : "!");
		assert_true(strlen(call->id) > 0);
		for (size_t j = 0; j < i; j++)
			assert_string_not_equal(answer->call[j].id, call->id);
	}
	assert_string_equal(buf_text(&got), expected);
	buf_clear(&got);
	chat_answer_free(&answer);
}

#define ASSERT_CALLS(expected, ...)                                      \
	do {                                                             \
		static const char *const chunks[] = {__VA_ARGS__, NULL}; \
		assert_calls(chunks, expected);                          \
	} while (0)

static void calls_are_put_together(void **state)
{
	(void)state;
	/* By index, interleaved. */
	ASSERT_CALLS("f({\"a\":1})g({})",
		     CALLS("{\"index\":0,\"id\":\"x\"," FUNCTION("f", "{\\\"a\\\"") "}"),
		     CALLS("{\"index\":1,\"id\":\"y\"," FUNCTION("g", "{") "}"),
		     CALLS("{\"index\":0,\"function\":{\"arguments\":\":1}\"}}"),
		     CALLS("{\"index\":1,\"function\":{\"arguments\":\"}\"}}"),
		     FINISH("tool_calls"), DONE);
	/* Without an index: the last open call. */
	ASSERT_CALLS("f({\"a\":1})", CALLS("{\"id\":\"x\"," FUNCTION("f", "{\\\"a\\\"") "}"),
		     CALLS("{\"function\":{\"arguments\":\":1}\"}}"), FINISH("tool_calls"), DONE);
	/* Parallel ones without an index, each in one piece. */
	ASSERT_CALLS("f({})g({})", CALLS("{" FUNCTION("f", "{}") "},{" FUNCTION("g", "{}") "}"),
		     FINISH("tool_calls"), DONE);
	/* All with index 0 (Ollama). */
	ASSERT_CALLS("f({})f({})", CALLS("{\"index\":0,\"id\":\"x\"," FUNCTION("f", "{}") "}"),
		     CALLS("{\"index\":0,\"id\":\"y\"," FUNCTION("f", "{}") "}"),
		     FINISH("tool_calls"), DONE);
	/* One id for two calls: each gets its own. */
	ASSERT_CALLS("f({})g({})", CALLS("{\"index\":0,\"id\":\"x\"," FUNCTION("f", "{}") "}"),
		     CALLS("{\"index\":1,\"id\":\"x\"," FUNCTION("g", "{}") "}"),
		     FINISH("tool_calls"), DONE);
	/* Blanks behind complete arguments are no second call; the id again is the same call. */
	ASSERT_CALLS("f({} )", CALLS("{\"index\":0,\"id\":\"x\"," FUNCTION("f", "{}") "}"),
		     CALLS("{\"index\":0,\"id\":\"x\",\"function\":{\"arguments\":\" \"}}"),
		     FINISH("tool_calls"), FINISH("tool_calls"), DONE);
}

static void arguments_may_be_missing_or_broken(void **state)
{
	(void)state;
	ASSERT_CALLS("f({})", CALLS("{\"index\":0,\"id\":\"x\",\"function\":{\"name\":\"f\"}}"),
		     FINISH("tool_calls"), DONE);
	ASSERT_CALLS("f({})", CALLS("{\"index\":0,\"id\":\"x\"," FUNCTION("f", "null") "}"),
		     FINISH("stop"), DONE);
	ASSERT_CALLS("f(!)", CALLS("{\"index\":0,\"id\":\"x\"," FUNCTION("f", "{\\\"a\\\":") "}"),
		     FINISH("tool_calls"), DONE);
	ASSERT_CALLS("f(!)", CALLS("{\"index\":0,\"id\":\"x\"," FUNCTION("f", "[1]") "}"),
		     FINISH("tool_calls"), DONE);
	ASSERT_CALLS("(!)", CALLS("{\"index\":0,\"id\":\"x\",\"function\":{}}"),
		     FINISH("tool_calls"), DONE);
	ASSERT_CALLS("", CHUNK("\"content\":\"x\",\"tool_calls\":null", ""), FINISH("stop"), DONE);
}

/* Nobody knows what a call without arguments would have had, had the answer gone on. */
static void what_was_cut_off_is_not_called(void **state)
{
	(void)state;
	ASSERT_CALLS("f({})g(!)", CALLS("{\"index\":0,\"id\":\"x\"," FUNCTION("f", "{}") "}"),
		     CALLS("{\"index\":1,\"id\":\"y\"," FUNCTION("g", "") "}"), FINISH("length"),
		     DONE);
	ASSERT_CALLS("g(!)", CALLS("{\"index\":0,\"id\":\"y\"," FUNCTION("g", "") "}"),
		     FINISH("content_filter"), DONE);
}

static void ends_without_an_answer(void **state)
{
	static const struct {
		const char *chunks[4];
		enum err_kind kind;
		const char *says;
	} cases[] = {
		{{NULL}, ERR_TEMPORARY, "before it was complete"},
		{{DONE, NULL}, ERR_TEMPORARY, "empty"},
		{{CHUNK("\"content\":\"a\"", ""), NULL}, ERR_TEMPORARY, "before it was complete"},
		{{CALLS("{\"index\":0,\"id\":\"x\"," FUNCTION("f", "{}") "}"), NULL},
		 ERR_TEMPORARY,
		 "before it was complete"},
		{{CHUNK("\"content\":\"a\"", ""), FINISH("error"), DONE, NULL},
		 ERR_TEMPORARY,
		 "with an error"},
		{{CHUNK("\"content\":\"a\"", ""),
		  "{\"error\":{\"code\":502,\"message\":\"words\"},\"choices\":[]}", DONE, NULL},
		 ERR_TEMPORARY,
		 "words"},
		{{"{\"error\":{\"code\":401,\"message\":\"words\"}}", NULL},
		 ERR_PERMISSION,
		 "words"},
		{{"not json", NULL}, ERR_PROTOCOL, NULL},
		{{"[]", NULL}, ERR_PROTOCOL, NULL},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct err err;
		struct chat_answer *answer = feed(cases[i].chunks, &err);

		if (answer || err.kind != cases[i].kind ||
		    (cases[i].says && !strstr(err.text, cases[i].says)))
			fail_msg("%zu: kind %d: %s", i, err.kind, err.text);
	}
}

static void nothing_counts_behind_done(void **state)
{
	static const char *const chunks[] = {CHUNK("\"content\":\"a\"", ""), FINISH("stop"), DONE,
					     CHUNK("\"content\":\"b\"", ""), NULL};
	struct err err;
	struct chat_answer *answer = feed(chunks, &err);

	(void)state;
	assert_non_null(answer);
	assert_string_equal(answer->text, "a");
	chat_answer_free(&answer);
}

/* "text|reasoning|refusal" of the answer. */
static void assert_texts(const char *const chunks[], const char *expected)
{
	struct err err;
	struct chat_answer *answer = feed(chunks, &err);
	struct buf got = BUF_INIT;

	if (!answer)
		fail_msg("%s", err.text);
	buf_format(&got, "%s|%s|%s", answer->text, answer->reasoning ? answer->reasoning : "",
		   answer->refusal ? answer->refusal : "");
	assert_string_equal(buf_text(&got), expected);
	buf_clear(&got);
	chat_answer_free(&answer);
}

#define ASSERT_TEXTS(expected, ...)                                                            \
	do {                                                                                   \
		static const char *const chunks[] = {__VA_ARGS__, FINISH("stop"), DONE, NULL}; \
		assert_texts(chunks, expected);                                                \
	} while (0)

static void texts_have_many_forms(void **state)
{
	(void)state;
	ASSERT_TEXTS("ab||", CHUNK("\"content\":[\"a\",{\"type\":\"text\",\"text\":\"b\"}]", ""));
	ASSERT_TEXTS("|xy|", CHUNK("\"content\":[{\"type\":\"thinking\",\"thinking\":"
				   "[{\"type\":\"text\",\"text\":\"x\"}]},"
				   "{\"type\":\"thinking\",\"thinking\":\"y\"}]",
				   ""));
	ASSERT_TEXTS("a|why|", CHUNK("\"reasoning_content\":\"why\",\"content\":\"a\"", ""));
	ASSERT_TEXTS("a|sum|", CHUNK("\"reasoning_details\":[{\"type\":\"reasoning.summary\","
				     "\"summary\":\"sum\"}],\"content\":\"a\"",
				     ""));
	ASSERT_TEXTS("||no", CHUNK("\"refusal\":\"no\"", ""));
	/* Another choice was not asked for. */
	ASSERT_TEXTS("a||", "{\"choices\":[{\"index\":1,\"delta\":{\"content\":\"b\"}},7,"
			    "{\"index\":0,\"delta\":{\"content\":\"a\"}}]}");
}

static void calls_have_many_forms(void **state)
{
	(void)state;
	/* The name in every piece, with one index: until the arguments are complete, one call. */
	ASSERT_CALLS("f({\"a\":1})f({})", CALLS("{\"index\":0," FUNCTION("f", "{\\\"a\\\"") "}"),
		     CALLS("{\"index\":0," FUNCTION("f", ":1}") "}"),
		     CALLS("{\"index\":0," FUNCTION("f", "{}") "}"), FINISH("tool_calls"), DONE);
	/* What is behind complete arguments and blank is no second call. */
	ASSERT_CALLS("f({} )", CALLS("{\"index\":0," FUNCTION("f", "{}") "}"),
		     CALLS("{\"index\":0," FUNCTION("f", " ") "}"), FINISH("tool_calls"), DONE);
	/* Arguments as an object, not as its text. */
	ASSERT_CALLS("f({\"a\":1})f({})",
		     CALLS("7,{\"index\":0,\"function\":{\"name\":\"f\",\"arguments\":{\"a\":1}}}"),
		     CALLS("{\"index\":0,\"function\":{\"name\":\"f\",\"arguments\":{}}}"),
		     FINISH("tool_calls"), DONE);
	ASSERT_CALLS("f({\"a\":\"\\\"}\"})",
		     CALLS("{\"index\":0," FUNCTION("f", "{\\\"a\\\":\\\"\\\\\\\"}\\\"}") "}"),
		     FINISH("tool_calls"), DONE);
}

/* pieces × `piece`, each in a chunk of the form before…after. */
static void assert_too_large(const char *before, const char *after, size_t pieces, const char *says)
{
	struct chat_stream *stream = chat_stream_new(NULL, NULL);
	struct buf chunk = BUF_INIT;
	struct err err = {0};
	int status = 0;

	buf_append_text(&chunk, before);
	memset(buf_reserve(&chunk, 1 << 20), 'x', 1 << 20);
	chunk.len += 1 << 20;
	buf_append_text(&chunk, after);
	for (size_t i = 0; i < pieces; i++) {
		assert_int_equal(status, 0);
		status = chat_stream_chunk(stream, chunk.data, chunk.len, &err);
	}
	assert_int_equal(status, -1);
	assert_int_equal(err.kind, ERR_PROTOCOL);
	assert_string_equal(err.text, says);
	buf_clear(&chunk);
	chat_stream_free(&stream);
}

static void answers_have_a_size(void **state)
{
	const size_t too_many = (CHAT_ANSWER_MAX_BYTES >> 20) + 1;
	static const char says[] = "the model's answer is larger than 64 MiB";
	static const char *const members[] = {"content", "reasoning", "reasoning_content",
					      "refusal"};

	(void)state;
	for (size_t i = 0; i < COUNT(members); i++) {
		struct buf before = BUF_INIT;
		/* What is reasoning under its second name is kept twice. */
		const size_t pieces = i == 2 ? too_many / 2 + 1 : too_many;

		buf_format(&before, "{\"choices\":[{\"delta\":{\"%s\":\"", members[i]);
		assert_too_large(before.data, "\"}}]}", pieces, says);
		buf_clear(&before);
	}
}

static void arguments_have_a_size(void **state)
{
	struct chat_stream *stream = chat_stream_new(NULL, NULL);
	struct buf chunk = BUF_INIT;
	struct chat_answer *answer;
	struct err err = {0};

	(void)state;
	buf_append_text(&chunk,
			"{\"choices\":[{\"delta\":{\"tool_calls\":[{\"index\":0,\"id\":\"x\","
			"\"function\":{\"name\":\"f\",\"arguments\":\"");
	memset(buf_reserve(&chunk, 1 << 20), 'x', 1 << 20);
	chunk.len += 1 << 20;
	buf_append_text(&chunk, "\"}}]}}]}");
	for (size_t i = 0; i <= CHAT_ARGUMENTS_MAX_BYTES >> 20; i++)
		assert_int_equal(chat_stream_chunk(stream, chunk.data, chunk.len, &err), 0);
	assert_int_equal(chat_stream_chunk(stream, DONE, strlen(DONE), &err), 0);
	answer = chat_stream_finish(stream, &err);
	assert_non_null(answer);
	assert_int_equal(answer->calls, 1);
	assert_string_equal(answer->call[0].broken, "the arguments are larger than 16 MiB");
	chat_answer_free(&answer);
	buf_clear(&chunk);
	chat_stream_free(&stream);
}

/* Pieces of reasoning that belong together; the list is the one that is sent back. */
static void reasoning_is_put_together(void **state)
{
	static const struct {
		const char *pieces[2], *wanted;
	} cases[] = {
		/* Without an index a text goes on until it is signed. */
		{{"{\"type\":\"reasoning.text\",\"text\":\"a\"}",
		  "{\"type\":\"reasoning.text\",\"text\":\"b\",\"signature\":\"s\"}"},
		 "[{\"type\":\"reasoning.text\",\"text\":\"ab\",\"signature\":\"s\"}]"},
		{{"{\"type\":\"reasoning.text\",\"text\":\"a\",\"signature\":\"s\"}",
		  "{\"type\":\"reasoning.text\",\"text\":\"b\"}"},
		 "[{\"type\":\"reasoning.text\",\"text\":\"a\",\"signature\":\"s\"},"
		 "{\"type\":\"reasoning.text\",\"text\":\"b\"}]"},
		{{"{\"type\":\"reasoning.encrypted\",\"data\":\"a\"}",
		  "{\"type\":\"reasoning.encrypted\",\"data\":\"b\"}"},
		 "[{\"type\":\"reasoning.encrypted\",\"data\":\"a\"},"
		 "{\"type\":\"reasoning.encrypted\",\"data\":\"b\"}]"},
		/* One index, two ids: two entries. */
		{{"{\"type\":\"reasoning.text\",\"index\":0,\"id\":\"x\",\"text\":\"a\"}",
		  "{\"type\":\"reasoning.text\",\"index\":0,\"id\":\"y\",\"text\":\"b\"}"},
		 "[{\"type\":\"reasoning.text\",\"index\":0,\"id\":\"x\",\"text\":\"a\"},"
		 "{\"type\":\"reasoning.text\",\"index\":0,\"id\":\"y\",\"text\":\"b\"}]"},
		{{"{\"type\":\"reasoning.text\",\"index\":0,\"text\":\"a\",\"signature\":null}",
		  "{\"type\":\"reasoning.text\",\"index\":0,\"text\":\"b\",\"signature\":\"s\"}"},
		 "[{\"type\":\"reasoning.text\",\"index\":0,\"text\":\"ab\",\"signature\":\"s\"}]"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const char *chunks[] = {NULL,		NULL, CHUNK("\"content\":\"x\"", ""),
					FINISH("stop"), DONE, NULL};
		struct buf chunk[2] = {BUF_INIT, BUF_INIT};
		struct chat_answer *answer;
		struct err err;

		for (size_t k = 0; k < 2; k++) {
			buf_format(&chunk[k], CHUNK("\"reasoning_details\":[%s]", ""),
				   cases[i].pieces[k]);
			chunks[k] = chunk[k].data;
		}
		answer = feed(chunks, &err);
		assert_non_null(answer);
		assert_string_equal(answer->reasoning_details, cases[i].wanted);
		chat_answer_free(&answer);
		buf_clear(&chunk[0]);
		buf_clear(&chunk[1]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(calls_are_put_together),
		cmocka_unit_test(arguments_may_be_missing_or_broken),
		cmocka_unit_test(what_was_cut_off_is_not_called),
		cmocka_unit_test(ends_without_an_answer),
		cmocka_unit_test(nothing_counts_behind_done),
		cmocka_unit_test(texts_have_many_forms),
		cmocka_unit_test(calls_have_many_forms),
		cmocka_unit_test(answers_have_a_size),
		cmocka_unit_test(arguments_have_a_size),
		cmocka_unit_test(reasoning_is_put_together),
	};

	return cmocka_run_group_tests_name("chat_stream", tests, NULL, NULL);
}
