/* SPDX-License-Identifier: MIT */
/*
 * Words are counted, nothing is understood: a word of the clause that is in a tool's name counts
 * most, one in its description or among its parameters a little.
 */
#include "config.h"

#include "demo/demo_tools.h"

#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/json_write.h"

#define SCORE_NAME	  6
#define SCORE_PARAMETER	  2
#define SCORE_DESCRIPTION 1
#define SCORE_SQL	  12
#define SCORE_LEAST	  4

/* Scores */

static bool text_has_word(const char *text, const char *word, size_t len)
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

static struct json_object *properties_of(const struct json_object *function)
{
	return json_member_object(json_member_object(function, "parameters"), "properties");
}

static bool wants_sql(const char *parameter)
{
	return strcmp(parameter, "sql") == 0 || strcmp(parameter, "query") == 0 ||
	       strcmp(parameter, "statement") == 0;
}

static bool parameters_have_word(struct json_object *properties, const char *word, size_t len)
{
	struct json_object_iterator at, end;

	if (!properties)
		return false;
	end = json_object_iter_end(properties);
	for (at = json_object_iter_begin(properties); !json_object_iter_equal(&at, &end);
	     json_object_iter_next(&at))
		if (text_has_word(json_object_iter_peek_name(&at), word, len))
			return true;
	return false;
}

static int score_word(const struct json_object *function, const char *word, size_t len)
{
	if (demo_word_is_filler(word, len))
		return 0;
	if (text_has_word(json_member_string(function, "name"), word, len))
		return SCORE_NAME;
	if (parameters_have_word(properties_of(function), word, len))
		return SCORE_PARAMETER;
	return text_has_word(json_member_string(function, "description"), word, len)
		       ? SCORE_DESCRIPTION
		       : 0;
}

