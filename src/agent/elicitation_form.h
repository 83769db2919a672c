/* SPDX-License-Identifier: MIT */
/*
 * elicitation_form: the form that a server wants filled in (MCP 2025-06-18 and later,
 * "Elicitation"): a flat object of strings, numbers, booleans and choices. Pure.
 */
#ifndef CORDPAIR_AGENT_ELICITATION_FORM_H
#define CORDPAIR_AGENT_ELICITATION_FORM_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/json_check.h"

#define ELICITATION_FIELDS_MAX	   64
#define ELICITATION_CHOICES_MAX	   256
#define ELICITATION_TEXT_MAX_BYTES ((size_t)4 << 10) /* of a title, description or value */

enum field_type {
	FIELD_STRING,
	FIELD_NUMBER,
	FIELD_INTEGER,
	FIELD_BOOLEAN,
	FIELD_CHOICE,
	FIELD_CHOICES
};

struct field_choice {
	char *value, *title; /* title: as shown; may be the value */
};

struct field {
	char *name, *title, *description; /* the latter two may be NULL */
	enum field_type type;
	bool required;
	char *format;		 /* or NULL */
	char *value;		 /* JSON text: the default, then what was entered; or NULL */
	double minimum, maximum; /* of a number, a text's length, a number of choices */
	bool has_minimum, has_maximum;
	struct field_choice *choice;
	size_t choices;
};

struct elicitation_form {
	struct field *field;
	size_t count;
};

/* schema: requestedSchema, a checked text. ERR_PROTOCOL: not such a form. */
int elicitation_form_read(struct json_span schema, struct elicitation_form *form, struct err *err)
	__attribute__((warn_unused_result));
void elicitation_form_clear(struct elicitation_form *form);

/*
 * Takes what a person typed for a field: "" keeps its value, "-" empties it. Choices by number or
 * by name, several with commas. ERR_ARGUMENTS: what would fit, in words.
 */
int elicitation_form_enter(struct field *field, const char *text, struct err *err)
	__attribute__((warn_unused_result));

/* The field's value as a person reads it. */
void elicitation_form_show(const struct field *field, struct buf *out);
/* {"name":value…} of what has a value. */
void elicitation_form_write(const struct elicitation_form *form, struct buf *out);
/* A required field has no value: its name; or NULL. */
const char *elicitation_form_missing(const struct elicitation_form *form);

#endif
