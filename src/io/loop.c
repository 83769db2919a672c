/* SPDX-License-Identifier: MIT */
/*
 * One poll(2) a turn over a dense array; timers in a binary heap. The array and the heap hold
 * pointers to what their owners embed, and each owner knows its slot, so that starting and stopping
 * costs no search and no allocation.
 */
#include "config.h"

#include "io/loop.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"

#define LOOP_SIGNALS 65
#define NO_SLOT	     UINT32_MAX

struct call {
	loop_fn *fn; /* NULL: cancelled */
	void *arg;
};

struct call_list {
	struct call *call;
	size_t count, cap;
};

struct loop {
	struct pollfd *poll; /* poll[i] belongs to watch[i] */
	struct loop_watch **watch;
	unsigned watches, watches_cap;
	unsigned dispatching; /* watches from here on have not been looked at in this turn */

	struct loop_timer **timer; /* a heap by due_us */
	unsigned timers, timers_cap;

	struct call_list deferred, running, garbage;
	bool stopping;

	int64_t (*clock)(void *arg);
	void *clock_arg;

	int wake[2]; /* bytes from signal handlers and other threads */
	struct loop_watch wake_watch;
	pthread_mutex_t post_lock;
	struct call_list posted;

	struct {
		loop_signal_fn *fn;
		void *arg;
	} signal[LOOP_SIGNALS];
	struct sigaction before[LOOP_SIGNALS];
};

/* Signal handlers know no argument: one loop at a time takes signals. */
static volatile int signal_fd = -1;

static void list_add(struct call_list *list, loop_fn *fn, void *arg)
{
	if (list->count == list->cap) {
		list->cap = list->cap ? list->cap * 2 : 16;
		list->call = mem_resize_array(list->call, list->cap, sizeof(*list->call));
	}
	list->call[list->count++] = (struct call){fn, arg};
}

/* Time */