static int score_token(const struct json_object *function, const struct demo_token *token)
{
	const char *word = token->text, *end = word + strlen(word);
	size_t len = 0;
	int score = 0;

	if (demo_token_is_sql(token))
		return parameters_have_word(properties_of(function), "sql", 3) ? SCORE_SQL : 0;
	if (token->quoted || demo_token_is_path(token))
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

/* Arguments */

struct parameter {
	const char *name;
	const struct json_object *schema;
	bool required;
};

static bool is_required(const struct json_object *function, const char *name)
{
	const struct json_object *required =
		json_member_array(json_member_object(function, "parameters"), "required");

	for (size_t i = 0; required && i < json_object_array_length(required); i++) {
		const char *text = json_string(json_object_array_get_idx(required, i), NULL);

		if (text && strcmp(text, name) == 0)
			return true;
	}
	return false;
}

/* The schema's type; of several the first. */
static const char *type_of(const struct parameter *parameter)
{
	const struct json_object *types = json_member_array(parameter->schema, "type");
	const char *type = json_member_string(parameter->schema, "type");

	if (!type && types && json_object_array_length(types) > 0)
		type = json_string(json_object_array_get_idx(types, 0), NULL);
	return type ? type : "string";
}

static struct demo_token *first_unused(struct demo_clause *clause,
				       bool (*fits)(const struct demo_token *token))
{
	for (size_t i = 0; i < clause->tokens; i++)
		if (!clause->token[i].used && fits(&clause->token[i]))
			return &clause->token[i];
	return NULL;
}

static bool is_quoted(const struct demo_token *token)
{
	return token->quoted;
}

static bool is_content(const struct demo_token *token)
{
	return token->quoted || !demo_word_is_filler(token->text, strlen(token->text));
}

/* The token behind the word that is the parameter's name ("the table products"), or NULL. */
static struct demo_token *behind_name(struct demo_clause *clause, const char *name)
{
	for (size_t i = 0; i + 1 < clause->tokens; i++) {
		const struct demo_token *word = &clause->token[i];

		if (!word->quoted && text_has_word(name, word->text, strlen(word->text)) &&
		    !clause->token[i + 1].used && is_content(&clause->token[i + 1]))
			return &clause->token[i + 1];
	}
	return NULL;
}

static bool clause_names(const struct demo_clause *clause, const char *name)
{
	for (size_t i = 0; i < clause->tokens; i++)
		if (!clause->token[i].quoted &&
		    text_has_word(name, clause->token[i].text, strlen(clause->token[i].text)))
			return true;
	return false;
}

static bool is_about_paths(const char *name)
{
	static const char *const words[] = {"path", "file",	 "folder",   "dir",
					    "uri",  "directory", "filename", NULL};

	for (size_t i = 0; words[i]; i++)
		if (text_has_word(name, words[i], strlen(words[i])))
			return true;
	return false;
}

static void write_text(struct buf *out, const char *name, const char *text)
{
	json_write_member(out, name, text);
}

static const char *enum_value(const struct parameter *parameter, const struct demo_clause *clause)
{
	const struct json_object *values = json_member_array(parameter->schema, "enum");

	for (size_t i = 0; values && i < json_object_array_length(values); i++) {
		const char *value = json_string(json_object_array_get_idx(values, i), NULL);

		if (value && clause_names(clause, value))
			return value;
	}
	if (values && parameter->required && json_object_array_length(values) > 0)
		return json_string(json_object_array_get_idx(values, 0), NULL);
	return NULL;
}

static struct demo_token *text_for(const struct parameter *parameter, struct demo_clause *clause)
{
	struct demo_token *token;

	if (wants_sql(parameter->name)) {
		token = first_unused(clause, demo_token_is_sql);
		if (token)
			return token;
	}
	if (is_about_paths(parameter->name)) {
		token = first_unused(clause, demo_token_is_path);
		if (token || !parameter->required)
			return token;
	}
	token = behind_name(clause, parameter->name);
	if (!token)
		token = first_unused(clause, is_quoted);
	if (token || !parameter->required)
		return token;
	/* The last word that says something is what most sentences are about. */
	for (size_t i = clause->tokens; i > 0; i--)
		if (!clause->token[i - 1].used && is_content(&clause->token[i - 1]))
			return &clause->token[i - 1];
	return NULL;
}

static void write_string(const struct parameter *parameter, struct demo_clause *clause,
			 struct buf *out)
{
	const char *choice = enum_value(parameter, clause);
	struct demo_token *token;

	if (json_member_array(parameter->schema, "enum")) {
		if (choice)
			write_text(out, parameter->name, choice);
		return;
	}
	token = text_for(parameter, clause);
	if (token) {
		token->used = true;
		write_text(out, parameter->name, token->text);
	} else if (parameter->required) {
		write_text(out, parameter->name, is_about_paths(parameter->name) ? "." : "");
	}
}

static void write_number(const struct parameter *parameter, struct demo_clause *clause,
			 struct buf *out)
{
	struct demo_token *token = NULL;

	if (parameter->required || clause_names(clause, parameter->name))
		token = first_unused(clause, demo_token_is_number);
	if (token) {
		double value = strtod(token->text, NULL);

		token->used = true;
		json_write_key(out, parameter->name);
		if (strcmp(type_of(parameter), "integer") == 0)
			buf_format(out, "%lld", (long long)value);
		else
			buf_format(out, "%.15g", value);
	} else if (parameter->required) {
		json_write_member_int(out, parameter->name,
				      json_member_int(parameter->schema, "minimum", 0));
	}
}

static void write_argument(const struct parameter *parameter, struct demo_clause *clause,
			   struct buf *out)
{
	const char *type = type_of(parameter);

	if (strcmp(type, "string") == 0)
		write_string(parameter, clause, out);
	else if (strcmp(type, "integer") == 0 || strcmp(type, "number") == 0)
		write_number(parameter, clause, out);
	else if (strcmp(type, "boolean") == 0) {
		if (parameter->required || clause_names(clause, parameter->name))
			json_write_member_bool(out, parameter->name,
					       clause_names(clause, parameter->name));
	} else if (parameter->required) {
		json_write_key(out, parameter->name);
		buf_append_text(out, strcmp(type, "array") == 0 ? "[]" : "{}");
	}
}

/* What is required chooses first. */
static void write_arguments(const struct json_object *function, struct demo_clause *clause,
			    bool required, struct buf *out)
{
	struct json_object *properties = properties_of(function);
	struct json_object_iterator at, end;

	if (!properties)
		return;
	end = json_object_iter_end(properties);
	for (at = json_object_iter_begin(properties); !json_object_iter_equal(&at, &end);
	     json_object_iter_next(&at)) {
		const struct parameter parameter = {
			.name = json_object_iter_peek_name(&at),
			.schema = json_object_iter_peek_value(&at),
			.required = is_required(function, json_object_iter_peek_name(&at)),
		};

		if (parameter.required == required)
			write_argument(&parameter, clause, out);
	}
}

void demo_tools_arguments(const struct json_object *function, struct demo_clause *clause,
			  struct buf *out)
{
	buf_append_char(out, '{');
	write_arguments(function, clause, true, out);
	write_arguments(function, clause, false, out);
	buf_append_char(out, '}');
}
