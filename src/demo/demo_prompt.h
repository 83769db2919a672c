/* SPDX-License-Identifier: MIT */
/*
 * demo_prompt: a prompt as the stand-in reads it: clauses, and in each its words, quoted texts,
 * numbers and paths. No understanding; what it cannot split it leaves whole.
 */
#ifndef CORDPAIR_DEMO_DEMO_PROMPT_H
#define CORDPAIR_DEMO_DEMO_PROMPT_H

#include <stdbool.h>
#include <stddef.h>

#define DEMO_PROMPT_CLAUSES_MAX 16
#define DEMO_CLAUSE_TOKENS_MAX	256
#define DEMO_TOKEN_MAX_BYTES	4096

struct demo_token {
	char *text; /* quoted texts without their quotes */
	bool quoted;
	bool used; /* it became an argument */
};

struct demo_clause {
	struct demo_token *token;
	size_t tokens;
};

struct demo_prompt {
	struct demo_clause clause[DEMO_PROMPT_CLAUSES_MAX];
	size_t clauses;
};

/*
 * Clauses end at ';', ',', at a newline, at a full stop behind a word, and at "and" and "then". A
 * statement of SQL is one quoted token, also without its quotes when it cannot be anything else.
 */
void demo_prompt_read(struct demo_prompt *prompt, const char *text);
/* Moves the tokens of `from` to the end of `to`, as many as fit. */
void demo_clause_join(struct demo_clause *to, struct demo_clause *from);
void demo_prompt_clear(struct demo_prompt *prompt);

/* Words by which tools are told apart: lower case, without a plural's or a verb's ending. */
bool demo_word_equal(const char *a, size_t a_len, const char *b, size_t b_len);
/* "the", "of" …: words that are in every description. */
bool demo_word_is_filler(const char *word, size_t len);
/* The next run of letters and digits, camelCase split; false at the end. Start with *len = 0. */
bool demo_word_next(const char **word, size_t *len, const char *end);

bool demo_token_is_number(const struct demo_token *token);
/* Has a slash or an extension, or is "." or ".."; no URL, no pattern. */
bool demo_token_is_path(const struct demo_token *token);
bool demo_token_is_url(const struct demo_token *token);
bool demo_token_is_pattern(const struct demo_token *token); /* "*.c" */
/* Begins with a word that begins a statement of SQL. */
bool demo_token_is_sql(const struct demo_token *token);

#endif
