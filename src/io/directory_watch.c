/* SPDX-License-Identifier: MIT */
/*
 * Each directory has two watches: its own, and one of the nearest directory above it that exists,
 * for its coming, going and being replaced. After each burst of events all watches are set anew, so
 * that what vanished, came back or was lost in an overflow needs no case of its own; only then is
 * the owner told, so that what it reads is not older than the watches.
 */
#include "config.h"

#include "io/directory_watch.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "base/mem.h"

#define SELF_EVENTS (IN_DELETE_SELF | IN_MOVE_SELF)
#define INSIDE_EVENTS \
	(IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_CREATE | IN_ATTRIB)
#define ABOVE_EVENTS (IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_CREATE | IN_ATTRIB)
/* Two directories may share the one above: neither takes the other's events away. */
#define HOW	   (IN_ONLYDIR | IN_MASK_ADD)
#define NO_WATCH   (-1)
#define READ_BYTES ((size_t)16 << 10)
#define ANEW_MAX   8 /* attempts to watch what appears just now */

struct watched {
	char *path;
	int self, above; /* watch descriptors, or NO_WATCH */
	char *awaited;	 /* what of path is looked for in `above`, as a path */
};

struct directory_watch {
	struct loop *loop;
	loop_fn *changed;
	void *arg;
	int fd;
	struct loop_watch readable;
	struct loop_timer quiet;
	int64_t first_us; /* event of this burst; 0: none */
	struct watched *watched;
	size_t count;
	char *left_out;	  /* the first directory beyond the limit, or NULL */
	struct err fault; /* the first one; ERR_NONE: all is watched */
};

/* Setting the watches */

static void note_fault(struct directory_watch *watch, const char *path)
{
	if (watch->fault.kind != ERR_NONE)
		return;
	if (errno == ENOSPC)
		err_set(&watch->fault, ERR_UNAVAILABLE,
			"%s: changes are not noticed, for there are no more inotify watches "
			"(fs.inotify.max_user_watches)",
			path);
	else
		err_set_os(&watch->fault, ERR_UNAVAILABLE, errno, "%s: changes are not noticed",
			   path);
}

static int add(struct directory_watch *watch, const char *path, unsigned events)
{
	int descriptor = inotify_add_watch(watch->fd, path, events | SELF_EVENTS | HOW);

	if (descriptor < 0 && errno != ENOENT && errno != ENOTDIR)
		note_fault(watch, path);
	return descriptor;
}

/* "/a/b" of "/a/b/c"; NULL of "/". */
static char *directory_above(const char *path)
{
	const char *slash = strrchr(path, '/');

	if (!slash || !slash[1])
		return NULL;
	return mem_string_len(path, slash == path ? 1 : (size_t)(slash - path));
}

static void watch_above(struct directory_watch *watch, struct watched *watched)
{
	char *above;

	free(watched->awaited);
	watched->awaited = mem_string(watched->path);
	while ((above = directory_above(watched->awaited))) {
		watched->above = add(watch, above, ABOVE_EVENTS);
		if (watched->above >= 0)
			break;
		free(watched->awaited);
		watched->awaited = above;
	}
	free(above);
}

static void watch_one(struct directory_watch *watch, struct watched *watched)
{
	for (int attempt = 0; attempt < ANEW_MAX; attempt++) {
		watched->self = add(watch, watched->path, INSIDE_EVENTS);
		watch_above(watch, watched);
		/* What is awaited may have come before its watch was there. */
		if (watched->self >= 0 || access(watched->awaited, F_OK) != 0)
			return;
	}
}

static bool is_used(const struct directory_watch *watch, int descriptor)
{
	for (size_t i = 0; i < watch->count; i++)
		if (watch->watched[i].self == descriptor || watch->watched[i].above == descriptor)
			return true;
	return false;
}

static void drop_unused(const struct directory_watch *watch, const int *before, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (before[i] != NO_WATCH && !is_used(watch, before[i]))
			(void)!inotify_rm_watch(watch->fd, before[i]); /* it may be gone already */
}

static void watch_all(struct directory_watch *watch)
{
	int *before = mem_new_array(watch->count * 2 + 1, sizeof(*before));

	watch->fault = (struct err){0};
	for (size_t i = 0; i < watch->count; i++) {
		struct watched *watched = &watch->watched[i];

		before[i * 2] = watched->self;
		before[i * 2 + 1] = watched->above;
		watched->self = watched->above = NO_WATCH;
	}
	for (size_t i = 0; i < watch->count; i++)
		watch_one(watch, &watch->watched[i]);
	drop_unused(watch, before, watch->count * 2);
	free(before);
	if (watch->left_out && watch->fault.kind == ERR_NONE)
		err_set(&watch->fault, ERR_UNAVAILABLE,
			"%s: changes are not noticed, for %d directories are watched already",
			watch->left_out, DIRECTORY_WATCH_MAX);
}

