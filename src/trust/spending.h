/* SPDX-License-Identifier: MIT */
/*
 * spending: what all runs of a day have cost together, as the endpoints told it.
 *
 * One file for each day (local time) below a directory of our own, 0600; each answer of a model
 * appends its line, whole or not at all, so that runs at the same time and runs that are killed
 * count too. Files of other days are removed when a new one begins.
 */
#ifndef CORDPAIR_TRUST_SPENDING_H
#define CORDPAIR_TRUST_SPENDING_H

#include "base/err.h"

#define SPENDING_FILE_MAX_BYTES ((size_t)4 << 20) /* about 100000 answers */

/* dir: "…/spending". *usd is what was spent today. -1: ERR_RECORD, it cannot be told. */
int spending_today(const char *dir, double *usd, struct err *err)
	__attribute__((warn_unused_result));
/* ERR_RECORD. */
int spending_add(const char *dir, double usd, struct err *err) __attribute__((warn_unused_result));

#endif
