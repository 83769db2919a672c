/* SPDX-License-Identifier: MIT */
/* Opens and closes what a command needs; signals and --timeout end every wait. */
#include "config.h"

#include "app/program.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/elicitation.h"
#include "agent/sampling.h"
#include "app/commands.h"
#include "app/terminal_asker.h"
#include "base/json_write.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/paths.h"
#include "base/trace.h"
#include "io/launcher.h"
#include "trust/oauth.h"

#define STDIN_READ_BYTES ((size_t)64 << 10)

void program_set_exit(struct program *program, int exit_code)
{
	program->exit_code = err_worst_exit_code(program->exit_code, exit_code);
}

void program_tell_error(struct program *program, const char *text)
{
	log_error("%s", text);
	if (!program->error)
		program->error = mem_string(text);
}

void program_fail(struct program *program, const struct err *err)
{
	program_tell_error(program, err->text);
	program_set_exit(program, err_exit_code(err->kind));
}

/* Ends */

static void on_signal(void *arg, int signo)
{
	struct program *program = arg;

	/* The second one is from somebody who does not want to wait for the servers. What still
	 * uses them is ended first: they are freed in servers_run_stop(). */
	program->impatient = program->signo != 0;
	program->signo = signo;
	program_set_exit(program, 128 + signo);
	loop_stop(program->loop);
}

static void on_deadline(void *arg)
{
	struct program *program = arg;
	struct err err;

	program->timed_out = true;
	err_set(&err, ERR_TIMEOUT, "--timeout: the %ld seconds are over",
		program->options.timeout_ms / 1000);
	program_fail(program, &err);
	loop_stop(program->loop);
}

bool program_interrupted(const struct program *program)
{
	return program->signo || program->timed_out || program->out.exit_code;
}

int program_wait(struct program *program, const bool *done)
{
	while (!*done && !program_interrupted(program))
		loop_run(program->loop);
	return *done ? 0 : -1;
}

void program_stage_done(struct program *program, bool *done)
{
	*done = true;
	loop_stop(program->loop);
}

/* stdin */

struct stdin_reader {
	struct program *program;
	struct buf *out;
	struct loop_watch watch;
	bool done;
	int os_errno;
};

static void stdin_readable(void *arg, short revents)
{
	struct stdin_reader *reader = arg;
	char *space = buf_reserve(reader->out, STDIN_READ_BYTES);
	ssize_t n;

	(void)revents;
	if (!space) {
		reader->os_errno = EFBIG;
		program_stage_done(reader->program, &reader->done);
		return;
	}
	n = read(STDIN_FILENO, space, STDIN_READ_BYTES);
	if (n > 0) {
		reader->out->len += (size_t)n;
	} else if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
		reader->os_errno = n == 0 ? 0 : errno;
		program_stage_done(reader->program, &reader->done);
	}
}

int program_read_stdin(struct program *program, struct buf *out, struct err *err)
{
	struct stdin_reader reader = {.program = program, .out = out};
	int status;

	loop_watch_start(program->loop, &reader.watch, STDIN_FILENO, POLLIN, stdin_readable,
			 &reader);
	status = program_wait(program, &reader.done);
	loop_watch_stop(&reader.watch);
	if (out->data)
		out->data[out->len] = '\0';
	if (status)
		return err_set(err, ERR_TIMEOUT, "stdin: interrupted while reading");
	if (reader.os_errno == EFBIG)
		return err_set(err, ERR_USAGE, "stdin: larger than %zu MiB", out->max >> 20);
	if (reader.os_errno)
		return err_set_os(err, ERR_USAGE, reader.os_errno, "stdin");
	return 0;
}

/* Opening and closing */

static void set_log_level(const struct global_options *options)
{
	log_set_level(options->quiet	 ? LOG_LEVEL_ERROR
		      : options->verbose ? LOG_LEVEL_DETAIL
					 : LOG_LEVEL_NOTICE);
}

static const int signals[] = {SIGINT, SIGTERM, SIGHUP};

static int open_loop(struct program *program, struct err *err)
{
	program->loop = loop_new(err);
	if (!program->loop)
		return -1;
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		if (loop_signal(program->loop, signals[i], on_signal, program, err))
			return -1;
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN); /* a file that may not grow is an error of write() */
	if (program->options.timeout_ms)
		loop_timer_start(program->loop, &program->deadline, program->options.timeout_ms,
				 on_deadline, program);
	return 0;
}

