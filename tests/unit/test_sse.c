/* SPDX-License-Identifier: MIT */
/* The same events come out however the bytes were cut and however lines end. */
#include "unit.h"

#include "base/buf.h"
#include "base/sse.h"

static void note(void *arg, const struct sse_event *event)
{
	struct buf *out = arg;

	assert_int_equal(event->data[event->len], '\0');
	buf_format(out, "[%s|", event->type);
	buf_append(out, event->data, event->len);
	buf_format(out, "|%s|%ld%s%s]", event->id, event->retry_ms, event->error ? "|" : "",
		   event->error ? event->error : "");
}

/* Feeds the first `cut` bytes at once and the rest in steps. */
static void feed_cut(const char *text, size_t len, size_t cut, size_t step, struct buf *out)
{
	struct sse *sse = sse_new(SSE_EVENT_MAX_BYTES, note, out);
	struct err err;

	assert_int_equal(sse_feed(sse, text, cut, &err), 0);
	for (size_t at = cut; at < len; at += step)
		assert_int_equal(sse_feed(sse, text + at, step < len - at ? step : len - at, &err),
				 0);
	sse_finish(sse);
	sse_free(&sse);
}

static const char stream[] = "\xef\xbb\xbf: OPENROUTER PROCESSING\n\n"
			     "data: a\n\n"
			     "data:b\ndata: \ndata:  c: d\n\n"
			     "event: error\ndata: {\"x\":1}\n\n"
			     "id: 7\nretry: 250\n\n"
			     "event: lost\n\n"
			     "data\n\n"
			     "retry: 1x\nnonsense\nunknown: field\ndata: \xef\xbb\xbf\xc3\xa9\n\n"
			     "error: {\"code\":1}\n\n"
			     "data: [DONE]\n\n"
			     "data: unfinished\n";

static const char events[] = "[message|a||-1][message|b\n\n c: d||-1][error|{\"x\":1}||-1]"
			     "[message||7|250][message|\xef\xbb\xbf\xc3\xa9|7|250]"
			     "[message||7|250|{\"code\":1}][message|[DONE]|7|250]";

static void same_events_however_cut(void **state)
{
	static const char *const ends[] = {"\n", "\r", "\r\n"};

	(void)state;
	for (size_t e = 0; e < COUNT(ends); e++) {
		struct buf text = BUF_INIT;

		for (const char *at = stream; *at; at++)
			if (*at == '\n')
				buf_append_text(&text, ends[e]);
			else
				buf_append_char(&text, *at);
		for (size_t cut = 0; cut <= text.len; cut++) {
			struct buf whole = BUF_INIT, bytes = BUF_INIT;

			feed_cut(text.data, text.len, cut, text.len, &whole);
			assert_string_equal(whole.data, events);
			feed_cut(text.data, text.len, cut, 1, &bytes);
			assert_string_equal(bytes.data, events);
			buf_clear(&whole);
			buf_clear(&bytes);
		}
		buf_clear(&text);
	}
}

static void refuses_what_is_too_large(void **state)
{
	static const char *const texts[] = {"data: 0123456789abcdef",
					    "data: 01234567\ndata: 89ab\n", "0123456789abcdefg"};

	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++) {
		struct buf out = BUF_INIT;
		struct sse *sse = sse_new(16, note, &out);
		struct err err = {0};
		int status = 0;

		for (const char *at = texts[i]; *at && status == 0; at++)
			status = sse_feed(sse, at, 1, &err);
		status = status ? status : sse_feed(sse, LITERAL("data: xyz\n"), &err);
		assert_int_equal(status, -1);
		assert_int_equal(err.kind, ERR_PROTOCOL);
		assert_int_equal(out.len, 0);
		sse_free(&sse);
		buf_clear(&out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(same_events_however_cut),
		cmocka_unit_test(refuses_what_is_too_large),
	};

	return cmocka_run_group_tests_name("sse", tests, NULL, NULL);
}
