/* SPDX-License-Identifier: MIT */
/*
 * server_internal: the one struct behind mcp/server.h and what its files ask of each other:
 * server.c (life), server_idle.c (known but not running), server_manifest.c (what is known of it),
 * server_handshake.c (era), server_tools.c (tools/list), server_call.c (tools/call),
 * server_incoming.c (what the server says by itself). Internal to mcp/.
 */
#ifndef CORDPAIR_MCP_SERVER_INTERNAL_H
#define CORDPAIR_MCP_SERVER_INTERNAL_H

#include "mcp/deviation.h"
#include "mcp/negotiate.h"
#include "mcp/rpc.h"
#include "mcp/server.h"
#include "mcp/server_request.h"

#define SERVER_STDERR_LINES		3 /* that a failure's reason quotes */
#define SERVER_INSTRUCTIONS_BYTES	((size_t)64 << 10)
#define SERVER_IMPLEMENTATION_MAX_BYTES 512

struct server {
	unsigned references;
	const struct mcp_context *context;
	struct server_config *config;
	char *name;
	const struct server_listener *listener;
	void *arg;

	enum server_state state;
	char *reason;
	bool stopping; /* server_stop() or a failed start: the end that comes is expected */
	bool ever_ready;
	bool waking; /* started for what was asked of it: its tools are known meanwhile */
	bool idling; /* its process is stopping, and it will be IDLE, not STOPPED */
	bool freed;
	char *draining; /* why it takes no new calls; or NULL */
	struct loop_timer drain_timer;
	struct server_record record;
	char *stderr_kept; /* of the last process; or NULL */

	struct transport *transport; /* NULL: not running */
	struct rpc *rpc;

	struct loop_timer start_timer, restart_timer, quarantine_timer, idle_timer;
	int64_t used_us;   /* when something was last asked of it */
	unsigned silences; /* calls in a row without an answer in time */
	int64_t started_us, ready_after_us;
	int64_t exit_us[SERVER_RESTARTS_MAX]; /* of the last unexpected ends, a ring */
	unsigned exits;

	enum server_era era;
	const char *protocol_version; /* static text */
	bool probing;		      /* server/discover is out */
	bool probed;		      /* it was: when the server dies now, it is started anew */
	bool recalled;		      /* the era comes from an earlier run */
	char *instructions;

	struct tool_list tools;
	struct tool_list listing;    /* the pages so far */
	struct worker_job *page_job; /* reads a large page, and has `listing` meanwhile */
	unsigned pages;
	unsigned listing_faults; /* tools left out */
	int64_t listing_ttl_ms;	 /* the shortest of its pages; 0: they do not say */
	int64_t tools_stale_us;	 /* then they are to be listed again; 0: they do not say when */
	bool listing_tools, list_again, listed_from_start;
	unsigned capabilities; /* bits: 1 << enum server_capability */
	bool tools_change;     /* tools.listChanged */
	bool login_refused;    /* that is why the last start failed */
	enum server_clue clue; /* of the last end or failure */

	struct server_call *calls;    /* open ones */
	struct server_query *queries; /* open ones */
	unsigned queries_count;
	struct server_request *requests; /* of the server, not yet answered */
	size_t requests_count;
	struct server_watch *watches; /* of resources; they outlive its restarts */

	struct deviation_list deviations;
	char *implementation;	 /* "name version", or NULL */
	char *capabilities_text; /* as JSON, or NULL */
	int64_t stop_us;
	struct server_examination *examination; /* or NULL */
};

/* server_listen.c: opens the subscription of a server of 2026-07-28 whose tools may change. */
void server_listen(struct server *server);
void server_watches_renew(struct server *server);		       /* it is ready (again) */
void server_watches_refuse(struct server *server, const char *reason); /* it stays away */
void server_watches_drop(struct server *server);
void server_take_update(struct server *server, struct json_span params);

/* server_log.c */
void server_log_ask(struct server *server); /* for what the context wants, where it can */
void server_log_take(struct server *server, struct json_span params);

/* server_idle.c */
/* True: it is IDLE, or being started out of it; the caller waits for its start. */
bool server_wake(struct server *server);
void server_note_use(struct server *server); /* something is asked of it, or was answered */
void server_watch_idleness(struct server *server, int64_t after_ms);
void server_idle_closed(struct server *server); /* its process is gone */

/* server_manifest.c */
/* Takes what is kept of it into its fields; false: nothing that holds. Reads a file. */
bool server_recall(struct server *server);
/* Keeps its fields and `listing`, the tools before any is left out, by a worker. */
void server_remember(struct server *server);
void server_forget(struct server *server);

/* server.c */
void server_set_state(struct server *server, enum server_state state, const char *reason);
void server_begin_start(struct server *server);
/* "MEANS: why it is not READY". Returns -1. */
int server_refuse_unready(const struct server *server, const char *means, struct err *err);
void server_ready(struct server *server);
/* A call had an answer in time, or none. */
void server_note_answer(struct server *server);
void server_note_silence(struct server *server);
/* The start (or restart) failed for good: stops the process, then FAILED with this reason. */
void server_fail(struct server *server, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* Kills the process and starts it again with the era that is now set. */
void server_respawn(struct server *server);

/* server_drain.c */
/* Refuses what is new while it drains: -1. */
int server_check_draining(const struct server *server, struct err *err)
	__attribute__((warn_unused_result));
/* Something that was under way is over. */
void server_settle_drain(struct server *server);

/* server_handshake.c */
void server_handshake(struct server *server);
/* Why it is not there: a refused login is another thing to do about than a server that is gone. */
void server_note_kind(struct server *server, const struct err *err);
/* Its capabilities and instructions, of a result that has them. */
void server_keep_features(struct server *server, struct json_span result);
/* "refused METHOD: …": a server's error as a failure of the start. */
void server_fail_refused(struct server *server, const char *method, struct json_span error);

/* server_tools.c */
/* include_tools or exclude_tools are others than before. */
void server_choose_tools(struct server *server);
void server_list_tools(struct server *server);
void server_listing_drop(struct server *server); /* its process is gone */
/* `listing` becomes its tools, without those that its entry leaves out. */
void server_take_listing(struct server *server);
/* A result of 2026-07-28: does it say what it has to? */
void server_check_result(struct server *server, struct json_span result);
void server_check_cache_hints(struct server *server, const char *method, struct json_span result);

/* server_call.c */
void server_calls_drop(struct server *server); /* the server is being freed: no callbacks */
/* Its process is gone, and with it what it worked on. */
void server_calls_lose(struct server *server, const struct err *err);
/* It is ready, or stays away: for the calls that waited for its start. */
void server_calls_started(struct server *server);
void server_calls_not_started(struct server *server);
/* These will be its tools: which calls that wait for its start were meant for others? */
void server_calls_compare(struct server *server, const struct tool_list *tools);
/* notifications/elicitation/complete */
void server_calls_urls_opened(struct server *server, struct json_span params);
/* tools/list was read again, or could not be: what waited for it is sent. */
void server_calls_tools_listed(struct server *server);
/* notifications/tasks/status */
void server_calls_nudge(struct server *server, struct json_span params);

/* server_query.c */
void server_queries_drop(struct server *server);
void server_queries_started(struct server *server);
void server_queries_not_started(struct server *server);

/* server_incoming.c */
extern const struct transport_listener server_transport_listener;

/* server.c: what the transport's listener calls */
void server_closed(struct server *server, const char *how, bool never_started);

#endif
