/* SPDX-License-Identifier: MIT */
/*
 * cordpair daemon: the servers stay up, behind a socket. It stays in the foreground, as service
 * managers want it; what happens to its servers it says on stderr.
 */
#include "config.h"

#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "app/commands.h"
#include "app/servers_reload.h"
#include "app/servers_run.h"
#include "base/log.h"
#include "base/mem.h"
#include "daemon/control_protocol.h"
#include "daemon/daemon.h"
#include "io/service_notify.h"

struct daemon_run {
	struct program *program;
	struct daemon *daemon;	       /* NULL when it has ended; a signal may still come */
	struct servers_reload *reload; /* NULL once it ends */
	bool stop;
};

static void on_stop(void *arg)
{
	struct daemon_run *run = arg;

	program_stage_done(run->program, &run->stop);
}

/* That is how a service is asked to end, and it did what it was asked: exit 0. */
static void on_terminate(void *arg, int signo)
{
	struct daemon_run *run = arg;

	(void)signo;
	run->program->impatient = run->stop;
	if (run->daemon)
		daemon_stop(run->daemon);
	if (run->stop)
		loop_stop(run->program->loop);
}

static void run_reload(void *arg, struct control_request *request, struct json_span params)
{
	const struct daemon_run *run = arg;
	struct buf out = BUF_INIT;
	struct err err;

	(void)params;
	if (!run->reload) {
		err_set(&err, ERR_UNAVAILABLE, "the daemon is about to end");
		control_fail(&request, &err);
		return;
	}
	buf_append_char(&out, '{');
	servers_reload_run(run->reload, &out);
	buf_append_char(&out, '}');
	control_answer(&request, buf_text(&out), out.len);
	buf_clear(&out);
}

static const struct control_method reload_methods[] = {
	{CONTROL_RELOAD, run_reload},
	{NULL, NULL},
};

static void tell_service(const struct program *program)
{
	size_t ready = 0;
	char *state;

	for (size_t i = 0; i < server_pool_count(program->pool); i++)
		ready += server_get_state(server_pool_at(program->pool, i)) == SERVER_READY;
	state = mem_format("STATUS=%zu of %zu servers are ready", ready,
			   server_pool_count(program->pool));
	service_notify(state);
	free(state);
}

static void on_server_state(void *arg, struct server *server)
{
	struct daemon_run *run = arg;

	tell_service(run->program);
	daemon_note_state(run->daemon, server);
}

/* Each state was told as it came; a server that is not there does not end the daemon. */
static void settled(void *arg)
{
	(void)arg;
}

static bool take_request(void *arg, struct server *server, struct server_request *request)
{
	const struct daemon_run *run = arg;

	return daemon_take_request(run->daemon, server, request);
}

static void withdraw_request(void *arg, struct server_request *request)
{
	const struct daemon_run *run = arg;

	daemon_withdraw_request(run->daemon, request);
}

static const struct program_hooks hooks = {
	.on_state = on_server_state,
	.take_request = take_request,
	.withdraw_request = withdraw_request,
};

static int open_daemon(struct daemon_run *run, struct err *err)
{
	struct program *program = run->program;
	const struct daemon_parts parts = {
		.loop = program->loop,
		.pool = program->pool,
		.on_stop = on_stop,
		.arg = run,
	};

	run->daemon = daemon_new(&parts, err);
	if (!run->daemon)
		return -1;
	program->hooks = &hooks;
	program->hooks_arg = run;
	return loop_signal(program->loop, SIGTERM, on_terminate, run, err);
}

static void run_daemon(struct program *program)
{
	static struct daemon_run run; /* as long as the loop, which has it for signals */
	struct err err;

	run.program = program;
	if (servers_run_select(program, program->operands.item, program->operands.count, &err) ||
	    open_daemon(&run, &err)) {
		program_fail(program, &err);
		daemon_free(&run.daemon);
		return;
	}
	server_pool_start(program->pool, settled, &run);
	run.reload = servers_reload_new(program);
	daemon_add_methods(run.daemon, reload_methods, &run);
	log_notice("the daemon runs, process %ld, at %s; `cordpair stop` ends it", (long)getpid(),
		   daemon_socket_path(run.daemon));
	service_notify("READY=1");
	tell_service(program);
	if (program_wait(program, &run.stop))
		daemon_stop(run.daemon);
	servers_reload_free(&run.reload);
	service_notify("STOPPING=1");
	log_notice("the daemon ends: its servers are stopped");
	servers_run_stop(program);
	program->hooks = NULL;
	daemon_free(&run.daemon);
}

const struct command command_daemon = {
	.name = "daemon",
	.operands = "[SERVER]...",
	.summary = "Keep servers running, for other commands",
	.details =
		"Starts the enabled servers, or those named, and keeps them until `cordpair stop` or "
		"SIGTERM.\nWhat changes in servers.d is done while it runs, as `cordpair reload` and "
		"SIGHUP do it at once.\nIt stays in the foreground; systemd runs it with `systemctl "
		"--user enable --now cordpair.socket`.",
	.needs_http = true, /* a reload may bring a remote server */
	.unattended = true,
	.run = run_daemon,
};
