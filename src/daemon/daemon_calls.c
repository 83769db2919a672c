/* SPDX-License-Identifier: MIT */
/*
 * The methods about tools: their list, and calls. A call goes through agent/tool_batch as every
 * other does, so the policy is this process's; the person to ask is the client's.
 */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "agent/elicitation.h"
#include "agent/tool_batch.h"
#include "base/json_write.h"
#include "base/mem.h"
#include "daemon/client_asker.h"
#include "daemon/control_protocol.h"
#include "daemon/daemon_internal.h"

#define YES_TO_MAX_BYTES 4096

struct daemon_call {
	struct daemon *daemon;
	struct daemon_call *next, **previous;
	struct control_request *request;
	struct server *server;
	char *tool, *arguments;
	struct strings yes_to; /* owns its texts */
	struct tool_grants grants;
	struct asker *asker; /* or NULL */
	struct elicitations *elicitations;
	struct tool_batch *batch;
};

/* May the client use this server of ours for its own? */
static int check_usable(const struct daemon *daemon, const struct server *server,
			struct json_span params, struct err *err)
{
	char fingerprint[DIGEST_HEX_BYTES];

	server_config_fingerprint(server_config(server), fingerprint);
	if (daemon->stopping)
		return err_set(err, ERR_UNAVAILABLE, "the daemon is stopping");
	if (!json_span_equals(json_span_member(params, "fingerprint"), fingerprint))
		return err_set(
			err, ERR_UNAVAILABLE,
			"the daemon runs server \"%s\" by another entry, in another directory "
			"or environment",
			server_name(server));
	if (server_get_state(server) != SERVER_STARTING && !server_is_offered(server))
		return err_set(err, ERR_UNAVAILABLE, "server \"%s\" of the daemon is %s",
			       server_name(server), server_state_name(server_get_state(server)));
	return 0;
}

/* tools.list */

static void answer_list(struct daemon *daemon, struct control_request *request,
			struct server *server)
{
	struct buf out = BUF_INIT;
	struct err err;

	(void)daemon;
	if (!server_is_offered(server)) {
		err_set(&err, ERR_UNAVAILABLE, "server \"%s\" of the daemon is %s",
			server_name(server), server_state_name(server_get_state(server)));
		control_fail(&request, &err);
		return;
	}
	server_refresh_tools(server);
	buf_append_text(&out, "{\"tools\":");
	tool_list_write(server_tools(server), &out);
	buf_append_char(&out, '}');
	control_answer(&request, buf_text(&out), out.len);
	buf_clear(&out);
}

static void run_list(void *arg, struct control_request *request, struct json_span params)
{
	struct daemon *daemon = arg;
	struct server *server = daemon_server_param(daemon, &request, params);
	struct err err;

	if (!server)
		return;
	if (check_usable(daemon, server, params, &err))
		control_fail(&request, &err);
	else
		daemon_wait_for(daemon, request, server_name(server), answer_list);
}

/* tool.call: what it tells */

static void on_question(void *arg, size_t i)
{
	const struct daemon_call *call = arg;

	(void)i;
	control_request_tell(call->request, CONTROL_TELL_QUESTION, NULL);
}

static void on_approval(void *arg, size_t i, const char *decision, const char *by)
{
	const struct daemon_call *call = arg;
	struct buf members = BUF_INIT;

	(void)i;
	json_write_member(&members, "decision", decision);
	json_write_member(&members, "by", by);
	control_request_tell(call->request, CONTROL_TELL_APPROVAL, &members);
	buf_clear(&members);
}

static void on_progress(void *arg, size_t i, double progress, double total, const char *message)
{
	const struct daemon_call *call = arg;
	struct buf members = BUF_INIT;

	(void)i;
	if (control_request_congested(call->request))
		return;
	json_write_key(&members, "progress");
	buf_format(&members, "%.17g", progress);
	if (total >= 0) {
		json_write_key(&members, "total");
		buf_format(&members, "%.17g", total);
	}
	if (message)
		json_write_member(&members, "message", message);
	control_request_tell(call->request, CONTROL_TELL_PROGRESS, &members);
	buf_clear(&members);
}

