/* SPDX-License-Identifier: MIT */
/*
 * A server's life: start, ready, unexpected ends and their back-off, stop. One place decides what
 * the end of the process means: server_closed().
 */
#include "config.h"

#include "mcp/server.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/sanitize.h"
#include "io/child.h"
#include "mcp/server_examine.h"
#include "mcp/server_internal.h"

#define RESTART_JITTER_PERCENT 20
#define STDERR_SHOWN_BYTES     600

static const char *const state_names[] = {
	[SERVER_STARTING] = "starting",	      [SERVER_READY] = "ready",
	[SERVER_RESTARTING] = "restarting",   [SERVER_FAILED] = "failed",
	[SERVER_QUARANTINED] = "quarantined", [SERVER_NEEDS_LOGIN] = "needs-login",
	[SERVER_STOPPED] = "stopped",	      [SERVER_IDLE] = "idle",
};

const char *server_state_name(enum server_state state)
{
	return state_names[state];
}

bool server_state_is_failure(enum server_state state)
{
	return state == SERVER_FAILED || state == SERVER_NEEDS_LOGIN;
}

/* What waits for a start that does not come. */
static void not_started(struct server *server)
{
	server->waking = false;
	server_calls_not_started(server);
	server_queries_not_started(server);
}

void server_set_state(struct server *server, enum server_state state, const char *reason)
{
	char *copy = mem_string(reason);

	free(server->reason);
	server->reason = copy;
	server->state = state;
	if (server_state_is_failure(state) || state == SERVER_RESTARTING ||
	    state == SERVER_QUARANTINED) {
		free(server->record.last_error);
		server->record.last_error = mem_string(reason);
	}
	if (server->listener && server->listener->on_state)
		server->listener->on_state(server->arg, server, state, server->reason);
	if (server_state_is_failure(state)) {
		server_forget(server);
		server_watches_refuse(server, server->reason);
	}
	if (server_state_is_failure(state) || state == SERVER_RESTARTING || state == SERVER_STOPPED)
		not_started(server);
}

struct server *server_new(const struct mcp_context *context, const struct server_config *config,
			  const struct server_listener *listener, void *arg)
{
	struct server *server = mem_new(sizeof(*server));

	server->references = 1;
	server->context = context;
	server->config = server_config_ref(config);
	server->name = mem_string(config->name);
	server->listener = listener;
	server->arg = arg;
	server->state = SERVER_STOPPED;
	server->reason = mem_string("");
	server->protocol_version = "";
	server->ready_after_us = -1;
	return server;
}

/* Running and not running */

static void stop_timers(struct server *server)
{
	loop_timer_stop(&server->start_timer);
	loop_timer_stop(&server->restart_timer);
	loop_timer_stop(&server->quarantine_timer);
	loop_timer_stop(&server->idle_timer);
	loop_timer_stop(&server->drain_timer);
}

static void close_transport(struct server *server)
{
	rpc_free(&server->rpc);
	server_requests_drop(server);
	server_listing_drop(server);
	server->probing = false;
	if (server->transport)
		server->transport->ops->free(server->transport);
	server->transport = NULL;
}

static void launch(struct server *server)
{
	const struct server_config *config = server->config;
	struct err err;

	switch (config->type) {
	case SERVER_TYPE_STDIO:
		server->transport = transport_stdio_new(server->context, config,
							&server_transport_listener, server, &err);
		break;
	case SERVER_TYPE_CALL:
		server->transport = transport_call_new(server->context, config,
						       &server_transport_listener, server, &err);
		break;
	case SERVER_TYPE_HTTP:
		server->transport = transport_http_new(server->context, config,
						       &server_transport_listener, server, &err);
		break;
	}
	if (!server->transport) {
		server_fail(server, "%s", err.text);
		return;
	}
	server->rpc = rpc_new(server->context->loop, server->transport, config->name);
	server_handshake(server);
}

static void launch_later(void *arg)
{
	struct server *server = arg;

	if (!server->stopping)
		launch(server);
}

static void start_now(void *arg)
{
	struct server *server = arg;

	server_set_state(server, SERVER_STARTING, "");
	launch_later(server);
}

static void start_too_slow(void *arg)
{
	struct server *server = arg;

	server_fail(server,
		    "server \"%s\" was not ready within %ld seconds (\"start_timeout_s\" in "
		    "%s)",
		    server->config->name, server->config->start_timeout_ms / 1000,
		    server->config->file);
}

void server_begin_start(struct server *server)
{
	struct loop *loop = server->context->loop;

	server->started_us = loop_now_us(loop);
	server->ready_after_us = -1;
	server->login_refused = false;
	server->silences = 0;
	server->probed = false;
	loop_timer_start(loop, &server->start_timer, server->config->start_timeout_ms,
			 start_too_slow, server);
	launch(server);
}

