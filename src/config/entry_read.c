/* SPDX-License-Identifier: MIT */
/*
 * A table of keys says what each may be and where it goes; the names that other programs use for
 * the same are in it too. A key that is nearly one of ours is an error (a misspelt "policy" must
 * not be passed over); one that is far from all is another program's, and is told as a warning.
 */
#include "config.h"

#include "config/entry_read.h"

#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json_write.h"
#include "base/mem.h"
#include "base/options.h"
#include "config/entry_values.h"
#include "config/expand.h"
#include "config/server_config_internal.h"

#define SECONDS_MAX	86400.0
#define TOOLS_MAX_BYTES ((size_t)1 << 20)

/* An object of strings becomes "name<separator>value"; numbers and booleans are taken as text. */
static void read_pairs(struct entry_reader *reader, const struct entry_key *key,
		       struct json_span object, const char *separator, bool secret)
{
	struct json_span name = {NULL, 0}, value = {NULL, 0};
	enum json_kind kind;

	while (json_span_next_member(object, &name, &value)) {
		struct buf label = BUF_INIT;
		char *text;

		(void)!json_span_unescape(name, &label);
		kind = json_span_kind(value);
		if (kind == JSON_NUMBER || kind == JSON_TRUE || kind == JSON_FALSE)
			text = mem_string_len(value.at, value.len);
		else
			text = entry_take_string(reader, key, value, secret);
		if (text)
			string_list_add(entry_target(reader, key),
					mem_format("%s%s%s", buf_text(&label), separator, text));
		free(text);
		buf_clear(&label);
	}
}

static void read_env(struct entry_reader *reader, const struct entry_key *key,
		     struct json_span value)
{
	struct json_span name = {NULL, 0}, ignored = {NULL, 0};

	if (json_span_kind(value) != JSON_OBJECT) {
		entry_wrong_type(reader, key, value, "an object of strings");
		return;
	}
	while (json_span_next_member(value, &name, &ignored))
		if (name.len <= 2 || memchr(name.at, '=', name.len))
			entry_fault(reader, name,
				    "\"%s\": a variable's name is empty or has a \"=\"", key->name);
	read_pairs(reader, key, value, "=", false);
}

static void read_headers(struct entry_reader *reader, const struct entry_key *key,
			 struct json_span value)
{
	if (json_span_kind(value) == JSON_OBJECT)
		read_pairs(reader, key, value, ": ", true);
	else
		entry_add_strings(reader, key, value, &reader->config->headers);
	for (char **header = reader->config->headers; *header; header++)
		if (strpbrk(*header, "\r\n") || !strchr(*header, ':'))
			entry_fault(reader, value, "a header has no colon, or a line break");
}

static void read_enabled(struct entry_reader *reader, const struct entry_key *key,
			 struct json_span value)
{
	enum json_kind kind = json_span_kind(value);

	if (kind != JSON_TRUE && kind != JSON_FALSE)
		entry_wrong_type(reader, key, value, "true or false");
	else
		reader->reading->enabled =
			(kind == JSON_TRUE) == (strcmp(key->name, "enabled") == 0);
}

static void read_seconds(struct entry_reader *reader, const struct entry_key *key,
			 struct json_span value)
{
	double seconds;

	if (!entry_number(value, &seconds) || seconds > SECONDS_MAX)
		entry_wrong_type(reader, key, value, "a number of seconds from 0 to 86400");
	else
		*(long *)entry_target(reader, key) = (long)(seconds * 1000);
	if (key->offset == offsetof(struct server_config, start_timeout_ms))
		reader->start_timeout_given = true;
}

/* Other programs give milliseconds; a value under a second is passed over, as they do. */
static void read_milliseconds(struct entry_reader *reader, const struct entry_key *key,
			      struct json_span value)
{
	double ms;

	if (!entry_number(value, &ms) || ms > SECONDS_MAX * 1000)
		entry_wrong_type(reader, key, value, "a number of milliseconds");
	else if (ms >= 1000)
		*(long *)entry_target(reader, key) = (long)ms;
}

