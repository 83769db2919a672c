/* SPDX-License-Identifier: MIT */
/* cordpair ask: a prompt, its context, a model, the enabled servers. */
#include "config.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/ask_run.h"
#include "app/commands.h"
#include "app/demo_endpoint.h"
#include "app/prompt_files.h"
#include "app/servers_run.h"
#include "base/json_schema.h"
#include "base/log.h"
#include "base/mem.h"
#include "config/server_config.h"
#include "io/file.h"
#include "model/chat_client.h"
#include "trust/secrets.h"

static struct ask_options {
	struct strings servers, files, fallbacks, providers;
	const char *prompt; /* of a server */
	const char *service_tier, *session_id, *schema, *reasoning;
	const char *resume; /* "": the last session; NULL: none */
	bool no_session;
	double max_cost; /* USD; 0: as the settings say */
	long tools_max;	 /* 0: the same */
} ask_options;

static const struct option_spec ask_option_table[] = {
	{'s', "use", OPTION_LIST, offsetof(struct ask_options, servers), "SERVER",
	 "use only this server (may be given again)"},
	{0, "prompt", OPTION_TEXT, offsetof(struct ask_options, prompt), "SERVER:NAME",
	 "begin with a prompt of a server; the arguments are its KEY=VALUEs"},
	{'f', "file", OPTION_LIST, offsetof(struct ask_options, files), "FILE",
	 "add this text, image, PDF or sound to the prompt (may be given again)"},
	{0, "schema", OPTION_TEXT, offsetof(struct ask_options, schema), "FILE",
	 "the answer is JSON that fits this JSON Schema"},
	{0, "fallback", OPTION_LIST, offsetof(struct ask_options, fallbacks), "MODEL",
	 "OpenRouter: try this model when the first fails (may be given again)"},
	{0, "provider", OPTION_LIST, offsetof(struct ask_options, providers), "KEY=VALUE",
	 "OpenRouter: choose providers, as sort=price or zdr (may be given again)"},
	{0, "service-tier", OPTION_TEXT, offsetof(struct ask_options, service_tier), "TIER",
	 "OpenRouter: auto, default, fast, flex, priority or scale"},
	{0, "session-id", OPTION_TEXT, offsetof(struct ask_options, session_id), "ID",
	 "OpenRouter: stay with the provider of this conversation"},
	{0, "reasoning", OPTION_TEXT, offsetof(struct ask_options, reasoning), "EFFORT",
	 "how much to think: max, xhigh, high, medium, low, minimal, none, or tokens"},
	{0, "resume", OPTION_ID, offsetof(struct ask_options, resume), "[ID]",
	 "go on with this session, or with the last one"},
	{0, "no-session", OPTION_FLAG, offsetof(struct ask_options, no_session), NULL,
	 "do not keep the conversation"},
	{0, "max-cost", OPTION_USD, offsetof(struct ask_options, max_cost), "USD",
	 "end the run when it has cost that much (default: 1)"},
	{0, "tools-max", OPTION_COUNT, offsetof(struct ask_options, tools_max), "N",
	 "the model gets at most N tools at first (default: 40)"},
	{0, NULL, OPTION_FLAG, 0, NULL, NULL},
};

/* The prompt */

/* stdin is context when it is a pipe or a file; a terminal and /dev/null are nothing to read. */
static bool stdin_has_context(void)
{
	struct stat info;

	return fstat(STDIN_FILENO, &info) == 0 &&
	       (S_ISFIFO(info.st_mode) || S_ISREG(info.st_mode) || S_ISSOCK(info.st_mode));
}

static int add_stdin(struct program *program, struct prompt_files *files, struct buf *prompt,
		     struct err *err)
{
	struct buf content;
	int status;

	if (!stdin_has_context())
		return 0;
	buf_init(&content, PROMPT_MAX_BYTES);
	status = program_read_stdin(program, &content, err);
	if (status == 0)
		status = prompt_files_add_stdin(files, prompt, &content, err);
	buf_clear(&content);
	return status;
}

