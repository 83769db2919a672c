/* SPDX-License-Identifier: MIT */
/*
 * malloc, calloc and realloc of the whole program, its libraries included: what they cannot give
 * ends it. json-c before 0.18 crashes or drops members when an allocation fails, and its printer
 * does in every release; a libc function that fails for want of memory says so by a NULL that may
 * also mean something else. Only mem_try() and mem_try_resize() return NULL.
 *
 * The memory itself is the next library's, by default libc's; so free() stays its own. The
 * sanitizers bring an allocator that is not to be replaced, and that ends the program too.
 */
#include "config.h"

#include "base/mem.h"

#include <stdlib.h>

#ifdef CORDPAIR_SANITIZED

void *mem_try(size_t size)
{
	return malloc(size ? size : 1);
}

void *mem_try_resize(void *memory, size_t size)
{
	return realloc(memory, size ? size : 1);
}

#else

#include <dlfcn.h>

static struct {
	void *(*malloc)(size_t);
	void *(*calloc)(size_t, size_t);
	void *(*realloc)(void *, size_t);
} next; /* found by the first allocation, before there are threads */

static void find(const char *name, void *function)
{
	/* A function pointer by way of its bytes: ISO C has no cast for it. */
	*(void **)function = dlsym(RTLD_NEXT, name);
	if (!*(void **)function)
		mem_exhausted();
}

/* False while the next library is still looked for: dlsym() of older systems allocates, and goes
 * without when it gets nothing. */
static int is_found(void)
{
	static int state; /* 0 not looked for, 1 looking, 2 found */

	if (state == 0) {
		state = 1;
		find("malloc", &next.malloc);
		find("calloc", &next.calloc);
		find("realloc", &next.realloc);
		state = 2;
	}
	return state == 2;
}

void *mem_try(size_t size)
{
	return is_found() ? next.malloc(size ? size : 1) : NULL;
}

void *mem_try_resize(void *memory, size_t size)
{
	return is_found() ? next.realloc(memory, size ? size : 1) : NULL;
}

void *malloc(size_t size)
{
	void *memory = is_found() ? next.malloc(size) : NULL;

	if (!memory && size && is_found())
		mem_exhausted();
	return memory;
}

void *calloc(size_t count, size_t size)
{
	void *memory = is_found() ? next.calloc(count, size) : NULL;

	if (!memory && count && size && is_found())
		mem_exhausted();
	return memory;
}

void *realloc(void *memory, size_t size)
{
	void *moved = is_found() ? next.realloc(memory, size) : NULL;

	if (!moved && size && is_found())
		mem_exhausted();
	return moved;
}

#endif
