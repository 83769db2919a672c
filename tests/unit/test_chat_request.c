/* SPDX-License-Identifier: MIT */
/* The body of a request, byte for byte. */
#include "unit.h"

#include "model/chat_request.h"

#define MESSAGES "[{\"role\":\"user\",\"content\":\"caf\xc3\xa9\"}]"
#define TOOLS	 "[{\"type\":\"function\"}]"

static void assert_body(const char *profile, const struct chat_request *request,
			const char *expected)
{
	struct buf out = BUF_INIT;

	assert_int_equal(chat_request_write(request, profile_find(profile), &out), 0);
	assert_string_equal(out.data, expected);
	buf_clear(&out);
}

static void says_what_was_asked(void **state)
{
	struct chat_request request = {.messages = MESSAGES, .messages_len = strlen(MESSAGES)};

	(void)state;
	assert_body("openrouter", &request, "{\"stream\":false,\"messages\":" MESSAGES "}");
	request.model = "a/b\"c";
	request.routing = &(struct chat_routing){.session_id = "s1"};
	request.max_tokens = 9;
	request.stream = true;
	assert_body("openrouter", &request,
		    "{\"model\":\"a/b\\\"c\",\"session_id\":\"s1\",\"max_tokens\":9,"
		    "\"stream\":true,\"messages\":" MESSAGES "}");
	assert_body("compatible", &request,
		    "{\"model\":\"a/b\\\"c\",\"max_tokens\":9,\"stream\":true,"
		    "\"stream_options\":{\"include_usage\":true},"
		    "\"messages\":" MESSAGES "}");
	/* OpenAI's reasoning models know no max_tokens; Mistral refuses stream_options. */
	assert_body("openai", &request,
		    "{\"model\":\"a/b\\\"c\",\"max_completion_tokens\":9,\"stream\":true,"
		    "\"stream_options\":{\"include_usage\":true},\"messages\":" MESSAGES "}");
	assert_body("mistral", &request,
		    "{\"model\":\"a/b\\\"c\",\"max_tokens\":9,\"stream\":true,"
		    "\"messages\":" MESSAGES "}");
}

static void tools_go_with_every_request_that_has_some(void **state)
{
	struct chat_request request = {.messages = "[]",
				       .messages_len = 2,
				       .tools = TOOLS,
				       .tools_len = strlen(TOOLS),
				       .tool_choice = CHAT_TOOL_CHOICE_NONE};

	(void)state;
	assert_body("openrouter", &request,
		    "{\"stream\":false,\"tools\":" TOOLS
		    ",\"tool_choice\":\"none\",\"messages\":[]}");
	/* Ollama knows no tool_choice; llama.cpp makes one call at a time unless it is asked. */
	assert_body("ollama", &request, "{\"stream\":false,\"messages\":[]}");
	request.tool_choice = CHAT_TOOL_CHOICE_AUTO;
	assert_body("ollama", &request, "{\"stream\":false,\"tools\":" TOOLS ",\"messages\":[]}");
	assert_body("llamacpp", &request,
		    "{\"stream\":false,\"tools\":" TOOLS
		    ",\"parallel_tool_calls\":true,\"messages\":[]}");
	request.tools = "[ ]";
	request.tools_len = 3;
	assert_body("openrouter", &request, "{\"stream\":false,\"messages\":[]}");
}

static void a_request_too_large_is_refused(void **state)
{
	const struct chat_request request = {.messages = MESSAGES,
					     .messages_len = strlen(MESSAGES)};
	struct buf out;

	(void)state;
	buf_init(&out, 40);
	assert_int_equal(chat_request_write(&request, profile_at(0), &out), -1);
	buf_clear(&out);
}

#define MARK	    "\"cache_control\":{\"type\":\"ephemeral\"}"
#define PARTS(text) "[{\"type\":\"text\",\"text\":\"" text "\"," MARK "}]"

static void assert_marked(const char *messages, const char *expected)
{
	struct chat_request request = {.messages = messages,
				       .messages_len = strlen(messages),
				       .tools = "[{\"a\":1},{\"type\":\"function\"}]",
				       .tools_len = strlen("[{\"a\":1},{\"type\":\"function\"}]"),
				       .routing = &(struct chat_routing){.cache_marks = true}};
	struct buf out = BUF_INIT;

	buf_format(&out,
		   "{\"stream\":false,\"tools\":[{\"a\":1},{\"type\":\"function\"," MARK "}],"
		   "\"messages\":%s}",
		   expected);
	assert_body("openrouter", &request, out.data);
	buf_clear(&out);
	/* Who does not know the key does not get it; without tools there is nothing to read again.
	 */
	buf_format(&out, "{\"stream\":false,\"tools\":%s,\"messages\":%s}", request.tools,
		   messages);
	assert_body("mistral", &request, out.data);
	request.tools = NULL;
	buf_clear(&out);
	buf_format(&out, "{\"stream\":false,\"messages\":%s}", messages);
	assert_body("openrouter", &request, out.data);
	buf_clear(&out);
}

#define USER	  "{\"role\":\"user\",\"content\":"
#define SYSTEM	  "{\"role\":\"system\",\"content\":"
#define ASSISTANT "{\"role\":\"assistant\",\"content\":"
#define TOOL	  "{\"role\":\"tool\",\"tool_call_id\":\"1\",\"content\":"

static void the_prompt_cache_is_marked(void **state)
{
	(void)state;
	assert_marked("[" USER "\"a\"}]", "[" USER PARTS("a") "}]");
	assert_marked("[" SYSTEM "\"s\"}," USER "\"a\"}]",
		      "[" SYSTEM PARTS("s") "}," USER PARTS("a") "}]");
	assert_marked("[" SYSTEM "\"s\"}," USER "\"a\"}," ASSISTANT "null}," TOOL "\"r\"}]",
		      "[" SYSTEM PARTS("s") "}," USER PARTS("a") "}," ASSISTANT
								 "null}," TOOL PARTS("r") "}]");
	assert_marked("[" USER "\"a\"}," ASSISTANT "\"b\"}," TOOL "\"c\"}," ASSISTANT "\"d\"}," TOOL
		      "\"e\"}," TOOL "\"f\"}]",
		      "[" USER "\"a\"}," ASSISTANT
		      "\"b\"}," TOOL PARTS("c") "}," ASSISTANT "\"d\"}," TOOL
						"\"e\"}," TOOL PARTS("f") "}]");
	/* Parts stay parts; what has no text has no mark. */
	assert_marked("[" USER "[{\"x\":1},{\"type\":\"image_url\"}]}]",
		      "[" USER "[{\"x\":1},{\"type\":\"image_url\"," MARK "}]}]");
	assert_marked("[" USER "\"\"}]", "[" USER "\"\"}]");
	assert_marked("[" USER "[]}]", "[" USER "[]}]");
	assert_marked("[" SYSTEM "\"s\"}," ASSISTANT "\"b\"}]",
		      "[" SYSTEM PARTS("s") "}," ASSISTANT PARTS("b") "}]");
	assert_marked("[]", "[]");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_prompt_cache_is_marked),
		cmocka_unit_test(says_what_was_asked),
		cmocka_unit_test(tools_go_with_every_request_that_has_some),
		cmocka_unit_test(a_request_too_large_is_refused),
	};

	return cmocka_run_group_tests_name("chat_request", tests, NULL, NULL);
}