static int make_prompt(struct program *program, struct prompt_files *files, struct buf *prompt,
		       struct err *err)
{
	for (size_t i = 0; i < program->operands.count && !ask_options.prompt; i++) {
		if (i > 0)
			buf_append_char(prompt, ' ');
		buf_append_text(prompt, program->operands.item[i]);
	}
	if (add_stdin(program, files, prompt, err))
		return -1;
	for (size_t i = 0; i < ask_options.files.count; i++)
		if (prompt_files_add(files, prompt, ask_options.files.item[i], err))
			return -1;
	if (prompt->overflowed)
		return err_set(err, ERR_USAGE, "the prompt is larger than %zu MiB",
			       PROMPT_MAX_BYTES >> 20);
	if (prompt->len == 0 && files->count == 0 && !ask_options.prompt)
		return err_set(err, ERR_USAGE,
			       "a prompt is missing: cordpair ask \"List the files here.\"");
	return 0;
}

/* --schema */

static int check_schema(const struct buf *text, struct err *err)
{
	const char *at = buf_text(text);
	size_t len = text->len;
	struct json_fault fault;
	unsigned line, column;

	json_trim(&at, &len);
	if (json_check(buf_text(text), text->len, &json_limits_default, NULL, &fault)) {
		json_position(buf_text(text), fault.offset, &line, &column);
		return err_set(err, ERR_USAGE, "%s:%u:%u: not JSON: %s", ask_options.schema, line,
			       column, fault.what);
	}
	if (json_span_kind((struct json_span){at, len}) != JSON_OBJECT)
		return err_set(err, ERR_USAGE, "%s: a schema is a JSON object", ask_options.schema);
	return 0;
}

/* Stays NULL without --schema. */
static int read_schema(struct answer_format **format, struct err *err)
{
	struct err why;
	struct buf text;
	enum file_kind kind;
	int status;

	if (!ask_options.schema)
		return 0;
	buf_init(&text, JSON_SCHEMA_MAX_BYTES);
	status = file_read(ask_options.schema, FILE_ANY, &text, &kind, err);
	if (status)
		err->kind = ERR_USAGE;
	else
		status = check_schema(&text, err);
	if (status == 0) {
		*format = answer_format_new(buf_text(&text), text.len, &why);
		if (!*format)
			status = err_set(err, ERR_USAGE, "%.80s: %.160s", ask_options.schema,
					 why.text);
	}
	buf_clear(&text);
	return status;
}

/* The endpoint */

static int check_url(const struct ask_spec *spec, struct err *err)
{
	if (http_url_is_valid(spec->base_url))
		return 0;
	return err_set(err, ERR_CONFIG,
		       "\"%.100s\" is not the address of an endpoint: check --base-url, it begins "
		       "with http:// or https:// and a host",
		       spec->base_url);
}

static int check_model(const struct ask_spec *spec, struct err *err)
{
	if (spec->model || spec->profile->model_optional)
		return 0;
	return err_set(err, ERR_CONFIG,
		       "%s: no model is chosen: say which with --model, or set CORDPAIR_MODEL",
		       spec->base_url);
}

static int check_key(const struct ask_spec *spec, struct err *err)
{
	/* What has OpenRouter's form on loopback may do without a key. */
	if (spec->api_key || !spec->profile->needs_key || http_url_is_loopback(spec->base_url))
		return 0;
	return err_set(err, ERR_CONFIG,
		       "there is no API key: set OPENROUTER_API_KEY or run `cordpair login`; "
		       "`cordpair demo` needs none, and --base-url uses a local endpoint, which "
		       "`cordpair doctor` finds");
}

static int check_endpoint(struct program *program, const struct ask_spec *spec,
			  const struct prompt_files *files, struct err *err)
{
	const struct chat_endpoint endpoint = {spec->base_url, spec->api_key, spec->profile};

	return check_url(spec, err) || check_key(spec, err) || check_model(spec, err) ||
			       prompt_files_check(files, program, &endpoint, spec->model, err)
		       ? -1
		       : 0;
}

