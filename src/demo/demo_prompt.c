/* SPDX-License-Identifier: MIT */
/* Splits; what the pieces are good for is decided in demo_tools. */
#include "config.h"

#include "demo/demo_prompt.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"

static bool is_one_of(const char *word, size_t len, const char *const words[])
{
	for (; *words; words++)
		if (strlen(*words) == len && strncasecmp(word, *words, len) == 0)
			return true;
	return false;
}

/* Words */

bool demo_word_is_filler(const char *word, size_t len)
{
	static const char *const fillers[] = {
		"a",	 "all",	 "also",  "an",	   "and",    "are", "as",    "at",   "be",   "by",
		"can",	 "do",	 "for",	  "from",  "given",  "has", "have",  "how",  "i",    "if",
		"in",	 "into", "is",	  "it",	   "its",    "me",  "my",    "not",  "of",   "on",
		"one",	 "only", "or",	  "our",   "please", "so",  "some",  "such", "that", "the",
		"their", "them", "then",  "there", "this",   "to",  "under", "use",  "was",  "we",
		"what",	 "when", "where", "which", "with",   "you", "your",  "s",    NULL,
	};

	return len < 2 || is_one_of(word, len, fillers);
}

static size_t stem(const char *word, size_t len)
{
	static const struct {
		const char *ending;
		size_t least; /* letters that must stay */
	} endings[] = {{"ing", 4}, {"ies", 3}, {"es", 4}, {"s", 3}, {"e", 4}, {"y", 3}};

	for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++) {
		size_t cut = strlen(endings[i].ending);

		if (len >= cut + endings[i].least &&
		    strncasecmp(word + len - cut, endings[i].ending, cut) == 0)
			return len - cut;
	}
	return len;
}

bool demo_word_equal(const char *a, size_t a_len, const char *b, size_t b_len)
{
	a_len = stem(a, a_len);
	b_len = stem(b, b_len);
	return a_len == b_len && strncasecmp(a, b, a_len) == 0;
}

bool demo_word_next(const char **word, size_t *len, const char *end)
{
	const char *at = *word + *len, *start;

	while (at < end && !isalnum((unsigned char)*at))
		at++;
	start = at;
	while (at < end && isalnum((unsigned char)*at) &&
	       !(at > start && isupper((unsigned char)*at) && islower((unsigned char)at[-1])))
		at++;
	*word = start;
	*len = (size_t)(at - start);
	return at > start;
}

/* Tokens */

bool demo_token_is_number(const struct demo_token *token)
{
	char *end;

	if (token->quoted || !strpbrk(token->text, "0123456789") ||
	    !strchr("-+.0123456789", token->text[0]))
		return false;
	/* JSON has no infinity. */
	return isfinite(strtod(token->text, &end)) && *end == '\0';
}

bool demo_token_is_url(const struct demo_token *token)
{
	const char *colon = strstr(token->text, "://");

	return colon && colon != token->text && !strchr(token->text, ' ');
}

bool demo_token_is_pattern(const struct demo_token *token)
{
	return strchr(token->text, '*') && !strchr(token->text, ' ');
}

bool demo_token_is_path(const struct demo_token *token)
{
	const char *text = token->text, *dot = strrchr(text, '.');

	if (strchr(text, ' ') || demo_token_is_number(token) || demo_token_is_url(token) ||
	    demo_token_is_pattern(token))
		return false;
	return strchr(text, '/') || strcmp(text, ".") == 0 || strcmp(text, "..") == 0 ||
	       (dot && dot != text && isalnum((unsigned char)dot[1]));
}

static const char *const sql_verbs[] = {"select",  "with",   "insert", "update", "delete",
					"explain", "pragma", "create", "drop",	 NULL};

bool demo_token_is_sql(const struct demo_token *token)
{
	size_t len = strcspn(token->text, " \t\n(");

	return token->quoted && token->text[len] && is_one_of(token->text, len, sql_verbs);
}

/*
 * The length of an SQL statement without quotes; 0: there is none. A verb in capitals begins one,
 * and so does "select … from" where a clause begins.
 */