void server_start(struct server *server)
{
	server->stopping = false;
	server->exits = 0;
	server->state = SERVER_STARTING;
	/* Deferred: a start function never calls back before it returns. */
	server->started_us = loop_now_us(server->context->loop);
	loop_timer_start(server->context->loop, &server->start_timer,
			 server->config->start_timeout_ms, start_too_slow, server);
	loop_defer(server->context->loop, start_now, server);
}

void server_announce(struct server *server, const char *reason)
{
	free(server->reason);
	server->reason = mem_string(reason);
	server->state = SERVER_STARTING;
	server->waking = true;
}

void server_ready(struct server *server)
{
	int64_t now = loop_now_us(server->context->loop);

	if (server->stopping) /* an answer that came too late */
		return;
	loop_timer_stop(&server->start_timer);
	server->ready_after_us = now - server->started_us;
	server->ever_ready = true;
	if (server->probed && !server->recalled)
		negotiate_remember(server->context, server->config->identity, server->era);
	server->recalled = true;
	server->waking = false;
	server_note_use(server);
	server_watch_idleness(server, 0);
	server_listen(server);
	server_watches_renew(server);
	server_set_state(server, SERVER_READY, "");
	if (server->freed)
		return;
	server_calls_started(server);
	server_queries_started(server);
}

/* Silence */

int server_refuse_unready(const struct server *server, const char *means, struct err *err)
{
	if (*server->reason)
		return err_set(err, ERR_UNAVAILABLE, "%s: %s", means, server->reason);
	return err_set(err, ERR_UNAVAILABLE, "%s: server \"%s\" is %s", means, server->config->name,
		       server_state_name(server->state));
}

bool server_is_up(const struct server *server)
{
	return server->state == SERVER_READY || server->state == SERVER_QUARANTINED;
}

static void quarantine_over(void *arg)
{
	struct server *server = arg;

	/* One more silence is enough: it has not shown yet that it is well. */
	server->silences = SERVER_SILENCES_MAX - 1;
	server_set_state(server, SERVER_READY, "");
}

void server_note_answer(struct server *server)
{
	server->silences = 0;
}

/* Each call to such a server costs its whole timeout; the model learns it at once instead. */
void server_note_silence(struct server *server)
{
	char *reason;

	if (++server->silences < SERVER_SILENCES_MAX || server->state != SERVER_READY)
		return;
	loop_timer_start(server->context->loop, &server->quarantine_timer, SERVER_QUARANTINE_MS,
			 quarantine_over, server);
	reason = mem_format(
		"server \"%s\" left %u calls in a row without an answer in time; it gets "
		"none for %d minutes (\"timeout_s\" in %s says how long is waited)",
		server->config->name, server->silences, SERVER_QUARANTINE_MS / 60000,
		server->config->file);
	server_set_state(server, SERVER_QUARANTINED, reason);
	free(reason);
}

/* Ends */

/* "; its last words: …" from stderr, or nothing. The caller frees. */
static char *last_words(struct server *server)
{
	struct buf text = BUF_INIT;
	char *tail = server_stderr_tail(server, SERVER_STDERR_LINES);

	server->clue = *tail && server->context->keep_logs ? SERVER_CLUE_LOG : SERVER_CLUE_NONE;
	if (*tail) {
		buf_append_text(&text, "; its last words: ");
		sanitize_line(tail, strlen(tail), STDERR_SHOWN_BYTES, &text);
	}
	free(tail);
	return buf_take(&text);
}

void server_fail(struct server *server, const char *format, ...)
{
	struct buf reason = BUF_INIT;
	char *words;
	va_list args;

	/* The first failure counts, and what was told to stop ends as stopped. */
	if (server->stopping)
		return;
	va_start(args, format);
	buf_vformat(&reason, format, args);
	va_end(args);
	words = last_words(server);
	buf_append_text(&reason, words);
	free(words);
	if (!server->transport) /* what is wrong is not the server */
		server->clue = SERVER_CLUE_REASON;
	stop_timers(server);
	server->stopping = true;
	if (server->transport)
		server->transport->ops->stop(server->transport);
	server_set_state(server, server->login_refused ? SERVER_NEEDS_LOGIN : SERVER_FAILED,
			 buf_text(&reason));
	buf_clear(&reason);
}

