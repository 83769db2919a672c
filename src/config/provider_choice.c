/* SPDX-License-Identifier: MIT */
/* One table of keys; an option's text becomes JSON first, so that both ways are checked by one. */
#include "config.h"

#include "config/provider_choice.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/json_write.h"
#include "base/mem.h"

#define PROVIDER_WORD_MAX_BYTES 128
#define MAX_PRICE		"max_price."

enum kind { NAMES, WORDS, WORD, SORT, YES_NO, CUTOFF, PRICE };

static const char *const sorts[] = {"price", "throughput", "latency", "exacto", NULL};
static const char *const data_collections[] = {"allow", "deny", NULL};
static const char *const quantizations[] = {"int4", "int8",    "fp4",	"mxfp4", "nvfp4",
					    "fp6",  "fp8",     "mxfp8", "fp16",	 "bf16",
					    "fp32", "unknown", NULL};
static const char *const partitions[] = {"model", "none", NULL};

static const struct key {
	const char *name;
	enum kind kind;
	const char *const *words;
} keys[] = {
	{"order", NAMES, NULL},
	{"only", NAMES, NULL},
	{"ignore", NAMES, NULL},
	{"allow_fallbacks", YES_NO, NULL},
	{"require_parameters", YES_NO, NULL},
	{"data_collection", WORD, data_collections},
	{"zdr", YES_NO, NULL},
	{"enforce_distillable_text", YES_NO, NULL},
	{"quantizations", WORDS, quantizations},
	{"sort", SORT, sorts},
	{"preferred_min_throughput", CUTOFF, NULL},
	{"preferred_max_latency", CUTOFF, NULL},
	/* The last: they are written as one object. */
	{MAX_PRICE "prompt", PRICE, NULL},
	{MAX_PRICE "completion", PRICE, NULL},
	{MAX_PRICE "request", PRICE, NULL},
	{MAX_PRICE "image", PRICE, NULL},
	{MAX_PRICE "audio", PRICE, NULL},
};

#define KEYS (sizeof(keys) / sizeof(keys[0]))

struct provider_choice {
	char *json[KEYS]; /* of each key's value, or NULL */
};

struct provider_choice *provider_choice_new(void)
{
	return mem_new(sizeof(struct provider_choice));
}

void provider_choice_free(struct provider_choice **choice)
{
	for (size_t i = 0; *choice && i < KEYS; i++)
		free((*choice)->json[i]);
	free(*choice);
	*choice = NULL;
}

/* Checking */

static bool is_word(struct json_span value, const char *const *words)
{
	for (; json_span_kind(value) == JSON_STRING && *words; words++)
		if (json_span_equals(value, *words))
			return true;
	return false;
}

static bool is_name(struct json_span value)
{
	char *text = json_span_kind(value) == JSON_STRING
			     ? json_span_text(value, PROVIDER_WORD_MAX_BYTES)
			     : NULL;
	bool good = text && *text;

	free(text);
	return good;
}

/* words NULL: any names. */
static bool is_list(struct json_span value, const char *const *words)
{
	struct json_span item = {NULL, 0};
	size_t count = 0;

	if (json_span_kind(value) != JSON_ARRAY)
		return false;
	for (; json_span_next(value, &item); count++)
		if (words ? !is_word(item, words) : !is_name(item))
			return false;
	return count > 0;
}

/* {"by": "price", "partition": "none"} */
static bool is_sort(struct json_span value)
{
	struct json_span name = {NULL, 0}, member = {NULL, 0};

	if (json_span_kind(value) != JSON_OBJECT)
		return is_word(value, sorts);
	while (json_span_next_member(value, &name, &member))
		if (!(json_span_equals(name, "by") && is_word(member, sorts)) &&
		    !(json_span_equals(name, "partition") && is_word(member, partitions)))
			return false;
	return true;
}

/* A number of 0 or more, or a text of one: the API takes prices as texts. */
static char *number_text(struct json_span value)
{
	char *text = json_span_kind(value) == JSON_STRING
			     ? json_span_text(value, PROVIDER_WORD_MAX_BYTES)
			     : mem_string_len(value.at, value.len);
	char *end = NULL;

	if (text && strtod(text, &end) >= 0 && end != text && !*end)
		return text;
	free(text);
	return NULL;
}

/* {"p50": 100, "p90": 50} */
static bool is_cutoff(struct json_span value)
{
	struct json_span name = {NULL, 0}, member = {NULL, 0};

	if (json_span_kind(value) != JSON_OBJECT)
		return json_span_kind(value) == JSON_NUMBER && *value.at != '-';
	while (json_span_next_member(value, &name, &member))
		if (json_span_kind(member) != JSON_NUMBER || *member.at == '-')
			return false;
	return true;
}

static bool fits(const struct key *key, struct json_span value)
{
	char *number;

	switch (key->kind) {
	case NAMES:
	case WORDS:
		return is_list(value, key->words);
	case WORD:
		return is_word(value, key->words);
	case SORT:
		return is_sort(value);
	case YES_NO:
		return json_span_kind(value) == JSON_TRUE || json_span_kind(value) == JSON_FALSE;
	case CUTOFF:
		return is_cutoff(value);
	case PRICE:
		number = number_text(value);
		free(number);
		return number != NULL;
	}
	return false;
}

