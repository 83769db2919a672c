/* SPDX-License-Identifier: MIT */
/*
 * Reads, compares, tells, applies; what an entry's difference means to its process is
 * server_pool_apply()'s business. All is told before it is done: the old entries go with it.
 */
#include "config.h"

#include "app/servers_reload.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "app/servers_run.h"
#include "base/json_write.h"
#include "base/log.h"
#include "base/mem.h"
#include "io/directory_watch.h"

struct servers_reload {
	struct program *program;
	struct directory_watch *watch; /* NULL: there is none to be had */
	int64_t generation;
	char *faults; /* as they were told the last time, as JSON */
	char *unwatched;
};

struct report {
	struct buf names[SERVERS_CHANGES]; /* JSON arrays in the making */
	struct buf messages;
	char *faults; /* as JSON; borrowed from the reload */
	size_t count[SERVERS_CHANGES];
	bool news;  /* the faults are others than the last time */
	bool asked; /* somebody reads this one, and may wonder why nothing happens */
};

static const char *const change_names[SERVERS_CHANGES] = {
	[SERVERS_ADDED] = "added", [SERVERS_REMOVED] = "removed", [SERVERS_CHANGED] = "changed",
	[SERVERS_RULES] = "rules", [SERVERS_HELD] = "held",
};

static void add_text(struct buf *array, const char *text)
{
	buf_append_char(array, array->len > 0 ? ',' : '[');
	json_write_string(array, text);
}

static void end_array(struct buf *array)
{
	if (array->len == 0)
		buf_append_char(array, '[');
	buf_append_char(array, ']');
}

/* The sentences */

/* "", or when its calls are what it waits for. */
static char *when_done(size_t calls)
{
	if (calls == 0)
		return mem_string("");
	return mem_format(" when its %zu call%s under way %s done", calls, calls == 1 ? "" : "s",
			  calls == 1 ? "is" : "are");
}

static char *sentence(const struct servers_step *step, size_t calls)
{
	const char *name = step->before ? step->before->name : step->after->name;
	char *when = when_done(calls), *text = NULL;

	switch (step->change) {
	case SERVERS_KEPT:
		break;
	case SERVERS_ADDED:
		text = mem_format("server \"%s\" is new: it is started", name);
		break;
	case SERVERS_REMOVED:
		text = mem_format("server \"%s\" is stopped%s: %s", name, when, step->why);
		break;
	case SERVERS_CHANGED:
		text = mem_format("server \"%s\" has changed: it is started anew%s", name, when);
		break;
	case SERVERS_RULES:
		text = mem_format("server \"%s\" has other rules: its process goes on by them",
				  name);
		break;
	case SERVERS_HELD:
		text = mem_format("%s; server \"%s\" goes on as it was", step->why, name);
		break;
	}
	free(when);
	return text;
}

/* What is kept is not told, but that it has failed, to who may have repaired its program. */
static char *sentence_of_failed(const struct server *server)
{
	return mem_format("server \"%s\" has failed and its entry is the same; it is not started: "
			  "`cordpair servers restart %s` starts it",
			  server_name(server), server_name(server));
}

static void describe(struct report *report, const struct server_pool *pool,
		     const struct servers_step *step)
{
	const char *name = step->before ? step->before->name : step->after->name;
	const struct server *server = step->before ? server_pool_find(pool, name) : NULL;
	char *text = sentence(step, server ? server_open_calls(server) : 0);

	if (step->change == SERVERS_KEPT && report->asked &&
	    server_state_is_failure(server_get_state(server)))
		text = sentence_of_failed(server);

	report->count[step->change]++;
	add_text(&report->names[step->change], name);
	if (text)
		add_text(&report->messages, text);
	if (text && step->change != SERVERS_HELD && step->change != SERVERS_KEPT)
		log_notice("%s", text);
	else if (text && step->change == SERVERS_HELD && report->news)
		log_warning("%s", text);
	free(text);
}

/* Those that are told with a server that they hold are not told twice. */
static bool holds_one(const struct servers_diff *diff, const char *fault)
{
	for (size_t i = 0; i < diff->steps; i++)
		if (diff->step[i].change == SERVERS_HELD && strcmp(diff->step[i].why, fault) == 0)
			return true;
	return false;
}

/* As a JSON array. The caller frees. */
static char *faults_of(const struct servers_dir *dir)
{
	struct buf faults = BUF_INIT;

	for (size_t i = 0; i < dir->faults; i++)
		if (dir->fault[i].err.kind != ERR_NONE)
			add_text(&faults, dir->fault[i].err.text);
	end_array(&faults);
	return buf_take(&faults);
}

static void describe_faults(struct servers_reload *reload, struct report *report,
			    const struct servers_diff *diff, const struct servers_dir *dir)
{
	char *before = reload->faults;

	reload->faults = report->faults = faults_of(dir);
	report->news = strcmp(reload->faults, before) != 0;
	free(before);
	for (size_t i = 0; report->news && i < dir->faults; i++) {
		const struct err *fault = &dir->fault[i].err;

		if (fault->kind != ERR_NONE && !holds_one(diff, fault->text))
			log_warning("%s", fault->text);
	}
}

/* The report */

static void write_report(const struct servers_reload *reload, struct report *report,
			 struct buf *out)
{
	json_write_member_int(out, "generation", reload->generation);
	for (int change = 0; change < SERVERS_CHANGES; change++)
		if (change_names[change])
			json_write_member_json(out, change_names[change],
					       buf_text(&report->names[change]),
					       report->names[change].len);
	json_write_member_int(out, "kept", (int64_t)report->count[SERVERS_KEPT]);
	json_write_member_json(out, "messages", buf_text(&report->messages), report->messages.len);
	json_write_member_json(out, "faults", report->faults, strlen(report->faults));
}