static void ask_endpoint(struct program *program, struct ask_spec *spec,
			 const struct prompt_files *files)
{
	struct api_key key = {0};
	struct err err;

	if (secrets_api_key(program->loop, &program->settings, &key, &err) == 0) {
		spec->api_key = key.text;
		if (check_endpoint(program, spec, files, &err) == 0) {
			ask_run(program, spec);
			api_key_clear(&key);
			return;
		}
	}
	ask_run_not(program, &err);
	api_key_clear(&key);
}

static void ask_demo(struct program *program, struct ask_spec *spec,
		     const struct prompt_files *files)
{
	struct demo_endpoint *demo = NULL;
	struct err err;

	if (files->count > 0)
		err_set(&err, ERR_CONFIG, "%.100s: the demo's model takes text only",
			files->item[0].name);
	else
		demo = demo_endpoint_start(program, &err);
	if (!demo) {
		ask_run_not(program, &err);
		return;
	}
	spec->base_url = demo_endpoint_base_url(demo);
	spec->profile = profile_for_url(spec->base_url);
	spec->text_only = true;
	ask_run(program, spec);
	demo_endpoint_stop(&demo);
}

static void replace_text(char **text, const char *given)
{
	if (!given)
		return;
	free(*text);
	*text = mem_string(given);
}

static bool is_service_tier(const char *word)
{
	static const char *const tiers[] = {"auto", "default", "fast", "flex", "priority", "scale"};

	for (size_t i = 0; i < sizeof(tiers) / sizeof(tiers[0]); i++)
		if (strcmp(tiers[i], word) == 0)
			return true;
	return false;
}

/* Options win over the settings, key by key. */
static int take_routing(struct program *program, struct err *err)
{
	struct settings *settings = &program->settings;

	if (ask_options.fallbacks.count > 0) {
		string_list_free(&settings->models);
		settings->models = mem_new_array(1, sizeof(char *));
	}
	for (size_t i = 0; i < ask_options.fallbacks.count; i++)
		string_list_add(&settings->models, mem_string(ask_options.fallbacks.item[i]));
	for (size_t i = 0; i < ask_options.providers.count; i++)
		if (provider_choice_set_option(settings->provider, ask_options.providers.item[i],
					       err))
			return -1;
	replace_text(&settings->service_tier, ask_options.service_tier);
	replace_text(&settings->session_id, ask_options.session_id);
	if (settings->service_tier && !is_service_tier(settings->service_tier))
		return err_set(err, ask_options.service_tier ? ERR_USAGE : ERR_CONFIG,
			       "\"%.60s\" is no service tier: auto, default, fast, flex, priority "
			       "or scale",
			       settings->service_tier);
	if (settings->session_id &&
	    (!*settings->session_id || strlen(settings->session_id) > CHAT_SESSION_ID_MAX_BYTES))
		return err_set(err, ask_options.session_id ? ERR_USAGE : ERR_CONFIG,
			       "a session id has 1 to %d bytes", CHAT_SESSION_ID_MAX_BYTES);
	return 0;
}

static int take_reasoning(struct program *program, struct err *err)
{
	struct settings *settings = &program->settings;

	replace_text(&settings->reasoning, ask_options.reasoning);
	if (settings->reasoning && !program->profile->own_keys &&
	    !program->profile->reasoning_effort)
		log_notice("how much to think is not sent: %s takes no such word",
			   program->profile->title);
	if (!settings->reasoning || chat_reasoning_is_valid(settings->reasoning))
		return 0;
	return err_set(err, ask_options.reasoning ? ERR_USAGE : ERR_CONFIG,
		       "reasoning: \"%.60s\" is neither max, xhigh, high, medium, low, minimal or "
		       "none, nor a number of tokens",
		       settings->reasoning);
}

/* The settings are of an account; an option is about this endpoint. */
static int check_routing(const struct program *program, struct err *err)
{
	const bool given = ask_options.fallbacks.count > 0 || ask_options.providers.count > 0 ||
			   ask_options.service_tier || ask_options.session_id;

	if (!given || program->profile->own_keys)
		return 0;
	return err_set(err, ERR_USAGE,
		       "--fallback, --provider, --service-tier and --session-id are OpenRouter's; "
		       "%.80s is %s",
		       program->base_url, program->profile->title);
}

