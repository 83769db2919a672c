/* SPDX-License-Identifier: MIT */
/* Every status and form of an endpoint's error: its kind, and whether to try again. */
#include "unit.h"

#include "model/chat_error.h"

#define BASE_URL "https://openrouter.ai/api/v1"

static struct chat_error_advice classify(long status, const char *body, const char *retry_after,
					 struct err *err)
{
	struct chat_error_advice advice;

	memset(err, 0, sizeof(*err));
	chat_error_classify(status, body, strlen(body), retry_after, BASE_URL, "some/model", err,
			    &advice);
	return advice;
}

static void every_status(void **state)
{
	static const struct {
		long status;
		enum err_kind kind;
		bool retryable;
	} cases[] = {
		{400, ERR_PROTOCOL, false},   {401, ERR_PERMISSION, false},
		{402, ERR_PERMISSION, false}, {403, ERR_PERMISSION, false},
		{404, ERR_CONFIG, false},     {408, ERR_TEMPORARY, true},
		{409, ERR_PROTOCOL, false},   {410, ERR_PROTOCOL, false},
		{412, ERR_PROTOCOL, false},   {413, ERR_PROTOCOL, false},
		{422, ERR_PROTOCOL, false},   {429, ERR_TEMPORARY, true},
		{500, ERR_TEMPORARY, true},   {502, ERR_TEMPORARY, true},
		{503, ERR_TEMPORARY, true},   {504, ERR_TEMPORARY, true},
		{524, ERR_TEMPORARY, true},   {529, ERR_TEMPORARY, true},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct err err;
		char body[64];

		/* As a status with and without a body, and inside a 200. */
		snprintf(body, sizeof(body), "{\"error\":{\"code\":%ld,\"message\":\"words\"}}",
			 cases[i].status);
		for (int form = 0; form < 3; form++) {
			struct chat_error_advice advice = classify(
				form == 2 ? 0 : cases[i].status, form == 0 ? "" : body, NULL, &err);

			if (err.kind != cases[i].kind || advice.retryable != cases[i].retryable)
				fail_msg("%ld, form %d: kind %d, retryable %d: %s", cases[i].status,
					 form, err.kind, advice.retryable, err.text);
			if (form > 0)
				assert_non_null(strstr(err.text, "words"));
			assert_non_null(strstr(err.text, "openrouter.ai"));
			assert_int_equal(advice.retry_after_ms, -1);
		}
	}
}

