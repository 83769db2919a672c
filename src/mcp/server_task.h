/* SPDX-License-Identifier: MIT */
/*
 * server_task: a tools/call whose server works on it after it has answered (MCP 2025-11-25,
 * "Tasks"; 2026-07-28, extension io.modelcontextprotocol/tasks). It is asked for its state until
 * that is final. Internal to mcp/.
 */
#ifndef CORDPAIR_MCP_SERVER_TASK_H
#define CORDPAIR_MCP_SERVER_TASK_H

#include "base/err.h"
#include "base/json_check.h"
#include "mcp/server.h"

#define TASK_ID_MAX_BYTES 4096
#define TASK_POLL_MS	  1000 /* of a server that does not say */
#define TASK_POLL_MIN_MS  50
#define TASK_POLL_MAX_MS  60000
#define TASKS_EXTENSION	  "io.modelcontextprotocol/tasks"

struct server_task;

struct server_task_listener {
	/* What it is doing, a text of the server's; when it changes. */
	void (*on_message)(void *arg, const char *message);
	/*
	 * Exactly once, last, unless it is freed before: the result, as tools/call would have
	 * answered it (valid during the call); or the tool's failure, a sentence; or err: there is
	 * no result (ERR_UNAVAILABLE, ERR_TEMPORARY: deadline, ERR_DENIED: it asked for what was
	 * refused, ERR_PROTOCOL).
	 */
	void (*on_result)(void *arg, struct json_span result);
	void (*on_failed)(void *arg, const char *why);
	void (*on_lost)(void *arg, const struct err *err);
};

/* Did the server answer a tools/call with a task? `asked`: that is what the call asked for. */
bool server_task_is(const struct server *server, struct json_span result, bool asked);
/* `,"task":{…}`, for the params of a tools/call of 2025-11-25. The caller frees. */
char *server_task_members(long lifetime_ms);

/*
 * Follows the task of this answer for lifetime_ms. NULL: ERR_PROTOCOL, it has no usable id.
 * Callbacks come later, never from here.
 */
struct server_task *server_task_new(struct server *server, struct json_span result,
				    long lifetime_ms, const struct server_task_listener *listener,
				    void *arg, struct err *err) __attribute__((warn_unused_result));
/* Also tells the server (tasks/cancel). No callback comes after. Sets *task to NULL. */
void server_task_cancel(struct server_task **task);
void server_task_free(struct server_task **task);

/* notifications/tasks/status: a look is worth it now, when it is about this task. */
void server_task_nudge(struct server_task *task, struct json_span params);

#endif
