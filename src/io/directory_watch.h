/* SPDX-License-Identifier: MIT */
/*
 * directory_watch: tells that something changed in some directories, by inotify(7).
 *
 * They need not be there: until they are, the nearest directory above them that exists is watched.
 * What is not seen, because the kernel does not tell it: a change of a file behind a symbolic link
 * that stays, changes made on another machine of a network file system, and a rename further up
 * than the directory right above.
 */
#ifndef CORDPAIR_IO_DIRECTORY_WATCH_H
#define CORDPAIR_IO_DIRECTORY_WATCH_H

#include "base/err.h"
#include "io/loop.h"

#define DIRECTORY_WATCH_QUIET_MS                                                                 \
	250			     /* after the last event: editors and packages write several \
				      */
#define DIRECTORY_WATCH_LATE_MS 2000 /* after the first one, however many still come */
#define DIRECTORY_WATCH_MAX	64   /* directories */

struct directory_watch;

/*
 * changed(arg): files were written, renamed, linked, removed, or their rights changed, or the
 * directory itself; or events were lost. One call for a burst of them.
 * NULL: this system watches nothing for us; err says why (ERR_UNAVAILABLE).
 */
struct directory_watch *directory_watch_new(struct loop *loop, char *const directories[],
					    loop_fn *changed, void *arg, struct err *err)
	__attribute__((warn_unused_result));
void directory_watch_free(struct directory_watch **watch);

/* Which changes are not seen, and why: one sentence. NULL: none. Until the next call of changed. */
const char *directory_watch_fault(const struct directory_watch *watch);

#endif