/* How many unexpected ends lie within the window, this one included. */
static unsigned count_exits(struct server *server)
{
	int64_t now = loop_now_us(server->context->loop);
	unsigned recent = 0;

	server->exit_us[server->exits++ % SERVER_RESTARTS_MAX] = now;
	for (unsigned i = 0; i < SERVER_RESTARTS_MAX && i < server->exits; i++)
		if (now - server->exit_us[i] <= (int64_t)SERVER_RESTARTS_WINDOW_MS * 1000)
			recent++;
	return recent;
}

static void restart(void *arg)
{
	struct server *server = arg;

	server->record.restarts++;
	server_begin_start(server);
}

/* 0.5 s, doubled each time, ±20 % so that servers that fell together do not rise together. */
static long restart_delay_ms(unsigned exits)
{
	long delay = SERVER_RESTART_FIRST_MS;
	unsigned char random;

	while (--exits > 0 && delay < SERVER_RESTART_MAX_MS)
		delay *= 2;
	if (delay > SERVER_RESTART_MAX_MS)
		delay = SERVER_RESTART_MAX_MS;
	random_bytes(&random, 1);
	return delay + delay * RESTART_JITTER_PERCENT * (random - 128) / 128 / 100;
}

/* Too often to be started again. */
static void give_up(struct server *server, const char *reason, unsigned exits)
{
	char *often = mem_format("%s; it ended %u times within %d minutes", reason, exits,
				 SERVER_RESTARTS_WINDOW_MS / 60000);

	server_set_state(server, SERVER_FAILED, often);
	free(often);
}

static void ended_unexpectedly(struct server *server, const char *reason)
{
	unsigned exits = count_exits(server);

	loop_timer_stop(&server->start_timer);
	/* What never worked is not tried again by itself: a wrong command stays wrong. */
	if (!server->ever_ready) {
		server_set_state(server, SERVER_FAILED, reason);
		return;
	}
	if (exits >= SERVER_RESTARTS_MAX) {
		give_up(server, reason, exits);
		return;
	}
	loop_timer_start(server->context->loop, &server->restart_timer, restart_delay_ms(exits),
			 restart, server);
	server_set_state(server, SERVER_RESTARTING, reason);
}

static void note_end(struct server *server, const char *how)
{
	const int64_t took_us = loop_now_us(server->context->loop) - server->stop_us;

	if (server->probing && !server->stopping)
		deviation_note(&server->deviations, RULE_METHOD_NOT_FOUND,
			       "it %s when it was asked for server/discover", how);
	else if (server->stopping && server->stop_us &&
		 took_us >= (int64_t)CHILD_STOP_STDIN_MS * 1000)
		deviation_note(&server->deviations, RULE_ENDS_WITH_STDIN,
			       "it ran on for %d seconds and was ended by a signal",
			       CHILD_STOP_STDIN_MS / 1000);
}

/* how: "exited with status 1" … */
static void process_gone(struct server *server, const char *how, const char *words)
{
	char *reason = mem_format("server \"%s\" %s%s", server->config->name, how, words);
	char *tail;
	struct err err;

	if (server->draining && server->stopping)
		err_set(&err, ERR_UNAVAILABLE, "server \"%s\" was stopped before it answered: %s",
			server->name, server->draining);
	else
		err_set(&err, ERR_UNAVAILABLE, "server \"%s\" %s before it answered%s",
			server->config->name, how, words);
	server->probing = false;
	stop_timers(server);
	tail = server_stderr_tail(server, SERVER_STDERR_KEPT_LINES);
	free(server->stderr_kept);
	server->stderr_kept = tail;
	if (server_is_up(server))
		server->state = SERVER_RESTARTING; /* no new calls from the callbacks */
	rpc_fail_all(server->rpc, &err);
	server_calls_lose(server, &err);
	close_transport(server);
	if (server->freed)
		; /* by one of them */
	else if (server->idling)
		server_idle_closed(server);
	else if (server->draining && !server->stopping)
		server_settle_drain(server);
	else if (!server->stopping)
		ended_unexpectedly(server, reason);
	else if (!server_state_is_failure(server->state))
		server_set_state(server, SERVER_STOPPED, "");
	free(reason);
}

void server_closed(struct server *server, const char *how, bool never_started)
{
	bool respawn = server->probing && !never_started && !server->stopping;
	char *words = last_words(server);

	if (never_started)
		server->clue = SERVER_CLUE_REASON;
	else
		note_end(server, how);
	if (respawn) { /* it died of server/discover: some do. The probe is not repeated. */
		server->era = SERVER_ERA_LEGACY;
		server->recalled = false;
		close_transport(server);
		launch(server);
	} else {
		process_gone(server, how, words);
	}
	free(words);
}