static int64_t monotonic_us(void *arg)
{
	struct timespec now;

	(void)arg;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

int64_t loop_now_us(const struct loop *loop)
{
	return loop->clock(loop->clock_arg);
}

void loop_set_clock(struct loop *loop, int64_t (*now_us)(void *arg), void *arg)
{
	loop->clock = now_us;
	loop->clock_arg = arg;
}

/* Timers */

static void timer_place(struct loop *loop, struct loop_timer *timer, unsigned slot)
{
	loop->timer[slot] = timer;
	timer->slot = slot;
}

static void timer_up(struct loop *loop, struct loop_timer *timer, unsigned slot)
{
	while (slot > 0) {
		unsigned parent = (slot - 1) / 2;

		if (loop->timer[parent]->due_us <= timer->due_us)
			break;
		timer_place(loop, loop->timer[parent], slot);
		slot = parent;
	}
	timer_place(loop, timer, slot);
}

static void timer_down(struct loop *loop, struct loop_timer *timer, unsigned slot)
{
	for (;;) {
		unsigned child = 2 * slot + 1;

		if (child >= loop->timers)
			break;
		if (child + 1 < loop->timers &&
		    loop->timer[child + 1]->due_us < loop->timer[child]->due_us)
			child++;
		if (timer->due_us <= loop->timer[child]->due_us)
			break;
		timer_place(loop, loop->timer[child], slot);
		slot = child;
	}
	timer_place(loop, timer, slot);
}

bool loop_timer_active(const struct loop_timer *timer)
{
	return timer->loop != NULL;
}

void loop_timer_stop(struct loop_timer *timer)
{
	struct loop *loop = timer->loop;
	struct loop_timer *last;

	if (!loop)
		return;
	timer->loop = NULL;
	last = loop->timer[--loop->timers];
	if (last == timer)
		return;
	timer_up(loop, last, timer->slot);
	timer_down(loop, last, last->slot);
}

void loop_timer_start(struct loop *loop, struct loop_timer *timer, int64_t after_ms, loop_fn *fn,
		      void *arg)
{
	loop_timer_stop(timer);
	if (loop->timers == loop->timers_cap) {
		loop->timers_cap = loop->timers_cap ? loop->timers_cap * 2 : 16;
		loop->timer = mem_resize_array(loop->timer, loop->timers_cap, sizeof(*loop->timer));
	}
	timer->loop = loop;
	timer->fn = fn;
	timer->arg = arg;
	timer->due_us = loop_now_us(loop) + after_ms * 1000;
	timer_up(loop, timer, loop->timers++);
}

static void run_due_timers(struct loop *loop)
{
	int64_t now;

	if (loop->timers == 0)
		return;
	now = loop_now_us(loop);
	while (loop->timers > 0 && loop->timer[0]->due_us <= now) {
		struct loop_timer *timer = loop->timer[0];
		loop_fn *fn = timer->fn;
		void *arg = timer->arg;

		loop_timer_stop(timer);
		fn(arg);
	}
}

/* Watches */

bool loop_watch_active(const struct loop_watch *watch)
{
	return watch->loop != NULL;
}

void loop_watch_start(struct loop *loop, struct loop_watch *watch, int fd, short events,
		      loop_watch_fn *fn, void *arg)
{
	loop_watch_stop(watch);
	if (loop->watches == loop->watches_cap) {
		loop->watches_cap = loop->watches_cap ? loop->watches_cap * 2 : 16;
		loop->poll = mem_resize_array(loop->poll, loop->watches_cap, sizeof(*loop->poll));
		loop->watch =
			mem_resize_array(loop->watch, loop->watches_cap, sizeof(*loop->watch));
	}
	*watch = (struct loop_watch){loop, fn, arg, fd, loop->watches++};
	loop->watch[watch->slot] = watch;
	loop->poll[watch->slot] = (struct pollfd){.fd = fd, .events = events};
}

void loop_watch_change(struct loop_watch *watch, short events)
{
	struct pollfd *entry;

	if (!watch->loop)
		return;
	entry = &watch->loop->poll[watch->slot];
	entry->fd = watch->fd;
	entry->events = events;
}

void loop_watch_pause(struct loop_watch *watch)
{
	struct pollfd *entry;

	if (!watch->loop)
		return;
	/* poll(2) passes over negative descriptors. */
	entry = &watch->loop->poll[watch->slot];
	entry->fd = -1;
	entry->revents = 0;
}

static void move_watch(struct loop *loop, unsigned from, unsigned to)
{
	loop->watch[to] = loop->watch[from];
	loop->poll[to] = loop->poll[from];
	loop->watch[to]->slot = to;
}

void loop_watch_stop(struct loop_watch *watch)
{
	struct loop *loop = watch->loop;
	unsigned slot = watch->slot;

	if (!loop)
		return;
	watch->loop = NULL;
	/*
	 * While events are being told, the array has two parts: those told already and those that
	 * are not. The gap is filled from its own part first, so that none is told twice or missed.
	 */
	if (slot < loop->dispatching) {
		loop->dispatching--;
		if (slot != loop->dispatching)
			move_watch(loop, loop->dispatching, slot);
		slot = loop->dispatching;
	}
	loop->watches--;
	if (slot != loop->watches)
		move_watch(loop, loop->watches, slot);
}

static void tell_watches(struct loop *loop, int ready)
{
	loop->dispatching = 0;
	while (ready > 0 && loop->dispatching < loop->watches) {
		struct loop_watch *watch = loop->watch[loop->dispatching];
		short revents = loop->poll[loop->dispatching].revents;

		loop->poll[loop->dispatching++].revents = 0;
		if (!revents)
			continue;
		ready--;
		watch->fn(watch->arg, revents);
	}
	loop->dispatching = 0;
}

/* Deferred calls */

void loop_defer(struct loop *loop, loop_fn *fn, void *arg)
{
	list_add(&loop->deferred, fn, arg);
}

static void cancel_in(struct call_list *list, const void *arg)
{
	for (size_t i = 0; i < list->count; i++)
		if (list->call[i].arg == arg)
			list->call[i].fn = NULL;
}

void loop_defer_cancel(struct loop *loop, const void *arg)
{
	cancel_in(&loop->deferred, arg);
	cancel_in(&loop->running, arg);
	pthread_mutex_lock(&loop->post_lock);
	cancel_in(&loop->posted, arg);
	pthread_mutex_unlock(&loop->post_lock);
}

static void run_deferred(struct loop *loop)
{
	struct call_list spare = loop->running;

	loop->running = loop->deferred;
	loop->deferred = spare;
	loop->deferred.count = 0;
	for (size_t i = 0; i < loop->running.count; i++) {
		struct call call = loop->running.call[i];

		if (call.fn)
			call.fn(call.arg);
	}
	loop->running.count = 0;
}

void loop_free_later(struct loop *loop, void *object, void (*free_fn)(void *object))
{
	list_add(&loop->garbage, free_fn, object);
}

static void collect_garbage(struct loop *loop)
{
	/* Freeing a parent may hand over its children: they are appended. */
	for (size_t i = 0; i < loop->garbage.count; i++) {
		struct call call = loop->garbage.call[i];

		call.fn(call.arg);
	}
	loop->garbage.count = 0;
}

/* Wake-ups: signals and other threads */

static void wake_readable(void *arg, short revents)
{
	struct loop *loop = arg;
	unsigned char bytes[256];
	ssize_t n = read(loop->wake[0], bytes, sizeof(bytes));

	(void)revents;
	for (ssize_t i = 0; i < n; i++) {
		int signo = bytes[i];

		if (signo > 0 && signo < LOOP_SIGNALS && loop->signal[signo].fn)
			loop->signal[signo].fn(loop->signal[signo].arg, signo);
	}
	pthread_mutex_lock(&loop->post_lock);
	for (size_t i = 0; i < loop->posted.count; i++)
		list_add(&loop->deferred, loop->posted.call[i].fn, loop->posted.call[i].arg);
	loop->posted.count = 0;
	pthread_mutex_unlock(&loop->post_lock);
}

static void wake(int fd, unsigned char byte)
{
	int saved = errno;
	ssize_t n = write(fd, &byte, 1);

	/* A full pipe will wake the loop anyway. */
	(void)n;
	errno = saved;
}

void loop_post(struct loop *loop, loop_fn *fn, void *arg)
{
	pthread_mutex_lock(&loop->post_lock);
	list_add(&loop->posted, fn, arg);
	pthread_mutex_unlock(&loop->post_lock);
	wake(loop->wake[1], 0);
}

static void on_signal(int signo)
{
	if (signal_fd >= 0)
		wake(signal_fd, (unsigned char)signo);
}

int loop_signal(struct loop *loop, int signo, loop_signal_fn *fn, void *arg, struct err *err)
{
	struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART};

	if (fn) {
		signal_fd = loop->wake[1];
		sigfillset(&action.sa_mask);
		if (sigaction(signo, &action, loop->signal[signo].fn ? NULL : &loop->before[signo]))
			return err_set_os(err, ERR_INTERNAL, errno, "signal %d", signo);
	} else if (loop->signal[signo].fn) {
		sigaction(signo, &loop->before[signo], NULL);
	}
	loop->signal[signo].fn = fn;
	loop->signal[signo].arg = arg;
	return 0;
}

