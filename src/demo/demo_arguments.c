/* SPDX-License-Identifier: MIT */
/*
 * A parameter's type says what it may be, its name what it is about: a path, a statement of SQL, a
 * text to find. Shapes are looked for first (a path has a slash or an extension), then the words
 * that lead to such a thing ("in src", "for TODO"). Objects inside arguments are left empty.
 */
#include "config.h"

#include "demo/demo_arguments.h"

#include <json-c/json.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/json.h"
#include "base/json_write.h"
#include "demo/demo_tools.h"

#define WHOLE_NUMBER_MAX 9007199254740992.0 /* 2^53: every integer up to it is a double */

struct parameter {
	const char *name;
	const struct json_object *schema;
	bool required;
};

typedef bool token_fits(const struct demo_token *token);

/* What a text can be about */

static bool is_content(const struct demo_token *token)
{
	return token->quoted || !demo_word_is_filler(token->text, strlen(token->text));
}

static bool is_no_path(const struct demo_token *token)
{
	return token->quoted || !(demo_token_is_path(token) || demo_token_is_pattern(token));
}

static bool is_file_name(const struct demo_token *token)
{
	return demo_token_is_path(token) && !strchr(token->text, '/');
}

static bool is_whole_number(const struct demo_token *token)
{
	double value = strtod(token->text, NULL);

	return demo_token_is_number(token) && value == trunc(value) &&
	       fabs(value) <= WHOLE_NUMBER_MAX;
}

static bool is_quoted(const struct demo_token *token)
{
	return token->quoted;
}

static const char *const sql_words[] = {"sql", "query", "statement", NULL};
static const char *const url_words[] = {"url", "uri", "link", NULL};
static const char *const pattern_words[] = {"glob", "pattern", NULL};
static const char *const find_words[] = {"text", "query",   "pattern", "search",
					 "term", "keyword", "q",       NULL};

static const char *const no_leads[] = {NULL};
static const char *const pattern_leads[] = {"find", "named", "called", NULL};
static const char *const path_leads[] = {"in",	 "from",   "under",	"below", "inside",
					 "file", "folder", "directory", NULL};
static const char *const find_leads[] = {"find",    "for",     "containing", "contains",
					 "contain", "mention", "about",	     NULL};

static const struct subject {
	const char *const *names; /* words of the parameter's name */
	token_fits *shape;	  /* a token of this shape is meant, wherever it stands */
	const char *const *leads; /* else the one behind such a word */
	token_fits *behind_lead;
	bool only; /* nothing else will do, unless it is required */
} subjects[] = {
	{sql_words, demo_token_is_sql, no_leads, is_quoted, false},
	{url_words, demo_token_is_url, no_leads, is_quoted, false},
	{pattern_words, demo_token_is_pattern, pattern_leads, is_file_name, true},
	{demo_path_words, demo_token_is_path, path_leads, is_content, true},
	{find_words, NULL, find_leads, is_no_path, false},
};

/* Tokens */

static struct demo_token *first_unused(struct demo_clause *clause, token_fits *fits)
{
	for (size_t i = 0; i < clause->tokens; i++)
		if (!clause->token[i].used && fits(&clause->token[i]))
			return &clause->token[i];
	return NULL;
}

static bool names_a_kind_of_thing(const struct demo_token *token)
{
	static const char *const kinds[] = {"file",	"folder", "directory", "current", "here",
					    "database", "text",	  "table",     NULL};

	return !token->quoted && demo_text_has_one_of(token->text, kinds);
}

static bool is_word(const struct demo_token *token, const char *const words[])
{
	for (; !token->quoted && *words; words++)
		if (strcasecmp(token->text, *words) == 0)
			return true;
	return false;
}

/* "in the folder src": src; "in the current directory": none. */
static struct demo_token *behind_lead(struct demo_clause *clause, const struct subject *subject)
{
	for (size_t i = 0; i < clause->tokens; i++) {
		size_t next = i + 1;

		if (!is_word(&clause->token[i], subject->leads))
			continue;
		while (next < clause->tokens && !is_content(&clause->token[next]))
			next++;
		if (next < clause->tokens && !clause->token[next].used &&
		    !names_a_kind_of_thing(&clause->token[next]) &&
		    subject->behind_lead(&clause->token[next]))
			return &clause->token[next];
	}
	return NULL;
}

/* The token behind the word that is the parameter's name ("the table products"), or NULL. */
static struct demo_token *behind_name(struct demo_clause *clause, const char *name,
				      token_fits *fits)
{
	for (size_t i = 0; i + 1 < clause->tokens; i++) {
		const struct demo_token *word = &clause->token[i];

		if (!word->quoted && demo_text_has_word(name, word->text, strlen(word->text)) &&
		    !clause->token[i + 1].used && fits(&clause->token[i + 1]))
			return &clause->token[i + 1];
	}
	return NULL;
}