static void elicitation_asked(void *arg, const struct server *server, const char *mode,
			      const char *message)
{
	const struct daemon_call *call = arg;
	struct buf members = BUF_INIT;

	json_write_member(&members, "server", server_name(server));
	json_write_member(&members, "mode", mode);
	json_write_member(&members, "message", message);
	control_request_tell(call->request, CONTROL_TELL_ELICITATION, &members);
	buf_clear(&members);
}

static void elicitation_answered(void *arg, const char *server, const char *action)
{
	const struct daemon_call *call = arg;
	struct buf members = BUF_INIT;

	json_write_member(&members, "server", server);
	json_write_member(&members, "action", action);
	control_request_tell(call->request, CONTROL_TELL_ELICITED, &members);
	buf_clear(&members);
}

static const struct elicitation_listener elicitation_listener = {
	.on_request = elicitation_asked,
	.on_result = elicitation_answered,
};

/* tool.call: its end */

static void call_destroy(void *object)
{
	struct daemon_call *call = object;

	for (size_t i = 0; i < call->yes_to.count; i++)
		free((char *)call->yes_to.item[i]);
	strings_clear(&call->yes_to);
	tool_grants_clear(&call->grants);
	free(call->tool);
	free(call->arguments);
	free(call);
}

/* The request is still open: what is asked is withdrawn. */
static void call_free(struct daemon_call *call)
{
	*call->previous = call->next;
	if (call->next)
		call->next->previous = call->previous;
	tool_batch_free(&call->batch);
	elicitations_free(&call->elicitations);
	client_asker_free(&call->asker);
	server_unref(&call->server);
	loop_free_later(call->daemon->parts.loop, call, call_destroy);
}

static void client_gone(void *arg)
{
	call_free(arg);
}

static void write_failure(const struct daemon_call *call, const struct err *err, struct buf *out)
{
	json_write_key(out, "failure");
	buf_append_char(out, '{');
	json_write_member_int(out, "exit", err_exit_code(err->kind));
	json_write_member(out, "message", err->text);
	json_write_member_bool(out, "timed_out", err->os_errno == ETIMEDOUT);
	json_write_member_int(out, "clue", server_clue(call->server));
	buf_append_char(out, '}');
}

static void on_done(void *arg, const struct tool_outcome *outcomes, size_t count)
{
	struct daemon_call *call = arg;
	const struct tool_outcome *outcome = &outcomes[0];
	const struct json_span result = outcome->result->json;
	struct control_request *request = call->request;
	struct buf out = BUF_INIT;

	(void)count;
	buf_append_char(&out, '{');
	json_write_member(&out, "verdict", control_verdicts[outcome->verdict]);
	json_write_member_int(&out, "us", outcome->took_us);
	if (outcome->verdict == TOOL_FAILED)
		write_failure(call, &outcome->err, &out);
	json_write_key(&out, "result");
	if (memchr(result.at, '\n', result.len) || memchr(result.at, '\r', result.len))
		json_write_compact(&out, result.at, result.len);
	else
		buf_append(&out, result.at, result.len);
	buf_append_char(&out, '}');
	control_request_on_gone(request, NULL, NULL);
	call_free(call);
	control_answer(&request, buf_text(&out), out.len);
	buf_clear(&out);
}

static const struct tool_batch_listener batch_listener = {
	.on_question = on_question,
	.on_approval = on_approval,
	.on_progress = on_progress,
	.on_done = on_done,
};

void daemon_calls_end(struct daemon *daemon)
{
	struct err err;

	err_set(&err, ERR_UNAVAILABLE, "the daemon ends");
	for (struct daemon_call *call = daemon->calls, *next; call; call = next) {
		struct control_request *request = call->request;

		next = call->next;
		control_request_on_gone(request, NULL, NULL);
		call_free(call);
		control_fail(&request, &err);
	}
}

/* tool.call: its beginning */

static int read_yes_to(struct daemon_call *call, struct json_span list)
{
	struct json_span glob = {NULL, 0};

	while (json_span_kind(list) == JSON_ARRAY && json_span_next(list, &glob)) {
		char *text = json_span_text(glob, YES_TO_MAX_BYTES);

		if (!text || call->yes_to.count == DAEMON_YES_TO_MAX || !strchr(text, ':')) {
			free(text);
			return -1;
		}
		strings_add(&call->yes_to, text);
	}
	return 0;
}

