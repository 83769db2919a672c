/* SPDX-License-Identifier: MIT */
/*
 * server: one MCP client, from its entry to the calls of its tools.
 *
 * Life: STARTING (process, era, handshake, tools/list) → READY; an unexpected end → RESTARTING with
 * back-off, FAILED after too many; calls that it does not answer in time → QUARANTINED, and READY
 * again after a while; IDLE while its tools are known and it need not run; server_stop() → STOPPED.
 * When a server dies its open calls fail at once, with how it ended and its last stderr lines.
 * Nothing here waits without a deadline.
 */
#ifndef CORDPAIR_MCP_SERVER_H
#define CORDPAIR_MCP_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/err.h"
#include "config/server_config.h"
#include "mcp/context.h"
#include "mcp/deviation.h"
#include "mcp/tool.h"

#define SERVER_ERROR_MAX_BYTES	     4096 /* of the message of a server's error */
#define SERVER_PROBE_TIMEOUT_MS	     5000 /* server/discover, before legacy is assumed */
#define SERVER_RESTART_FIRST_MS	     500
#define SERVER_RESTART_MAX_MS	     30000
#define SERVER_RESTARTS_MAX	     5 /* within SERVER_RESTARTS_WINDOW_MS: FAILED */
#define SERVER_RESTARTS_WINDOW_MS    180000
#define SERVER_SILENCES_MAX	     3 /* calls in a row without an answer in time: QUARANTINED */
#define SERVER_QUARANTINE_MS	     300000
#define SERVER_TOOLS_TTL_MIN_MS	     1000 /* of a ttlMs that is not 0 */
#define SERVER_TOOLS_TTL_MAX_MS	     86400000
#define SERVER_CALLS_MAX	     1024  /* open at the same time */
#define SERVER_RESTART_DRAIN_MS	     10000 /* for the calls under way, at a restart by order */
#define SERVER_STDERR_KEPT_LINES     20	   /* of a process that is gone */
#define SERVER_MANIFEST_MAX_BYTES    ((size_t)64 << 20) /* a larger one is not kept */
#define SERVER_MANIFEST_AGE_MAX_DAYS 90			/* without use */

enum server_state {
	SERVER_STARTING,
	SERVER_READY,
	SERVER_RESTARTING,
	SERVER_FAILED,
	SERVER_QUARANTINED, /* ready, but it does not answer: it gets no calls for a while */
	SERVER_NEEDS_LOGIN, /* failed: a person has to log in first */
	SERVER_IDLE,	    /* not running: its tools are known, it starts when it is called */
	SERVER_STOPPED,
	SERVER_STATES /* how many there are */
};

enum server_era { SERVER_ERA_UNKNOWN, SERVER_ERA_LEGACY, SERVER_ERA_MODERN };

enum server_capability {
	SERVER_TOOLS,
	SERVER_RESOURCES,
	SERVER_PROMPTS,
	SERVER_COMPLETIONS,
	SERVER_LOGGING,
	SERVER_TASKS /* 2025-11-25: tools/call as a task */
};

struct server;
struct server_call;
struct server_request;

struct server_listener {
	/* reason: one sentence, or "" . May be NULL. */
	void (*on_state)(void *arg, struct server *server, enum server_state state,
			 const char *reason);
	/* tools/list was read again and differs. May be NULL. */
	void (*on_tools_changed)(void *arg, struct server *server);
	/*
	 * The server asks something of the host beyond ping and roots/list. It is answered later,
	 * exactly once, with server_answer() or server_refuse(). NULL: refused with -32601.
	 */
	void (*on_request)(void *arg, struct server *server, struct server_request *request);
	/*
	 * Nobody waits for the answer any more: the server withdrew what it asked, or is gone. The
	 * request is answered or refused now all the same, which frees it. May be NULL.
	 */
	void (*on_request_withdrawn)(void *arg, struct server *server,
				     struct server_request *request);
	/* A resource that server_watch() named has changed. May be NULL. */
	void (*on_resource_updated)(void *arg, struct server *server, const char *uri);
};

/* Keeps a reference to config. */
struct server *server_new(const struct mcp_context *context, const struct server_config *config,
			  const struct server_listener *listener, void *arg);
void server_free(struct server **server); /* kills what still runs; no calls after it */
/*
 * Another holder than the owner, who may free it meanwhile: it is then STOPPED for good, and calls
 * of it fail. NULL is allowed.
 */
struct server *server_ref(struct server *server);
void server_unref(struct server **server);

void server_start(struct server *server); /* outcome: on_state READY or FAILED */
/*
 * The same, but a server whose manifest is kept is IDLE at once, with the tools that it had when it
 * last ran, unless its entry has `eager` or `required`. What is asked of an IDLE server waits until
 * it is READY. A call whose tool is then another one than before is not made: its result tells the
 * model to look at the tool again.
 */
void server_start_lazily(struct server *server);
/* It will be started later: STARTING with this reason until then. What is asked of it waits. */
void server_announce(struct server *server, const char *reason);
void server_stop(struct server *server); /* outcome: on_state STOPPED */
/*
 * Takes no new calls and queries from now on: they fail with this reason. Those under way finish,
 * within their own deadlines; then it is stopped. It does not restart. Outcome: on_state STOPPED.
 */
void server_drain(struct server *server, const char *reason);
/* The same, but what is under way after max_ms is lost with the process. */
void server_drain_within(struct server *server, const char *reason, long max_ms);
/* The calls and queries under way. */
size_t server_open_calls(const struct server *server);

