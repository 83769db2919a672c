/* SPDX-License-Identifier: MIT */
/*
 * server_call_internal: one tools/call, and what its two files ask of each other: server_call.c
 * (from the arguments to the result), server_call_detour.c (what may come between). Internal to
 * mcp/.
 */
#ifndef CORDPAIR_MCP_SERVER_CALL_INTERNAL_H
#define CORDPAIR_MCP_SERVER_CALL_INTERNAL_H

#include "io/worker.h"
#include "mcp/server_internal.h"

struct server_task;
struct url_elicitation;

struct server_call {
	struct server *server;
	struct server_call *next, **previous;
	int64_t id; /* 0: not sent */
	size_t text_max_bytes;
	const struct server_call_listener *listener;
	void *arg;
	struct err failure; /* of a call that was never sent */

	char *tool, *arguments; /* to send it again (2026-07-28) */
	long timeout_ms;
	struct input_round *round; /* its server wants more input */
	unsigned rounds;
	struct server_task *task;     /* its server works on it and is asked how far it is */
	struct url_elicitation *urls; /* a person has to open them first */
	bool waits_for_tools; /* the headers that its tool wants were not right: listed anew */
	bool waits_for_start; /* its server was IDLE */
	bool tool_changed;    /* and has another tool of that name now, or none */
	bool listed_anew;
	bool followed;	    /* the result is that of its task */
	bool asks_for_task; /* 2025-11-25: the tool can be called in no other way */

	struct worker_job *job;
	struct json_span span; /* the result, inside block */
	char *block;
	struct tool_result *result;
	struct err err;
};

/* server_call.c. more: members that answer what the server asked, or NULL. */
int call_send(struct server_call *call, const char *more, struct err *err)
	__attribute__((warn_unused_result));
void call_take_result(struct server_call *call, struct json_span result, char **block);
void call_progressed(void *arg, double progress, double total, const char *message);
/* How long it may take in all, whatever the server tells meanwhile. */
long call_max_ms(const struct server_call *call);
/* The end of it; the call is gone. */
void call_finish(struct server_call *call, struct tool_result *take_result, const struct err *err);
void call_finish_failed(struct server_call *call, const struct err *err);

/* server_call_detour.c: true when this is not the end of the call. */
bool call_detour_result(struct server_call *call, struct json_span result);
bool call_detour_error(struct server_call *call, int64_t code, struct json_span error);
void call_detour_free(struct server_call *call);

#endif
