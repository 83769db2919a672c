/* SPDX-License-Identifier: MIT */
/* What every unit test includes, in the order that cmocka wants, and texts of counted bytes. */
#ifndef CORDPAIR_TESTS_UNIT_H
#define CORDPAIR_TESTS_UNIT_H

#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(array)  (sizeof(array) / sizeof((array)[0]))
#define LITERAL(text) (text), (sizeof(text) - 1) /* a literal and its length, NULs included */

#endif
