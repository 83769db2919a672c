/* SPDX-License-Identifier: MIT */
/* One file, a table of keys, and the environment on top. */
#include "config.h"

#include "config/settings.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json_check.h"
#include "base/mem.h"
#include "base/money.h"
#include "base/options.h"
#include "base/paths.h"
#include "config/dialect.h"
#include "config/server_config_internal.h"
#include "io/file.h"

struct reader {
	struct settings *settings;
	const char *text; /* the file */
	struct err *err;
};

struct key {
	const char *name;
	int (*read)(struct reader *reader, const struct key *key, struct json_span value);
	size_t offset;
	long max; /* of a count */
};

static int fault(struct reader *reader, struct json_span at, const char *name, const char *what)
{
	unsigned line, column;

	json_position(reader->text, (size_t)(at.at - reader->text), &line, &column);
	return err_set(reader->err, ERR_CONFIG, "%s:%u:%u: \"%s\" %s", reader->settings->file, line,
		       column, name, what);
}

static int read_text(struct reader *reader, const struct key *key, struct json_span value)
{
	char **target = (char **)((char *)reader->settings + key->offset);
	struct buf text = BUF_INIT;

	if (json_span_kind(value) != JSON_STRING || json_span_unescape(value, &text)) {
		buf_clear(&text);
		return fault(reader, value, key->name, "is not a string");
	}
	free(*target);
	*target = buf_take(&text);
	return 0;
}

static int read_flag(struct reader *reader, const struct key *key, struct json_span value)
{
	const enum json_kind kind = json_span_kind(value);

	if (kind != JSON_TRUE && kind != JSON_FALSE)
		return fault(reader, value, key->name, "is neither true nor false");
	*(bool *)((char *)reader->settings + key->offset) = kind == JSON_TRUE;
	return 0;
}

static int read_count(struct reader *reader, const struct key *key, struct json_span value)
{
	int64_t count;
	char what[64];

	if (!json_span_int64(value, &count) || count < 1 || count > key->max) {
		snprintf(what, sizeof(what), "is not a whole number from 1 to %ld", key->max);
		return fault(reader, value, key->name, what);
	}
	*(long *)((char *)reader->settings + key->offset) = (long)count;
	return 0;
}

static int read_cost(struct reader *reader, const struct key *key, struct json_span value)
{
	void *target = (char *)reader->settings + key->offset;
	char *text = mem_string_len(value.at, value.len);
	bool good = json_span_kind(value) == JSON_NUMBER && money_parse(text, target);

	free(text);
	reader->settings->cost_chosen = true;
	return good ? 0 : fault(reader, value, key->name, "is not an amount of USD above 0");
}

static int read_list(struct reader *reader, const struct key *key, struct json_span value)
{
	char ***target = (char ***)((char *)reader->settings + key->offset);
	struct json_span item = {NULL, 0};

	if (json_span_kind(value) != JSON_ARRAY)
		return fault(reader, value, key->name, "is not an array of strings");
	while (json_span_next(value, &item)) {
		struct buf text = BUF_INIT;

		if (json_span_kind(item) != JSON_STRING || json_span_unescape(item, &text)) {
			buf_clear(&text);
			return fault(reader, item, key->name, "is not an array of strings");
		}
		string_list_add(target, buf_take(&text));
	}
	return 0;
}

static int read_globs(struct reader *reader, const struct key *key, struct json_span value)
{
	char *const *glob;

	if (read_list(reader, key, value))
		return -1;
	for (glob = *(char ***)((char *)reader->settings + key->offset); *glob; glob++)
		if (!strchr(*glob, ':'))
			return fault(reader, value, key->name,
				     "is not an array of \"SERVER:TOOL\" (both may have * and ?)");
	return 0;
}

