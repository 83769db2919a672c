/* SPDX-License-Identifier: MIT */
/* Reads the restricted schema, and checks what is entered against it. */
#include "config.h"

#include "agent/elicitation_form.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/json_write.h"
#include "base/mem.h"

/* Reading */

static void add_choice(struct field *field, struct json_span value, struct json_span title)
{
	char *text = json_span_text(value, ELICITATION_TEXT_MAX_BYTES),
	     *shown = json_span_text(title, ELICITATION_TEXT_MAX_BYTES);

	if (!text || field->choices >= ELICITATION_CHOICES_MAX) {
		free(text);
		free(shown);
		return;
	}
	field->choice = mem_resize_array(field->choice, field->choices + 1, sizeof(*field->choice));
	field->choice[field->choices++] =
		(struct field_choice){text, shown ? shown : mem_string(text)};
}

/* enum (with the older enumNames), or oneOf/anyOf of {const, title}. */
static void read_choices(struct field *field, struct json_span schema)
{
	struct json_span values = json_span_member(schema, "enum");
	struct json_span names = json_span_member(schema, "enumNames");
	struct json_span list = json_span_member(schema, "oneOf");
	struct json_span value = {NULL, 0}, name = {NULL, 0}, item = {NULL, 0};

	while (json_span_kind(values) == JSON_ARRAY && json_span_next(values, &value)) {
		if (json_span_kind(names) != JSON_ARRAY || !json_span_next(names, &name))
			names = name = (struct json_span){NULL, 0};
		add_choice(field, value, name);
	}
	if (!list.at)
		list = json_span_member(schema, "anyOf");
	while (json_span_kind(list) == JSON_ARRAY && json_span_next(list, &item))
		add_choice(field, json_span_member(item, "const"), json_span_member(item, "title"));
}

static void read_bound(struct json_span schema, const char *name, double *bound, bool *has)
{
	struct json_span span = json_span_member(schema, name);

	if (json_span_kind(span) != JSON_NUMBER)
		return;
	*bound = strtod(span.at, NULL);
	*has = true;
}

static const struct {
	const char *type;
	enum field_type field;
	const char *minimum, *maximum;
} types[] = {
	{"string", FIELD_STRING, "minLength", "maxLength"},
	{"number", FIELD_NUMBER, "minimum", "maximum"},
	{"integer", FIELD_INTEGER, "minimum", "maximum"},
	{"boolean", FIELD_BOOLEAN, "minimum", "maximum"},
	{"array", FIELD_CHOICES, "minItems", "maxItems"},
};

static bool read_type(struct field *field, struct json_span schema)
{
	struct json_span type = json_span_member(schema, "type");

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		if (!json_span_equals(type, types[i].type))
			continue;
		field->type = types[i].field;
		read_bound(schema, types[i].minimum, &field->minimum, &field->has_minimum);
		read_bound(schema, types[i].maximum, &field->maximum, &field->has_maximum);
		if (field->type == FIELD_CHOICES)
			read_choices(field, json_span_member(schema, "items"));
		else
			read_choices(field, schema);
		if (field->type == FIELD_STRING && field->choices > 0)
			field->type = FIELD_CHOICE;
		return field->type != FIELD_CHOICES || field->choices > 0;
	}
	return false;
}

static bool is_required(struct json_span required, const char *name)
{
	struct json_span item = {NULL, 0};

	while (json_span_kind(required) == JSON_ARRAY && json_span_next(required, &item))
		if (json_span_equals(item, name))
			return true;
	return false;
}

static bool read_field(struct field *field, struct json_span key, struct json_span schema)
{
	struct json_span value = json_span_member(schema, "default");

	field->name = json_span_text(key, ELICITATION_TEXT_MAX_BYTES);
	field->title =
		json_span_text(json_span_member(schema, "title"), ELICITATION_TEXT_MAX_BYTES);
	field->description =
		json_span_text(json_span_member(schema, "description"), ELICITATION_TEXT_MAX_BYTES);
	field->format =
		json_span_text(json_span_member(schema, "format"), ELICITATION_TEXT_MAX_BYTES);
	if (value.at && json_span_kind(value) != JSON_NULL &&
	    value.len <= ELICITATION_TEXT_MAX_BYTES)
		field->value = mem_string_len(value.at, value.len);
	return field->name && read_type(field, schema);
}

