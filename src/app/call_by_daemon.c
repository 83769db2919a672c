/* SPDX-License-Identifier: MIT */
/*
 * The daemon's server in the place of one of our own: its tools are asked for, then the call is
 * made there; what a person has to be asked is asked here.
 */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "agent/elicitation.h"
#include "app/call_run.h"
#include "app/daemon_query.h"
#include "app/tool_arguments.h"
#include "app/tool_events.h"
#include "app/tool_progress.h"
#include "base/json_write.h"
#include "base/log.h"
#include "base/mem.h"
#include "daemon/control_protocol.h"

#define TOLD_TEXT_MAX_BYTES ((size_t)1 << 20)

struct question { /* of the daemon, that a person is asked */
	struct daemon_call *call;
	struct question *next;
	char *id; /* as JSON */
	char *server, *tool, *description, *arguments;
	struct approval_request request;
};

struct daemon_call {
	struct call_run run;
	struct control_client *client;
	char fingerprint[DIGEST_HEX_BYTES];
	struct tool_list tools;
	int64_t id; /* of tool.call; 0: not made yet */
	struct question *questions;
	struct err err; /* why there is no answer */
	bool failed;
};

/* What the daemon asks */

static void question_release(struct question *question)
{
	free(question->id);
	free(question->server);
	free(question->tool);
	free(question->description);
	free(question->arguments);
	free(question);
}

static void question_free(struct question *question)
{
	struct question **at = &question->call->questions;

	while (*at != question)
		at = &(*at)->next;
	*at = question->next;
	question_release(question);
}

static void answer(struct question *question, struct buf *result)
{
	struct daemon_call *call = question->call;
	const struct json_span id = {question->id, strlen(question->id)};

	control_client_answer(call->client, id, buf_text(result), result->len);
	buf_clear(result);
	question_free(question);
	if (!call->questions)
		control_client_extend(call->client, call->id);
}

static void approved(void *arg, enum approval approval)
{
	struct buf result = BUF_INIT;

	buf_append_char(&result, '{');
	json_write_member(&result, "approval", control_approvals[approval]);
	buf_append_char(&result, '}');
	answer(arg, &result);
}

static void line_answered(void *arg, const char *line)
{
	struct buf result = BUF_INIT;

	buf_append_char(&result, '{');
	json_write_member(&result, "answer", line);
	buf_append_char(&result, '}');
	answer(arg, &result);
}

static struct question *question_new(struct daemon_call *call, struct json_span id)
{
	struct question *question = mem_new(sizeof(*question));

	question->call = call;
	question->id = mem_string_len(id.at, id.len);
	question->next = call->questions;
	call->questions = question;
	return question;
}

static char *text_of(struct json_span params, const char *member)
{
	char *text = json_span_text(json_span_member(params, member), TOLD_TEXT_MAX_BYTES);

	return text ? text : mem_string("");
}

static void ask_approval(struct daemon_call *call, const struct jsonrpc_message *message)
{
	const struct json_span arguments = json_span_member(message->params, "arguments");
	struct question *question = question_new(call, message->id);
	struct asker *asker = call->run.program->asker;

	question->server = text_of(message->params, "server");
	question->tool = text_of(message->params, "tool");
	question->description = text_of(message->params, "description");
	question->arguments =
		arguments.at ? mem_string_len(arguments.at, arguments.len) : mem_string("{}");
	question->request = (struct approval_request){
		.server = question->server,
		.tool = question->tool,
		.description = question->description,
		.arguments = question->arguments,
		.arguments_len = strlen(question->arguments),
	};
	asker->ask(asker, &question->request, approved, question);
}

static void ask_line(struct daemon_call *call, const struct jsonrpc_message *message)
{
	struct question *question = question_new(call, message->id);
	struct asker *asker = call->run.program->asker;
	char *text = text_of(message->params, "text");

	asker->ask_line(asker, text, line_answered, question);
	free(text);
}

static void take_question(struct daemon_call *call, const struct jsonrpc_message *message)
{
	if (!call->run.program->asker) {
		control_client_answer(call->client, message->id, "{}", 2);
		return;
	}
	control_client_hold(call->client, call->id);
	if (json_span_equals(message->method, CONTROL_ASK_APPROVAL))
		ask_approval(call, message);
	else if (json_span_equals(message->method, CONTROL_ASK_LINE))
		ask_line(call, message);
	else
		control_client_answer(call->client, message->id, "{}", 2);
}

static void drop_questions(struct daemon_call *call)
{
	struct asker *asker = call->run.program->asker;

	for (struct question *at = call->questions, *next; at; at = next) {
		next = at->next;
		asker->cancel(asker, at);
		question_release(at);
	}
	call->questions = NULL;
}

/* What it tells */

static void tell_question(struct daemon_call *call, struct json_span params)
{
	(void)params;
	tool_events_question(call->run.program->events, &call->run.told);
}

