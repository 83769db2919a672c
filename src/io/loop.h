/* SPDX-License-Identifier: MIT */
/*
 * loop: the one event loop, on the main thread. The only place that waits.
 *
 * Seven rules, which all code above relies on:
 *  1. A start function never calls back before it returns.
 *  2. Every started operation calls its `done` exactly once (result, error, timeout), unless its
 *     caller cancelled; after x_cancel() returns, no call comes.
 *  3. Destroying an object inside its own callback is legal: its memory goes at the end of the
 *     iteration (loop_free_later()).
 *  4. One readable event reads at most 64 KiB, then yields.
 *  5. Nothing blocks except the poll: no blocking waitpid, write, getaddrinfo, sleep; file reads
 *     only at start and reload.
 *  6. Every wait has a timer. Every queue has a maximum and a stated policy when it is full.
 *  7. Time comes from loop_now_us(): monotonic, replaceable in tests.
 *
 * Watches and timers are embedded in their owners: no allocation, and removing one that is not
 * active does nothing. Order within an iteration: signals, ready descriptors, due timers (each at
 * most once), deferred calls that were queued before the iteration's end began.
 */
#ifndef CORDPAIR_IO_LOOP_H
#define CORDPAIR_IO_LOOP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct loop;

typedef void loop_fn(void *arg);
typedef void loop_watch_fn(void *arg, short revents); /* POLLIN, POLLOUT, POLLHUP, POLLERR */
typedef void loop_signal_fn(void *arg, int signo);

struct loop_watch { /* private to loop; zero it before the first use */
	struct loop *loop;
	loop_watch_fn *fn;
	void *arg;
	int fd;
	unsigned slot;
};

struct loop_timer { /* private to loop; zero it before the first use */
	struct loop *loop;
	loop_fn *fn;
	void *arg;
	int64_t due_us;
	unsigned slot;
};

struct loop *loop_new(struct err *err) __attribute__((warn_unused_result));
void loop_free(struct loop **loop); /* every watch and timer must be inactive */

/* Runs until loop_stop(). loop_run_once() makes one iteration (waits at most max_wait_ms). */
void loop_run(struct loop *loop);
void loop_run_once(struct loop *loop, int max_wait_ms);
void loop_stop(struct loop *loop);

/* Microseconds of CLOCK_MONOTONIC, or of the clock given for tests. */
int64_t loop_now_us(const struct loop *loop);
void loop_set_clock(struct loop *loop, int64_t (*now_us)(void *arg), void *arg);

/* events: POLLIN and/or POLLOUT, may be 0 (POLLHUP and POLLERR are always told). */
void loop_watch_start(struct loop *loop, struct loop_watch *watch, int fd, short events,
		      loop_watch_fn *fn, void *arg);
void loop_watch_change(struct loop_watch *watch, short events);
/* Not polled at all until the next change (a descriptor at HUP would spin with events 0). */
void loop_watch_pause(struct loop_watch *watch);
void loop_watch_stop(struct loop_watch *watch);
bool loop_watch_active(const struct loop_watch *watch);

/* Starts or restarts a one-shot timer. */
void loop_timer_start(struct loop *loop, struct loop_timer *timer, int64_t after_ms, loop_fn *fn,
		      void *arg);
void loop_timer_stop(struct loop_timer *timer);
bool loop_timer_active(const struct loop_timer *timer);

/* Calls fn(arg) once, in a later step of this or the next iteration. */
void loop_defer(struct loop *loop, loop_fn *fn, void *arg);
/* Forgets every deferred call with this arg. */
void loop_defer_cancel(struct loop *loop, const void *arg);
/* free_fn(object) at the end of the iteration. */
void loop_free_later(struct loop *loop, void *object, void (*free_fn)(void *object));

/* The only call that other threads may make: fn(arg) runs on the loop's thread. */
void loop_post(struct loop *loop, loop_fn *fn, void *arg);

/* One handler for each signal; fn NULL restores the default. Delivered as an ordinary event. */
int loop_signal(struct loop *loop, int signo, loop_signal_fn *fn, void *arg, struct err *err)
	__attribute__((warn_unused_result));

#endif