static size_t sql_length(const char *text, bool clause_begins)
{
	size_t verb = strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"), len = strcspn(text, ";\n");
	char *statement;
	bool is_sql;

	if (text[verb] != ' ' || !is_one_of(text, verb, sql_verbs)) {
		if (!clause_begins || strncasecmp(text, "select ", strlen("select ")) != 0)
			return 0;
		statement = mem_string_len(text, len);
		is_sql = strcasestr(statement, " from ") != NULL;
		free(statement);
		if (!is_sql)
			return 0;
	}
	while (len > 0 && strchr(" .?!\t\r", text[len - 1]))
		len--;
	return len;
}

/* Clauses */

static void add_token(struct demo_prompt *prompt, const char *text, size_t len, bool quoted)
{
	struct demo_clause *clause = &prompt->clause[prompt->clauses - 1];

	if (len == 0 || len > DEMO_TOKEN_MAX_BYTES || clause->tokens == DEMO_CLAUSE_TOKENS_MAX)
		return;
	clause->token = mem_resize_array(clause->token, clause->tokens + 1, sizeof(*clause->token));
	clause->token[clause->tokens++] =
		(struct demo_token){.text = mem_string_len(text, len), .quoted = quoted};
}

void demo_clause_join(struct demo_clause *to, struct demo_clause *from)
{
	for (size_t i = 0; i < from->tokens; i++) {
		if (to->tokens == DEMO_CLAUSE_TOKENS_MAX) {
			free(from->token[i].text);
			continue;
		}
		to->token = mem_resize_array(to->token, to->tokens + 1, sizeof(*to->token));
		to->token[to->tokens++] = from->token[i];
	}
	free(from->token);
	*from = (struct demo_clause){0};
}

/* The last clause takes all the rest. */
static void next_clause(struct demo_prompt *prompt)
{
	if (prompt->clause[prompt->clauses - 1].tokens > 0 &&
	    prompt->clauses < DEMO_PROMPT_CLAUSES_MAX)
		prompt->clauses++;
}

/* A quoted text: 'it' or "it" or `it`; an apostrophe inside a word is none. */
static size_t quoted_length(const char *at)
{
	const char *end;

	if (!strchr("\"'`", *at))
		return 0;
	end = strchr(at + 1, *at);
	return end && end > at + 1 ? (size_t)(end - at - 1) : 0;
}

static void take_word(struct demo_prompt *prompt, const char *word, size_t len)
{
	static const char *const joints[] = {"and", "then", NULL};
	bool ends = false;

	while (len > 1 && strchr(".:!?,", word[len - 1]) && !(len == 2 && word[0] == '.')) {
		ends = ends || word[len - 1] != ':';
		len--;
	}
	while (len > 1 && strchr("()[]", word[len - 1]))
		len--;
	if (is_one_of(word, len, joints))
		next_clause(prompt);
	else
		add_token(prompt, word, len, false);
	if (ends)
		next_clause(prompt);
}

void demo_prompt_read(struct demo_prompt *prompt, const char *text)
{
	*prompt = (struct demo_prompt){.clauses = 1};
	while (*text) {
		size_t len = quoted_length(text);
		size_t sql = sql_length(text, prompt->clause[prompt->clauses - 1].tokens == 0);

		if (sql > 0) {
			add_token(prompt, text, sql, true);
			text += sql;
		} else if (len > 0) {
			add_token(prompt, text + 1, len, true);
			text += len + 2;
		} else if (strchr(";\n", *text)) {
			next_clause(prompt);
			text++;
		} else if (strchr(" \t\r,\"'`(", *text)) {
			text++;
		} else {
			len = strcspn(text, " \t\r\n;\"`");
			take_word(prompt, text, len);
			text += len;
		}
	}
}

void demo_prompt_clear(struct demo_prompt *prompt)
{
	for (size_t i = 0; i < prompt->clauses; i++) {
		for (size_t j = 0; j < prompt->clause[i].tokens; j++)
			free(prompt->clause[i].token[j].text);
		free(prompt->clause[i].token);
	}
	prompt->clauses = 0;
}