static void tell_approval(struct daemon_call *call, struct json_span params)
{
	char *decision = text_of(params, "decision"), *by = text_of(params, "by");

	call_approved(&call->run, decision, by);
	free(decision);
	free(by);
}

static double number_of(struct json_span params, const char *member, double fallback)
{
	const struct json_span number = json_span_member(params, member);

	return json_span_kind(number) == JSON_NUMBER ? strtod(number.at, NULL) : fallback;
}

static void tell_progress(struct daemon_call *call, struct json_span params)
{
	char *message = json_span_text(json_span_member(params, "message"), TOLD_TEXT_MAX_BYTES);

	tool_progress_tell(call->run.program, &call->run.told, number_of(params, "progress", 0),
			   number_of(params, "total", -1), message);
	free(message);
}

static void tell_withdrawn(struct daemon_call *call, struct json_span params)
{
	const struct json_span id = json_span_member(params, "question");
	struct asker *asker = call->run.program->asker;
	struct question *at = call->questions;

	while (at && (strlen(at->id) != id.len || memcmp(at->id, id.at, id.len) != 0))
		at = at->next;
	if (!at)
		return;
	asker->cancel(asker, at);
	question_free(at);
	if (!call->questions)
		control_client_extend(call->client, call->id);
}

/* Events of ours with the members that the daemon's notification has. */
static void tell_event(struct daemon_call *call, const char *type, const char *const members[],
		       struct json_span params)
{
	struct buf *event = events_begin(call->run.program->events, type);

	if (!event)
		return;
	for (; *members; members++) {
		char *text = text_of(params, *members);

		json_write_member(event, *members, text);
		free(text);
	}
	events_send(call->run.program->events);
}

static void tell_elicitation(struct daemon_call *call, struct json_span params)
{
	static const char *const members[] = {"server", "mode", "message", NULL};

	if (!call->run.program->asker)
		elicitation_tell_nobody(call->run.config->name);
	tell_event(call, CONTROL_TELL_ELICITATION, members, params);
}

static void tell_elicited(struct daemon_call *call, struct json_span params)
{
	static const char *const members[] = {"server", "action", NULL};

	tell_event(call, CONTROL_TELL_ELICITED, members, params);
}

static void on_message(void *arg, const struct jsonrpc_message *message)
{
	static const struct {
		const char *method;
		void (*tell)(struct daemon_call *call, struct json_span params);
	} told[] = {
		{CONTROL_TELL_QUESTION, tell_question},
		{CONTROL_TELL_APPROVAL, tell_approval},
		{CONTROL_TELL_PROGRESS, tell_progress},
		{CONTROL_TELL_WITHDRAWN, tell_withdrawn},
		{CONTROL_TELL_ELICITATION, tell_elicitation},
		{CONTROL_TELL_ELICITED, tell_elicited},
	};
	struct daemon_call *call = arg;

	if (!call->id || call->run.done)
		return;
	if (message->kind == JSONRPC_REQUEST) {
		take_question(call, message);
		return;
	}
	for (size_t i = 0; i < sizeof(told) / sizeof(told[0]); i++)
		if (json_span_equals(message->method, told[i].method))
			told[i].tell(call, message->params);
	if (!call->questions)
		control_client_extend(call->client, call->id);
}

static const struct control_client_listener client_listener = {.on_message = on_message};

/* The outcome */

static void read_failure(struct json_span failure, struct tool_outcome *outcome,
			 enum server_clue *clue)
{
	int64_t number = SERVER_CLUE_NONE;

	control_read_failure(failure, failure, &outcome->err);
	if (json_span_kind(json_span_member(failure, "timed_out")) == JSON_TRUE)
		outcome->err.os_errno = ETIMEDOUT;
	if (json_span_int64(json_span_member(failure, "clue"), &number) &&
	    number >= SERVER_CLUE_REASON && number <= SERVER_CLUE_NONE)
		*clue = (enum server_clue)number;
}

static void end_call(struct daemon_call *call, struct json_span answer_span, struct err *err)
{
	const struct json_span result = json_span_member(answer_span, "result");
	const int verdict = control_word(control_verdicts, TOOL_NOBODY + 1,
					 json_span_member(answer_span, "verdict"));
	struct tool_outcome outcome = {.verdict = (enum tool_verdict)verdict};
	enum server_clue clue = SERVER_CLUE_NONE;
	void *block;

	if (verdict < 0 || !result.at) {
		call->failed = true;
		err_set(err, ERR_PROTOCOL, "the daemon's answer is not understood");
		return;
	}
	block = mem_string_len(result.at, result.len);
	outcome.result = tool_result_new((struct json_span){block, result.len}, block, 0, err);
	if (!outcome.result) {
		call->failed = true;
		return;
	}
	(void)json_span_int64(json_span_member(answer_span, "us"), &outcome.took_us);
	if (outcome.verdict == TOOL_FAILED)
		read_failure(json_span_member(answer_span, "failure"), &outcome, &clue);
	call_end(&call->run, &outcome, clue);
	tool_result_free(&outcome.result);
}