/* What it did so far, through all its starts. */
struct server_record {
	size_t restarts;	    /* by itself or by order */
	size_t calls, calls_failed; /* that were made; those that got no answer of the tool */
	char *last_error;	    /* why it was last not there or got no calls; or NULL */
};
const struct server_record *server_record(const struct server *server);
/* It is started in the other's place: the record is that one's, which has none any more. */
void server_succeed(struct server *server, struct server *before);

const struct server_config *server_config(const struct server *server);
/*
 * Its entry was read anew and has the same identity: the process stays, what is decided about it by
 * the entry (policy, tools that are offered, timeouts) is decided by this one from now on. Keeps a
 * reference.
 */
void server_set_config(struct server *server, const struct server_config *config);
const char *server_name(const struct server *server);
enum server_state server_get_state(const struct server *server);
const char *server_state_name(enum server_state state); /* "starting" … */
const char *server_reason(const struct server *server); /* of the last state change */
/* READY or QUARANTINED: it runs and speaks, whether it gets calls or not. */
bool server_is_up(const struct server *server);
/* The same, or IDLE, or being started for what was asked of it: its tools can be called. */
bool server_is_offered(const struct server *server);
/* FAILED or NEEDS_LOGIN: it is left out. */
bool server_state_is_failure(enum server_state state);
/* Where there is more about its failure. */
enum server_clue {
	SERVER_CLUE_REASON, /* the reason says it all, and what to do */
	SERVER_CLUE_LOG,    /* it wrote something to its stderr, which is kept */
	SERVER_CLUE_NONE,   /* nowhere: it has to be examined */
};
enum server_clue server_clue(const struct server *server);
/* Of a server that is: ERR_PERMISSION where it wants a login, else ERR_UNAVAILABLE. */
enum err_kind server_failure(const struct server *server);
enum server_era server_get_era(const struct server *server);
const char *server_protocol_version(const struct server *server); /* "2025-11-25", "" */
/* What the server declared; false before it is READY. */
bool server_has(const struct server *server, enum server_capability capability);
const char *server_instructions(const struct server *server); /* or NULL */
pid_t server_pid(const struct server *server);
int64_t server_ready_after_us(const struct server *server); /* start to READY; -1 before */
int64_t server_up_since_us(const struct server *server);    /* by loop_now_us(); -1: it is not up */
/* Of the process that runs, or of the last one. The caller frees. */
char *server_stderr_tail(const struct server *server, unsigned max_lines);

/* "name version", as the server says; or NULL. */
const char *server_implementation(const struct server *server);
const char *server_capabilities(const struct server *server); /* its JSON, or NULL */
/* What it did so far that its revision of MCP does not allow; kept beyond its stop. More that is
 * found out by asking it may be added. */
struct deviation_list *server_deviations(struct server *server);

/*
 * Lists the tools again when they are older than the server said they may be (ttlMs of 2026-07-28);
 * on_tools_changed tells when it is done.
 */
void server_refresh_tools(struct server *server);
/* Not when it has to be called as a task, and the server has none. */
bool server_can_call(const struct server *server, const struct tool *tool);
/* The tools that the entry's include_tools/exclude_tools leave, in the server's order. */
const struct tool_list *server_tools(const struct server *server);

/*
 * Asks the server to tell changes of a resource: resources/subscribe, or subscriptions/listen;
 * again after each restart. refused: at most once, when it does not (any more); err says why. Not
 * called once the server is stopped or freed.
 */
void server_watch(struct server *server, const char *uri,
		  void (*refused)(void *arg, const struct err *err), void *arg);

struct server_call_options {
	long timeout_ms;       /* 0: the entry's */
	size_t text_max_bytes; /* see tool_result_new() */
};

struct server_call_listener {
	/* total < 0: unknown. message may be NULL. May be NULL. */
	void (*on_progress)(void *arg, double progress, double total, const char *message);
	/*
	 * Exactly once, last. take_result is the callee's (tool_result_free). It is never NULL:
	 * when the call failed (server died, deadline, protocol), `err` says so and take_result is
	 * the same as a text for the model, "Error: …".
	 */
	void (*on_done)(void *arg, struct tool_result *take_result, const struct err *err);
};

/*
 * tools/call. arguments is JSON text of an object. Only agent/tool_batch may call this (lint), so
 * that policy and audit have one door. A call of a server that is neither READY nor IDLE fails (in
 * on_done).
 */
struct server_call *server_call_tool(struct server *server, const char *tool, const char *arguments,
				     size_t arguments_len,
				     const struct server_call_options *options,
				     const struct server_call_listener *listener, void *arg)
	__attribute__((warn_unused_result));
/* Tells the server (notifications/cancelled); on_done will not be called. Sets *call to NULL. */
void server_cancel_call(struct server_call **call, const char *reason);

/* What a server asked. The method and params are valid until it is answered. */
const char *server_request_method(const struct server_request *request);
struct json_span server_request_params(const struct server_request *request);
/*
 * What it asks for is begun. True: a call waits for it being done, too, and so must its answer. It
 * is withdrawn when the server says that it is done.
 */
bool server_request_begin(const struct server_request *request);
void server_answer(struct server_request **request, const char *result, size_t len);
void server_refuse(struct server_request **request, int code, const char *message);

#endif
