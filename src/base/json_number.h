/* SPDX-License-Identifier: MIT */
/*
 * json_number: the exact value of a JSON number's text, however long: sign, digits, power of ten.
 * 1, 1.0 and 10e-1 are the same value.
 */
#ifndef CORDPAIR_BASE_JSON_NUMBER_H
#define CORDPAIR_BASE_JSON_NUMBER_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/json_check.h"

bool json_number_is_integer(struct json_span number);
/* One text for each value. */
void json_number_canonical(struct json_span number, struct buf *out);
/* <0, 0, >0; exact but for the 18th digit and further. */
int json_number_compare(struct json_span a, struct json_span b);
/* Exact where the divisor has at most 18 digits, else as long double can. */
bool json_number_is_multiple(struct json_span number, struct json_span divisor);

#endif
