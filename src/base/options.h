/* SPDX-License-Identifier: MIT */
/*
 * options: one table describes a command's options; parsing, --help and the completions come from
 * it, so they cannot disagree.
 */
#ifndef CORDPAIR_BASE_OPTIONS_H
#define CORDPAIR_BASE_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

struct strings { /* a list of borrowed texts */
	const char **item;
	size_t count;
};

void strings_add(struct strings *list, const char *text);
void strings_clear(struct strings *list);

#define OPTIONS_ID_MIN 4
#define OPTIONS_ID_MAX 32

enum option_type {
	OPTION_FLAG,	/* target: bool */
	OPTION_TEXT,	/* target: const char *; the last one wins */
	OPTION_LIST,	/* target: struct strings */
	OPTION_SECONDS, /* target: long, in milliseconds; takes "2.5" */
	OPTION_COUNT,	/* target: long, a whole number of 0 or more */
	OPTION_USD,	/* target: double, an amount above 0 */
	/*
	 * target: const char *; the value may be missing: "". Without "=" the next word is it only
	 * when it is of OPTIONS_ID_MIN to OPTIONS_ID_MAX hexadecimal digits.
	 */
	OPTION_ID
};

struct option_spec {
	char short_name;       /* or 0 */
	const char *long_name; /* without the dashes */
	enum option_type type;
	size_t offset;		/* of the target in the struct given to options_parse() */
	const char *value_name; /* "FILE"; NULL for flags */
	const char *help;	/* one line, no period; NULL: hidden */
};

/*
 * Parses argv (argv[0] is skipped). `tables` is a NULL-terminated list of option tables, each
 * ended by an entry whose long_name is NULL; `targets[i]` is the struct table i fills. Options and
 * operands may be mixed; "--" ends the options. Operands are collected in order. Error: ERR_USAGE,
 * with the nearest option's name.
 */
int options_parse(int argc, char **argv, const struct option_spec *const tables[],
		  void *const targets[], struct strings *operands, struct err *err)
	__attribute__((warn_unused_result));

/* Prints the table as the lines of --help to stdout. */
void options_print(const struct option_spec table[]);

/* The candidate nearest to word (edit distance <= 2 and under half its length), or NULL. */
const char *options_nearest(const char *word, const char *const candidates[], size_t count);
/* OPTIONS_ID_MIN to OPTIONS_ID_MAX hexadecimal digits. */
bool options_is_id(const char *word);

#endif