static void start_call(struct daemon_call *call, const struct tool *tool)
{
	const struct tool_gate gate = {
		.loop = call->daemon->parts.loop,
		.asker = call->asker,
		.yes_to = &call->yes_to,
		.grants = &call->grants,
	};
	const struct tool_batch_call batch_call = {
		.server = call->server,
		.tool = call->tool,
		.description = tool->description,
		.arguments = call->arguments,
	};
	const struct server_call_options options = {.text_max_bytes = 0};

	call->batch = tool_batch_start(&gate, &batch_call, 1, 1, &options, &batch_listener, call);
	control_request_on_gone(call->request, client_gone, call);
}

static struct daemon_call *call_new(struct daemon *daemon, struct control_request *request,
				    struct server *server, char *take_tool, struct json_span params)
{
	const struct json_span arguments = json_span_member(params, "arguments");
	struct daemon_call *call = mem_new(sizeof(*call));

	call->daemon = daemon;
	call->request = request;
	call->server = server_ref(server);
	call->tool = take_tool;
	call->arguments =
		arguments.at ? mem_string_len(arguments.at, arguments.len) : mem_string("{}");
	if (json_span_kind(json_span_member(params, "person")) == JSON_TRUE)
		call->asker = client_asker_new(request);
	call->elicitations = elicitations_new(call->asker, &elicitation_listener, call);
	call->next = daemon->calls;
	call->previous = &daemon->calls;
	if (call->next)
		call->next->previous = &call->next;
	daemon->calls = call;
	return call;
}

static const struct tool *usable_tool(const struct daemon *daemon, const struct server *server,
				      struct json_span params, const char *name, struct err *err)
{
	const struct tool *tool = tool_list_find(server_tools(server), name);

	if (check_usable(daemon, server, params, err))
		return NULL;
	if (!tool && server_get_state(server) == SERVER_STARTING)
		err_set(err, ERR_UNAVAILABLE, "server \"%s\" of the daemon is starting",
			server_name(server));
	else if (!tool)
		err_set(err, ERR_CONFIG, "server \"%s\" has no tool \"%.128s\"",
			server_name(server), name);
	return tool;
}

static void run_call(void *arg, struct control_request *request, struct json_span params)
{
	struct daemon *daemon = arg;
	const enum json_kind arguments = json_span_kind(json_span_member(params, "arguments"));
	struct server *server = daemon_server_param(daemon, &request, params);
	char *name = server ? daemon_text_param(&request, params, "tool") : NULL;
	const struct tool *tool;
	struct daemon_call *call;
	struct err err;

	if (!name)
		return;
	tool = usable_tool(daemon, server, params, name, &err);
	if (!tool) {
		control_fail(&request, &err);
		free(name);
		return;
	}
	call = call_new(daemon, request, server, name, params);
	if ((arguments != JSON_OBJECT && arguments != JSON_ABSENT) ||
	    read_yes_to(call, json_span_member(params, "yes_to"))) {
		call_free(call);
		control_refuse(&request, JSONRPC_INVALID_PARAMS,
			       "\"arguments\" has to be an object, \"yes_to\" a list of "
			       "SERVER:TOOL");
		return;
	}
	start_call(call, tool);
}

/* What servers ask */

bool daemon_take_request(struct daemon *daemon, struct server *server,
			 struct server_request *request)
{
	struct daemon_call *found = NULL;

	if (strcmp(server_request_method(request), "elicitation/create") != 0)
		return false;
	for (struct daemon_call *call = daemon->calls; call; call = call->next)
		if (call->server == server && (!found || (call->asker && !found->asker)))
			found = call;
	if (found)
		elicitations_take(found->elicitations, server, request);
	return found != NULL;
}

void daemon_withdraw_request(struct daemon *daemon, struct server_request *request)
{
	for (struct daemon_call *call = daemon->calls; call; call = call->next)
		elicitations_withdraw(call->elicitations, request);
}

const struct control_method daemon_calls_methods[] = {
	{CONTROL_TOOLS_LIST, run_list},
	{CONTROL_TOOL_CALL, run_call},
	{NULL, NULL},
};
