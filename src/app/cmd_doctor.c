/* SPDX-License-Identifier: MIT */
/* cordpair doctor: the key, the endpoint, each server, and what to do about each failure. */
#include "config.h"

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "agent/context.h"
#include "agent/conversation.h"
#include "agent/find_tools.h"
#include "agent/instructions.h"
#include "agent/read_result.h"
#include "agent/sampling.h"
#include "agent/sampling_messages.h"
#include "agent/session_file.h"
#include "agent/tool_array.h"
#include "agent/tool_ranking.h"
#include "agent/tool_search.h"
#include "agent/turn.h"
#include "app/call_run.h"
#include "app/commands.h"
#include "app/doctor.h"
#include "app/model_catalogue.h"
#include "app/prompt_files.h"
#include "app/servers_live.h"
#include "app/servers_run.h"
#include "app/tool_arguments.h"
#include "app/tool_progress.h"
#include "base/json_schema.h"
#include "base/json_write.h"
#include "base/lines.h"
#include "base/mem.h"
#include "base/sanitize.h"
#include "daemon/control_client.h"
#include "daemon/control_server.h"
#include "daemon/daemon.h"
#include "io/child.h"
#include "io/directory_watch.h"
#include "io/executable.h"
#include "io/launcher.h"
#include "io/log_file.h"
#include "mcp/prompt.h"
#include "mcp/server_task.h"
#include "mcp/transport_http.h"
#include "mcp/url_elicitation.h"
#include "model/chat_client.h"
#include "model/chat_probe.h"
#include "model/content_part.h"
#include "model/endpoint_get.h"
#include "trust/browser_agent.h"
#include "trust/key_login.h"
#include "trust/oauth.h"
#include "trust/oauth_fetch.h"
#include "trust/oauth_grant.h"
#include "trust/secrets.h"

static struct doctor_options {
	bool limits;
} doctor_options;

static const struct option_spec doctor_option_table[] = {
	{0, "limits", OPTION_FLAG, offsetof(struct doctor_options, limits), NULL,
	 "show every limit"},
	{0, NULL, OPTION_FLAG, 0, NULL, NULL},
};

static const char *const finding_names[] = {
	[FINDING_OK] = "ok",
	[FINDING_NOTE] = "note",
	[FINDING_FAIL] = "FAIL",
};

void doctor_tell(struct doctor *doctor, enum finding finding, const char *what, const char *text)
{
	struct program *program = doctor->program;
	struct buf line = BUF_INIT;

	if (program->options.json) {
		if (doctor->json.len > 1)
			buf_append_char(&doctor->json, ',');
		buf_append_char(&doctor->json, '{');
		json_write_member(&doctor->json, "what", what);
		json_write_member_bool(&doctor->json, "ok", finding != FINDING_FAIL);
		json_write_member(&doctor->json, "text", text);
		buf_append_char(&doctor->json, '}');
		return;
	}
	buf_format(&line, "%-5s %-18s ", finding_names[finding], what);
	sanitize_line(text, strlen(text), SIZE_MAX, &line);
	buf_append_char(&line, '\n');
	output_buf(&program->out, &line);
	buf_clear(&line);
}

void doctor_tell_failure(struct doctor *doctor, const char *what, const struct err *err)
{
	doctor_tell(doctor, FINDING_FAIL, what, err->text);
	program_set_exit(doctor->program, err_exit_code(err->kind));
}

/* Key and endpoint */

static void probe_done(void *arg, const char *detail, const struct err *err)
{
	struct doctor *doctor = arg;

	if (err)
		doctor->err = *err;
	else
		doctor->detail = mem_string(detail);
	program_stage_done(doctor->program, &doctor->probed);
}

struct local_probe {
	struct doctor *doctor;
	const struct profile *profile;
	const char *url;
	bool done;
};

static void local_answered(void *arg, const char *detail, const struct err *err)
{
	struct local_probe *run = arg;
	char *text;

	if (!err) {
		text = mem_format("%s at %s %s: use it with --base-url %s -m MODEL, or by "
				  "\"base_url\" and \"model\" in settings.json",
				  run->profile->title, run->url, detail, run->url);
		doctor_tell(run->doctor, FINDING_NOTE, "endpoint", text);
		free(text);
	}
	program_stage_done(run->doctor->program, &run->done);
}