int elicitation_form_read(struct json_span schema, struct elicitation_form *form, struct err *err)
{
	struct json_span properties = json_span_member(schema, "properties");
	struct json_span required = json_span_member(schema, "required");
	struct json_span key = {NULL, 0}, value = {NULL, 0};

	*form = (struct elicitation_form){0};
	while (json_span_kind(properties) == JSON_OBJECT &&
	       json_span_next_member(properties, &key, &value)) {
		form->field = mem_resize_array(form->field, form->count + 1, sizeof(*form->field));
		form->field[form->count] = (struct field){0};
		if (!read_field(&form->field[form->count++], key, value) ||
		    form->count > ELICITATION_FIELDS_MAX) {
			elicitation_form_clear(form);
			return err_set(err, ERR_PROTOCOL,
				       "the form is not a flat object of at most %d plain fields",
				       ELICITATION_FIELDS_MAX);
		}
		form->field[form->count - 1].required =
			is_required(required, form->field[form->count - 1].name);
	}
	return 0;
}

void elicitation_form_clear(struct elicitation_form *form)
{
	for (size_t i = 0; i < form->count; i++) {
		struct field *field = &form->field[i];

		for (size_t c = 0; c < field->choices; c++) {
			free(field->choice[c].value);
			free(field->choice[c].title);
		}
		free(field->choice);
		free(field->name);
		free(field->title);
		free(field->description);
		free(field->format);
		free(field->value);
	}
	free(form->field);
	*form = (struct elicitation_form){0};
}

/* Entering */

static int check_bounds(const struct field *field, double amount, const char *what, struct err *err)
{
	if (field->has_minimum && amount < field->minimum)
		return err_set(err, ERR_ARGUMENTS, "at least %g%s", field->minimum, what);
	if (field->has_maximum && amount > field->maximum)
		return err_set(err, ERR_ARGUMENTS, "at most %g%s", field->maximum, what);
	return 0;
}

static int enter_number(struct field *field, const char *text, struct buf *value, struct err *err)
{
	struct json_fault fault;
	double number;

	if (json_check(text, strlen(text), &json_limits_default, NULL, &fault) ||
	    json_span_kind((struct json_span){text, strlen(text)}) != JSON_NUMBER)
		return err_set(err, ERR_ARGUMENTS, "a number");
	number = strtod(text, NULL);
	if (field->type == FIELD_INTEGER && floor(number) != number)
		return err_set(err, ERR_ARGUMENTS, "a whole number");
	if (check_bounds(field, number, "", err))
		return -1;
	return buf_append_text(value, text);
}

static int enter_boolean(const char *text, struct buf *value, struct err *err)
{
	static const char *const yes[] = {"y", "yes", "true"}, *const no[] = {"n", "no", "false"};

	for (size_t i = 0; i < sizeof(yes) / sizeof(yes[0]); i++) {
		if (strcasecmp(text, yes[i]) == 0)
			return buf_append_text(value, "true");
		if (strcasecmp(text, no[i]) == 0)
			return buf_append_text(value, "false");
	}
	return err_set(err, ERR_ARGUMENTS, "yes or no");
}

static size_t characters(const char *text)
{
	size_t count = 0;

	for (; *text; text++)
		count += ((unsigned char)*text & 0xc0) != 0x80;
	return count;
}

/* As `pattern`: 0 a digit, anything else itself. */
static bool looks_like(const char *text, const char *pattern)
{
	for (; *pattern; pattern++, text++)
		if (*pattern == '0' ? *text < '0' || *text > '9' : *text != *pattern)
			return false;
	return true;
}

static bool is_email(const char *text)
{
	const char *at = strchr(text, '@');

	return at && at != text && at[1] && !strchr(at + 1, '@') && !strpbrk(text, " \t");
}

static bool is_uri(const char *text)
{
	size_t scheme =
		strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-.");

	return scheme > 0 && text[scheme] == ':' && text[scheme + 1] && !strpbrk(text, " \t");
}

static bool is_date(const char *text)
{
	return strlen(text) == 10 && looks_like(text, "0000-00-00");
}

static bool is_date_time(const char *text)
{
	size_t len = strlen(text);

	if (len < 20 || !looks_like(text, "0000-00-00") || !strchr("Tt ", text[10]) ||
	    !looks_like(text + 11, "00:00:00"))
		return false;
	return strchr("Zz", text[len - 1]) || (len >= 25 && looks_like(text + len - 5, "00:00"));
}

static const struct {
	const char *format;
	bool (*fits)(const char *text);
	const char *wanted;
} formats[] = {
	{"email", is_email, "an e-mail address"},
	{"uri", is_uri, "a URI, as https://example.org/"},
	{"date", is_date, "a date, as 2026-07-28"},
	{"date-time", is_date_time, "a date and time, as 2026-07-28T12:00:00Z"},
};