/* Command */

/* Zed's older form: {"path", "args", "env"}. */
static void read_command_object(struct entry_reader *reader, struct json_span value)
{
	static const struct entry_key path = {"command.path", NULL, 0},
				      args = {"command.args", NULL, 0};
	static const struct entry_key env = {"command.env", NULL,
					     offsetof(struct server_config, env)};
	struct json_span member = json_span_member(value, "path");
	char *text = entry_take_string(reader, &path, member.at ? member : value, false);

	if (text)
		string_list_add(&reader->config->argv, text);
	member = json_span_member(value, "args");
	if (member.at)
		entry_add_strings(reader, &args, member, &reader->config->argv);
	member = json_span_member(value, "env");
	if (member.at)
		read_env(reader, &env, member);
}

/* "args" may stand before "command": the command always goes first. */
static void read_command(struct entry_reader *reader, const struct entry_key *key,
			 struct json_span value)
{
	char **args = reader->config->argv;
	enum json_kind kind = json_span_kind(value);

	reader->has_command = true;
	reader->config->argv = mem_new_array(1, sizeof(char *));
	if (kind == JSON_ARRAY) {
		entry_add_strings(reader, key, value, &reader->config->argv);
	} else if (kind == JSON_OBJECT) {
		read_command_object(reader, value);
	} else {
		char *text = entry_take_string(reader, key, value, false);

		if (text)
			string_list_add(&reader->config->argv, text);
	}
	if (reader->config->argv[0] && !*reader->config->argv[0])
		entry_fault(reader, value, "\"command\" is an empty text");
	for (char **arg = args; *arg; arg++)
		string_list_add(&reader->config->argv, *arg);
	free(args);
}

static void read_type(struct entry_reader *reader, const struct entry_key *key,
		      struct json_span value)
{
	static const struct entry_word words[] = {
		{"stdio", SERVER_TYPE_STDIO},
		{"call", SERVER_TYPE_CALL},
		{"http", SERVER_TYPE_HTTP},
		{"sse", SERVER_TYPE_HTTP},
		{"streamable-http", SERVER_TYPE_HTTP},
		{"streamable_http", SERVER_TYPE_HTTP},
		{"streamableHttp", SERVER_TYPE_HTTP},
		{"local", SERVER_TYPE_STDIO},
		{"remote", SERVER_TYPE_HTTP},
		{NULL, 0},
	};
	int type;

	if (!entry_read_word(reader, key, value, words, &type))
		return;
	reader->config->type = (enum server_type)type;
	reader->has_type = true;
}

static void read_protocol(struct entry_reader *reader, const struct entry_key *key,
			  struct json_span value)
{
	static const struct entry_word words[] = {
		{"auto", SERVER_PROTOCOL_AUTO},		{"legacy", SERVER_PROTOCOL_LEGACY},
		{"modern", SERVER_PROTOCOL_MODERN},	{"2026-07-28", SERVER_PROTOCOL_MODERN},
		{"2025-11-25", SERVER_PROTOCOL_LEGACY}, {NULL, 0},
	};
	int protocol;

	if (entry_read_word(reader, key, value, words, &protocol))
		reader->config->protocol = (enum server_protocol)protocol;
}

/* Policy */

static const struct entry_word verdicts[] = {
	{"allow", POLICY_ALLOW},
	{"ask", POLICY_ASK},
	{"deny", POLICY_DENY},
	{NULL, 0},
};

static void read_policy_member(struct entry_reader *reader, struct json_span name,
			       struct json_span value)
{
	struct policy_rules *rules = &reader->config->policy;
	static const struct entry_key fallback = {"policy.default", NULL, 0};
	static const struct entry_key globs = {"policy", NULL, 0};
	int verdict;

