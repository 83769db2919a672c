/* SPDX-License-Identifier: MIT */
/* cordpair stop: ends the daemon and its servers; returns when they are gone. */
#include "config.h"

#include "app/commands.h"
#include "app/daemon_query.h"
#include "base/log.h"
#include "daemon/control_protocol.h"

#define STOP_MAX_MS 30000 /* the servers of a daemon that works need 6 s at most */

struct stop_run {
	struct program *program;
	struct loop_timer timer;
	bool gone, too_slow;
};

static void on_end(void *arg)
{
	struct stop_run *run = arg;

	program_stage_done(run->program, &run->gone);
}

static void on_too_slow(void *arg)
{
	struct stop_run *run = arg;

	run->too_slow = true;
	program_stage_done(run->program, &run->gone);
}

static const struct control_client_listener client_listener = {.on_end = on_end};

static int stop(struct stop_run *run, struct control_client *client, struct err *err)
{
	struct program *program = run->program;
	struct buf result = BUF_INIT;
	int64_t pid = 0;
	int status =
		daemon_query(program, client, CONTROL_STOP, NULL, CONTROL_ANSWER_MS, &result, err);

	(void)json_span_int64(
		json_span_member((struct json_span){buf_text(&result), result.len}, "pid"), &pid);
	buf_clear(&result);
	if (status)
		return -1;
	loop_timer_start(program->loop, &run->timer, STOP_MAX_MS, on_too_slow, run);
	status = program_wait(program, &run->gone);
	loop_timer_stop(&run->timer);
	if (status)
		return err_set(err, ERR_TIMEOUT, "interrupted");
	if (run->too_slow)
		return err_set(err, ERR_UNAVAILABLE,
			       "the daemon, process %lld, was told to stop and has not ended",
			       (long long)pid);
	log_notice("the daemon, process %lld, has ended", (long long)pid);
	return 0;
}

static void run_stop(struct program *program)
{
	struct stop_run run = {.program = program};
	struct control_client *client;
	struct err err;
	int status;

	client = control_client_new(program->loop, true, &client_listener, &run, &err);
	status = client ? stop(&run, client, &err) : -1;
	if (status && !program_interrupted(program))
		program_fail(program, &err);
	control_client_free(&client);
}

const struct command command_stop = {
	.name = "stop",
	.operands = "",
	.summary = "End the daemon and its servers",
	.details = "Returns when they are gone. Without a daemon: exit 69.",
	.run = run_stop,
};
