/* SPDX-License-Identifier: MIT */
/* It prints {"base_url": …} on its first line, serves until its stdin ends, and is killed after. */
#include "config.h"

#include "app/demo_endpoint.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/lines.h"
#include "base/mem.h"
#include "base/paths.h"
#include "io/child.h"

#define DEMO_LINE_MAX_BYTES 4096
#define DEMO_START_MS	    10000

struct demo_endpoint {
	struct program *program;
	struct child *child;
	struct lines lines;
	struct loop_timer timer;
	char *base_url;
	char how[128]; /* it ended */
	bool settled;
};

static void demo_started(void *arg, pid_t pid)
{
	(void)arg;
	(void)pid;
}

static void demo_down(void *arg, const struct child_exit *how)
{
	struct demo_endpoint *demo = arg;

	child_exit_describe(how, demo->how, sizeof(demo->how));
	program_stage_done(demo->program, &demo->settled);
}

static const struct child_listener demo_listener = {
	.on_started = demo_started,
	.on_down = demo_down,
};

static void take_line(struct demo_endpoint *demo, const char *line, size_t len)
{
	struct json_object *value = NULL;
	const char *base_url;
	struct err err;

	if (json_parse(line, len, &json_limits_default, &value, &err) == 0) {
		base_url = json_member_string(value, "base_url");
		if (base_url && !demo->base_url)
			demo->base_url = mem_string(base_url);
	}
	json_put(&value);
	if (demo->base_url)
		program_stage_done(demo->program, &demo->settled);
}

static void demo_readable(void *arg)
{
	struct demo_endpoint *demo = arg;
	size_t space, len;
	char *at = lines_space(&demo->lines, &space), *line;
	ssize_t n = at ? stream_read(child_stdout(demo->child), at, space) : 0;

	if (n > 0) {
		lines_commit(&demo->lines, (size_t)n);
		while (lines_next(&demo->lines, &line, &len) == LINES_LINE)
			take_line(demo, line, len);
	} else if (n == 0 || errno != EAGAIN) {
		child_stdout_ended(demo->child);
	}
}

static const struct stream_listener stdout_listener = {.on_readable = demo_readable};

static void too_slow(void *arg)
{
	struct demo_endpoint *demo = arg;

	program_stage_done(demo->program, &demo->settled);
}

struct demo_endpoint *demo_endpoint_start(struct program *program, struct err *err)
{
	char *path = paths_program("demo-endpoint");
	const char *argv[] = {path, NULL}, *env[] = {NULL};
	const struct child_spec spec = {.name = "demo-endpoint", .argv = argv, .env = env};
	struct demo_endpoint *demo = mem_new(sizeof(*demo));

	demo->program = program;
	lines_init(&demo->lines, DEMO_LINE_MAX_BYTES);
	demo->child = child_start(program->loop, &spec, &demo_listener, demo, err);
	free(path);
	if (!demo->child) {
		demo_endpoint_stop(&demo);
		return NULL;
	}
	stream_set_listener(child_stdout(demo->child), &stdout_listener, demo);
	loop_timer_start(program->loop, &demo->timer, DEMO_START_MS, too_slow, demo);
	if (program_wait(program, &demo->settled) == 0 && demo->base_url)
		return demo;
	err_set(err, ERR_UNAVAILABLE, "the stand-in for a model %s",
		demo->how[0] ? demo->how : "did not start in time");
	demo_endpoint_stop(&demo);
	return NULL;
}

const char *demo_endpoint_base_url(const struct demo_endpoint *demo)
{
	return demo->base_url;
}

void demo_endpoint_stop(struct demo_endpoint **demo_p)
{
	struct demo_endpoint *demo = *demo_p;

	if (!demo)
		return;
	*demo_p = NULL;
	loop_timer_stop(&demo->timer);
	child_free(&demo->child);
	lines_clear(&demo->lines);
	free(demo->base_url);
	free(demo);
}