	if (json_span_equals(name, "default")) {
		if (entry_read_word(reader, &fallback, value, verdicts, &verdict))
			rules->fallback = (enum policy_verdict)verdict;
	} else if (json_span_equals(name, "allow")) {
		entry_add_strings(reader, &globs, value, &rules->allow);
	} else if (json_span_equals(name, "ask")) {
		entry_add_strings(reader, &globs, value, &rules->ask);
	} else if (json_span_equals(name, "deny")) {
		entry_add_strings(reader, &globs, value, &rules->deny);
	} else {
		entry_fault(reader, name, "\"policy\" knows default, allow, ask and deny only");
	}
}

static void read_policy(struct entry_reader *reader, const struct entry_key *key,
			struct json_span value)
{
	struct json_span name = {NULL, 0}, member = {NULL, 0};
	int verdict;

	if (json_span_kind(value) == JSON_OBJECT) {
		while (json_span_next_member(value, &name, &member))
			read_policy_member(reader, name, member);
	} else if (entry_read_word(reader, key, value, verdicts, &verdict)) {
		reader->config->policy.fallback = (enum policy_verdict)verdict;
	}
}

/* What needs a look of its own */

/* For "call" servers the tools themselves; Copilot's ["*"] is a list of names. */
static void read_tools(struct entry_reader *reader, const struct entry_key *key,
		       struct json_span value)
{
	struct json_span first = {NULL, 0};
	struct buf text;

	if (json_span_kind(value) != JSON_ARRAY) {
		entry_wrong_type(reader, key, value, "an array");
		return;
	}
	if (json_span_next(value, &first) && json_span_kind(first) == JSON_STRING) {
		entry_add_strings(reader, key, value, &reader->config->include_tools);
		return;
	}
	buf_init(&text, TOOLS_MAX_BYTES);
	(void)!json_write_compact(&text, value.at, value.len);
	free(reader->config->tools);
	reader->config->tools = buf_take(&text);
}

/* A file name becomes a file:// URI, with everything but plain bytes encoded (RFC 3986). */
static char *root_uri(const char *path)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				    "0123456789-._~/";
	struct buf uri = BUF_INIT;

	if (strncmp(path, "file://", 7) == 0)
		return mem_string(path);
	buf_append_text(&uri, "file://");
	for (; *path; path++) {
		if (strchr(plain, *path))
			buf_append_char(&uri, *path);
		else
			buf_format(&uri, "%%%02X", (unsigned char)*path);
	}
	return buf_take(&uri);
}

static void read_roots(struct entry_reader *reader, const struct entry_key *key,
		       struct json_span value)
{
	char **paths = mem_new_array(1, sizeof(char *));

	entry_add_strings(reader, key, value, &paths);
	for (char **path = paths; *path; path++) {
		if (**path != '/' && strncmp(*path, "file://", 7) != 0)
			entry_fault(reader, value, "\"roots\": \"%s\" is no absolute path", *path);
		else
			string_list_add(&reader->config->roots, root_uri(*path));
	}
	string_list_free(&paths);
}

/* A protection that was asked for and cannot be given must not be passed over. */
static void read_sandbox(struct entry_reader *reader, const struct entry_key *key,
			 struct json_span value)
{
	enum json_kind kind = json_span_kind(value);

	if (kind != JSON_FALSE && kind != JSON_NULL && !json_span_equals(value, "none"))
		entry_fault(reader, value,
			    "\"%s\" is not supported by this version, so this server is "
			    "not started",
			    key->name);
}

static void read_unsupported(struct entry_reader *reader, const struct entry_key *key,
			     struct json_span value)
{
	entry_fault(reader, value, "\"%s\" is not supported", key->name);
}

static void read_ignored(struct entry_reader *reader, const struct entry_key *key,
			 struct json_span value)
{
	(void)reader;
	(void)key;
	(void)value;
}

/* Other programs' permissions are not ours: to allow a tool is said with "policy". */
static void read_not_believed(struct entry_reader *reader, const struct entry_key *key,
			      struct json_span value)
{
	entry_warn(reader, value, "\"%s\" has no effect; \"policy\" says what is allowed",
		   key->name);
}

#define AT(field) offsetof(struct server_config, field)

