/* SPDX-License-Identifier: MIT */
/*
 * fuzz: what the targets share. Each target is one fuzz_*.c with LLVMFuzzerTestOneInput(): linked
 * with libFuzzer by `make fuzz`, with replay.c everywhere else.
 */
#ifndef CORDPAIR_TESTS_FUZZ_H
#define CORDPAIR_TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"

/* A property that does not hold is a crash, which both linkages tell with the input. */
#define MUST(what)                                                                 \
	do {                                                                       \
		if (!(what)) {                                                     \
			fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #what); \
			abort();                                                   \
		}                                                                  \
	} while (0)

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

/* How much of the rest comes next, as the first bytes of the input say: 1 to 256. */
struct cutter {
	const uint8_t *bytes;
	size_t len, at;
};

static inline size_t cut_next(struct cutter *cutter, size_t left)
{
	size_t piece = cutter->len ? (size_t)cutter->bytes[cutter->at++ % cutter->len] + 1 : left;

	return piece < left ? piece : left;
}

#endif
