/* SPDX-License-Identifier: MIT */
/* Which endpoint an address is, and whose rules a model's tools obey. */
#include "unit.h"

#include "model/profile.h"

static void an_address_has_its_profile(void **state)
{
	static const char *const table[][2] = {
		{"https://openrouter.ai/api/v1", "openrouter"},
		{"https://eu.openrouter.ai/api/v1", "openrouter"},
		{"http://127.0.0.1:4510/api/v1", "openrouter"},
		{"http://[::1]:4510/api/v1", "openrouter"},
		{"https://user:pass@OpenRouter.ai/api/v1", "openrouter"},
		{"https://notopenrouter.ai/api/v1", "compatible"},
		{"https://openrouter.ai.example/api/v1", "compatible"},
		{"https://api.openai.com/v1", "openai"},
		{"https://api.mistral.ai/v1", "mistral"},
		{"https://api.groq.com/openai/v1", "groq"},
		{"https://api.deepseek.com", "deepseek"},
		{"http://localhost:11434/v1", "ollama"},
		{"http://192.168.1.7:11434/v1", "ollama"},
		{"http://[::1]:11434/v1", "ollama"},
		{"https://example.org:11434/v1", "compatible"},
		{"http://localhost:1234/v1", "lmstudio"},
		{"http://localhost:8080/v1", "llamacpp"},
		{"http://localhost:8000/v1", "vllm"},
		{"http://localhost:4000/v1", "litellm"},
		{"http://localhost:9/v1", "compatible"},
		{"localhost", "compatible"},
		{"", "compatible"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		assert_string_equal(profile_for_url(table[i][0])->name, table[i][1]);
}

static void every_profile_is_found_by_its_name(void **state)
{
	(void)state;
	for (size_t i = 0; profile_at(i); i++) {
		assert_ptr_equal(profile_find(profile_at(i)->name), profile_at(i));
		assert_non_null(profile_at(i)->max_tokens);
	}
	assert_null(profile_find("nobody"));
}

static void a_model_has_its_vendors_family(void **state)
{
	const struct profile *openrouter = profile_find("openrouter");

	(void)state;
	assert_int_equal(profile_family(openrouter, "google/gemini-2.5-pro"), SCHEMA_GOOGLE);
	assert_int_equal(profile_family(openrouter, "~anthropic/claude-latest"), SCHEMA_ANTHROPIC);
	assert_int_equal(profile_family(openrouter, "x-ai/grok-4:free"), SCHEMA_XAI);
	assert_int_equal(profile_family(openrouter, "qwen/qwen3"), SCHEMA_FLOOR);
	assert_int_equal(profile_family(openrouter, "openrouter/auto"), SCHEMA_FLOOR);
	assert_int_equal(profile_family(openrouter, "demo"), SCHEMA_OPENAI);
	assert_int_equal(profile_family(openrouter, NULL), SCHEMA_FLOOR);
	assert_int_equal(profile_family(profile_find("openai"), "gpt-5"), SCHEMA_OPENAI);
	assert_int_equal(profile_family(profile_find("mistral"), NULL), SCHEMA_MISTRAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_address_has_its_profile),
		cmocka_unit_test(every_profile_is_found_by_its_name),
		cmocka_unit_test(a_model_has_its_vendors_family),
	};

	return cmocka_run_group_tests_name("profile", tests, NULL, NULL);
}