static const struct entry_key keys[] = {
	{"command", read_command, 0},
	{"cmd", read_command, 0},
	{"args", entry_strings, AT(argv)},
	{"env", read_env, AT(env)},
	{"environment", read_env, AT(env)},
	{"envs", read_env, AT(env)},
	{"env_vars", entry_strings, AT(env_vars)},
	{"env_keys", entry_strings, AT(env_vars)},
	{"cwd", entry_string, AT(cwd)},
	{"type", read_type, 0},
	{"transport", read_type, 0},
	{"url", entry_string, AT(url)},
	{"uri", entry_string, AT(url)},
	{"httpUrl", entry_string, AT(url)},
	{"serverUrl", entry_string, AT(url)},
	{"baseUrl", entry_string, AT(url)},
	{"headers", read_headers, AT(headers)},
	{"http_headers", read_headers, AT(headers)},
	{"tools", read_tools, 0},
	{"tools_url", entry_string, AT(tools_url)},
	{"oauth", entry_oauth, 0},
	{"enabled", read_enabled, 0},
	{"disabled", read_enabled, 0},
	{"required", entry_bool, AT(required)},
	{"eager", entry_bool, AT(eager)},
	{"session", entry_bool, AT(session)},
	{"new_privileges", entry_bool, AT(new_privileges)},
	{"roots", read_roots, 0},
	{"timeout_s", read_seconds, AT(timeout_ms)},
	{"tool_timeout_sec", read_seconds, AT(timeout_ms)},
	{"timeout", read_milliseconds, AT(timeout_ms)},
	{"request_timeout_ms", read_milliseconds, AT(timeout_ms)},
	{"max_timeout_s", read_seconds, AT(max_timeout_ms)},
	{"start_timeout_s", read_seconds, AT(start_timeout_ms)},
	{"startup_timeout_sec", read_seconds, AT(start_timeout_ms)},
	{"idle_timeout_s", read_seconds, AT(idle_timeout_ms)},
	{"include_tools", entry_strings, AT(include_tools)},
	{"pinned_tools", entry_strings, AT(pinned_tools)},
	{"includeTools", entry_strings, AT(include_tools)},
	{"enabled_tools", entry_strings, AT(include_tools)},
	{"allowedTools", entry_strings, AT(include_tools)},
	{"available_tools", entry_strings, AT(include_tools)},
	{"exclude_tools", entry_strings, AT(exclude_tools)},
	{"excludeTools", entry_strings, AT(exclude_tools)},
	{"disabled_tools", entry_strings, AT(exclude_tools)},
	{"excludedTools", entry_strings, AT(exclude_tools)},
	{"protocol", read_protocol, 0},
	{"policy", read_policy, 0},
	{"sandbox", read_sandbox, 0},
	{"sandboxEnabled", read_sandbox, 0},
	{"sampling", entry_sampling, 0},
	{"envFile", read_unsupported, 0},
	{"headersHelper", read_unsupported, 0},
	{"autoApprove", read_not_believed, 0},
	{"alwaysAllow", read_not_believed, 0},
	{"trust", read_not_believed, 0},
	{"default_tools_approval_mode", read_not_believed, 0},
	{"name", read_ignored, 0},
	{"title", read_ignored, 0},
	{"description", read_ignored, 0},
	{"$schema", read_ignored, 0},
	{"source", read_ignored, 0},
	{"settings", read_ignored, 0},
	{"dev", read_ignored, 0},
	{"gallery", read_ignored, 0},
	{"version", read_ignored, 0},
	{"lifecycle", read_ignored, 0},
	{"alwaysLoad", read_ignored, 0},
	{"bundled", read_ignored, 0},
};

#define KEYS (sizeof(keys) / sizeof(keys[0]))

static void unknown_key(struct entry_reader *reader, const char *word, struct json_span name)
{
	const char *names[KEYS], *nearest;

	for (size_t i = 0; i < KEYS; i++)
		names[i] = keys[i].name;
	nearest = options_nearest(word, names, KEYS);
	if (nearest)
		entry_fault(reader, name, "\"%s\" is not known; did you mean \"%s\"?", word,
			    nearest);
	else
		entry_warn(reader, name, "\"%s\" is not known and has no effect", word);
}

