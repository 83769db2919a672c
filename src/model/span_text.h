/* SPDX-License-Identifier: MIT */
/*
 * span_text: values out of spans of checked JSON. Internal to model/.
 *
 * Endpoints write null where others leave a member out: both are "absent" here, and so is a value
 * of another type than the one that is asked for.
 */
#ifndef CORDPAIR_MODEL_SPAN_TEXT_H
#define CORDPAIR_MODEL_SPAN_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/json_check.h"

/* A new string (free()), or NULL when the span is no string. Ends at U+0000 if there is one. */
char *span_text(struct json_span span);
/* The same for a string that is not empty. */
char *span_text_filled(struct json_span span);
/* Replaces *text by the span's string unless that is absent or empty. */
void span_text_keep(char **text, struct json_span span);
/* False when the span is absent, null or false. */
bool span_is_given(struct json_span span);
int64_t span_int(struct json_span span, int64_t fallback);
/* True and *value set when the span is a number. */
bool span_double(struct json_span span, double *value);
/* Checks a text and gives its value's span; false: it is not JSON. */
bool span_of_json(const char *text, size_t len, struct json_span *span);

#endif