static void what_a_status_does_not_tell(void **state)
{
	static const struct {
		long status;
		const char *body;
		enum err_kind kind;
		bool retryable;
		const char *says;
	} cases[] = {
		{404,
		 "{\"error\":{\"message\":\"No endpoints found that support tool use.\",\"code\":404}}",
		 ERR_CONFIG, false, "cannot use tools"},
		{400, "{\"error\":{\"message\":\"x is not a valid model ID\",\"code\":400}}",
		 ERR_CONFIG, false, "--model"},
		{404, "404 page not found", ERR_CONFIG, false, "--base-url"},
		{400,
		 "{\"error\":{\"message\":\"This endpoint's maximum context length is 200000 "
		 "tokens.\",\"code\":400}}",
		 ERR_PROTOCOL, false, "longer than"},
		{429, "{\"error\":{\"message\":\"Rate limit exceeded: free-models-per-day\"}}",
		 ERR_TEMPORARY, false, "daily limit"},
		{429, "{\"error\":{\"code\":\"insufficient_quota\",\"message\":\"x\"}}",
		 ERR_PERMISSION, false, "credits"},
		{0,
		 "{\"error\":{\"code\":502,\"message\":\"Provider returned error\"},\"choices\":[]}",
		 ERR_TEMPORARY, true, "Provider returned error"},
		{0, "{\"error\":{\"code\":\"server_error\",\"message\":\"x\"}}", ERR_TEMPORARY,
		 true, NULL},
		{500, "[{\"error\":{\"message\":\"listed\"}}]", ERR_TEMPORARY, true, "listed"},
		{400, "{\"error\":\"just words\"}", ERR_PROTOCOL, false, "just words"},
		{400,
		 "{\"object\":\"error\",\"message\":\"\\\"auto\\\" tool choice requires "
		 "--enable-auto-tool-choice\",\"code\":400}",
		 ERR_CONFIG, false, "cannot use tools"},
		/* Groq: what the model wrote was no call, which another try mends. */
		{400,
		 "{\"error\":{\"message\":\"parameters for tool x did not match schema\","
		 "\"type\":\"invalid_request_error\",\"code\":\"tool_use_failed\"}}",
		 ERR_TEMPORARY, true, "did not match schema"},
		{0,
		 "{\"error\":{\"message\":\"x\",\"type\":\"invalid_request_error\","
		 "\"code\":\"tool_use_failed\",\"status_code\":400}}",
		 ERR_TEMPORARY, true, "tool call"},
		{400,
		 "{\"error\":{\"message\":\"Provider returned error\",\"code\":400,\"metadata\":{"
		 "\"raw\":\"{\\\"error\\\":{\\\"message\\\":\\\"Failed to call a function.\\\"}}\"}}}",
		 ERR_TEMPORARY, true, "Failed to call a function"},
		{502, "<html><head><title>502 Bad Gateway</title></head></html>", ERR_TEMPORARY,
		 true, "502 Bad Gateway"},
		{503,
		 "{\"error\":{\"message\":\"x\",\"availability\":{\"code\":\"x\","
		 "\"retryable\":false}}}",
		 ERR_TEMPORARY, false, NULL},
		{400, "{\"error\":{\"metadata\":7,\"code\":{},\"message\":[]}}", ERR_PROTOCOL,
		 false, NULL},
		{0, "<html>", ERR_PROTOCOL, false, "--base-url"},
		{401, "{\"error\":{\"message\":\"a\\u001b[31mb\\u202e\\nc\",\"code\":401}}",
		 ERR_PERMISSION, false, "ab\\u{202e} c"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct err err;
		struct chat_error_advice advice =
			classify(cases[i].status, cases[i].body, NULL, &err);

		if (err.kind != cases[i].kind || advice.retryable != cases[i].retryable ||
		    (cases[i].says && !strstr(err.text, cases[i].says)))
			fail_msg("%s: kind %d, retryable %d: %s", cases[i].body, err.kind,
				 advice.retryable, err.text);
	}
}

static void how_long_a_conversation_may_be(void **state)
{
	static const struct {
		long status;
		const char *message;
		bool full;
		long tokens;
	} cases[] = {
		{400,
		 "This endpoint's maximum context length is 200000 tokens. However, you requested "
		 "about 2500021 tokens (2500021 of text input).",
		 true, 200000},
		{400,
		 "This model's maximum context length is 1048565 tokens. However, you requested "
		 "1250025 tokens (1250025 in the messages, 0 in the completion).",
		 true, 1048565},
		{400, "prompt is too long: 210000 tokens > 200000 maximum", true, 200000},
		{400, "request (5000 tokens) exceeds the available context size (4096 tokens)",
		 true, 4096},
		{400,
		 "The input token count (1200000) exceeds the maximum number of tokens allowed "
		 "(1048575).",
		 true, 1048575},
		{400, "prompt too long; exceeded max context length by 1119046 tokens", true, 0},
		{400, "The total length of all messages is too long.", true, 0},
		{413, "Request too large", true, 0},
		{400, "max_tokens is too large", false, 0},
		{429, "This endpoint's maximum context length is 5 tokens.", false, 0},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		char body[512];
		struct chat_error_advice advice;
		struct err err;

		snprintf(body, sizeof(body), "{\"error\":{\"message\":\"%s\",\"code\":%ld}}",
			 cases[i].message, cases[i].status);
		advice = classify(cases[i].status, body, NULL, &err);
		if (advice.context_full != cases[i].full ||
		    advice.context_tokens != cases[i].tokens)
			fail_msg("%s: %d, %ld", cases[i].message, advice.context_full,
				 advice.context_tokens);
	}
}

static void reads_retry_after(void **state)
{
	static const struct {
		const char *value;
		long ms;
	} cases[] = {
		{NULL, -1},	     {"", -1},
		{"3", 3000},	     {"0", 0},
		{"1.5", 1500},	     {"-1", -1},
		{"soon", -1},	     {"nan", -1},
		{"1e300", 86400000}, {"Thu, 01 Jan 1970 00:00:00 GMT", 0},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct err err;

		assert_int_equal(classify(429, "{}", cases[i].value, &err).retry_after_ms,
				 cases[i].ms);
	}
}

static void media_that_are_not_taken(void **state)
{
	static const struct {
		long status;
		const char *body;
	} cases[] = {
		{404, "{\"error\":{\"message\":\"No endpoints found that support image input\","
		      "\"code\":404}}"},
		{500, "{\"error\":{\"code\":500,\"message\":\"image input is not supported - hint: "
		      "you may need to provide the mmproj\",\"type\":\"server_error\"}}"},
		{400,
		 "{\"error\":{\"message\":\"Image inputs are not supported by this model.\"}}"},
		{400,
		 "{\"error\":{\"message\":\"messages[1]: unknown variant `image_url`, expected "
		 "`text`\"}}"},
		{400,
		 "{\"object\":\"error\",\"message\":\"At most 0 image(s) may be provided in one "
		 "prompt.\",\"code\":400}"},
		{400, "{\"error\":{\"code\":400,\"message\":\"x\",\"metadata\":{"
		      "\"error_type\":\"invalid_image\"}}}"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct err err;
		struct chat_error_advice advice =
			classify(cases[i].status, cases[i].body, NULL, &err);

		assert_int_equal(err.kind, ERR_CONFIG);
		assert_true(advice.media_refused && !advice.retryable && *advice.refusal);
		assert_non_null(strstr(err.text, "does not take an image"));
	}
}

static void a_property_called_like_a_part_is_no_part(void **state)
{
	static const char body[] =
		"{\"error\":{\"message\":\"Invalid schema for function 'see': image_url\"}}";
	struct err err;
	struct chat_error_advice advice = classify(400, body, NULL, &err);

	(void)state;
	assert_false(advice.media_refused);
	assert_non_null(strstr(advice.refusal, "'see'"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_status),
		cmocka_unit_test(what_a_status_does_not_tell),
		cmocka_unit_test(how_long_a_conversation_may_be),
		cmocka_unit_test(media_that_are_not_taken),
		cmocka_unit_test(a_property_called_like_a_part_is_no_part),
		cmocka_unit_test(reads_retry_after),
	};

	return cmocka_run_group_tests_name("chat_error", tests, NULL, NULL);
}