/* The loop itself */

struct loop *loop_new(struct err *err)
{
	struct loop *loop = mem_new(sizeof(*loop));

	loop->clock = monotonic_us;
	if (pipe2(loop->wake, O_CLOEXEC | O_NONBLOCK)) {
		err_set_os(err, ERR_UNAVAILABLE, errno, "the event loop cannot be made");
		free(loop);
		return NULL;
	}
	pthread_mutex_init(&loop->post_lock, NULL);
	loop_watch_start(loop, &loop->wake_watch, loop->wake[0], POLLIN, wake_readable, loop);
	return loop;
}

void loop_free(struct loop **loop_p)
{
	struct loop *loop = *loop_p;
	struct err err;

	if (!loop)
		return;
	collect_garbage(loop);
	for (int signo = 1; signo < LOOP_SIGNALS; signo++)
		if (loop->signal[signo].fn && loop_signal(loop, signo, NULL, NULL, &err))
			abort(); /* restoring a handler that was there cannot fail */
	if (signal_fd == loop->wake[1])
		signal_fd = -1;
	close(loop->wake[0]);
	close(loop->wake[1]);
	pthread_mutex_destroy(&loop->post_lock);
	free(loop->poll);
	free(loop->watch);
	free(loop->timer);
	free(loop->deferred.call);
	free(loop->running.call);
	free(loop->garbage.call);
	free(loop->posted.call);
	free(loop);
	*loop_p = NULL;
}

/* How long poll may wait: until the next timer, not at all when calls are deferred. */
static int poll_timeout_ms(struct loop *loop, int max_wait_ms)
{
	int64_t wait_ms;

	if (loop->deferred.count > 0 || loop->stopping)
		return 0;
	if (loop->timers == 0)
		return max_wait_ms;
	wait_ms = (loop->timer[0]->due_us - loop_now_us(loop) + 999) / 1000;
	if (wait_ms < 0)
		wait_ms = 0;
	if (max_wait_ms >= 0 && wait_ms > max_wait_ms)
		wait_ms = max_wait_ms;
	return wait_ms > INT32_MAX ? INT32_MAX : (int)wait_ms;
}

void loop_run_once(struct loop *loop, int max_wait_ms)
{
	int ready = poll(loop->poll, loop->watches, poll_timeout_ms(loop, max_wait_ms));

	if (ready < 0) /* a signal: what is there is looked at before anything is too late */
		ready = poll(loop->poll, loop->watches, 0);
	if (ready > 0)
		tell_watches(loop, ready);
	run_due_timers(loop);
	if (loop->deferred.count > 0)
		run_deferred(loop);
	if (loop->garbage.count > 0)
		collect_garbage(loop);
}

void loop_run(struct loop *loop)
{
	loop->stopping = false;
	while (!loop->stopping)
		loop_run_once(loop, -1);
}

void loop_stop(struct loop *loop)
{
	loop->stopping = true;
}
