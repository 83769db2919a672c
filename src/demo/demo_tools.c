/* SPDX-License-Identifier: MIT */
/*
 * Words are counted, nothing is understood: a word of the clause that is in a tool's name counts
 * most, one in its description or among its parameters a little. A few words that people say for
 * others that tools are called by are in a table.
 */
#include "config.h"

#include "demo/demo_tools.h"

#include <json-c/json.h>
#include <string.h>
#include <strings.h>

#include "base/json.h"

#define SCORE_NAME	    6
#define SCORE_SYNONYM	    4
#define SCORE_SYNONYM_WEAK  2 /* for words that fit many tools: not enough alone */
#define SCORE_PARAMETER	    2
#define SCORE_DESCRIPTION   1
#define SCORE_PATH	    2 /* the clause has a path, and the tool takes one */
#define SCORE_PATH_REQUIRED 3
#define SCORE_SQL	    12
#define SCORE_SQL_PERHAPS   6 /* the parameter is called "query" */
#define SCORE_LEAST	    4

const char *const demo_path_words[] = {"path", "file",	    "folder",	"dir",
				       "uri",  "directory", "filename", NULL};

static const struct synonym {
	const char *said, *name; /* name: as tools are called */
	int score;
} synonyms[] = {
	{"big", "info", SCORE_SYNONYM},		 {"cat", "read", SCORE_SYNONYM},
	{"column", "describe", SCORE_SYNONYM},	 {"content", "list", SCORE_SYNONYM_WEAK},
	{"content", "read", SCORE_SYNONYM_WEAK}, {"delete", "remove", SCORE_SYNONYM},
	{"directory", "folder", SCORE_SYNONYM},	 {"directory", "list", SCORE_SYNONYM},
	{"display", "list", SCORE_SYNONYM_WEAK}, {"display", "read", SCORE_SYNONYM_WEAK},
	{"find", "search", SCORE_SYNONYM},	 {"folder", "directory", SCORE_SYNONYM},
	{"folder", "list", SCORE_SYNONYM},	 {"grep", "search", SCORE_SYNONYM},
	{"large", "info", SCORE_SYNONYM},	 {"look", "search", SCORE_SYNONYM},
	{"ls", "list", SCORE_SYNONYM},		 {"make", "create", SCORE_SYNONYM_WEAK},
	{"open", "read", SCORE_SYNONYM_WEAK},	 {"plus", "add", SCORE_SYNONYM},
	{"print", "read", SCORE_SYNONYM_WEAK},	 {"remember", "create", SCORE_SYNONYM_WEAK},
	{"remove", "delete", SCORE_SYNONYM},	 {"save", "write", SCORE_SYNONYM},
	{"schema", "describe", SCORE_SYNONYM},	 {"show", "get", SCORE_SYNONYM_WEAK},
	{"show", "list", SCORE_SYNONYM_WEAK},	 {"show", "read", SCORE_SYNONYM_WEAK},
	{"size", "info", SCORE_SYNONYM},	 {"sum", "add", SCORE_SYNONYM},
};

bool demo_text_has_word(const char *text, const char *word, size_t len)
{
	const char *at = text;
	size_t at_len = 0;

	if (!text)
		return false;
	while (demo_word_next(&at, &at_len, text + strlen(text)))
		if (demo_word_equal(at, at_len, word, len))
			return true;
	return false;
}

bool demo_text_has_one_of(const char *text, const char *const words[])
{
	for (; *words; words++)
		if (demo_text_has_word(text, *words, strlen(*words)))
			return true;
	return false;
}

struct json_object *demo_tool_properties(const struct json_object *function)
{
	return json_member_object(json_member_object(function, "parameters"), "properties");
}

bool demo_tool_requires(const struct json_object *function, const char *parameter)
{
	const struct json_object *required =
		json_member_array(json_member_object(function, "parameters"), "required");

	for (size_t i = 0; required && i < json_object_array_length(required); i++) {
		const char *text = json_string(json_object_array_get_idx(required, i), NULL);

		if (text && strcmp(text, parameter) == 0)
			return true;
	}
	return false;
}

/* The first parameter whose name has the word, or NULL. */
static const char *parameter_with_word(const struct json_object *function, const char *word,
				       size_t len)
{
	struct json_object *properties = demo_tool_properties(function);
	struct json_object_iterator at, end;

	if (!properties)
		return NULL;
	end = json_object_iter_end(properties);
	for (at = json_object_iter_begin(properties); !json_object_iter_equal(&at, &end);
	     json_object_iter_next(&at))
		if (demo_text_has_word(json_object_iter_peek_name(&at), word, len))
			return json_object_iter_peek_name(&at);
	return NULL;
}

static const char *parameter_with(const struct json_object *function, const char *const words[])
{
	const char *name = NULL;

	for (; *words && !name; words++)
		name = parameter_with_word(function, *words, strlen(*words));
	return name;
}

static int score_synonyms(const char *name, const char *word, size_t len)
{
	int best = 0;

	for (size_t i = 0; i < sizeof(synonyms) / sizeof(synonyms[0]); i++) {
		const struct synonym *synonym = &synonyms[i];

		if (synonym->score > best &&
		    demo_word_equal(synonym->said, strlen(synonym->said), word, len) &&
		    demo_text_has_word(name, synonym->name, strlen(synonym->name)))
			best = synonym->score;
	}
	return best;
}

static int score_word(const struct json_object *function, const char *word, size_t len)
{
	const char *name = json_member_string(function, "name");
	int score = 0;

	if (demo_word_is_filler(word, len))
		return 0;
	if (demo_text_has_word(name, word, len))
		return SCORE_NAME;
	if (parameter_with_word(function, word, len))
		score = SCORE_PARAMETER;
	else if (demo_text_has_word(json_member_string(function, "description"), word, len))
		score = SCORE_DESCRIPTION;
	return score + score_synonyms(name, word, len);
}

static int score_sql(const struct json_object *function)
{
	static const char *const sure[] = {"sql", NULL}, *const perhaps[] = {"query", "statement",
									     NULL};

	if (parameter_with(function, sure))
		return SCORE_SQL;
	return parameter_with(function, perhaps) ? SCORE_SQL_PERHAPS : 0;
}

static int score_path(const struct json_object *function)
{
	const char *name = parameter_with(function, demo_path_words);

	if (!name)
		return 0;
	return demo_tool_requires(function, name) ? SCORE_PATH_REQUIRED : SCORE_PATH;
}

static int score_token(const struct json_object *function, const struct demo_token *token)
{
	const char *word = token->text, *end = word + strlen(word);
	size_t len = 0;
	int score = 0;

	if (demo_token_is_sql(token))
		return score_sql(function);
	if (demo_token_is_path(token))
		return score_path(function);
	if (token->quoted)
		return 0;
	while (demo_word_next(&word, &len, end))
		score += score_word(function, word, len);
	return score;
}

const struct json_object *demo_tools_pick(const struct json_object *tools,
					  const struct demo_clause *clause)
{
	const struct json_object *best = NULL;
	int best_score = SCORE_LEAST - 1;

	for (size_t i = 0; tools && i < json_object_array_length(tools); i++) {
		const struct json_object *tool = json_object_array_get_idx(tools, i);
		const struct json_object *function = json_member_object(tool, "function");
		int score = 0;

		if (!json_member_string(function, "name"))
			continue;
		for (size_t j = 0; j < clause->tokens; j++)
			score += score_token(function, &clause->token[j]);
		if (score > best_score) {
			best = function;
			best_score = score;
		}
	}
	return best;
}
