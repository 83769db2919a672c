/* SPDX-License-Identifier: MIT */
/* Two threads and a queue; the only user of pthread_create. */
#include "config.h"

#include "io/worker.h"

#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/mem.h"

struct worker_job {
	struct worker_pool *pool;
	struct worker_job *next;
	void (*work)(void *arg);
	void (*done)(void *arg); /* after a cancel: the drop */
	void *arg;
	bool begun;
};

struct worker_pool {
	struct loop *loop;
	pthread_t thread[WORKER_THREADS];
	unsigned threads;
	pthread_mutex_t lock; /* guards what is below */
	pthread_cond_t wake;
	struct worker_job *first, **last;
	struct worker_job *returning; /* worked, not yet told; freed with the pool if never told */
	bool ending;
};

struct worker_pool *worker_pool_new(struct loop *loop)
{
	struct worker_pool *pool = mem_new(sizeof(*pool));

	pool->loop = loop;
	pool->last = &pool->first;
	pthread_mutex_init(&pool->lock, NULL);
	pthread_cond_init(&pool->wake, NULL);
	return pool;
}

static void job_returned(void *arg)
{
	struct worker_pool *pool = arg;
	struct worker_job *job;

	pthread_mutex_lock(&pool->lock);
	job = pool->returning;
	pool->returning = NULL;
	pthread_mutex_unlock(&pool->lock);
	while (job) {
		struct worker_job *next = job->next;

		job->done(job->arg);
		free(job);
		job = next;
	}
}

static struct worker_job *take_job(struct worker_pool *pool)
{
	struct worker_job *job;

	pthread_mutex_lock(&pool->lock);
	while (!pool->first && !pool->ending)
		pthread_cond_wait(&pool->wake, &pool->lock);
	job = pool->first;
	if (job) {
		pool->first = job->next;
		if (!pool->first)
			pool->last = &pool->first;
		job->begun = true;
	}
	pthread_mutex_unlock(&pool->lock);
	return job;
}

static void return_job(struct worker_pool *pool, struct worker_job *job)
{
	struct worker_job **end;

	pthread_mutex_lock(&pool->lock);
	job->next = NULL;
	for (end = &pool->returning; *end; end = &(*end)->next)
		;
	*end = job;
	pthread_mutex_unlock(&pool->lock);
	loop_post(pool->loop, job_returned, pool);
}

static void *thread_main(void *arg)
{
	struct worker_pool *pool = arg;
	struct worker_job *job;

	while ((job = take_job(pool))) {
		job->work(job->arg);
		return_job(pool, job);
	}
	return NULL;
}

/* Signals belong to the main thread; a thread inherits the mask it is made with. */
static void start_thread(struct worker_pool *pool)
{
	sigset_t all, before;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	if (pthread_create(&pool->thread[pool->threads], NULL, thread_main, pool) == 0)
		pool->threads++;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
}

struct worker_job *worker_submit(struct worker_pool *pool, void (*work)(void *arg),
				 void (*done)(void *arg), void *arg)
{
	struct worker_job *job = mem_new(sizeof(*job));

	job->pool = pool;
	job->work = work;
	job->done = done;
	job->arg = arg;
	while (pool->threads < WORKER_THREADS) {
		unsigned before = pool->threads;

		start_thread(pool);
		if (pool->threads == before)
			break;
	}
	if (pool->threads == 0) { /* the system gives none: late is better than never */
		job->begun = true;
		work(arg);
		return_job(pool, job);
		return job;
	}
	pthread_mutex_lock(&pool->lock);
	*pool->last = job;
	pool->last = &job->next;
	pthread_cond_signal(&pool->wake);
	pthread_mutex_unlock(&pool->lock);
	return job;
}

static bool unqueue(struct worker_pool *pool, struct worker_job *job)
{
	for (struct worker_job **at = &pool->first; *at; at = &(*at)->next) {
		if (*at != job)
			continue;
		*at = job->next;
		if (!*at)
			pool->last = at;
		return true;
	}
	return false;
}

void worker_cancel(struct worker_job *job, void (*drop)(void *arg))
{
	struct worker_pool *pool = job->pool;
	bool queued;

	pthread_mutex_lock(&pool->lock);
	job->done = drop;
	queued = !job->begun && unqueue(pool, job);
	pthread_mutex_unlock(&pool->lock);
	if (!queued)
		return;
	drop(job->arg);
	free(job);
}

void worker_pool_free(struct worker_pool **pool_p)
{
	struct worker_pool *pool = *pool_p;

	if (!pool)
		return;
	*pool_p = NULL;
	pthread_mutex_lock(&pool->lock);
	pool->ending = true;
	pthread_cond_broadcast(&pool->wake);
	pthread_mutex_unlock(&pool->lock);
	for (unsigned i = 0; i < pool->threads; i++)
		pthread_join(pool->thread[i], NULL);
	job_returned(pool);
	loop_defer_cancel(pool->loop, pool);
	pthread_cond_destroy(&pool->wake);
	pthread_mutex_destroy(&pool->lock);
	free(pool);
}
