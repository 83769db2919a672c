/* SPDX-License-Identifier: MIT */
/* What goes out of what was listed, for each family; always the same, and never more than it may.
 */
#include "unit.h"

#include "base/json_check.h"
#include "base/mem.h"
#include "model/schema_lower.h"

static void assert_lowered(enum schema_family family, const char *listed, const char *expected)
{
	struct schema_lowered lowered;

	schema_lower(listed, family, &lowered);
	assert_string_equal(lowered.parameters, expected);
	schema_lowered_clear(&lowered);
}

static void what_every_family_gets(void **state)
{
	static const struct {
		const char *listed, *expected;
	} table[] = {
		{"{}", "{\"type\":\"object\",\"properties\":{}}"},
		{"[]", "{\"type\":\"object\",\"properties\":{}}"},
		{"not json", "{\"type\":\"object\",\"properties\":{}}"},
		{"{\"type\":\"object\",\"$schema\":\"x\",\"$id\":\"y\",\"x-order\":1,"
		 "\"properties\":{\"a\":{\"type\":\"array\"}},\"required\":[\"a\",\"b\",7]}",
		 "{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"array\",\"items\":{}}},"
		 "\"required\":[\"a\"]}"},
		{"{\"type\":\"object\",\"properties\":{\"a\":{\"$ref\":\"#/$defs/n\","
		 "\"description\":\"own\"}},\"$defs\":{\"n\":{\"type\":\"integer\","
		 "\"description\":\"its\"}}}",
		 "{\"type\":\"object\",\"properties\":{\"a\":{\"description\":\"own\","
		 "\"type\":\"integer\"}}}"},
		{"{\"$ref\":\"#/definitions/n~1m\",\"definitions\":{\"n/m\":{\"type\":\"object\","
		 "\"properties\":{\"a\":{\"type\":\"string\"}}}}}",
		 "{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"string\"}}}"},
		{"{\"anyOf\":[{\"properties\":{\"k\":{\"const\":1},\"a\":{\"type\":\"string\"}},"
		 "\"required\":[\"k\",\"a\"]},{\"properties\":{\"k\":{\"const\":2}},"
		 "\"required\":[\"k\"]}]}",
		 "{\"type\":\"object\",\"properties\":{\"k\":{\"enum\":[1,2]},"
		 "\"a\":{\"type\":\"string\"}},\"required\":[\"k\"]}"},
		{"{\"allOf\":[{\"properties\":{\"a\":{\"type\":\"string\"}},\"required\":[\"a\"]},"
		 "{\"properties\":{\"b\":{\"type\":\"string\"}}}]}",
		 "{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"string\"},"
		 "\"b\":{\"type\":\"string\"}},\"required\":[\"a\"]}"},
		{"{\"type\":\"object\",\"properties\":{\"a\":{\"title\":\"a\\u001b[2Jb\","
		 "\"description\":\"caf\\u00e9\\u202e\\udb40\\udc41\",\"default\":\"\\u200b\"}}}",
		 "{\"type\":\"object\",\"properties\":{\"a\":{\"title\":\"ab\","
		 "\"description\":\"caf\xc3\xa9\\\\u{202e}\\\\u{e0041}\",\"default\":\"\xe2\x80\x8b\"}}}"},
		{"{\"type\":\"object\",\"properties\":{\"a\":{\"minimum\":3,"
		 "\"exclusiveMinimum\":true},\"b\":{\"items\":[{\"type\":\"string\"}]}}}",
		 "{\"type\":\"object\",\"properties\":{\"a\":{\"exclusiveMinimum\":3},"
		 "\"b\":{\"prefixItems\":[{\"type\":\"string\"}]}}}"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		assert_lowered(SCHEMA_OPENAI, table[i].listed, table[i].expected);
		assert_lowered(SCHEMA_MISTRAL, table[i].listed, table[i].expected);
		assert_lowered(SCHEMA_XAI, table[i].listed, table[i].expected);
		assert_lowered(SCHEMA_ANTHROPIC, table[i].listed, table[i].expected);
	}
}

static void gemini_gets_its_subset(void **state)
{
	static const struct {
		const char *property, *expected;
	} table[] = {
		{"{\"type\":[\"string\",\"null\"],\"minLength\":1}",
		 "{\"minLength\":1,\"nullable\":true,\"type\":\"string\"}"},
		{"{\"anyOf\":[{\"type\":\"integer\"},{\"type\":\"null\"}],\"description\":\"d\"}",
		 "{\"description\":\"d\",\"nullable\":true,\"type\":\"integer\"}"},
		{"{\"oneOf\":[{\"type\":\"integer\"},{\"type\":\"string\"}],\"description\":\"d\"}",
		 "{\"anyOf\":[{\"type\":\"integer\",\"description\":\"d\"},"
		 "{\"type\":\"string\",\"description\":\"d\"}]}"},
		{"{\"type\":[\"string\",\"integer\"],\"minimum\":2}",
		 "{\"anyOf\":[{\"type\":\"string\"},{\"type\":\"integer\",\"minimum\":2}]}"},
		{"{\"const\":\"x\"}", "{\"enum\":[\"x\"],\"type\":\"string\"}"},
		{"{\"type\":\"integer\",\"enum\":[1,2]}",
		 "{\"type\":\"integer\",\"description\":\"(enum: [1,2])\"}"},
		{"{\"type\":\"string\",\"format\":\"uri\",\"description\":\"Where.\"}",
		 "{\"type\":\"string\",\"description\":\"Where. (format: uri)\"}"},
		{"{\"type\":\"string\",\"format\":\"date-time\"}",
		 "{\"type\":\"string\",\"format\":\"date-time\"}"},
		{"{\"type\":\"integer\",\"exclusiveMinimum\":0,\"title\":\"T\",\"default\":5}",
		 "{\"type\":\"integer\",\"description\":\"(exclusiveMinimum: 0) (default: 5)\"}"},
		{"{\"type\":\"object\",\"properties\":{},\"additionalProperties\":false}",
		 "{\"type\":\"object\"}"},
		{"{\"type\":\"array\",\"prefixItems\":[{\"type\":\"number\"},{\"type\":\"number\"}]}",
		 "{\"type\":\"array\",\"items\":{\"type\":\"number\"}}"},
		{"{\"type\":\"array\"}", "{\"type\":\"array\",\"items\":{\"type\":\"string\"}}"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		char *listed = mem_format("{\"type\":\"object\",\"properties\":{\"a\":%s}}",
					  table[i].property);
		char *expected = mem_format("{\"type\":\"object\",\"properties\":{\"a\":%s}}",
					    table[i].expected);

		assert_lowered(SCHEMA_GOOGLE, listed, expected);
		assert_lowered(SCHEMA_FLOOR, listed, expected);
		free(listed);
		free(expected);
	}
}

static void the_root_of_bedrock_has_three_keywords(void **state)
{
	static const char listed[] =
		"{\"title\":\"T\",\"type\":\"object\",\"additionalProperties\":false,"
		"\"properties\":{\"a\":{\"title\":\"A\",\"type\":\"string\"}},\"required\":[\"a\"]}";

	(void)state;
	assert_lowered(SCHEMA_BEDROCK, listed,
		       "{\"type\":\"object\",\"properties\":{\"a\":{\"title\":\"A\","
		       "\"type\":\"string\"}},\"required\":[\"a\"]}");
	assert_lowered(SCHEMA_OPENAI, listed, listed);
}

static void properties_are_renamed_both_ways(void **state)
{
	struct schema_lowered lowered;
	struct buf sent = BUF_INIT, back = BUF_INIT;
	static const char inner[] = "{\"%s\":{\"%s\":\"a b\"},\"other\":[\"%s\"]}";

	(void)state;
	schema_lower("{\"type\":\"object\",\"properties\":{\"a b\":{\"type\":\"object\","
		     "\"properties\":{\"a b\":{},\"\\u00e9\":{}}},\"ok.-_\":{}},"
		     "\"required\":[\"a b\"]}",
		     SCHEMA_ANTHROPIC, &lowered);
	assert_int_equal(lowered.keys, 2);
	assert_string_equal(lowered.key[0].original, "a b");
	assert_non_null(strstr(lowered.parameters, "\"ok.-_\""));
	assert_null(strstr(lowered.parameters, "a b"));
	buf_format(&sent, inner, lowered.key[0].sent, lowered.key[1].sent, lowered.key[0].sent);
	assert_int_equal(schema_keys_restore(lowered.key, lowered.keys, sent.data, sent.len, &back),
			 0);
	/* Names only: a value that looks like one stays. */
	assert_non_null(strstr(back.data, "{\"a b\":{\"\xc3\xa9\":\"a b\"},\"other\":[\"a_b_"));
	buf_clear(&sent);
	buf_clear(&back);
	schema_lowered_clear(&lowered);
	schema_lower("{\"properties\":{\"a b\":{}}}", SCHEMA_OPENAI, &lowered);
	assert_int_equal(lowered.keys, 0);
	schema_lowered_clear(&lowered);
}

static void cycles_are_cut_and_said(void **state)
{
	struct schema_lowered lowered;

	(void)state;
	schema_lower("{\"$defs\":{\"node\":{\"type\":\"object\",\"properties\":{\"next\":"
		     "{\"$ref\":\"#/$defs/node\"}}}},\"type\":\"object\",\"properties\":{\"head\":"
		     "{\"$ref\":\"#/$defs/node\"},\"self\":{\"$ref\":\"#\"}}}",
		     SCHEMA_OPENAI, &lowered);
	assert_string_equal(lowered.parameters,
			    "{\"type\":\"object\",\"properties\":{\"head\":{\"type\":\"object\","
			    "\"properties\":{\"next\":{\"type\":\"object\"}}},"
			    "\"self\":{\"type\":\"object\"}}}");
	assert_int_equal(lowered.changes, 3);
	assert_string_equal(lowered.change[1].where, "/properties/head/properties/next/$ref");
	assert_true(lowered.change[1].lossy);
	assert_false(lowered.change[0].lossy);
	schema_lowered_clear(&lowered);
}

/* Each level refers to the next one twice, so that inlining doubles: it must end early. */
static void a_bomb_stays_small(void **state)
{
	struct schema_lowered lowered;
	struct buf schema = BUF_INIT;

	(void)state;
	buf_append_text(&schema, "{\"type\":\"object\",\"properties\":{\"a\":{\"$ref\":"
				 "\"#/$defs/d0\"}},\"$defs\":{");
	for (int i = 0; i < 25; i++)
		buf_format(&schema,
			   "\"d%d\":{\"properties\":{\"l\":{\"$ref\":\"#/$defs/d%d\"},"
			   "\"r\":{\"$ref\":\"#/$defs/d%d\"}}},",
			   i, i + 1, i + 1);
	buf_append_text(&schema, "\"d25\":{\"type\":\"string\"}}}");
	for (int family = SCHEMA_FLOOR; family < SCHEMA_FAMILIES; family++) {
		schema_lower(schema.data, (enum schema_family)family, &lowered);
		assert_true(strlen(lowered.parameters) < (size_t)SCHEMA_NODES_MAX * 200);
		assert_int_equal(lowered.changes, SCHEMA_CHANGES_MAX);
		assert_true(lowered.unlisted > 0);
		schema_lowered_clear(&lowered);
	}
	buf_clear(&schema);
}

/* Whatever is listed, JSON goes out, and lowering it again changes nothing. */
static void odd_schemas_are_survived(void **state)
{
	static const char *const table[] = {
		"{\"properties\":[1],\"required\":\"a\",\"type\":7,\"enum\":[],\"anyOf\":{}}",
		"{\"type\":\"array\",\"items\":7}",
		"{\"properties\":{\"a\":null,\"b\":true,\"c\":false,\"d\":[],\"e\":\"x\"}}",
		"{\"properties\":{\"a\":{\"$ref\":7},\"b\":{\"$ref\":\"http://x/\"},"
		"\"c\":{\"$ref\":\"#/a/9/b\"},\"d\":{\"$ref\":\"#/properties/~2\"}}}",
		"{\"anyOf\":[true,false,null,{\"anyOf\":[{\"type\":\"null\"}]}]}",
		"{\"properties\":{\"a\":{\"anyOf\":[{\"type\":\"null\"}],\"enum\":[null]},"
		"\"b\":{\"type\":[\"null\"]},\"c\":{\"type\":[\"array\",\"object\"],"
		"\"properties\":{}},\"d\":{\"allOf\":[{\"allOf\":[{\"const\":null}]}]},"
		"\"e\":{\"prefixItems\":[true,{\"enum\":[1]},{\"enum\":[2]}]}}}",
		"{\"additionalProperties\":{\"$ref\":\"#\"},\"not\":{\"$ref\":\"#\"}}",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		for (int family = SCHEMA_FLOOR; family < SCHEMA_FAMILIES; family++) {
			struct schema_lowered once, twice;
			struct json_fault fault;

			schema_lower(table[i], (enum schema_family)family, &once);
			assert_int_equal(json_check(once.parameters, strlen(once.parameters),
						    &json_limits_default, NULL, &fault),
					 0);
			schema_lower(once.parameters, (enum schema_family)family, &twice);
			assert_string_equal(once.parameters, twice.parameters);
			schema_lowered_clear(&once);
			schema_lowered_clear(&twice);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_every_family_gets),
		cmocka_unit_test(gemini_gets_its_subset),
		cmocka_unit_test(the_root_of_bedrock_has_three_keywords),
		cmocka_unit_test(properties_are_renamed_both_ways),
		cmocka_unit_test(cycles_are_cut_and_said),
		cmocka_unit_test(a_bomb_stays_small),
		cmocka_unit_test(odd_schemas_are_survived),
	};

	return cmocka_run_group_tests_name("schema_lower", tests, NULL, NULL);
}