/* The profile of settings is that of settings' address. */
static int choose_endpoint(struct program *program, struct err *err)
{
	const struct settings *settings = &program->settings;
	const char *wanted = program->options.base_url ? NULL : settings->profile;
	struct strings names = {0};
	const char *nearest;

	program->base_url =
		program->options.base_url ? program->options.base_url : settings->base_url;
	program->model = program->options.model ? program->options.model : settings->model;
	program->profile = wanted ? profile_find(wanted) : profile_for_url(program->base_url);
	if (program->profile)
		return 0;
	for (size_t i = 0; profile_at(i); i++)
		strings_add(&names, profile_at(i)->name);
	nearest = options_nearest(wanted, names.item, names.count);
	strings_clear(&names);
	return err_set(err, ERR_CONFIG, "%s: there is no profile \"%.60s\"%s%s%s", settings->file,
		       wanted, nearest ? "; did you mean \"" : "; cordpair(1) lists them",
		       nearest ? nearest : "", nearest ? "\"?" : "");
}

static void open_logins(struct program *program)
{
	program->login_dir = paths_state("oauth");
	if (program->http && program->login_dir)
		program->oauth = oauth_new(program->loop, program->http, program->login_dir);
}

static void elicitation_asked(void *arg, const struct server *server, const char *mode,
			      const char *message)
{
	const struct program *program = arg;
	struct buf *event = events_begin(program->events, "elicitation.request");

	if (!event)
		return;
	json_write_member(event, "server", server_name(server));
	json_write_member(event, "mode", mode);
	json_write_member(event, "message", message);
	events_send(program->events);
}

static void elicitation_answered(void *arg, const char *server, const char *action)
{
	const struct program *program = arg;
	struct buf *event = events_begin(program->events, "elicitation.result");

	if (!event)
		return;
	json_write_member(event, "server", server);
	json_write_member(event, "action", action);
	events_send(program->events);
}

static const struct elicitation_listener elicitation_events = {
	.on_request = elicitation_asked,
	.on_result = elicitation_answered,
};

static int open_all(struct program *program, struct err *err)
{
	const struct global_options *options = &program->options;

	if (options->trace && trace_open(options->trace, err))
		return -1;
	if (settings_load(&program->settings, err) || choose_endpoint(program, err) ||
	    open_loop(program, err))
		return -1;
	program->workers = worker_pool_new(program->loop);
	if (http_available()) {
		program->http = http_new(program->loop, err);
		if (!program->http)
			return -1;
	}
	program->state_dir = paths_state(".");
	open_logins(program);
	program->mcp = (struct mcp_context){
		.loop = program->loop,
		.workers = program->workers,
		.http = program->http,
		.authorizer = program->oauth ? oauth_authorizer(program->oauth) : NULL,
		.state_dir = program->state_dir,
		.keep_logs = program->settings.server_logs,
		.client_name = PACKAGE_NAME,
		.client_version = PACKAGE_VERSION,
		.log_level = options->verbose ? "info" : NULL,
	};
	if (!options->no_input && !program->command->unattended)
		program->asker = terminal_asker_new(program->loop);
	program->elicitations = elicitations_new(program->asker, &elicitation_events, program);
	program->samplings = samplings_new();
	program->gate = (struct tool_gate){
		.loop = program->loop,
		.asker = program->asker,
		.yes_to = &options->yes_to,
		.grants = &program->grants,
	};
	return 0;
}

int program_open(struct program *program)
{
	struct err err;

	set_log_level(&program->options);
	output_init(&program->out);
	if (program->options.events)
		program->events = events_new(&program->out, program->command->name);
	if (open_all(program, &err) == 0)
		return 0;
	program_fail(program, &err);
	return -1;
}

/* What comes now is too late to change the exit code that run.end tells. */
static void hold_signals(void)
{
	sigset_t held;

	sigemptyset(&held);
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		sigaddset(&held, signals[i]);
	sigprocmask(SIG_BLOCK, &held, NULL);
}

int program_close(struct program *program)
{
	int exit_code;

	loop_timer_stop(&program->deadline);
	tool_array_free(&program->tools);
	toolbox_free(&program->toolbox);
	quarantine_free(&program->quarantine);
	server_pool_free(&program->pool);
	oauth_free(&program->oauth);
	elicitations_free(&program->elicitations);
	samplings_free(&program->samplings);
	terminal_asker_free(&program->asker);
	tool_grants_clear(&program->grants);
	if (program->loop)
		loop_run_once(program->loop, 0); /* what is to be freed at an iteration's end */
	http_free(&program->http);
	worker_pool_free(&program->workers);
	launcher_close();
	hold_signals();
	loop_free(&program->loop);
	servers_dir_free(&program->dir);
	settings_clear(&program->settings);
	free(program->state_dir);
	free(program->login_dir);
	exit_code = err_worst_exit_code(program->exit_code, program->out.exit_code);
	if (program->events)
		events_end_run(program->events, exit_code, program->final_text, program->error,
			       &program->usage);
	/* It may be the first that could not be written. */
	exit_code = err_worst_exit_code(exit_code, program->out.exit_code);
	events_free(&program->events);
	free(program->final_text);
	free(program->error);
	trace_close();
	return exit_code;
}