static void end_report(struct report *report)
{
	for (int change = 0; change < SERVERS_CHANGES; change++)
		end_array(&report->names[change]);
	end_array(&report->messages);
}

static void report_init(struct report *report)
{
	*report = (struct report){.messages = BUF_INIT};
	for (int change = 0; change < SERVERS_CHANGES; change++)
		report->names[change] = (struct buf)BUF_INIT;
}

static void report_clear(struct report *report)
{
	for (int change = 0; change < SERVERS_CHANGES; change++)
		buf_clear(&report->names[change]);
	buf_clear(&report->messages);
}

static void tell_event(const struct servers_reload *reload, struct report *report)
{
	struct buf *event = events_begin(reload->program->events, "config.changed");

	if (!event)
		return;
	write_report(reload, report, event);
	events_send(reload->program->events);
}

/* Doing it */

static bool is_wanted(const struct program *program, const char *name)
{
	const struct strings *names = &program->operands;

	for (size_t i = 0; i < names->count; i++)
		if (strcmp(names->item[i], name) == 0)
			return true;
	return names->count == 0;
}

/* New ones that nobody named are not started. */
static void drop_unwanted(const struct program *program, struct servers_diff *diff)
{
	size_t kept = 0;

	for (size_t i = 0; i < diff->steps; i++) {
		const struct servers_step *step = &diff->step[i];

		if (step->change != SERVERS_ADDED || is_wanted(program, step->after->name))
			diff->step[kept++] = *step;
	}
	diff->steps = kept;
}

static void compare(const struct program *program, const struct servers_dir *dir,
		    struct servers_diff *diff)
{
	const struct server_pool *pool = program->pool;
	const size_t count = server_pool_count(pool);
	const struct server_config **running = mem_new_array(count + 1, sizeof(*running));

	for (size_t i = 0; i < count; i++)
		running[i] = server_config(server_pool_at(pool, i));
	servers_diff_make(diff, running, count, dir);
	free(running);
	drop_unwanted(program, diff);
}

void servers_reload_run(struct servers_reload *reload, struct buf *out)
{
	struct program *program = reload->program;
	const struct servers_dir_options options = servers_run_options(program);
	struct servers_dir *dir = servers_dir_load(&options);
	struct report report;
	struct servers_diff diff;
	bool changed;

	report_init(&report);
	report.asked = out != NULL;
	compare(program, dir, &diff);
	describe_faults(reload, &report, &diff, dir);
	for (size_t i = 0; i < diff.steps; i++)
		describe(&report, program->pool, &diff.step[i]);
	changed = report.count[SERVERS_KEPT] + report.count[SERVERS_HELD] < diff.steps;
	server_pool_apply(program->pool, &diff);
	servers_diff_clear(&diff);
	servers_dir_free(&program->dir);
	program->dir = dir;
	reload->generation += changed;
	if (program->toolbox)
		toolbox_mark_stale(program->toolbox);
	end_report(&report);
	if (changed || report.news)
		tell_event(reload, &report);
	if (out)
		write_report(reload, &report, out);
	report_clear(&report);
}

/* What asks for it */

static void tell_unwatched(struct servers_reload *reload, const char *why)
{
	if (why && strcmp(why, reload->unwatched) != 0)
		log_warning("%s; `cordpair reload` and SIGHUP read servers.d anew", why);
	free(reload->unwatched);
	reload->unwatched = mem_string(why ? why : "");
}

static void on_change(void *arg)
{
	struct servers_reload *reload = arg;

	tell_unwatched(reload, directory_watch_fault(reload->watch));
	log_detail("servers.d was touched: it is read anew");
	servers_reload_run(reload, NULL);
}

static void on_hangup(void *arg, int signo)
{
	(void)signo;
	log_detail("SIGHUP: servers.d is read anew");
	servers_reload_run(arg, NULL);
}

/* The program ends: there is nothing to read anew, and no reason to end at once either. */
static void on_late_hangup(void *arg, int signo)
{
	(void)arg;
	(void)signo;
}

static void start_watch(struct servers_reload *reload)
{
	struct program *program = reload->program;
	const struct servers_dir_options options = servers_run_options(program);
	char **directories = servers_dir_directories(&options);
	struct err err;

	reload->watch = directory_watch_new(program->loop, directories, on_change, reload, &err);
	tell_unwatched(reload, reload->watch ? directory_watch_fault(reload->watch) : err.text);
	string_list_free(&directories);
}

struct servers_reload *servers_reload_new(struct program *program)
{
	struct servers_reload *reload = mem_new(sizeof(*reload));
	struct err err;

	reload->program = program;
	reload->generation = 1;
	reload->unwatched = mem_string("");
	reload->faults = faults_of(program->dir);
	start_watch(reload);
	if (loop_signal(program->loop, SIGHUP, on_hangup, reload, &err))
		log_warning("%s", err.text);
	return reload;
}

void servers_reload_free(struct servers_reload **reload_p)
{
	struct servers_reload *reload = *reload_p;
	struct err err;

	if (!reload)
		return;
	*reload_p = NULL;
	(void)!loop_signal(reload->program->loop, SIGHUP, on_late_hangup, NULL, &err);
	directory_watch_free(&reload->watch);
	free(reload->faults);
	free(reload->unwatched);
	free(reload);
}