void server_respawn(struct server *server)
{
	if (server->stopping)
		return;
	close_transport(server);
	loop_defer(server->context->loop, launch_later, server);
}

static void stopped_later(void *arg)
{
	server_set_state(arg, SERVER_STOPPED, "");
}

void server_stop(struct server *server)
{
	stop_timers(server);
	loop_defer_cancel(server->context->loop, server);
	server->idling = server->waking = false;
	server->stopping = true;
	server->stop_us = loop_now_us(server->context->loop);
	if (!server->transport) {
		loop_defer(server->context->loop, stopped_later, server);
		return;
	}
	if (server_state_is_failure(server->state))
		server->state = SERVER_STARTING; /* it is being stopped already: tell of the end */
	server->transport->ops->stop(server->transport);
}

static void server_destroy(void *object)
{
	struct server *server = object;

	tool_list_clear(&server->tools);
	deviation_list_clear(&server->deviations);
	free(server->implementation);
	free(server->capabilities_text);
	free(server->instructions);
	free(server->draining);
	free(server->stderr_kept);
	free(server->record.last_error);
	free(server->reason);
	free(server->name);
	server_config_free(&server->config);
	free(server);
}

void server_free(struct server **server_p)
{
	struct server *server = *server_p;

	if (!server)
		return;
	*server_p = NULL;
	server->freed = true;
	server_calls_drop(server);
	server_queries_drop(server);
	server_watches_drop(server);
	server_examine_cancel(server);
	stop_timers(server);
	loop_defer_cancel(server->context->loop, server);
	close_transport(server);
	server_unref(&server);
}

struct server *server_ref(struct server *server)
{
	if (server)
		server->references++;
	return server;
}

void server_unref(struct server **server_p)
{
	struct server *server = *server_p;

	*server_p = NULL;
	if (server && --server->references == 0)
		loop_free_later(server->context->loop, server, server_destroy);
}

/* What can be asked */

const struct server_config *server_config(const struct server *server)
{
	return server->config;
}

static bool same_list(char *const *a, char *const *b)
{
	for (; *a && *b; a++, b++)
		if (strcmp(*a, *b) != 0)
			return false;
	return *a == *b;
}

void server_set_config(struct server *server, const struct server_config *config)
{
	struct server_config *before = server->config;

	server->config = server_config_ref(config);
	if (!same_list(before->include_tools, config->include_tools) ||
	    !same_list(before->exclude_tools, config->exclude_tools))
		server_choose_tools(server);
	server_config_free(&before);
	loop_timer_stop(&server->idle_timer);
	if (server_is_up(server))
		server_watch_idleness(server, 0);
}

const char *server_name(const struct server *server)
{
	return server->name;
}

enum server_state server_get_state(const struct server *server)
{
	return server->state;
}

const char *server_reason(const struct server *server)
{
	return server->reason;
}

enum server_era server_get_era(const struct server *server)
{
	return server->era;
}

const char *server_protocol_version(const struct server *server)
{
	return server->protocol_version;
}

bool server_has(const struct server *server, enum server_capability capability)
{
	return server->capabilities >> capability & 1;
}

const char *server_instructions(const struct server *server)
{
	return server->instructions;
}

const char *server_implementation(const struct server *server)
{
	return server->implementation;
}

const char *server_capabilities(const struct server *server)
{
	return server->capabilities_text;
}

struct deviation_list *server_deviations(struct server *server)
{
	return &server->deviations;
}

pid_t server_pid(const struct server *server)
{
	return server->transport ? server->transport->ops->pid(server->transport) : 0;
}

enum server_clue server_clue(const struct server *server)
{
	return server->state == SERVER_NEEDS_LOGIN ? SERVER_CLUE_REASON : server->clue;
}

enum err_kind server_failure(const struct server *server)
{
	return server->state == SERVER_NEEDS_LOGIN ? ERR_PERMISSION : ERR_UNAVAILABLE;
}

int64_t server_ready_after_us(const struct server *server)
{
	return server->ready_after_us;
}

char *server_stderr_tail(const struct server *server, unsigned max_lines)
{
	if (server->transport)
		return server->transport->ops->stderr_tail(server->transport, max_lines);
	return mem_string(server->stderr_kept ? server->stderr_kept : "");
}

int64_t server_up_since_us(const struct server *server)
{
	return server_is_up(server) ? server->started_us : -1;
}

const struct server_record *server_record(const struct server *server)
{
	return &server->record;
}

void server_succeed(struct server *server, struct server *before)
{
	free(server->record.last_error);
	server->record = before->record;
	server->record.restarts++;
	before->record = (struct server_record){0};
}

const struct tool_list *server_tools(const struct server *server)
{
	return &server->tools;
}
