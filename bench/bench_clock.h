/* SPDX-License-Identifier: MIT */
/*
 * bench_clock: how both sides of a comparison measure, so that they measure alike.
 */
#ifndef CORDPAIR_BENCH_CLOCK_H
#define CORDPAIR_BENCH_CLOCK_H

#include <stdint.h>

int64_t bench_now_ns(void); /* CLOCK_MONOTONIC */
int64_t bench_cpu_ns(void); /* CPU time of this process, all threads */
long bench_peak_kib(void);  /* largest resident set so far */

/* Prints {"count":…,"median_us":…,"calls_per_s":…,"cpu_us_per_call":…}; sorts took_ns. */
void bench_print_calls(long count, int64_t *took_ns, int64_t wall_ns, int64_t cpu_ns);

#endif
