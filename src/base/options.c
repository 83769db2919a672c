/* SPDX-License-Identifier: MIT */
/*
 * One parser for all commands. getopt_long() is not used: it permutes argv, keeps global state, and
 * knows neither lists nor nearest names.
 */
#include "config.h"

#include "base/options.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/money.h"

#define OPTIONS_NAME_MAX 64

void strings_add(struct strings *list, const char *text)
{
	list->item = mem_resize_array(list->item, list->count + 1, sizeof(*list->item));
	list->item[list->count++] = text;
}

void strings_clear(struct strings *list)
{
	free(list->item);
	*list = (struct strings){0};
}

/* Edit distance of two short words, row by row. */
static size_t edit_distance(const char *a, const char *b)
{
	size_t row[OPTIONS_NAME_MAX + 1], len = strlen(b);

	if (len > OPTIONS_NAME_MAX)
		return SIZE_MAX;
	for (size_t j = 0; j <= len; j++)
		row[j] = j;
	for (size_t i = 1; a[i - 1]; i++) {
		size_t diagonal = row[0];

		row[0] = i;
		for (size_t j = 1; j <= len; j++) {
			size_t replaced = diagonal + (a[i - 1] != b[j - 1]);
			size_t best = row[j] < row[j - 1] ? row[j] + 1 : row[j - 1] + 1;

			diagonal = row[j];
			row[j] = replaced < best ? replaced : best;
		}
	}
	return row[len];
}

const char *options_nearest(const char *word, const char *const candidates[], size_t count)
{
	size_t best = SIZE_MAX, len = strlen(word);
	const char *nearest = NULL;

	if (len > OPTIONS_NAME_MAX)
		return NULL;
	for (size_t i = 0; i < count; i++) {
		size_t distance = edit_distance(word, candidates[i]);

		if (distance < best && distance <= 2 && distance * 2 < len) {
			best = distance;
			nearest = candidates[i];
		}
	}
	return nearest;
}

struct parse {
	const struct option_spec *const *tables;
	void *const *targets;
	struct err *err;
};

static const struct option_spec *find_long(const struct parse *parse, const char *name, size_t len,
					   void **target)
{
	for (size_t t = 0; parse->tables[t]; t++) {
		for (const struct option_spec *spec = parse->tables[t]; spec->long_name; spec++) {
			if (strncmp(spec->long_name, name, len) || spec->long_name[len])
				continue;
			*target = (char *)parse->targets[t] + spec->offset;
			return spec;
		}
	}
	return NULL;
}

static const struct option_spec *find_short(const struct parse *parse, char name, void **target)
{
	for (size_t t = 0; parse->tables[t]; t++) {
		for (const struct option_spec *spec = parse->tables[t]; spec->long_name; spec++) {
			if (spec->short_name != name)
				continue;
			*target = (char *)parse->targets[t] + spec->offset;
			return spec;
		}
	}
	return NULL;
}

static int unknown_long(const struct parse *parse, const char *name, size_t len)
{
	struct strings known = {0};
	char *word = mem_string_len(name, len);
	const char *nearest;

	for (size_t t = 0; parse->tables[t]; t++)
		for (const struct option_spec *spec = parse->tables[t]; spec->long_name; spec++)
			strings_add(&known, spec->long_name);
	nearest = options_nearest(word, known.item, known.count);
	if (nearest)
		err_set(parse->err, ERR_USAGE, "--%s: unknown option; did you mean --%s?", word,
			nearest);
	else
		err_set(parse->err, ERR_USAGE, "--%s: unknown option", word);
	free(word);
	strings_clear(&known);
	return -1;
}

static int set_seconds(const struct option_spec *spec, const char *value, long *target,
		       struct err *err)
{
	char *end;
	double seconds;

	errno = 0;
	seconds = strtod(value, &end);
	if (errno || *end || end == value || !(seconds > 0) || seconds > 1e6)
		return err_set(err, ERR_USAGE, "--%s: \"%s\" is not a number of seconds above 0",
			       spec->long_name, value);
	*target = (long)(seconds * 1000 + 0.5);
	return 0;
}

static int set_count(const struct option_spec *spec, const char *value, long *target,
		     struct err *err)
{
	char *end;
	long count;

	errno = 0;
	count = strtol(value, &end, 10);
	if (errno || *end || end == value || count < 0)
		return err_set(err, ERR_USAGE, "--%s: \"%s\" is not a whole number of 0 or more",
			       spec->long_name, value);
	*target = count;
	return 0;
}