/* What answers at the customary port of a server of one's own could be used instead. */
static void find_local_endpoints(struct doctor *doctor)
{
	struct program *program = doctor->program;
	const struct profile *profile;

	for (size_t i = 0; (profile = profile_at(i)) && !program_interrupted(program); i++) {
		char *url = mem_format("http://127.0.0.1:%u/v1", profile->port);
		const struct chat_endpoint endpoint = {.base_url = url, .profile = profile};
		struct local_probe run = {.doctor = doctor, .profile = profile, .url = url};
		struct chat_probe *probe = NULL;
		struct err err;

		if (profile->port)
			probe = chat_probe_start(program->loop, program->http, &endpoint,
						 local_answered, &run, &err);
		if (probe)
			(void)!program_wait(program, &run.done);
		chat_probe_free(&probe);
		free(url);
	}
}

static void examine_endpoint(struct doctor *doctor)
{
	struct program *program = doctor->program;
	struct api_key key = {0};
	struct chat_endpoint endpoint = {.base_url = program->base_url,
					 .profile = program->profile};
	struct chat_probe *probe;
	struct err err;

	if (secrets_api_key(program->loop, &program->settings, &key, &err)) {
		doctor_tell_failure(doctor, "key", &err);
	} else if (key.text) {
		doctor_tell(doctor, FINDING_OK, "key", key.origin);
	} else if (program->profile->needs_key) {
		err_set(&err, ERR_CONFIG,
			"there is none: set OPENROUTER_API_KEY, run `cordpair login`, or write it "
			"to ~/.config/cordpair/key (mode 600)");
		doctor_tell_failure(doctor, "key", &err);
		find_local_endpoints(doctor);
	} else {
		doctor_tell(doctor, FINDING_OK, "key", "none, and this endpoint may need none");
	}
	endpoint.api_key = key.text;
	probe = chat_probe_start(program->loop, program->http, &endpoint, probe_done, doctor,
				 &doctor->err);
	if (!probe)
		doctor_tell_failure(doctor, "endpoint", &doctor->err);
	else if (program_wait(program, &doctor->probed) == 0 && doctor->detail)
		doctor_tell(doctor, FINDING_OK, "endpoint", doctor->detail);
	else if (doctor->probed)
		doctor_tell_failure(doctor, "endpoint", &doctor->err);
	free(doctor->detail);
	chat_probe_free(&probe);
	api_key_clear(&key);
}

/* Limits */

struct limit {
	const char *name;
	long long value;
	const char *unit;
};

