/* SPDX-License-Identifier: MIT */
/* The loop's promises, by a clock that the test moves. */
#include "unit.h"

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include "base/buf.h"
#include "io/loop.h"

struct world {
	struct loop *loop;
	int64_t now_us;
	struct buf log; /* what was called, a letter each */
};

static int64_t clock_of(void *arg)
{
	return ((struct world *)arg)->now_us;
}

static int setup(void **state)
{
	static struct world world;
	struct err err;

	world = (struct world){.now_us = 1000000, .log = BUF_INIT};
	world.loop = loop_new(&err);
	if (!world.loop)
		return -1;
	loop_set_clock(world.loop, clock_of, &world);
	*state = &world;
	return 0;
}

static int teardown(void **state)
{
	struct world *world = *state;

	buf_clear(&world->log);
	loop_free(&world->loop);
	return 0;
}

/* Turns without waiting; what was called since the last time is `expected`. */
static void assert_turn(struct world *world, const char *expected)
{
	loop_run_once(world->loop, 0);
	assert_string_equal(buf_text(&world->log), expected);
	buf_truncate(&world->log, 0);
}

struct item {
	struct world *world;
	char letter;
	struct loop_timer timer;
	struct loop_watch watch;
	struct item *victim; /* stopped by the call */
};

static void note(void *arg)
{
	struct item *item = arg;

	buf_append_char(&item->world->log, item->letter);
	if (!item->victim)
		return;
	loop_timer_stop(&item->victim->timer);
	loop_watch_stop(&item->victim->watch);
	loop_defer_cancel(item->world->loop, item->victim);
}

static void note_event(void *arg, short revents)
{
	(void)revents;
	note(arg);
}

static void start(struct item *item, int64_t after_ms)
{
	loop_timer_start(item->world->loop, &item->timer, after_ms, note, item);
}

static void timers_come_in_order_of_time(void **state)
{
	struct world *world = *state;
	static const int after_ms[] = {70, 10, 40, 90, 20, 60, 30, 80, 50, 100};
	struct item items[COUNT(after_ms)];

	for (size_t i = 0; i < COUNT(items); i++) {
		items[i] = (struct item){.world = world,
					 .letter = (char)('0' + after_ms[i] / 10 % 10)};
		start(&items[i], after_ms[i]);
	}
	assert_turn(world, "");
	world->now_us += 9999;
	assert_turn(world, "");
	world->now_us += 1;
	assert_turn(world, "1");
	loop_timer_stop(&items[2].timer);
	assert_false(loop_timer_active(&items[2].timer));
	start(&items[4], 200);
	world->now_us += 60000;
	assert_turn(world, "3567");
	world->now_us += 1000000;
	assert_turn(world, "8902");
	assert_turn(world, "");
}

static void a_timer_may_stop_another_that_is_due(void **state)
{
	struct world *world = *state;
	struct item b = {.world = world, .letter = 'b'},
		    a = {.world = world, .letter = 'a', .victim = &b};

	start(&a, 1);
	start(&b, 2);
	world->now_us += 5000;
	assert_turn(world, "a");
	assert_turn(world, "");
}

static void nothing_is_called_before_the_start_returns(void **state)
{
	struct world *world = *state;
	struct item timer = {.world = world, .letter = 't'},
		    deferred = {.world = world, .letter = 'd'},
		    watched = {.world = world, .letter = 'w'};
	int ends[2];

	assert_int_equal(pipe(ends), 0);
	assert_int_equal(write(ends[1], "x", 1), 1);
	loop_defer(world->loop, note, &deferred);
	loop_watch_start(world->loop, &watched.watch, ends[0], POLLIN, note_event, &watched);
	start(&timer, 0);
	assert_string_equal(buf_text(&world->log), "");
	assert_turn(world, "wtd"); /* descriptors, timers, deferred calls */
	loop_watch_stop(&watched.watch);
	assert_turn(world, "");
	close(ends[0]);
	close(ends[1]);
}

static void defer_again(void *arg)
{
	struct item *item = arg;

	buf_append_char(&item->world->log, item->letter);
	loop_defer(item->world->loop, defer_again, item);
}