static int enter_string(struct field *field, const char *text, struct buf *value, struct err *err)
{
	for (size_t i = 0; field->format && i < sizeof(formats) / sizeof(formats[0]); i++)
		if (strcmp(field->format, formats[i].format) == 0 && !formats[i].fits(text))
			return err_set(err, ERR_ARGUMENTS, "%s", formats[i].wanted);
	if (check_bounds(field, (double)characters(text), " characters", err))
		return -1;
	return json_write_string(value, text);
}

/* By number, value or title. */
static const struct field_choice *find_choice(const struct field *field, const char *text,
					      size_t len)
{
	for (size_t i = 0; i < field->choices; i++) {
		const struct field_choice *choice = &field->choice[i];

		if ((strlen(choice->value) == len && strncmp(choice->value, text, len) == 0) ||
		    (strlen(choice->title) == len && strncasecmp(choice->title, text, len) == 0))
			return choice;
	}
	if (len > 0 && strspn(text, "0123456789") >= len) {
		unsigned long number = strtoul(text, NULL, 10);

		if (number >= 1 && number <= field->choices)
			return &field->choice[number - 1];
	}
	return NULL;
}

static int unknown_choice(const struct field *field, struct err *err)
{
	return err_set(err, ERR_ARGUMENTS, "one of 1 to %zu, or its name", field->choices);
}

static int enter_choice(struct field *field, const char *text, struct buf *value, struct err *err)
{
	const struct field_choice *choice = find_choice(field, text, strlen(text));

	return choice ? json_write_string(value, choice->value) : unknown_choice(field, err);
}

static int enter_choices(struct field *field, const char *text, struct buf *value, struct err *err)
{
	size_t count = 0;

	buf_append_char(value, '[');
	while (*text) {
		size_t len, trimmed;
		const struct field_choice *choice;

		text += strspn(text, " ,");
		len = trimmed = strcspn(text, ",");
		while (trimmed > 0 && text[trimmed - 1] == ' ')
			trimmed--;
		if (trimmed == 0)
			break;
		choice = find_choice(field, text, trimmed);
		if (!choice)
			return unknown_choice(field, err);
		if (count++ > 0)
			buf_append_char(value, ',');
		json_write_string(value, choice->value);
		text += len;
	}
	buf_append_char(value, ']');
	return check_bounds(field, (double)count, " of them", err);
}

static int enter(struct field *field, const char *text, struct buf *value, struct err *err)
{
	switch (field->type) {
	case FIELD_STRING:
		return enter_string(field, text, value, err);
	case FIELD_NUMBER:
	case FIELD_INTEGER:
		return enter_number(field, text, value, err);
	case FIELD_BOOLEAN:
		return enter_boolean(text, value, err);
	case FIELD_CHOICE:
		return enter_choice(field, text, value, err);
	case FIELD_CHOICES:
		return enter_choices(field, text, value, err);
	}
	return -1;
}

int elicitation_form_enter(struct field *field, const char *text, struct err *err)
{
	struct buf value = BUF_INIT;

	if (!*text)
		return 0;
	if (strcmp(text, "-") == 0) {
		free(field->value);
		field->value = NULL;
		return 0;
	}
	if (enter(field, text, &value, err)) {
		buf_clear(&value);
		return -1;
	}
	free(field->value);
	field->value = buf_take(&value);
	return 0;
}

/* The result */

static void show_value(struct json_span value, struct buf *out)
{
	if (value.at && (json_span_kind(value) != JSON_STRING || json_span_unescape(value, out)))
		buf_append(out, value.at, value.len);
}

/* Several are shown as they are entered: with commas. */
void elicitation_form_show(const struct field *field, struct buf *out)
{
	struct json_span value = {field->value, field->value ? strlen(field->value) : 0};
	struct json_span item = {NULL, 0};

	if (json_span_kind(value) != JSON_ARRAY) {
		show_value(value, out);
		return;
	}
	while (json_span_next(value, &item)) {
		if (out->len > 0)
			buf_append_text(out, ", ");
		show_value(item, out);
	}
}

void elicitation_form_write(const struct elicitation_form *form, struct buf *out)
{
	bool any = false;

	buf_append_char(out, '{');
	for (size_t i = 0; i < form->count; i++) {
		if (!form->field[i].value)
			continue;
		if (any)
			buf_append_char(out, ',');
		json_write_string(out, form->field[i].name);
		buf_append_char(out, ':');
		buf_append_text(out, form->field[i].value);
		any = true;
	}
	buf_append_char(out, '}');
}

const char *elicitation_form_missing(const struct elicitation_form *form)
{
	for (size_t i = 0; i < form->count; i++)
		if (form->field[i].required && !form->field[i].value)
			return form->field[i].name;
	return NULL;
}