static const struct limit fixed_limits[] = {
	{"the same call in a row", TURN_SAME_CALL_MAX, ""},
	{"calls of a pattern that is seen", TURN_PATTERN_CALLS, ""},
	{"searches for a refused tool", TURN_SEARCHES_MAX, ""},
	{"an answer that is paid for, at least", TURN_AFFORDABLE_MIN, "tokens"},
	{"requests of such a search", TOOL_SEARCH_REQUESTS_MAX, ""},
	{"a list of the endpoint's models", MODEL_LIST_MAX, ""},
	{"how long it is kept", MODEL_CATALOGUE_MAX_AGE_S * 1000LL, "ms"},
	{"a document of the endpoint", (long long)ENDPOINT_GET_MAX_BYTES, "bytes"},
	{"its arrival", ENDPOINT_GET_TIMEOUT_MS, "ms"},
	{"repairs of an answer with a schema", ANSWER_REPAIRS_MAX, ""},
	{"tools of a request", TOOL_ARRAY_MAX, ""},
	{"growth of their tokens", TOOL_ARRAY_GROWTH, "times the first"},
	{"a model's context, when not known", TOOL_ARRAY_CONTEXT, "tokens"},
	{"a token of a definition", TOOL_TOKEN_BYTES, "bytes"},
	{"tools of one find_tools", FIND_TOOLS_MAX, ""},
	{"servers named to the model", FIND_TOOLS_SERVERS_MAX, ""},
	{"a prompt that tools are chosen for", (long long)TOOL_RANKING_QUESTION_MAX_BYTES, "bytes"},
	{"remembered refused tools", QUARANTINE_TOOLS_MAX, ""},
	{"how long one is remembered", QUARANTINE_MAX_AGE_S * 1000LL, "ms"},
	{"a conversation", CONVERSATION_MAX_BYTES, "bytes"},
	{"a prompt, or a file of it", PROMPT_MAX_BYTES, "bytes"},
	{"an image toward a model", CONTENT_IMAGE_MAX_BYTES, "bytes"},
	{"the same, of Anthropic, Amazon …", CONTENT_IMAGE_SMALL_MAX_BYTES, "bytes"},
	{"a sound toward a model", CONTENT_AUDIO_MAX_BYTES, "bytes"},
	{"a PDF file toward a model", CONTENT_FILE_MAX_BYTES, "bytes"},
	{"images, sounds, files of a request", CONTENT_PARTS_MAX, ""},
	{"their base64", CONTENT_PARTS_MAX_BYTES, "bytes"},
	{"an image in the model's context", CONTENT_IMAGE_TOKENS, "tokens"},
	{"tool calls in one answer", CHAT_TOOL_CALLS_MAX, ""},
	{"arguments of one call", CHAT_ARGUMENTS_MAX_BYTES, "bytes"},
	{"an answer of the model", CHAT_ANSWER_MAX_BYTES, "bytes"},
	{"the file of a kept conversation", SESSION_FILE_MAX_BYTES, "bytes"},
	{"context, from which it is shortened", CONTEXT_HIGH_PERCENT, "percent"},
	{"context, to which it is shortened", CONTEXT_LOW_PERCENT, "percent"},
	{"context that is not summarised", CONTEXT_END_PERCENT, "percent"},
	{"context that one result may fill", CONTEXT_RESULT_PERCENT, "percent"},
	{"a result that was shortened", CONTEXT_HEAD_BYTES, "bytes"},
	{"the last prompt beside a summary", CONTEXT_PROMPT_BYTES, "bytes"},
	{"refusals of a conversation's length", TURN_OVERLONG_MAX, "in a row"},
	{"kept results of a session", RESULT_STORE_MAX, ""},
	{"kept results of a run", RESULT_STORE_MAX_BYTES, "bytes"},
	{"a page of a kept result, if not said", READ_RESULT_BYTES, "bytes"},
	{"places that a search in one tells", READ_RESULT_MATCHES, ""},
	{"a text that is searched in one", READ_RESULT_SEARCH_MAX_BYTES, "bytes"},
	{"the title of a kept conversation", SESSION_TITLE_BYTES, "bytes"},
	{"tries of a model request", CHAT_TRIES_MAX, ""},
	{"silence of the endpoint", CHAT_IDLE_TIMEOUT_MS, "ms"},
	{"arguments on the command line", (long long)TOOL_ARGUMENTS_MAX_BYTES, "bytes"},
	{"a message of a server", LINE_MAX_BYTES, "bytes"},
	{"messages that wait for a server", STREAM_QUEUE_MAX_BYTES, "bytes"},
	{"tools of a server", TOOLS_MAX, ""},
	{"required arguments of a tool that a default is looked for", TOOL_DEFAULTS_MAX, ""},
	{"name of such an argument", TOOL_ARGUMENT_NAME_MAX_BYTES, "bytes"},
	{"pages of tools/list", TOOLS_PAGES_MAX, ""},
	{"a tool's definition", TOOL_DEFINITION_MAX_BYTES, "bytes"},
	{"depth of a schema toward the model", SCHEMA_DEPTH_MAX, ""},
	{"schemas of a tool, inlined", SCHEMA_NODES_MAX, ""},
	{"renamed properties of a tool", SCHEMA_KEYS_MAX, ""},
	{"listed changes of a tool's schema", SCHEMA_CHANGES_MAX, ""},
	{"a keyword in a description", SCHEMA_HINT_MAX_BYTES, "bytes"},
	{"answer to server/discover", SERVER_PROBE_TIMEOUT_MS, "ms"},
	{"instructions of a server", INSTRUCTIONS_MAX_BYTES, "bytes"},
	{"instructions of all servers", INSTRUCTIONS_ALL_MAX_BYTES, "bytes"},
	{"a list of resources for the model", BUILTIN_LIST_MAX_BYTES, "bytes"},
	{"messages of a prompt", PROMPT_MESSAGES_MAX, ""},
	{"a message of a prompt", PROMPT_TEXT_MAX_BYTES, "bytes"},
	{"a server's questions to the model", SERVER_SAMPLING_REQUESTS, "in a run"},
	{"tokens of an answer to a server", SERVER_SAMPLING_MAX_TOKENS, ""},
	{"servers' open questions to the model", SAMPLING_OPEN_MAX, ""},
	{"messages of such a question", SAMPLING_MESSAGES_MAX, ""},
	{"a call, in silence", SERVER_TIMEOUT_MS, "ms"},
	{"the message of a server's error", SERVER_ERROR_MAX_BYTES, "bytes"},
	{"connections of the daemon", CONTROL_CONNECTIONS_MAX, ""},
	{"open requests of one", CONTROL_REQUESTS_MAX, ""},
	{"a request to the daemon", (long long)CONTROL_REQUEST_MAX_BYTES, "bytes"},
	{"an answer of the daemon", (long long)CONTROL_ANSWER_MAX_BYTES, "bytes"},
	{"answers that wait for its client", (long long)CONTROL_QUEUE_MAX_BYTES, "bytes"},
	{"the same, when its requests wait", (long long)CONTROL_QUEUE_PAUSE_BYTES, "bytes"},
	{"an answer of the daemon, in coming", CONTROL_ANSWER_MS, "ms"},
	{"tries to connect to it", CONTROL_CONNECT_TRIES, "every 10 ms"},
	{"watched directories", DIRECTORY_WATCH_MAX, ""},
	{"quiet before servers.d is read anew", DIRECTORY_WATCH_QUIET_MS, "ms"},
	{"the same, where it is never quiet", DIRECTORY_WATCH_LATE_MS, "ms"},
	{"its answer to a call, beyond the server's clocks", CALL_DAEMON_SPARE_MS, "ms"},
	{"--yes-to of a call by it", DAEMON_YES_TO_MAX, ""},
	{"its word on servers, in coming", SERVERS_LIVE_MS, "ms"},
	{"calls under way, at a restart", SERVER_RESTART_DRAIN_MS, "ms"},
	{"stderr of a server that ended", SERVER_STDERR_KEPT_LINES, "lines"},
	{"a server's log", (long long)LOG_FILE_MAX_BYTES, "bytes"},
	{"of it, not written yet", (long long)LOG_FILE_WAIT_MAX_BYTES, "bytes"},
	{"unanswered calls in a row, then quarantine", SERVER_SILENCES_MAX, ""},
	{"a quarantine of a server", SERVER_QUARANTINE_MS, "ms"},
	{"what is kept of a server", (long long)SERVER_MANIFEST_MAX_BYTES, "bytes"},
	{"and how long, without use", SERVER_MANIFEST_AGE_MAX_DAYS, "days"},
	{"arguments that are taken for programs", EXECUTABLE_ARGUMENTS_MAX, ""},
	{"a call, with progress", (long long)SERVER_TIMEOUT_MS *SERVER_TIMEOUT_HARD_FACTOR, "ms"},
	{"start of a server", SERVER_START_TIMEOUT_MS, "ms"},
	{"start of npx, uvx …", SERVER_START_TIMEOUT_FETCH_MS, "ms"},
	{"unexpected ends of a server", SERVER_RESTARTS_MAX, "in 180000 ms"},
	{"between two lines of progress", TOOL_PROGRESS_EVERY_MS, "ms"},
	{"addresses that a call needs opened", URL_ELICITATIONS_MAX, ""},
	{"tools, until they are listed again", SERVER_TOOLS_TTL_MAX_MS, "ms"},
	{"deviations of a server that are told", DEVIATIONS_MAX, ""},
	{"a task's id", TASK_ID_MAX_BYTES, "bytes"},
	{"between two looks at a task", TASK_POLL_MAX_MS, "ms"},
	{"a session id of a remote server", HTTP_SESSION_ID_MAX_BYTES, "bytes"},
	{"an answer resumed without progress", HTTP_RESUMES_MAX, "times"},
	{"a login asked for by one request", HTTP_CHALLENGES_MAX, "times"},
	{"a document of a login", OAUTH_DOCUMENT_MAX_BYTES, "bytes"},
	{"a token", OAUTH_SECRET_MAX_BYTES, "bytes"},
	{"the answer to a login for a key", (long long)KEY_LOGIN_MAX_BYTES, "bytes"},
	{"a request of a login", OAUTH_FETCH_MS, "ms"},
	{"a person who logs in", BROWSER_AGENT_WAIT_MS, "ms"},
	{"another process that logs in", OAUTH_LOCK_WAIT_MS, "ms"},
	{"a stream's wait before it is resumed", HTTP_RETRY_MAX_MS, "ms"},
	{"requests, until a session is open", HTTP_OPENING_MAX_MS, "ms"},
	{"goodbye to a remote server", HTTP_FAREWELL_MS, "ms"},
	{"a schema", JSON_SCHEMA_MAX_BYTES, "bytes"},
	{"schemas within schemas", JSON_SCHEMA_DEPTH_MAX, ""},
	{"schemas applied to one value", JSON_SCHEMA_STEPS_MAX, ""},
	{"steps of one match of a pattern", JSON_SCHEMA_PATTERN_STEPS, ""},
	{"a launch, until it is taken", LAUNCHER_TIMEOUT_S * 1000, "ms"},
	{"from closed stdin to SIGTERM", CHILD_STOP_STDIN_MS, "ms"},
	{"from SIGTERM to SIGKILL", CHILD_STOP_TERM_MS, "ms"},
	{"stderr of a server that is kept", CHILD_STDERR_MAX_BYTES, "bytes"},
	{"an HTTP answer", HTTP_RESPONSE_MAX_BYTES, "bytes"},
	{"a file of servers.d", SERVERS_FILE_MAX_BYTES, "bytes"},
	{"files of one servers.d", SERVERS_FILES_MAX, ""},
	{"depth of JSON", JSON_DEPTH_MAX, ""},
	{"values of a JSON text", JSON_NODES_MAX, ""},
};

