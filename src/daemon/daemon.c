/* SPDX-License-Identifier: MIT */
/* Its life and the methods about itself. */
#include "config.h"

#include "daemon/daemon.h"

#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/json_write.h"
#include "base/mem.h"
#include "base/paths.h"
#include "daemon/control_protocol.h"
#include "daemon/daemon_internal.h"

/* status */

static void write_counts(const struct daemon *daemon, struct buf *out)
{
	const struct server_pool *pool = daemon->parts.pool;
	size_t count[SERVER_STATES] = {0};

	json_write_key(out, "servers");
	buf_append_char(out, '{');
	for (size_t i = 0; i < server_pool_count(pool); i++)
		count[server_get_state(server_pool_at(pool, i))]++;
	for (int state = 0; state < SERVER_STATES; state++)
		if (count[state] > 0)
			json_write_member_int(out, server_state_name((enum server_state)state),
					      (int64_t)count[state]);
	buf_append_char(out, '}');
}

static void run_status(void *arg, struct control_request *request, struct json_span params)
{
	const struct daemon *daemon = arg;
	struct buf out = BUF_INIT;

	(void)params;
	buf_append_char(&out, '{');
	json_write_member(&out, "version", PACKAGE_VERSION);
	json_write_member(&out, "state", daemon->stopping ? "stopping" : "running");
	json_write_member_int(&out, "pid", getpid());
	json_write_member_time(&out, "since", &daemon->since);
	json_write_member_int(&out, "uptime_ms",
			      (loop_now_us(daemon->parts.loop) - daemon->started_us) / 1000);
	json_write_member(&out, "socket", daemon->path);
	json_write_member_int(&out, "connections",
			      (int64_t)control_server_connections(daemon->control));
	write_counts(daemon, &out);
	buf_append_char(&out, '}');
	control_answer(&request, buf_text(&out), out.len);
	buf_clear(&out);
}

/* stop */

static void tell_stop(void *arg)
{
	struct daemon *daemon = arg;

	daemon_calls_end(daemon);
	daemon->parts.on_stop(daemon->parts.arg);
}

void daemon_stop(struct daemon *daemon)
{
	if (daemon->stopping)
		return;
	daemon->stopping = true;
	loop_defer(daemon->parts.loop, tell_stop, daemon);
}

static void run_stop(void *arg, struct control_request *request, struct json_span params)
{
	struct buf out = BUF_INIT;

	(void)params;
	buf_append_char(&out, '{');
	json_write_member_int(&out, "pid", getpid());
	buf_append_char(&out, '}');
	control_answer(&request, buf_text(&out), out.len);
	buf_clear(&out);
	daemon_stop(arg);
}

static const struct control_method own_methods[] = {
	{CONTROL_STATUS, run_status},
	{CONTROL_STOP, run_stop},
	{NULL, NULL},
};

/* Life */

struct daemon *daemon_new(const struct daemon_parts *parts, struct err *err)
{
	char *path = paths_runtime(CONTROL_SOCKET_NAME);
	struct control_server *control;
	struct daemon *daemon;

	if (!path) {
		err_set(err, ERR_CONFIG,
			"the daemon's socket needs a place: neither XDG_RUNTIME_DIR nor HOME is set");
		return NULL;
	}
	control = control_server_new(parts->loop, path, err);
	if (!control) {
		free(path);
		return NULL;
	}
	daemon = mem_new(sizeof(*daemon));
	daemon->parts = *parts;
	daemon->control = control;
	daemon->path = path;
	daemon->started_us = loop_now_us(parts->loop);
	clock_gettime(CLOCK_REALTIME, &daemon->since);
	daemon_add_methods(daemon, own_methods, daemon);
	daemon_add_methods(daemon, daemon_servers_methods, daemon);
	daemon_add_methods(daemon, daemon_calls_methods, daemon);
	return daemon;
}

void daemon_add_methods(struct daemon *daemon, const struct control_method *methods, void *arg)
{
	control_server_add(daemon->control, methods, arg);
}

const char *daemon_socket_path(const struct daemon *daemon)
{
	return daemon->path;
}

void daemon_free(struct daemon **daemon_p)
{
	struct daemon *daemon = *daemon_p;

	if (!daemon)
		return;
	*daemon_p = NULL;
	loop_defer_cancel(daemon->parts.loop, daemon);
	control_server_free(&daemon->control);
	free(daemon->path);
	free(daemon);
}
