/* SPDX-License-Identifier: MIT */
/* Every job ends in exactly one call, of done or of drop, on the loop's thread. */
#include "unit.h"

#include <pthread.h>
#include <semaphore.h>

#include "io/worker.h"

#define JOBS 100

struct job {
	sem_t *begun, *gate; /* a job that tells that it runs, and waits; or NULL */
	int worked, done, dropped;
	bool wrong_thread;
	pthread_t main;
};

static struct loop *loop;
static struct worker_pool *pool;

static int setup(void **state)
{
	struct err err;

	(void)state;
	loop = loop_new(&err);
	if (!loop)
		return -1;
	pool = worker_pool_new(loop);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	worker_pool_free(&pool);
	loop_free(&loop);
	return 0;
}

static void work(void *arg)
{
	struct job *job = arg;

	if (job->gate) {
		sem_post(job->begun);
		sem_wait(job->gate);
	}
	job->wrong_thread = pthread_equal(pthread_self(), job->main) != 0;
	job->worked++;
}

static void done(void *arg)
{
	struct job *job = arg;

	job->wrong_thread |= !pthread_equal(pthread_self(), job->main);
	job->done++;
}

static void drop(void *arg)
{
	((struct job *)arg)->dropped++;
}

static void every_job_is_done_once(void **state)
{
	struct job jobs[JOBS] = {0};
	int told = 0;

	(void)state;
	for (size_t i = 0; i < JOBS; i++) {
		jobs[i].main = pthread_self();
		worker_submit(pool, work, done, &jobs[i]);
		assert_int_equal(jobs[i].done, 0);
	}
	while (told < JOBS) {
		loop_run_once(loop, 1000);
		told = 0;
		for (size_t i = 0; i < JOBS; i++)
			told += jobs[i].done;
	}
	for (size_t i = 0; i < JOBS; i++) {
		assert_int_equal(jobs[i].worked, 1);
		assert_int_equal(jobs[i].done, 1);
		assert_false(jobs[i].wrong_thread);
	}
}

static void a_cancelled_job_is_dropped_once(void **state)
{
	sem_t begun, gate;
	struct job blocking[WORKER_THREADS], waiting = {0};
	struct worker_job *handles[WORKER_THREADS], *handle;

	(void)state;
	sem_init(&begun, 0, 0);
	sem_init(&gate, 0, 0);
	for (size_t i = 0; i < WORKER_THREADS; i++) {
		blocking[i] = (struct job){.begun = &begun, .gate = &gate, .main = pthread_self()};
		handles[i] = worker_submit(pool, work, done, &blocking[i]);
	}
	for (size_t i = 0; i < WORKER_THREADS; i++)
		sem_wait(&begun);
	handle = worker_submit(pool, work, done, &waiting);
	worker_cancel(handle, drop); /* not begun: at once */
	assert_int_equal(waiting.dropped, 1);
	worker_cancel(handles[0], drop); /* in a thread: when it has ended */
	assert_int_equal(blocking[0].dropped, 0);
	for (size_t i = 0; i < WORKER_THREADS; i++)
		sem_post(&gate);
	while (blocking[0].dropped == 0 || blocking[1].done == 0)
		loop_run_once(loop, 1000);
	loop_run_once(loop, 0);
	assert_int_equal(blocking[0].worked, 1);
	assert_int_equal(blocking[0].done, 0);
	assert_int_equal(blocking[0].dropped, 1);
	assert_int_equal(blocking[1].done, 1);
	assert_int_equal(waiting.worked + waiting.done, 0);
	assert_int_equal(waiting.dropped, 1);
	sem_destroy(&begun);
	sem_destroy(&gate);
}

static void the_end_finishes_what_was_submitted(void **state)
{
	struct job jobs[JOBS] = {0};

	(void)state;
	for (size_t i = 0; i < JOBS; i++) {
		jobs[i].main = pthread_self();
		worker_submit(pool, work, done, &jobs[i]);
	}
	worker_pool_free(&pool);
	assert_null(pool);
	for (size_t i = 0; i < JOBS; i++)
		assert_int_equal(jobs[i].done, 1);
	loop_run_once(loop, 0);
	for (size_t i = 0; i < JOBS; i++)
		assert_int_equal(jobs[i].done, 1);
}

#define WORKER_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WORKER_TEST(every_job_is_done_once),
		WORKER_TEST(a_cancelled_job_is_dropped_once),
		WORKER_TEST(the_end_finishes_what_was_submitted),
	};

	return cmocka_run_group_tests_name("worker", tests, NULL, NULL);
}
