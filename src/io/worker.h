/* SPDX-License-Identifier: MIT */
/*
 * worker: a small pool of threads for what would block the loop: large JSON, hashes, fsync.
 *
 * A job's memory belongs to the worker from worker_submit() until `done`, which runs on the loop's
 * thread. The pool starts its threads with the first job (a program that never needs one has no
 * threads) with all signals blocked; where the system gives none, jobs are done on the loop's
 * thread. The queue is unbounded in number but each submitter has at most a few jobs of its own in
 * flight (one for each stream), which bounds it.
 */
#ifndef CORDPAIR_IO_WORKER_H
#define CORDPAIR_IO_WORKER_H

#include "io/loop.h"

#define WORKER_THREADS	      2
#define WORKER_JSON_MIN_BYTES ((size_t)256 << 10) /* smaller JSON is handled on the loop */

struct worker_pool;
struct worker_job;

struct worker_pool *worker_pool_new(struct loop *loop);
/* Finishes what was submitted (jobs are finite), with their calls of done and drop. */
void worker_pool_free(struct worker_pool **pool);

/* work(arg) in a thread, then done(arg) on the loop. */
struct worker_job *worker_submit(struct worker_pool *pool, void (*work)(void *arg),
				 void (*done)(void *arg), void *arg);
/*
 * done will not be called. drop(arg) is called instead once nothing uses arg any more: at once
 * when the job had not begun, else on the loop after it has ended.
 */
void worker_cancel(struct worker_job *job, void (*drop)(void *arg));

#endif