static char *misfit(const struct key *key)
{
	static const char *const kinds[] = {
		[NAMES] = "is not a list of providers",
		[WORDS] = "is not a list of these: ",
		[WORD] = "is none of these: ",
		[SORT] = "is none of these: ",
		[YES_NO] = "is not true or false",
		[CUTOFF] = "is not a number",
		[PRICE] = "is not a price in USD for a million tokens",
	};
	struct buf text = BUF_INIT;

	buf_append_text(&text, kinds[key->kind]);
	for (size_t i = 0; key->words && key->words[i]; i++)
		buf_format(&text, "%s%s", i > 0 ? ", " : "", key->words[i]);
	return buf_take(&text);
}

static char *unknown(const char *name)
{
	struct strings names = {0};
	const char *nearest;
	char *text;

	for (size_t i = 0; i < KEYS; i++)
		strings_add(&names, keys[i].name);
	nearest = options_nearest(name, names.item, names.count);
	text = nearest ? mem_format("is not known; did you mean \"%s\"?", nearest)
		       : mem_string("is not known; cordpair(1) lists what is");
	strings_clear(&names);
	return text;
}

/* Setting */

static char *json_of(const struct key *key, struct json_span value)
{
	struct buf out = BUF_INIT;

	if (key->kind == PRICE) {
		char *number = number_text(value);

		json_write_string(&out, number);
		free(number);
	} else {
		json_write_compact(&out, value.at, value.len);
	}
	return buf_take(&out);
}

static int set_prices(struct provider_choice *choice, struct json_span object, char **what)
{
	struct json_span name = {NULL, 0}, value = {NULL, 0};
	int status = 0;

	while (status == 0 && json_span_next_member(object, &name, &value)) {
		char *word = json_span_text(name, PROVIDER_WORD_MAX_BYTES);
		char *key = mem_format(MAX_PRICE "%s", word ? word : ""), *wrong = NULL;

		status = provider_choice_set(choice, key, value, &wrong);
		if (status)
			*what = mem_format("holds \"%s\", which %s", word ? word : "", wrong);
		free(wrong);
		free(key);
		free(word);
	}
	return status;
}

int provider_choice_set(struct provider_choice *choice, const char *name, struct json_span value,
			char **what)
{
	if (strcmp(name, "max_price") == 0 && json_span_kind(value) == JSON_OBJECT)
		return set_prices(choice, value, what);
	for (size_t i = 0; i < KEYS; i++) {
		if (strcmp(keys[i].name, name) != 0)
			continue;
		if (!fits(&keys[i], value)) {
			*what = misfit(&keys[i]);
			return -1;
		}
		free(choice->json[i]);
		choice->json[i] = json_of(&keys[i], value);
		return 0;
	}
	*what = unknown(name);
	return -1;
}

/* "a,b" as ["a","b"]; a word as a string; what is a number or a truth value in JSON as it is. */
static void write_option_value(const struct key *key, const char *text, struct buf *out)
{
	if (key->kind == NAMES || key->kind == WORDS) {
		buf_append_char(out, '[');
		for (const char *at = text;;) {
			size_t len = strcspn(at, ",");

			json_write_string_len(out, at, len);
			at += len;
			if (!*at++)
				break;
			buf_append_char(out, ',');
		}
		buf_append_char(out, ']');
	} else if (key->kind == WORD || key->kind == SORT) {
		json_write_string(out, text);
	} else {
		buf_append_text(out, text);
	}
}

static const struct key *find_key(const char *name)
{
	for (size_t i = 0; i < KEYS; i++)
		if (strcmp(keys[i].name, name) == 0)
			return &keys[i];
	return NULL;
}

int provider_choice_set_option(struct provider_choice *choice, const char *option, struct err *err)
{
	const char *equals = strchr(option, '=');
	size_t len = equals ? (size_t)(equals - option) : strlen(option);
	char *name = mem_string_len(option, len), *what = NULL;
	const struct key *key = find_key(name);
	struct buf json = BUF_INIT;
	struct json_fault bad;
	int status;

	if (key)
		write_option_value(key, equals ? equals + 1 : "true", &json);
	if (key && json_check(buf_text(&json), json.len, &json_limits_default, NULL, &bad))
		buf_truncate(&json, 0);
	status = provider_choice_set(choice, name, (struct json_span){buf_text(&json), json.len},
				     &what);
	if (status)
		err_set(err, ERR_USAGE, "--provider %.60s: %.40s %s", option, name, what);
	free(what);
	free(name);
	buf_clear(&json);
	return status;
}

/* Writing */

void provider_choice_write(const struct provider_choice *choice, struct buf *out)
{
	bool any = false, prices = false;

	for (size_t i = 0; i < KEYS; i++) {
		const char *name = keys[i].name;

		if (!choice->json[i])
			continue;
		if (!any)
			buf_append_char(out, '{');
		any = true;
		if (strncmp(name, MAX_PRICE, strlen(MAX_PRICE)) == 0) {
			if (!prices)
				buf_append_text(out, out->data[out->len - 1] == '{'
							     ? "\"max_price\":{"
							     : ",\"max_price\":{");
			prices = true;
			name += strlen(MAX_PRICE);
		}
		json_write_member_json(out, name, choice->json[i], strlen(choice->json[i]));
	}
	if (prices)
		buf_append_char(out, '}');
	if (any)
		buf_append_char(out, '}');
}
