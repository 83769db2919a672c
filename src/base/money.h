/* SPDX-License-Identifier: MIT */
/*
 * money: amounts of US dollars as people read them.
 */
#ifndef CORDPAIR_BASE_MONEY_H
#define CORDPAIR_BASE_MONEY_H

#include <stdbool.h>

#include "base/buf.h"

#define MONEY_MAX_USD 1e6 /* of an amount that a person sets */

/* Appends "12.50 USD", "0.000156 USD", "0 USD": cents, and below a dollar as many digits as tell.
 */
void money_append(struct buf *out, double usd);
/* True and *usd set when the text is a number above 0 and at most MONEY_MAX_USD. */
bool money_parse(const char *text, double *usd);

#endif