static int read_provider(struct reader *reader, const struct key *key, struct json_span value)
{
	struct json_span name = {NULL, 0}, member = {NULL, 0};
	int status = 0;

	if (json_span_kind(value) != JSON_OBJECT)
		return fault(reader, value, key->name, "is not an object");
	while (status == 0 && json_span_next_member(value, &name, &member)) {
		struct buf word = BUF_INIT;
		char *what = NULL;

		(void)!json_span_unescape(name, &word);
		status = provider_choice_set(reader->settings->provider, buf_text(&word), member,
					     &what);
		if (status)
			fault(reader, member, buf_text(&word), what);
		free(what);
		buf_clear(&word);
	}
	return status;
}

static int read_limits(struct reader *reader, const struct key *key, struct json_span value);

#define AT(field) offsetof(struct settings, field)

static const struct key settings_keys[] = {
	{"base_url", read_text, AT(base_url), 0},
	{"profile", read_text, AT(profile), 0},
	{"model", read_text, AT(model), 0},
	{"models", read_list, AT(models), 0},
	{"provider", read_provider, 0, 0},
	{"service_tier", read_text, AT(service_tier), 0},
	{"session_id", read_text, AT(session_id), 0},
	{"reasoning", read_text, AT(reasoning), 0},
	{"api_key_command", read_list, AT(api_key_command), 0},
	{"system_prompt", read_text, AT(system_prompt), 0},
	{"server_instructions", read_flag, AT(server_instructions), 0},
	{"resource_tools", read_flag, AT(resource_tools), 0},
	{"sessions", read_flag, AT(keep_sessions), 0},
	{"server_logs", read_flag, AT(server_logs), 0},
	{"prompt_cache", read_flag, AT(prompt_cache), 0},
	{"tools_max", read_count, AT(tools_max), SETTINGS_TOOLS_LIMIT},
	{"tools_percent", read_count, AT(tools_percent), 100},
	{"pinned_tools", read_globs, AT(pinned_tools), 0},
	{"max_tokens", read_count, AT(max_tokens), 10000000},
	{"limits", read_limits, 0, 0},
	{NULL, NULL, 0, 0},
};

static const struct key limit_keys[] = {
	{"turns", read_count, AT(turns), 10000},
	{"calls", read_count, AT(calls), 100000},
	{"parallel", read_count, AT(parallel), 256},
	{"result_bytes", read_count, AT(result_bytes), 64L << 20},
	{"cost", read_cost, AT(cost), 0},
	{"cost_per_day", read_cost, AT(cost_per_day), 0},
	{"tokens", read_count, AT(tokens), 1000000000},
	{"seconds", read_count, AT(seconds), 1000000},
	{"sessions", read_count, AT(sessions), 1000000},
	{"session_days", read_count, AT(session_days), 100000},
	{"session_bytes", read_count, AT(session_bytes), 2000000000},
	{NULL, NULL, 0, 0},
};

static int unknown_key(struct reader *reader, const struct key *keys, const char *word,
		       struct json_span at)
{
	struct strings names = {0};
	const char *nearest;
	char *what;
	int status;

	for (; keys->name; keys++)
		strings_add(&names, keys->name);
	nearest = options_nearest(word, names.item, names.count);
	what = nearest ? mem_format("is not known; did you mean \"%s\"?", nearest)
		       : mem_string("is not known");
	status = fault(reader, at, word, what);
	free(what);
	strings_clear(&names);
	return status;
}

static int read_object(struct reader *reader, const struct key *keys, struct json_span object)
{
	struct json_span name = {NULL, 0}, value = {NULL, 0};

	while (json_span_next_member(object, &name, &value)) {
		const struct key *key = keys;
		struct buf word = BUF_INIT;
		int status;

		while (key->name && !json_span_equals(name, key->name))
			key++;
		(void)!json_span_unescape(name, &word);
		status = key->name ? key->read(reader, key, value)
				   : unknown_key(reader, keys, buf_text(&word), name);
		buf_clear(&word);
		if (status)
			return -1;
	}
	return 0;
}

