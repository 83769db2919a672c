/* SPDX-License-Identifier: MIT */
/*
 * form: application/x-www-form-urlencoded, of queries and of bodies (WHATWG URL, section 5).
 */
#ifndef CORDPAIR_BASE_FORM_H
#define CORDPAIR_BASE_FORM_H

#include <stdbool.h>

#include "base/buf.h"

/* The text begins with "%XX" (RFC 3986, 2.1), which stands for *byte. */
bool percent_byte(const char *text, char *byte);
/* Appends "name=value", with '&' before it unless the text is empty or ends in '?' or '&'. */
void form_append(struct buf *out, const char *name, const char *value);
/* Appends the encoded text alone. */
void form_encode(struct buf *out, const char *text);
/* The first value of a name, decoded, or NULL. One that holds a NUL is none. The caller frees. */
char *form_value(const char *form, const char *name);

#endif