static bool clause_names(const struct demo_clause *clause, const char *name)
{
	for (size_t i = 0; i < clause->tokens; i++)
		if (!clause->token[i].quoted &&
		    demo_text_has_word(name, clause->token[i].text, strlen(clause->token[i].text)))
			return true;
	return false;
}

/* Out */

/* The names are a server's: unlike our own keys they may need escaping. */
static void write_name(struct buf *out, const char *name)
{
	if (out->data[out->len - 1] != '{')
		buf_append_char(out, ',');
	json_write_string(out, name);
	buf_append_char(out, ':');
}

static void write_token(struct buf *out, struct demo_token *token, bool as_number)
{
	token->used = true;
	if (as_number && is_whole_number(token))
		json_write_int(out, (int64_t)strtod(token->text, NULL));
	else if (as_number)
		buf_format(out, "%.15g", strtod(token->text, NULL));
	else
		json_write_string(out, token->text);
}

/* Each of these writes name and value and returns true, or finds nothing in the clause. */

static bool write_enum(const struct parameter *parameter, const struct json_object *values,
		       const struct demo_clause *clause, struct buf *out)
{
	for (size_t i = 0; i < json_object_array_length(values); i++) {
		const char *value = json_string(json_object_array_get_idx(values, i), NULL);

		if (!value || !clause_names(clause, value))
			continue;
		write_name(out, parameter->name);
		json_write_string(out, value);
		return true;
	}
	return false;
}

/* *only: what is not found by shape or lead is not to be guessed. */
static struct demo_token *token_about(const struct parameter *parameter, struct demo_clause *clause,
				      bool *only)
{
	struct demo_token *token = NULL;

	*only = false;
	for (size_t i = 0; i < sizeof(subjects) / sizeof(subjects[0]) && !token; i++) {
		const struct subject *subject = &subjects[i];

		if (!demo_text_has_one_of(parameter->name, subject->names))
			continue;
		*only = *only || subject->only;
		if (subject->shape)
			token = first_unused(clause, subject->shape);
		if (!token)
			token = behind_lead(clause, subject);
	}
	return token;
}

static struct demo_token *text_for(const struct parameter *parameter, struct demo_clause *clause)
{
	bool only;
	struct demo_token *token = token_about(parameter, clause, &only);

	if (token || (only && !parameter->required))
		return token;
	token = behind_name(clause, parameter->name, is_content);
	if (!token)
		token = first_unused(clause, is_quoted);
	if (token || !parameter->required || json_member(parameter->schema, "default"))
		return token;
	/* The last word that says something is what most sentences are about. */
	for (size_t i = clause->tokens; i > 0; i--)
		if (!clause->token[i - 1].used && is_content(&clause->token[i - 1]))
			return &clause->token[i - 1];
	return NULL;
}

static bool write_text(const struct parameter *parameter, struct demo_clause *clause,
		       struct buf *out)
{
	const struct json_object *values = json_member_array(parameter->schema, "enum");
	struct demo_token *token;

	if (values)
		return write_enum(parameter, values, clause, out);
	token = text_for(parameter, clause);
	if (!token)
		return false;
	write_name(out, parameter->name);
	write_token(out, token, false);
	return true;
}

static bool write_number_that(token_fits *fits, const struct parameter *parameter,
			      struct demo_clause *clause, struct buf *out)
{
	struct demo_token *token = behind_name(clause, parameter->name, fits);
	bool is_operand = strlen(parameter->name) == 1; /* "a", "x" */

	if (!token && (parameter->required || is_operand || clause_names(clause, parameter->name)))
		token = first_unused(clause, fits);
	if (!token)
		return false;
	write_name(out, parameter->name);
	write_token(out, token, true);
	return true;
}

static bool write_number(const struct parameter *parameter, struct demo_clause *clause,
			 struct buf *out)
{
	return write_number_that(demo_token_is_number, parameter, clause, out);
}

static bool write_integer(const struct parameter *parameter, struct demo_clause *clause,
			  struct buf *out)
{
	return write_number_that(is_whole_number, parameter, clause, out);
}

static bool write_boolean(const struct parameter *parameter, struct demo_clause *clause,
			  struct buf *out)
{
	if (!clause_names(clause, parameter->name))
		return false;
	write_name(out, parameter->name);
	buf_append_text(out, "true");
	return true;
}

static const char *type_of(const struct json_object *schema);

