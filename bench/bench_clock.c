/* SPDX-License-Identifier: MIT */
/* Clocks and the common form of a result. */
#include "config.h"

#include "bench_clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

static int64_t clock_ns(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

int64_t bench_now_ns(void)
{
	return clock_ns(CLOCK_MONOTONIC);
}

int64_t bench_cpu_ns(void)
{
	return clock_ns(CLOCK_PROCESS_CPUTIME_ID);
}

long bench_peak_kib(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return usage.ru_maxrss;
}

static int compare(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

void bench_print_calls(long count, int64_t *took_ns, int64_t wall_ns, int64_t cpu_ns)
{
	qsort(took_ns, (size_t)count, sizeof(*took_ns), compare);
	printf("{\"count\":%ld,\"median_us\":%.3f,\"calls_per_s\":%.0f,\"cpu_us_per_call\":%.3f}\n",
	       count, (double)took_ns[count / 2] / 1e3, (double)count * 1e9 / (double)wall_ns,
	       (double)cpu_ns / 1e3 / (double)count);
}