static int read_limits(struct reader *reader, const struct key *key, struct json_span value)
{
	if (json_span_kind(value) != JSON_OBJECT)
		return fault(reader, value, key->name, "is not an object");
	return read_object(reader, limit_keys, value);
}

static int read_settings(struct settings *settings, struct buf *text, struct err *err)
{
	struct reader reader = {settings, text->data, err};
	struct json_span root = {text->data, text->len};
	struct json_fault bad;
	unsigned line, column;

	dialect_to_json(text->data, text->len);
	if (json_check(text->data, text->len, &json_limits_default, NULL, &bad)) {
		json_position(text->data, bad.offset, &line, &column);
		return err_set(err, ERR_CONFIG, "%s:%u:%u: not JSON: %s", settings->file, line,
			       column, bad.what);
	}
	while (root.len > 0 && strchr(" \t\r\n", *root.at)) {
		root.at++;
		root.len--;
	}
	if (json_span_kind(root) != JSON_OBJECT)
		return err_set(err, ERR_CONFIG, "%s: not a JSON object", settings->file);
	return read_object(&reader, settings_keys, root);
}

static int read_file(struct settings *settings, struct err *err)
{
	char *path = paths_config("settings.json");
	struct buf text;
	enum file_kind kind;
	struct err read_err;
	int status;

	if (!path)
		return 0;
	buf_init(&text, SETTINGS_FILE_MAX_BYTES);
	status = file_read(path, FILE_TRUSTED, &text, &kind, &read_err);
	if (status == 0) {
		settings->file = path;
		if (kind == FILE_REGULAR)
			status = read_settings(settings, &text, err);
	} else {
		free(path);
		status = read_err.os_errno == ENOENT || read_err.os_errno == ENOTDIR ? 0 : -1;
		if (status)
			*err = read_err;
	}
	buf_clear(&text);
	return status;
}

static void take_variable(const char *variable, char **target)
{
	const char *value = getenv(variable);

	if (!value || !*value)
		return;
	free(*target);
	*target = mem_string(value);
}

int settings_load(struct settings *settings, struct err *err)
{
	size_t len;

	*settings = (struct settings){
		.base_url = mem_string(SETTINGS_BASE_URL),
		.api_key_command = mem_new_array(1, sizeof(char *)),
		.models = mem_new_array(1, sizeof(char *)),
		.provider = provider_choice_new(),
		.server_instructions = true,
		.resource_tools = true,
		.keep_sessions = true,
		.server_logs = true,
		.prompt_cache = true,
		.tools_max = SETTINGS_TOOLS_MAX,
		.tools_percent = SETTINGS_TOOLS_PERCENT,
		.pinned_tools = mem_new_array(1, sizeof(char *)),
		.turns = SETTINGS_TURNS,
		.calls = SETTINGS_CALLS,
		.parallel = SETTINGS_PARALLEL,
		.result_bytes = SETTINGS_RESULT_BYTES,
		.cost = SETTINGS_COST_USD,
		.sessions = SETTINGS_SESSIONS,
		.session_days = SETTINGS_SESSION_DAYS,
		.session_bytes = SETTINGS_SESSION_BYTES,
	};
	if (read_file(settings, err))
		return -1;
	take_variable("OPENROUTER_BASE_URL", &settings->base_url);
	take_variable("CORDPAIR_MODEL", &settings->model);
	for (len = strlen(settings->base_url); len > 0 && settings->base_url[len - 1] == '/';)
		settings->base_url[--len] = '\0';
	return 0;
}

void settings_clear(struct settings *settings)
{
	free(settings->base_url);
	free(settings->profile);
	free(settings->model);
	string_list_free(&settings->api_key_command);
	string_list_free(&settings->models);
	string_list_free(&settings->pinned_tools);
	provider_choice_free(&settings->provider);
	free(settings->service_tier);
	free(settings->session_id);
	free(settings->reasoning);
	free(settings->system_prompt);
	free(settings->file);
	*settings = (struct settings){0};
}
