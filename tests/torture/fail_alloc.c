/* SPDX-License-Identifier: MIT */
/*
 * fail_alloc: an LD_PRELOAD that counts a program's allocations and lets one, or all from one on,
 * fail. It stands behind the program's own malloc (src/base/mem_fail_stop.c).
 *
 *   FAIL_ALLOC_STATE=FILE    shared with whoever watches; see struct state
 *   FAIL_ALLOC_IN=NAME       only in the program of this file name: cordpair becomes engine
 *   FAIL_ALLOC_AT=N[+]       the Nth allocation fails; with + every later one too
 *   FAIL_ALLOC_SITES=1       each allocation's call stack is told, as a number
 *
 * realloc to a smaller size counts as well: it may fail.
 */
#include "config.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <unwind.h>

#define FRAMES_MAX  16
#define WHERE_BYTES 4000
#define SITES_MAX   ((size_t)1 << 17)
#define SITE_FRAMES 8 /* which of its callers make it another allocation; ours are among them */

struct state {
	_Atomic uint64_t count;	  /* allocations so far */
	_Atomic uint64_t failed;  /* how many of them were refused */
	char where[WHERE_BYTES];  /* the call stack of the first refused one: lines of frames */
	uint64_t site[SITES_MAX]; /* the call stack of each, when it is told */
};

static struct {
	struct state *state; /* NULL: not this program */
	uint64_t at;	     /* 0: none fails */
	bool from_there_on, tells_sites;
	void *(*malloc)(size_t);
	void *(*calloc)(size_t, size_t);
	void *(*realloc)(void *, size_t);
} injector;
static _Thread_local bool inside;

static bool is_this_program(const char *name)
{
	char path[4096];
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 1);
	const char *base;

	if (n <= 0)
		return false;
	path[n] = '\0';
	base = strrchr(path, '/');
	return base && strcmp(base + 1, name) == 0;
}

static struct state *map_state(const char *path)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	void *at = MAP_FAILED;

	if (fd >= 0 && ftruncate(fd, sizeof(struct state)) == 0)
		at = mmap(NULL, sizeof(struct state), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (fd >= 0)
		close(fd);
	return at == MAP_FAILED ? NULL : at;
}

static void resolve(void)
{
	if (injector.realloc)
		return;
	*(void **)&injector.malloc = dlsym(RTLD_NEXT, "malloc");
	*(void **)&injector.calloc = dlsym(RTLD_NEXT, "calloc");
	*(void **)&injector.realloc = dlsym(RTLD_NEXT, "realloc");
}

__attribute__((constructor)) static void prepare(void)
{
	const char *name = getenv("FAIL_ALLOC_IN"), *path = getenv("FAIL_ALLOC_STATE");
	const char *at = getenv("FAIL_ALLOC_AT");
	char *end = NULL;

	resolve();
	if (!name || !path || !is_this_program(name))
		return;
	injector.at = at ? strtoull(at, &end, 10) : 0;
	injector.tells_sites = getenv("FAIL_ALLOC_SITES") != NULL;
	injector.from_there_on = end && *end == '+';
	injector.state = map_state(path);
}

/* Where it failed */

struct walk {
	size_t len, frames;
};

static _Unwind_Reason_Code tell_frame(struct _Unwind_Context *context, void *arg)
{
	struct walk *walk = arg;
	uintptr_t address = _Unwind_GetIP(context);
	Dl_info info = {0};
	int n;

	if (!address || !dladdr((void *)address, &info) || walk->frames++ == FRAMES_MAX)
		return _URC_END_OF_STACK;
	n = snprintf(injector.state->where + walk->len, WHERE_BYTES - walk->len, "%s+0x%lx %s\n",
		     info.dli_fname, (unsigned long)(address - (uintptr_t)info.dli_fbase - 1),
		     info.dli_sname ? info.dli_sname : "-");
	if (n <= 0 || (size_t)n >= WHERE_BYTES - walk->len)
		return _URC_END_OF_STACK;
	walk->len += (size_t)n;
	return _URC_NO_REASON;
}

/* The first time only; what it takes itself is not counted. */
static void tell_where(void)
{
	struct walk walk = {0};

	inside = true;
	_Unwind_Backtrace(tell_frame, &walk);
	inside = false;
}

struct site {
	uint64_t hash;
	size_t frames;
};

/* By FNV-1a: of the object's name and the place in it, which are the same in another run. */
static void add_bytes(struct site *site, const void *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++)
		site->hash = (site->hash ^ ((const unsigned char *)bytes)[i]) * 1099511628211U;
}

static _Unwind_Reason_Code add_frame(struct _Unwind_Context *context, void *arg)
{
	struct site *site = arg;
	uintptr_t address = _Unwind_GetIP(context);
	Dl_info info = {0};

	if (!address || !dladdr((void *)address, &info) || site->frames++ == SITE_FRAMES)
		return _URC_END_OF_STACK;
	address -= (uintptr_t)info.dli_fbase;
	add_bytes(site, info.dli_fname, strlen(info.dli_fname));
	add_bytes(site, &address, sizeof(address));
	return _URC_NO_REASON;
}

static void tell_site(uint64_t number)
{
	struct site site = {.hash = 14695981039346656037U};

	inside = true;
	_Unwind_Backtrace(add_frame, &site);
	inside = false;
	if (number <= SITES_MAX)
		injector.state->site[number - 1] = site.hash;
}

static bool is_refused(void)
{
	uint64_t now;

	resolve();
	if (!injector.state || inside)
		return false;
	now = atomic_fetch_add(&injector.state->count, 1) + 1;
	if (injector.tells_sites)
		tell_site(now);
	if (!injector.at || now < injector.at || (now > injector.at && !injector.from_there_on))
		return false;
	if (atomic_fetch_add(&injector.state->failed, 1) == 0)
		tell_where();
	errno = ENOMEM;
	return true;
}

void *malloc(size_t size)
{
	return is_refused() ? NULL : injector.malloc(size);
}

void *calloc(size_t count, size_t size)
{
	return is_refused() || !injector.calloc ? NULL : injector.calloc(count, size);
}

void *realloc(void *memory, size_t size)
{
	return is_refused() ? NULL : injector.realloc(memory, size);
}
