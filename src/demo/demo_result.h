/* SPDX-License-Identifier: MIT */
/*
 * demo_result: what a tool answered, for people: JSON as names with values and as tables, other
 * text as it is. Long answers are cut, and it is said how much is left out.
 */
#ifndef CORDPAIR_DEMO_DEMO_RESULT_H
#define CORDPAIR_DEMO_DEMO_RESULT_H

#include <stddef.h>

#include "base/buf.h"

#define DEMO_RESULT_LINES_MAX	40 /* of a text, rows of a table, members of an object */
#define DEMO_RESULT_COLUMNS_MAX 8
#define DEMO_LINE_MAX_BYTES	200
#define DEMO_CELL_MAX_BYTES	60

/* Appends lines that are indented by two blanks. */
void demo_result_write(const char *text, size_t len, struct buf *out);

#endif
