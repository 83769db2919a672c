/* SPDX-License-Identifier: MIT */
/*
 * mem: small allocations that cannot fail.
 *
 * Memory whose size the program itself decides: when there is none, the process says so on stderr
 * and exits with 70. Memory whose size a peer decides is allocated through `buf`, which has a cap,
 * or with mem_try().
 */
#ifndef CORDPAIR_BASE_MEM_H
#define CORDPAIR_BASE_MEM_H

#include <stddef.h>

void *mem_new(size_t size)
	__attribute__((malloc, returns_nonnull, warn_unused_result)); /* zeroed */
void *mem_new_array(size_t count, size_t size)
	__attribute__((malloc, returns_nonnull, warn_unused_result)); /* zeroed, overflow-checked */
void *mem_resize_array(void *array, size_t count, size_t size)
	__attribute__((returns_nonnull, warn_unused_result)); /* the added part is not zeroed */
char *mem_string(const char *text) __attribute__((malloc, returns_nonnull, warn_unused_result));
char *mem_string_or_null(const char *text); /* NULL gives NULL */
char *mem_string_len(const char *bytes, size_t len)
	__attribute__((malloc, returns_nonnull, warn_unused_result));
char *mem_format(const char *format, ...)
	__attribute__((malloc, returns_nonnull, warn_unused_result, format(printf, 1, 2)));

/*
 * NULL when there is not enough memory; for sizes that a peer decides, after their cap. Everything
 * else that allocates, in libraries too, ends the program then (mem_fail_stop.c).
 */
void *mem_try(size_t size) __attribute__((malloc, warn_unused_result));
void *mem_try_resize(void *memory, size_t size) __attribute__((warn_unused_result));

/* Says that memory ran out and exits with 70. */
void mem_exhausted(void) __attribute__((noreturn));

/* What has to be said on stdout before, in memory that is there already; comes at most once, in any
 * thread. Borrowed until the next one, or NULL. */
struct mem_last_words {
	void (*say)(void *arg);
	void *arg;
};
void mem_on_exhausted(const struct mem_last_words *words);

#endif