static int take_options(struct program *program, struct err *err)
{
	if (ask_options.max_cost > 0) {
		program->settings.cost = ask_options.max_cost;
		program->settings.cost_chosen = true;
	}
	if (ask_options.tools_max > SETTINGS_TOOLS_LIMIT)
		return err_set(err, ERR_USAGE, "--tools-max: at most %d: providers refuse more",
			       SETTINGS_TOOLS_LIMIT);
	if (ask_options.tools_max > 0)
		program->settings.tools_max = ask_options.tools_max;
	return take_reasoning(program, err) || take_routing(program, err) ||
			       check_routing(program, err)
		       ? -1
		       : 0;
}

static void clear_options(void)
{
	strings_clear(&ask_options.servers);
	strings_clear(&ask_options.files);
	strings_clear(&ask_options.fallbacks);
	strings_clear(&ask_options.providers);
}

/* --resume, --no-session, "sessions" in the settings */
static int choose_session(struct program *program, struct ask_spec *spec, struct ask_session *kept,
			  struct err *err)
{
	const char *model;

	if (ask_options.resume && ask_options.no_session)
		return err_set(err, ERR_USAGE,
			       "--resume and --no-session: what is gone on with is kept");
	if (!ask_options.resume) {
		if (program->settings.keep_sessions && !ask_options.no_session)
			spec->kept = kept;
		return 0;
	}
	if (*ask_options.resume && !options_is_id(ask_options.resume))
		return err_set(err, ERR_USAGE,
			       "--resume: \"%.60s\" is no session: at least %d of its digits, as "
			       "`cordpair sessions` shows them",
			       ask_options.resume, OPTIONS_ID_MIN);
	if (ask_session_resume(kept, program, ask_options.resume, err))
		return -1;
	spec->kept = kept;
	model = program->options.model ? NULL : ask_session_model(kept, spec->base_url);
	if (model)
		spec->model = model;
	return 0;
}

static void ask_chosen(struct program *program, struct ask_spec *spec, const struct buf *prompt,
		       const struct prompt_files *files)
{
	struct buf parts = BUF_INIT;

	if (server_pool_count(program->pool) == 0)
		log_notice("no server is enabled, so the model has no tools; "
			   "`cordpair servers enable files` enables one");
	if (files->count > 0)
		prompt_files_write(files, prompt, &parts);
	spec->prompt = buf_text(prompt);
	spec->prompt_len = prompt->len;
	spec->parts = buf_text(&parts);
	spec->parts_len = parts.len;
	spec->server_prompt = ask_options.prompt;
	spec->prompt_arguments = &program->operands;
	if (spec->model && strcmp(spec->model, DEMO_MODEL) == 0)
		ask_demo(program, spec, files);
	else
		ask_endpoint(program, spec, files);
	buf_clear(&parts);
}

static void run_ask(struct program *program)
{
	struct ask_spec spec = {
		.base_url = program->base_url,
		.profile = program->profile,
		.model = program->model,
	};
	struct ask_session kept = {0};
	struct prompt_files files = {0};
	struct buf prompt;
	struct err err;

	buf_init(&prompt, PROMPT_MAX_BYTES);
	if (take_options(program, &err) || read_schema(&spec.format, &err) ||
	    make_prompt(program, &files, &prompt, &err) ||
	    servers_run_select(program, ask_options.servers.item, ask_options.servers.count,
			       &err) ||
	    choose_session(program, &spec, &kept, &err))
		ask_run_not(program, &err);
	else
		ask_chosen(program, &spec, &prompt, &files);
	ask_session_clear(&kept);
	prompt_files_clear(&files);
	buf_clear(&prompt);
	answer_format_free(&spec.format);
	clear_options();
}

const struct command command_ask = {
	.name = "ask",
	.operands = "[PROMPT]",
	.summary = "Ask a model that may use the tools of the enabled servers",
	.details =
		"The prompt is the argument, stdin, or both (stdin is then context). The answer "
		"goes to\nstdout as it arrives. A tool runs when its server's policy allows it, or "
		"when you say\nyes at the terminal.",
	.options = ask_option_table,
	.targets = &ask_options,
	.needs_http = true,
	.run = run_ask,
};