/* Events */

static void tell(void *arg)
{
	struct directory_watch *watch = arg;

	watch->first_us = 0;
	watch_all(watch);
	watch->changed(watch->arg);
}

static void note_event(struct directory_watch *watch)
{
	const int64_t now_us = loop_now_us(watch->loop);
	int64_t left_ms;

	if (!watch->first_us)
		watch->first_us = now_us;
	left_ms = DIRECTORY_WATCH_LATE_MS - (now_us - watch->first_us) / 1000;
	if (left_ms > DIRECTORY_WATCH_QUIET_MS)
		left_ms = DIRECTORY_WATCH_QUIET_MS;
	loop_timer_start(watch->loop, &watch->quiet, left_ms > 0 ? left_ms : 0, tell, watch);
}

static bool is_awaited(const struct watched *watched, const struct inotify_event *event)
{
	return event->len > 0 && strcmp(event->name, strrchr(watched->awaited, '/') + 1) == 0;
}

/* Not what happens to others in a directory above, which may be a busy one. */
static bool concerns_us(const struct directory_watch *watch, const struct inotify_event *event)
{
	if (event->mask & IN_Q_OVERFLOW)
		return true;
	if (event->mask & IN_IGNORED)
		return false; /* its reason came before it, or is drop_unused() */
	for (size_t i = 0; i < watch->count; i++) {
		const struct watched *watched = &watch->watched[i];

		if (event->wd == watched->self)
			return true;
		if (event->wd == watched->above &&
		    (event->mask & (SELF_EVENTS | IN_UNMOUNT) || is_awaited(watched, event)))
			return true;
	}
	return false;
}

static void readable(void *arg, short revents)
{
	struct directory_watch *watch = arg;
	_Alignas(struct inotify_event) char bytes[READ_BYTES];
	ssize_t n = read(watch->fd, bytes, sizeof(bytes));
	bool concerned = false;

	(void)revents;
	for (ssize_t at = 0; at < n;) {
		const struct inotify_event *event = (const void *)(bytes + at);

		concerned = concerned || concerns_us(watch, event);
		at += (ssize_t)(sizeof(*event) + event->len);
	}
	if (concerned)
		note_event(watch);
}

/* Life */

/* With something above it, and without slashes at its end. */
static char *full_path(const char *path)
{
	size_t len = strlen(path);

	while (len > 1 && path[len - 1] == '/')
		len--;
	return mem_format("%s%.*s", path[0] == '/' ? "" : "./", (int)len, path);
}

struct directory_watch *directory_watch_new(struct loop *loop, char *const directories[],
					    loop_fn *changed, void *arg, struct err *err)
{
	struct directory_watch *watch;
	int fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);

	if (fd < 0) {
		err_set_os(err, ERR_UNAVAILABLE, errno,
			   "changes of files are not noticed, for inotify cannot be used%s",
			   errno == EMFILE ? " (fs.inotify.max_user_instances)" : "");
		return NULL;
	}
	watch = mem_new(sizeof(*watch));
	watch->loop = loop;
	watch->changed = changed;
	watch->arg = arg;
	watch->fd = fd;
	watch->watched = mem_new_array(DIRECTORY_WATCH_MAX, sizeof(*watch->watched));
	for (; directories[watch->count] && watch->count < DIRECTORY_WATCH_MAX; watch->count++)
		watch->watched[watch->count] = (struct watched){
			.path = full_path(directories[watch->count]),
			.self = NO_WATCH,
			.above = NO_WATCH,
		};
	watch->left_out = mem_string_or_null(directories[watch->count]);
	watch_all(watch);
	loop_watch_start(loop, &watch->readable, fd, POLLIN, readable, watch);
	return watch;
}

void directory_watch_free(struct directory_watch **watch_p)
{
	struct directory_watch *watch = *watch_p;

	if (!watch)
		return;
	*watch_p = NULL;
	loop_watch_stop(&watch->readable);
	loop_timer_stop(&watch->quiet);
	close(watch->fd);
	for (size_t i = 0; i < watch->count; i++) {
		free(watch->watched[i].path);
		free(watch->watched[i].awaited);
	}
	free(watch->watched);
	free(watch->left_out);
	loop_free_later(watch->loop, watch, free);
}

const char *directory_watch_fault(const struct directory_watch *watch)
{
	return watch->fault.kind == ERR_NONE ? NULL : watch->fault.text;
}