/* What defers itself does not keep the loop from the rest. */
static void a_deferred_call_waits_for_the_next_turn(void **state)
{
	struct world *world = *state;
	struct item again = {.world = world, .letter = 'a'},
		    victim = {.world = world, .letter = 'v'},
		    killer = {.world = world, .letter = 'k', .victim = &victim};

	loop_defer(world->loop, defer_again, &again);
	loop_defer(world->loop, note, &killer);
	loop_defer(world->loop, note, &victim);
	assert_turn(world, "ak");
	assert_turn(world, "a");
	loop_defer_cancel(world->loop, &again);
	assert_turn(world, "");
}

static void each_ready_descriptor_is_told_once(void **state)
{
	struct world *world = *state;
	struct item items[6];
	int ends[COUNT(items)][2];

	for (size_t i = 0; i < COUNT(items); i++) {
		items[i] = (struct item){.world = world, .letter = (char)('a' + i)};
		assert_int_equal(pipe(ends[i]), 0);
		assert_int_equal(write(ends[i][1], "x", 1), 1);
		loop_watch_start(world->loop, &items[i].watch, ends[i][0], POLLIN, note_event,
				 &items[i]);
	}
	assert_turn(world, "abcdef");
	items[1].victim = &items[0]; /* told already */
	items[2].victim = &items[4]; /* not told yet */
	items[3].victim = &items[3]; /* itself */
	loop_run_once(world->loop, 0);
	assert_int_equal(world->log.len, 5);
	for (const char *letter = "abcdf"; *letter; letter++)
		assert_non_null(strchr(world->log.data, *letter));
	buf_truncate(&world->log, 0);
	loop_watch_pause(&items[1].watch);
	loop_run_once(world->loop, 0);
	assert_int_equal(world->log.len, 2);
	for (size_t i = 0; i < COUNT(items); i++) {
		loop_watch_stop(&items[i].watch);
		close(ends[i][0]);
		close(ends[i][1]);
	}
}

static void free_note(void *object)
{
	struct item *item = object;

	buf_append_char(&item->world->log, '!');
	free(item);
}

static void destroy_self(void *arg)
{
	struct item *item = arg;

	loop_free_later(item->world->loop, item, free_note);
	buf_append_char(&item->world->log, item->letter); /* still there */
}

static void an_object_may_end_in_its_own_call(void **state)
{
	struct world *world = *state;
	struct item *item = calloc(1, sizeof(*item)), other = {.world = world, .letter = 'o'};

	item->world = world;
	item->letter = 's';
	loop_timer_start(world->loop, &item->timer, 0, destroy_self, item);
	loop_defer(world->loop, note, &other);
	assert_turn(world, "so!");
}

static void *post_from_thread(void *arg)
{
	struct item *item = arg;

	for (int i = 0; i < 100; i++)
		loop_post(item->world->loop, note, item);
	return NULL;
}

static void other_threads_post(void **state)
{
	struct world *world = *state;
	struct item a = {.world = world, .letter = 'a'}, b = {.world = world, .letter = 'b'};
	pthread_t threads[2];

	assert_int_equal(pthread_create(&threads[0], NULL, post_from_thread, &a), 0);
	assert_int_equal(pthread_create(&threads[1], NULL, post_from_thread, &b), 0);
	while (world->log.len < 200)
		loop_run_once(world->loop, 1000);
	pthread_join(threads[0], NULL);
	pthread_join(threads[1], NULL);
	loop_run_once(world->loop, 0);
	assert_int_equal(world->log.len, 200);
}

static void note_signal(void *arg, int signo)
{
	assert_int_equal(signo, SIGUSR1);
	note(arg);
}

static void signals_are_events(void **state)
{
	struct world *world = *state;
	struct item item = {.world = world, .letter = 's'};
	struct err err;

	assert_int_equal(loop_signal(world->loop, SIGUSR1, note_signal, &item, &err), 0);
	raise(SIGUSR1);
	assert_string_equal(buf_text(&world->log), "");
	assert_turn(world, "s");
	assert_int_equal(loop_signal(world->loop, SIGUSR1, NULL, NULL, &err), 0);
}

#define LOOP_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		LOOP_TEST(timers_come_in_order_of_time),
		LOOP_TEST(a_timer_may_stop_another_that_is_due),
		LOOP_TEST(nothing_is_called_before_the_start_returns),
		LOOP_TEST(a_deferred_call_waits_for_the_next_turn),
		LOOP_TEST(each_ready_descriptor_is_told_once),
		LOOP_TEST(an_object_may_end_in_its_own_call),
		LOOP_TEST(other_threads_post),
		LOOP_TEST(signals_are_events),
	};

	return cmocka_run_group_tests_name("loop", tests, NULL, NULL);
}
