/* SPDX-License-Identifier: MIT */
/*
 * json_equal: equality of JSON values (JSON Schema 2020-12 core, 4.2.2): numbers by value, strings
 * after unescaping, members in any order.
 */
#ifndef CORDPAIR_BASE_JSON_EQUAL_H
#define CORDPAIR_BASE_JSON_EQUAL_H

#include "base/json_check.h"

/* Appends a text that is the same for equal values only. Depth is json_check's. */
void json_canonical(struct json_span value, struct buf *out);
bool json_equal(struct json_span a, struct json_span b);
/* -1, or the index of an element that equals one before it. */
long json_first_repeated(struct json_span array);

#endif