static void answered(void *arg, struct json_span result, const struct err *err)
{
	struct daemon_call *call = arg;

	drop_questions(call);
	if (err) {
		call->failed = true;
		call->err = *err;
	} else {
		end_call(call, result, &call->err);
	}
	program_stage_done(call->run.program, &call->run.done);
}

/* The call */

static void write_server(const struct daemon_call *call, struct buf *params)
{
	buf_append_char(params, '{');
	json_write_member(params, "server", call->run.config->name);
	json_write_member(params, "fingerprint", call->fingerprint);
}

static void write_call(const struct daemon_call *call, const struct buf *arguments,
		       struct buf *params)
{
	const struct program *program = call->run.program;

	write_server(call, params);
	json_write_member(params, "tool", call->run.tool);
	json_write_key(params, "arguments");
	json_write_compact(params, arguments->data, arguments->len);
	json_write_member_bool(params, "person", program->asker != NULL);
	json_write_key(params, "yes_to");
	buf_append_char(params, '[');
	for (size_t i = 0; i < program->options.yes_to.count; i++) {
		if (i > 0)
			buf_append_char(params, ',');
		json_write_string(params, program->options.yes_to.item[i]);
	}
	buf_append_text(params, "]}");
}

static long patience_ms(const struct server_config *config)
{
	const long call_ms = config->max_timeout_ms
				     ? config->max_timeout_ms
				     : config->timeout_ms * SERVER_TIMEOUT_HARD_FACTOR;

	return config->start_timeout_ms + call_ms + CALL_DAEMON_SPARE_MS;
}

static void make_call(struct daemon_call *call, const struct tool *tool,
		      const struct buf *arguments)
{
	struct program *program = call->run.program;
	struct buf params = BUF_INIT;
	struct err err;

	call->run.tool = mem_string(tool->name);
	call_begin(&call->run, arguments->data);
	write_call(call, arguments, &params);
	call->id = control_client_request(call->client, CONTROL_TOOL_CALL, params.data, params.len,
					  patience_ms(call->run.config), answered, call);
	buf_clear(&params);
	if (program_wait(program, &call->run.done)) {
		log_detail("the call was cancelled");
		control_client_cancel(call->client, call->id);
	} else if (call->failed) {
		err_set(&err, call->err.kind, "%s; the call failed", call->err.text);
		program_fail(program, &err);
	}
	drop_questions(call);
}

static void tool_left_out(void *arg, const char *text)
{
	(void)arg;
	log_detail("of the daemon's tools: %s", text);
}

/* Its tools; -1: the daemon cannot be used for this server. */
static int list_tools(struct daemon_call *call, struct err *err)
{
	struct buf params = BUF_INIT, result;
	char *cursor = NULL;
	int status;

	buf_init(&result, CONTROL_ANSWER_MAX_BYTES);
	write_server(call, &params);
	buf_append_char(&params, '}');
	status = daemon_query(call->run.program, call->client, CONTROL_TOOLS_LIST, &params,
			      call->run.config->start_timeout_ms + CONTROL_ANSWER_MS, &result, err);
	if (status == 0)
		status = tool_list_add_page(&call->tools, buf_text(&result), result.len, &cursor,
					    tool_left_out, NULL, err);
	free(cursor);
	buf_clear(&params);
	buf_clear(&result);
	return status;
}

static void call_with_tools(struct daemon_call *call, const struct call_target *target)
{
	struct program *program = call->run.program;
	const struct tool *tool;
	struct buf arguments;
	struct err err;

	buf_init(&arguments, TOOL_ARGUMENTS_MAX_BYTES);
	tool = call_target_tool(target, &call->tools, &err);
	if (tool && call_target_arguments(program, target, tool, &arguments, &err) == 0)
		make_call(call, tool, &arguments);
	else if (!program_interrupted(program))
		program_fail(program, &err);
	buf_clear(&arguments);
}

bool call_by_daemon(struct program *program, const struct call_target *target)
{
	const struct server_entry *entry = servers_dir_find(program->dir, target->server);
	struct daemon_call call = {.run = {.program = program}};
	bool usable;
	struct err err;

	/* --trace is to have what the server says. */
	if (program->options.no_daemon || program->options.trace || !entry ||
	    entry->standing != SERVER_ENABLED)
		return false;
	call.run.config = entry->config;
	server_config_fingerprint(entry->config, call.fingerprint);
	call.client = control_client_new(program->loop, false, &client_listener, &call, &err);
	if (!call.client) {
		log_detail("%s", err.text);
		return false;
	}
	usable = list_tools(&call, &err) == 0;
	if (usable) {
		log_detail("server \"%s\" is the daemon's", entry->name);
		call_with_tools(&call, target);
	} else if (!program_interrupted(program)) {
		log_detail("the call is made without the daemon: %s", err.text);
	}
	control_client_free(&call.client);
	tool_list_clear(&call.tools);
	free(call.run.tool);
	return usable || program_interrupted(program);
}
