/* SPDX-License-Identifier: MIT */
/* One function for each kind of value; each tells what is wrong with its place. */
#include "config.h"

#include "config/entry_values.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/options.h"
#include "config/expand.h"

#define FAULT_TEXT_BYTES 200

/* Faults */

void entry_fault_at(const struct entry_source *source, const char *at, struct err *fault,
		    enum err_kind kind, const char *format, va_list args)
{
	char text[FAULT_TEXT_BYTES];
	unsigned line, column;

	vsnprintf(text, sizeof(text), format, args);
	if (source->text && at) {
		json_position(source->text, (size_t)(at - source->text), &line, &column);
		err_set(fault, kind, "%s:%u:%u: %s", source->file, line, column, text);
	} else {
		err_set(fault, kind, "%s: %s", source->file, text);
	}
}

void entry_warn(struct entry_reader *reader, struct json_span at, const char *format, ...)
{
	struct err told;
	va_list args;

	va_start(args, format);
	entry_fault_at(reader->source, at.at, &told, ERR_NONE, format, args);
	va_end(args);
	reader->source->on_fault(reader->source->arg, &told);
}

void entry_fault(struct entry_reader *reader, struct json_span at, const char *format, ...)
{
	struct err told;
	va_list args;

	va_start(args, format);
	entry_fault_at(reader->source, at.at, &told, ERR_CONFIG, format, args);
	va_end(args);
	reader->source->on_fault(reader->source->arg, &told);
	if (reader->outcome == ENTRY_BROKEN)
		return;
	reader->outcome = ENTRY_BROKEN;
	free(reader->reading->why);
	reader->reading->why = mem_string(told.text);
}

/* Only the owner of the entry knows whether it matters: a disabled server needs no variables. */
void entry_unresolved(struct entry_reader *reader, struct json_span at, const char *text)
{
	unsigned line = 0, column;

	if (reader->outcome != ENTRY_GOOD)
		return;
	if (reader->source->text)
		json_position(reader->source->text, (size_t)(at.at - reader->source->text), &line,
			      &column);
	reader->outcome = ENTRY_UNRESOLVED;
	reader->reading->why = mem_format("%s:%u: %s", reader->source->file, line, text);
}

/* Values */

void entry_wrong_type(struct entry_reader *reader, const struct entry_key *key,
		      struct json_span value, const char *wanted)
{
	entry_fault(reader, value, "\"%s\" is not %s", key->name, wanted);
}

/* The expanded text of a string; NULL when it was told that there is none. */
char *entry_take_string(struct entry_reader *reader, const struct entry_key *key,
			struct json_span value, bool secret)
{
	const struct expand_context context = {reader->source->inputs, secret};
	struct buf raw = BUF_INIT, text;
	struct err err;
	char *taken = NULL;

	buf_init(&text, EXPAND_MAX_BYTES);
	if (json_span_kind(value) != JSON_STRING || json_span_unescape(value, &raw)) {
		entry_wrong_type(reader, key, value, "a string");
	} else if (memchr(buf_text(&raw), '\0', raw.len)) {
		entry_fault(reader, value, "\"%s\" has a NUL in it", key->name);
	} else {
		switch (expand(&context, buf_text(&raw), raw.len, &text, &err)) {
		case EXPAND_OK:
			taken = buf_take(&text);
			break;
		case EXPAND_UNSET:
			entry_unresolved(reader, value, err.text);
			break;
		case EXPAND_BAD:
			entry_fault(reader, value, "\"%s\": %s", key->name, err.text);
			break;
		}
	}
	buf_clear(&raw);
	buf_clear(&text);
	return taken;
}

void *entry_target(struct entry_reader *reader, const struct entry_key *key)
{
	return (char *)reader->config + key->offset;
}

void entry_string(struct entry_reader *reader, const struct entry_key *key, struct json_span value)
{
	char *text = entry_take_string(reader, key, value, false);

	if (text) {
		free(*(char **)entry_target(reader, key));
		*(char **)entry_target(reader, key) = text;
	}
}

void entry_add_strings(struct entry_reader *reader, const struct entry_key *key,
		       struct json_span value, char ***list)
{
	struct json_span item = {NULL, 0};

	if (json_span_kind(value) != JSON_ARRAY) {
		entry_wrong_type(reader, key, value, "an array of strings");
		return;
	}
	while (json_span_next(value, &item)) {
		char *text = entry_take_string(reader, key, item, false);

		if (text)
			string_list_add(list, text);
	}
}

void entry_strings(struct entry_reader *reader, const struct entry_key *key, struct json_span value)
{
	entry_add_strings(reader, key, value, entry_target(reader, key));
}

void entry_bool(struct entry_reader *reader, const struct entry_key *key, struct json_span value)
{
	enum json_kind kind = json_span_kind(value);

	if (kind == JSON_TRUE || kind == JSON_FALSE)
		*(bool *)entry_target(reader, key) = kind == JSON_TRUE;
	else
		entry_wrong_type(reader, key, value, "true or false");
}

bool entry_number(struct json_span value, double *number)
{
	if (json_span_kind(value) != JSON_NUMBER)
		return false;
	*number = strtod(value.at, NULL);
	return isfinite(*number) && *number >= 0;
}

/* Words from a list */

bool entry_read_word(struct entry_reader *reader, const struct entry_key *key,
		     struct json_span value, const struct entry_word words[], int *out)
{
	struct buf list = BUF_INIT;

	for (const struct entry_word *word = words; word->word; word++) {
		if (json_span_equals(value, word->word)) {
			*out = word->value;
			buf_clear(&list);
			return true;
		}
		buf_format(&list, "%s\"%s\"", list.len ? ", " : "", word->word);
	}
	entry_fault(reader, value, "\"%s\" is none of %s", key->name, buf_text(&list));
	buf_clear(&list);
	return false;
}

/* Objects with keys of their own */

static void read_object_member(struct entry_reader *reader, const struct entry_key *object,
			       struct json_span name, struct json_span value,
			       const struct entry_key table[], size_t count)
{
	const char *names[ENTRY_OBJECT_KEYS_MAX], *nearest;
	struct buf word = BUF_INIT;

	for (size_t i = 0; i < count; i++) {
		if (json_span_equals(name, table[i].name)) {
			table[i].read(reader, &table[i], value);
			return;
		}
		names[i] = table[i].name;
	}
	(void)!json_span_unescape(name, &word);
	nearest = options_nearest(buf_text(&word), names, count);
	if (nearest)
		entry_fault(reader, name, "\"%s\": \"%s\" is not known; did you mean \"%s\"?",
			    object->name, buf_text(&word), nearest);
	else
		entry_warn(reader, name, "\"%s\": \"%s\" is not known and has no effect",
			   object->name, buf_text(&word));
	buf_clear(&word);
}

/* A table has at most ENTRY_OBJECT_KEYS_MAX keys. */
void entry_object(struct entry_reader *reader, const struct entry_key *object,
		  struct json_span value, const struct entry_key table[], size_t count)
{
	struct json_span name = {NULL, 0}, member = {NULL, 0};

	while (json_span_next_member(value, &name, &member))
		read_object_member(reader, object, name, member, table, count);
}