static void print_limit(struct program *program, const struct limit *limit)
{
	output_format(&program->out, "%-34s %12lld %s\n", limit->name, limit->value, limit->unit);
}

static void print_limits(struct program *program)
{
	const struct settings *settings = &program->settings;
	const struct limit chosen[] = {
		{"model requests of a run", settings->turns, ""},
		{"tool calls of a run", settings->calls, ""},
		{"tool calls in flight", settings->parallel, ""},
		{"the cost of a run", (long long)(settings->cost * 1e6 + 0.5),
		 "millionths of a USD"},
		{"the cost of a day (0: no limit)", (long long)(settings->cost_per_day * 1e6 + 0.5),
		 "millionths of a USD"},
		{"tokens of a run (0: no limit)", settings->tokens, ""},
		{"time of a run (0: no limit)", settings->seconds * 1000LL, "ms"},
		{"tools of a request, at first", settings->tools_max, ""},
		{"their share of the model's context", settings->tools_percent, "%"},
		{"a tool result toward the model", settings->result_bytes, "bytes"},
		{"kept conversations", settings->sessions, ""},
		{"a conversation that is not used", settings->session_days, "days"},
		{"all kept conversations", settings->session_bytes, "bytes"},
	};

	for (size_t i = 0; i < sizeof(chosen) / sizeof(chosen[0]); i++)
		print_limit(program, &chosen[i]);
	for (size_t i = 0; i < sizeof(fixed_limits) / sizeof(fixed_limits[0]); i++)
		print_limit(program, &fixed_limits[i]);
}

static void run_doctor(struct program *program)
{
	struct doctor doctor = {.program = program, .json = BUF_INIT};

	if (doctor_options.limits) {
		print_limits(program);
		return;
	}
	buf_append_char(&doctor.json, '[');
	if (program->operands.count > 0)
		doctor_examine_named(&doctor);
	else
		examine_endpoint(&doctor);
	if (program->operands.count == 0 && !program_interrupted(program))
		doctor_examine_servers(&doctor);
	buf_append_text(&doctor.json, "]\n");
	if (program->options.json)
		output_buf(&program->out, &doctor.json);
	buf_clear(&doctor.json);
}

const struct command command_doctor = {
	.name = "doctor",
	.operands = "[SERVER]...",
	.summary = "Examine the key, the endpoint and every enabled server",
	.details = "With SERVER: all there is to say of it: era, revision, capabilities, and each "
		   "deviation\nfrom the specification that was noticed, with the rule. No tool is "
		   "called. Exit 76 when\na MUST was broken.",
	.options = doctor_option_table,
	.targets = &doctor_options,
	.needs_http = true,
	.run = run_doctor,
};