static int set_value(const struct option_spec *spec, const char *value, void *target,
		     struct err *err)
{
	switch (spec->type) {
	case OPTION_FLAG:
		*(bool *)target = true;
		return 0;
	case OPTION_TEXT:
	case OPTION_ID:
		*(const char **)target = value;
		return 0;
	case OPTION_LIST:
		strings_add(target, value);
		return 0;
	case OPTION_SECONDS:
		return set_seconds(spec, value, target, err);
	case OPTION_COUNT:
		return set_count(spec, value, target, err);
	case OPTION_USD:
		if (money_parse(value, target))
			return 0;
		return err_set(err, ERR_USAGE, "--%s: \"%s\" is not an amount of USD above 0",
			       spec->long_name, value);
	}
	return -1;
}

bool options_is_id(const char *word)
{
	size_t len = strspn(word, "0123456789abcdef");

	return !word[len] && len >= OPTIONS_ID_MIN && len <= OPTIONS_ID_MAX;
}

/* The next word is taken unless the value may be missing, and that word does not look like one. */
static const char *next_value(const struct option_spec *spec, char **argv, int *i)
{
	const char *next = argv[*i + 1];

	if (spec->type == OPTION_ID && !(next && options_is_id(next)))
		return "";
	++*i;
	return next;
}

/* --name, --name=value, --name value */
static int parse_long(const struct parse *parse, char **argv, int *i)
{
	const char *name = argv[*i] + 2, *value = strchr(name, '=');
	size_t len = value ? (size_t)(value - name) : strlen(name);
	void *target;
	const struct option_spec *spec = find_long(parse, name, len, &target);

	if (!spec)
		return unknown_long(parse, name, len);
	if (spec->type == OPTION_FLAG && value)
		return err_set(parse->err, ERR_USAGE, "--%s: takes no value", spec->long_name);
	if (value)
		value++;
	else if (spec->type != OPTION_FLAG && !(value = next_value(spec, argv, i)))
		return err_set(parse->err, ERR_USAGE, "--%s: %s is missing", spec->long_name,
			       spec->value_name);
	return set_value(spec, value, target, parse->err);
}

/* -q, -qv, -mVALUE, -m VALUE */
static int parse_short(const struct parse *parse, char **argv, int *i)
{
	for (const char *at = argv[*i] + 1; *at; at++) {
		void *target;
		const struct option_spec *spec = find_short(parse, *at, &target);
		const char *value = NULL;

		if (!spec)
			return err_set(parse->err, ERR_USAGE, "-%c: unknown option", *at);
		if (spec->type != OPTION_FLAG) {
			value = at[1] ? at + 1 : next_value(spec, argv, i);
			if (!value)
				return err_set(parse->err, ERR_USAGE, "-%c: %s is missing", *at,
					       spec->value_name);
		}
		if (set_value(spec, value, target, parse->err))
			return -1;
		if (value)
			return 0;
	}
	return 0;
}

int options_parse(int argc, char **argv, const struct option_spec *const tables[],
		  void *const targets[], struct strings *operands, struct err *err)
{
	const struct parse parse = {tables, targets, err};
	bool options_ended = false;

	for (int i = 1; i < argc; i++) {
		const char *word = argv[i];
		int status = 0;

		if (options_ended || word[0] != '-' || word[1] == '\0')
			strings_add(operands, word);
		else if (strcmp(word, "--") == 0)
			options_ended = true;
		else if (word[1] == '-')
			status = parse_long(&parse, argv, &i);
		else
			status = parse_short(&parse, argv, &i);
		if (status)
			return -1;
	}
	return 0;
}

void options_print(const struct option_spec table[])
{
	for (const struct option_spec *spec = table; spec->long_name; spec++) {
		char left[OPTIONS_NAME_MAX];
		int n;

		if (!spec->help)
			continue;
		n = spec->short_name ? snprintf(left, sizeof(left), "-%c, ", spec->short_name)
				     : snprintf(left, sizeof(left), "    ");
		snprintf(left + n, sizeof(left) - (size_t)n, "--%s%s%s", spec->long_name,
			 spec->value_name ? " " : "", spec->value_name ? spec->value_name : "");
		printf("  %-30s %s\n", left, spec->help);
	}
}