static void read_member(struct entry_reader *reader, struct json_span name, struct json_span value)
{
	struct buf word = BUF_INIT;

	for (size_t i = 0; i < KEYS; i++) {
		if (!json_span_equals(name, keys[i].name))
			continue;
		keys[i].read(reader, &keys[i], value);
		if (keys[i].read != read_enabled && keys[i].read != read_ignored)
			reader->any_other = true;
		return;
	}
	reader->any_other = true;
	(void)!json_span_unescape(name, &word);
	unknown_key(reader, buf_text(&word), name);
	buf_clear(&word);
}

/* The whole */

/* They download before they start. */
static bool fetches_first(const char *command)
{
	static const char *const fetchers[] = {"npx",  "uvx",  "pnpx",	 "bunx",  "pipx",
					       "pnpm", "yarn", "docker", "podman"};
	const char *slash = strrchr(command, '/'), *base = slash ? slash + 1 : command;

	for (size_t i = 0; i < sizeof(fetchers) / sizeof(fetchers[0]); i++)
		if (strcmp(base, fetchers[i]) == 0)
			return true;
	return false;
}

static void check_stdio(struct entry_reader *reader, struct json_span object)
{
	struct server_config *config = reader->config;

	if (!reader->has_command)
		entry_fault(reader, object, "\"command\" is missing");
	else if (!config->argv[0])
		entry_fault(reader, object, "\"command\" is empty");
	else if (!reader->start_timeout_given && fetches_first(config->argv[0]))
		config->start_timeout_ms = SERVER_START_TIMEOUT_FETCH_MS;
}

static void check_remote(struct entry_reader *reader, struct json_span object)
{
	const struct server_config *config = reader->config;

	if (!config->url)
		entry_fault(reader, object, "\"url\" is missing");
	else if (strncmp(config->url, "http://", 7) && strncmp(config->url, "https://", 8))
		entry_fault(reader, object, "\"url\" begins neither with http:// nor https://");
	if (config->type == SERVER_TYPE_CALL && !config->tools && !config->tools_url)
		entry_fault(reader, object, "a \"call\" server needs \"tools\" or \"tools_url\"");
}

static void check_whole(struct entry_reader *reader, struct json_span object)
{
	struct server_config *config = reader->config;

	if (!reader->has_type && !reader->has_command && config->url)
		config->type = SERVER_TYPE_HTTP;
	if (config->timeout_ms == 0)
		config->timeout_ms = SERVER_TIMEOUT_MS;
	if (config->start_timeout_ms == 0)
		config->start_timeout_ms = SERVER_START_TIMEOUT_MS;
	if (config->type == SERVER_TYPE_STDIO)
		check_stdio(reader, object);
	else
		check_remote(reader, object);
}

enum entry_outcome entry_read(const struct entry_source *source, const char *name,
			      struct json_span object, struct entry_reading *reading)
{
	struct entry_reader reader = {.source = source, .reading = reading, .outcome = ENTRY_GOOD};
	struct json_span key = {NULL, 0}, value = {NULL, 0};
	bool any = false;

	*reading = (struct entry_reading){.enabled = true};
	reader.config = server_config_new(name);
	if (json_span_kind(object) != JSON_OBJECT)
		entry_fault(&reader, object, "server \"%s\" is not an object", name);
	while (json_span_next_member(object, &key, &value)) {
		read_member(&reader, key, value);
		any = true;
	}
	if (any && !reader.any_other && reader.outcome == ENTRY_GOOD) {
		server_config_free(&reader.config);
		return ENTRY_SWITCH;
	}
	if (reader.outcome == ENTRY_GOOD)
		check_whole(&reader, object);
	if (reader.outcome != ENTRY_GOOD) {
		server_config_free(&reader.config);
		return reader.outcome;
	}
	reader.config->file = mem_string(source->file);
	server_config_identify(reader.config);
	reading->config = reader.config;
	return ENTRY_GOOD;
}