/* All paths, all numbers, or all quoted texts. */
static bool write_array(const struct parameter *parameter, struct demo_clause *clause,
			struct buf *out)
{
	const char *type = type_of(json_member_object(parameter->schema, "items"));
	bool numbers = strcmp(type, "number") == 0 || strcmp(type, "integer") == 0;
	token_fits *fits = numbers ? demo_token_is_number : is_quoted;
	struct demo_token *token;
	const char *comma = "";

	if (!numbers && strcmp(type, "string") != 0)
		return false;
	if (!numbers && demo_text_has_one_of(parameter->name, demo_path_words))
		fits = demo_token_is_path;
	else if (!parameter->required && !clause_names(clause, parameter->name))
		return false;
	if (!first_unused(clause, fits))
		return false;
	write_name(out, parameter->name);
	buf_append_char(out, '[');
	for (; (token = first_unused(clause, fits)); comma = ",") {
		buf_append_text(out, comma);
		write_token(out, token, numbers);
	}
	buf_append_char(out, ']');
	return true;
}

/* What is required must be there, also where the clause has nothing for it. */

static void write_least(const struct parameter *parameter, const char *type, struct buf *out)
{
	static const struct {
		const char *type, *value;
	} least[] = {{"boolean", "false"}, {"array", "[]"}, {"object", "{}"}, {"string", "\"\""}};
	const struct json_object *values = json_member_array(parameter->schema, "enum");

	write_name(out, parameter->name);
	if (json_member(parameter->schema, "default")) {
		json_print(json_member(parameter->schema, "default"), out);
	} else if (json_member(parameter->schema, "const")) {
		json_print(json_member(parameter->schema, "const"), out);
	} else if (values && json_object_array_length(values) > 0) {
		json_print(json_object_array_get_idx(values, 0), out);
	} else if (demo_text_has_one_of(parameter->name, demo_path_words) &&
		   strcmp(type, "string") == 0) {
		json_write_string(out, ".");
	} else {
		for (size_t i = 0; i < sizeof(least) / sizeof(least[0]); i++) {
			if (strcmp(least[i].type, type) == 0) {
				buf_append_text(out, least[i].value);
				return;
			}
		}
		json_write_int(out, json_member_int(parameter->schema, "minimum", 0));
	}
}

/* The schema's type; of several the first that is not null. */
static const char *type_of(const struct json_object *schema)
{
	static const char *const lists[] = {"type", "anyOf", "oneOf"};
	const char *type = json_member_string(schema, "type");

	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]) && !type; i++) {
		const struct json_object *list = json_member_array(schema, lists[i]);

		for (size_t j = 0; list && j < json_object_array_length(list); j++) {
			const struct json_object *one = json_object_array_get_idx(list, j);

			type = json_is_string(one) ? json_string(one, NULL)
						   : json_member_string(one, "type");
			if (type && strcmp(type, "null") != 0)
				break;
			type = NULL;
		}
	}
	return type ? type : "string";
}

static void write_argument(const struct parameter *parameter, struct demo_clause *clause,
			   struct buf *out)
{
	static const struct {
		const char *type;
		bool (*write)(const struct parameter *parameter, struct demo_clause *clause,
			      struct buf *out);
	} writers[] = {
		{"string", write_text},	    {"number", write_number}, {"integer", write_integer},
		{"boolean", write_boolean}, {"array", write_array},
	};
	const char *type = type_of(parameter->schema);

	for (size_t i = 0; i < sizeof(writers) / sizeof(writers[0]); i++)
		if (strcmp(writers[i].type, type) == 0 && writers[i].write(parameter, clause, out))
			return;
	if (parameter->required)
		write_least(parameter, type, out);
}

/* What is required chooses first. */
static void write_arguments(const struct json_object *function, struct demo_clause *clause,
			    bool required, struct buf *out)
{
	struct json_object *properties = demo_tool_properties(function);
	struct json_object_iterator at, end;

	if (!properties)
		return;
	end = json_object_iter_end(properties);
	for (at = json_object_iter_begin(properties); !json_object_iter_equal(&at, &end);
	     json_object_iter_next(&at)) {
		const char *name = json_object_iter_peek_name(&at);
		const struct parameter parameter = {
			.name = name,
			.schema = json_object_iter_peek_value(&at),
			.required = demo_tool_requires(function, name),
		};

		if (parameter.required == required)
			write_argument(&parameter, clause, out);
	}
}

void demo_arguments_write(const struct json_object *function, struct demo_clause *clause,
			  struct buf *out)
{
	buf_append_char(out, '{');
	write_arguments(function, clause, true, out);
	write_arguments(function, clause, false, out);
	buf_append_char(out, '}');
}
