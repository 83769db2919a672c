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
#include "config/expand.h"
#include "config/server_config_internal.h"

#define SECONDS_MAX	 86400.0
#define TOOLS_MAX_BYTES	 ((size_t)1 << 20)
#define FAULT_TEXT_BYTES 200

struct reader {
	const struct entry_source *source;
	struct server_config *config;
	struct entry_reading *reading;
	enum entry_outcome outcome;
	bool has_type, has_command, start_timeout_given;
	bool any_other; /* a key besides enabled and disabled */
};

/* Faults */

void entry_fault_at(const struct entry_source *source, const char *at, struct err *fault,
		    enum err_kind kind, const char *format, va_list args)
{
	char text[FAULT_TEXT_BYTES];
	unsigned line, column;

	vsnprintf(text, sizeof(text), format, args);
	if (source->text && at) {
		json_position(source->text, (size_t)(at - source->text), &line, &column);
		err_set(fault, kind, "%s:%u:%u: %s", source->file, line, column, text);
	} else {
		err_set(fault, kind, "%s: %s", source->file, text);
	}
}

static void warn(struct reader *reader, struct json_span at, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
static void fault(struct reader *reader, struct json_span at, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static void warn(struct reader *reader, struct json_span at, const char *format, ...)
{
	struct err told;
	va_list args;

	va_start(args, format);
	entry_fault_at(reader->source, at.at, &told, ERR_NONE, format, args);
	va_end(args);
	reader->source->on_fault(reader->source->arg, &told);
}

static void fault(struct reader *reader, struct json_span at, const char *format, ...)
{
	struct err told;
	va_list args;

	va_start(args, format);
	entry_fault_at(reader->source, at.at, &told, ERR_CONFIG, format, args);
	va_end(args);
	reader->source->on_fault(reader->source->arg, &told);
	if (reader->outcome == ENTRY_BROKEN)
		return;
	reader->outcome = ENTRY_BROKEN;
	free(reader->reading->why);
	reader->reading->why = mem_string(told.text);
}

/* Only the owner of the entry knows whether it matters: a disabled server needs no variables. */
static void unresolved(struct reader *reader, struct json_span at, const char *text)
{
	unsigned line = 0, column;

	if (reader->outcome != ENTRY_GOOD)
		return;
	if (reader->source->text)
		json_position(reader->source->text, (size_t)(at.at - reader->source->text), &line,
			      &column);
	reader->outcome = ENTRY_UNRESOLVED;
	reader->reading->why = mem_format("%s:%u: %s", reader->source->file, line, text);
}

/* Values */

struct key {
	const char *name;
	void (*read)(struct reader *reader, const struct key *key, struct json_span value);
	size_t offset; /* of the target in server_config */
};

static void wrong_type(struct reader *reader, const struct key *key, struct json_span value,
		       const char *wanted)
{
	fault(reader, value, "\"%s\" is not %s", key->name, wanted);
}

/* The expanded text of a string; NULL when it was told that there is none. */
static char *take_string(struct reader *reader, const struct key *key, struct json_span value,
			 bool secret)
{
	const struct expand_context context = {reader->source->inputs, secret};
	struct buf raw = BUF_INIT, text;
	struct err err;
	char *taken = NULL;

	buf_init(&text, EXPAND_MAX_BYTES);
	if (json_span_kind(value) != JSON_STRING || json_span_unescape(value, &raw)) {
		wrong_type(reader, key, value, "a string");
	} else if (memchr(buf_text(&raw), '\0', raw.len)) {
		fault(reader, value, "\"%s\" has a NUL in it", key->name);
	} else {
		switch (expand(&context, buf_text(&raw), raw.len, &text, &err)) {
		case EXPAND_OK:
			taken = buf_take(&text);
			break;
		case EXPAND_UNSET:
			unresolved(reader, value, err.text);
			break;
		case EXPAND_BAD:
			fault(reader, value, "\"%s\": %s", key->name, err.text);
			break;
		}
	}
	buf_clear(&raw);
	buf_clear(&text);
	return taken;
}

static void *target(struct reader *reader, const struct key *key)
{
	return (char *)reader->config + key->offset;
}

static void read_string(struct reader *reader, const struct key *key, struct json_span value)
{
	char *text = take_string(reader, key, value, false);

	if (text) {
		free(*(char **)target(reader, key));
		*(char **)target(reader, key) = text;
	}
}

static void add_strings(struct reader *reader, const struct key *key, struct json_span value,
			char ***list)
{
	struct json_span item = {NULL, 0};

	if (json_span_kind(value) != JSON_ARRAY) {
		wrong_type(reader, key, value, "an array of strings");
		return;
	}
	while (json_span_next(value, &item)) {
		char *text = take_string(reader, key, item, false);

		if (text)
			string_list_add(list, text);
	}
}

static void read_strings(struct reader *reader, const struct key *key, struct json_span value)
{
	add_strings(reader, key, value, target(reader, key));
}

/* An object of strings becomes "name<separator>value"; numbers and booleans are taken as text. */
static void read_pairs(struct reader *reader, const struct key *key, struct json_span object,
		       const char *separator, bool secret)
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
			text = take_string(reader, key, value, secret);
		if (text)
			string_list_add(target(reader, key),
					mem_format("%s%s%s", buf_text(&label), separator, text));
		free(text);
		buf_clear(&label);
	}
}

static void read_env(struct reader *reader, const struct key *key, struct json_span value)
{
	struct json_span name = {NULL, 0}, ignored = {NULL, 0};

	if (json_span_kind(value) != JSON_OBJECT) {
		wrong_type(reader, key, value, "an object of strings");
		return;
	}
	while (json_span_next_member(value, &name, &ignored))
		if (name.len <= 2 || memchr(name.at, '=', name.len))
			fault(reader, name, "\"%s\": a variable's name is empty or has a \"=\"",
			      key->name);
	read_pairs(reader, key, value, "=", false);
}

static void read_headers(struct reader *reader, const struct key *key, struct json_span value)
{
	if (json_span_kind(value) == JSON_OBJECT)
		read_pairs(reader, key, value, ": ", true);
	else
		add_strings(reader, key, value, &reader->config->headers);
	for (char **header = reader->config->headers; *header; header++)
		if (strpbrk(*header, "\r\n") || !strchr(*header, ':'))
			fault(reader, value, "a header has no colon, or a line break");
}

static void read_bool(struct reader *reader, const struct key *key, struct json_span value)
{
	enum json_kind kind = json_span_kind(value);

	if (kind == JSON_TRUE || kind == JSON_FALSE)
		*(bool *)target(reader, key) = kind == JSON_TRUE;
	else
		wrong_type(reader, key, value, "true or false");
}

static void read_enabled(struct reader *reader, const struct key *key, struct json_span value)
{
	enum json_kind kind = json_span_kind(value);

	if (kind != JSON_TRUE && kind != JSON_FALSE)
		wrong_type(reader, key, value, "true or false");
	else
		reader->reading->enabled =
			(kind == JSON_TRUE) == (strcmp(key->name, "enabled") == 0);
}

static bool number_of(struct json_span value, double *number)
{
	if (json_span_kind(value) != JSON_NUMBER)
		return false;
	*number = strtod(value.at, NULL);
	return isfinite(*number) && *number >= 0;
}

static void read_seconds(struct reader *reader, const struct key *key, struct json_span value)
{
	double seconds;

	if (!number_of(value, &seconds) || seconds > SECONDS_MAX)
		wrong_type(reader, key, value, "a number of seconds from 0 to 86400");
	else
		*(long *)target(reader, key) = (long)(seconds * 1000);
	if (key->offset == offsetof(struct server_config, start_timeout_ms))
		reader->start_timeout_given = true;
}

/* Other programs give milliseconds; a value under a second is passed over, as they do. */
static void read_milliseconds(struct reader *reader, const struct key *key, struct json_span value)
{
	double ms;

	if (!number_of(value, &ms) || ms > SECONDS_MAX * 1000)
		wrong_type(reader, key, value, "a number of milliseconds");
	else if (ms >= 1000)
		*(long *)target(reader, key) = (long)ms;
}

/* Command */

/* Zed's older form: {"path", "args", "env"}. */
static void read_command_object(struct reader *reader, struct json_span value)
{
	static const struct key path = {"command.path", NULL, 0}, args = {"command.args", NULL, 0};
	static const struct key env = {"command.env", NULL, offsetof(struct server_config, env)};
	struct json_span member = json_span_member(value, "path");
	char *text = take_string(reader, &path, member.at ? member : value, false);

	if (text)
		string_list_add(&reader->config->argv, text);
	member = json_span_member(value, "args");
	if (member.at)
		add_strings(reader, &args, member, &reader->config->argv);
	member = json_span_member(value, "env");
	if (member.at)
		read_env(reader, &env, member);
}

/* "args" may stand before "command": the command always goes first. */
static void read_command(struct reader *reader, const struct key *key, struct json_span value)
{
	char **args = reader->config->argv;
	enum json_kind kind = json_span_kind(value);

	reader->has_command = true;
	reader->config->argv = mem_new_array(1, sizeof(char *));
	if (kind == JSON_ARRAY) {
		add_strings(reader, key, value, &reader->config->argv);
	} else if (kind == JSON_OBJECT) {
		read_command_object(reader, value);
	} else {
		char *text = take_string(reader, key, value, false);

		if (text)
			string_list_add(&reader->config->argv, text);
	}
	if (reader->config->argv[0] && !*reader->config->argv[0])
		fault(reader, value, "\"command\" is an empty text");
	for (char **arg = args; *arg; arg++)
		string_list_add(&reader->config->argv, *arg);
	free(args);
}

/* Words from a list */

struct word {
	const char *word;
	int value;
};

static bool read_word(struct reader *reader, const struct key *key, struct json_span value,
		      const struct word words[], int *out)
{
	struct buf list = BUF_INIT;

	for (const struct word *word = words; word->word; word++) {
		if (json_span_equals(value, word->word)) {
			*out = word->value;
			buf_clear(&list);
			return true;
		}
		buf_format(&list, "%s\"%s\"", list.len ? ", " : "", word->word);
	}
	fault(reader, value, "\"%s\" is none of %s", key->name, buf_text(&list));
	buf_clear(&list);
	return false;
}

static void read_type(struct reader *reader, const struct key *key, struct json_span value)
{
	static const struct word words[] = {
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

	if (!read_word(reader, key, value, words, &type))
		return;
	reader->config->type = (enum server_type)type;
	reader->has_type = true;
}

static void read_protocol(struct reader *reader, const struct key *key, struct json_span value)
{
	static const struct word words[] = {
		{"auto", SERVER_PROTOCOL_AUTO},		{"legacy", SERVER_PROTOCOL_LEGACY},
		{"modern", SERVER_PROTOCOL_MODERN},	{"2026-07-28", SERVER_PROTOCOL_MODERN},
		{"2025-11-25", SERVER_PROTOCOL_LEGACY}, {NULL, 0},
	};
	int protocol;

	if (read_word(reader, key, value, words, &protocol))
		reader->config->protocol = (enum server_protocol)protocol;
}

/* Policy */

static const struct word verdicts[] = {
	{"allow", POLICY_ALLOW},
	{"ask", POLICY_ASK},
	{"deny", POLICY_DENY},
	{NULL, 0},
};

static void read_policy_member(struct reader *reader, struct json_span name, struct json_span value)
{
	struct policy_rules *rules = &reader->config->policy;
	static const struct key fallback = {"policy.default", NULL, 0};
	static const struct key globs = {"policy", NULL, 0};
	int verdict;

	if (json_span_equals(name, "default")) {
		if (read_word(reader, &fallback, value, verdicts, &verdict))
			rules->fallback = (enum policy_verdict)verdict;
	} else if (json_span_equals(name, "allow")) {
		add_strings(reader, &globs, value, &rules->allow);
	} else if (json_span_equals(name, "ask")) {
		add_strings(reader, &globs, value, &rules->ask);
	} else if (json_span_equals(name, "deny")) {
		add_strings(reader, &globs, value, &rules->deny);
	} else {
		fault(reader, name, "\"policy\" knows default, allow, ask and deny only");
	}
}

static void read_policy(struct reader *reader, const struct key *key, struct json_span value)
{
	struct json_span name = {NULL, 0}, member = {NULL, 0};
	int verdict;

	if (json_span_kind(value) == JSON_OBJECT) {
		while (json_span_next_member(value, &name, &member))
			read_policy_member(reader, name, member);
	} else if (read_word(reader, key, value, verdicts, &verdict)) {
		reader->config->policy.fallback = (enum policy_verdict)verdict;
	}
}

/* What needs a look of its own */

/* For "call" servers the tools themselves; Copilot's ["*"] is a list of names. */
static void read_tools(struct reader *reader, const struct key *key, struct json_span value)
{
	struct json_span first = {NULL, 0};
	struct buf text;

	if (json_span_kind(value) != JSON_ARRAY) {
		wrong_type(reader, key, value, "an array");
		return;
	}
	if (json_span_next(value, &first) && json_span_kind(first) == JSON_STRING) {
		add_strings(reader, key, value, &reader->config->include_tools);
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

static void read_roots(struct reader *reader, const struct key *key, struct json_span value)
{
	char **paths = mem_new_array(1, sizeof(char *));

	add_strings(reader, key, value, &paths);
	for (char **path = paths; *path; path++) {
		if (**path != '/' && strncmp(*path, "file://", 7) != 0)
			fault(reader, value, "\"roots\": \"%s\" is no absolute path", *path);
		else
			string_list_add(&reader->config->roots, root_uri(*path));
	}
	string_list_free(&paths);
}

/* A protection that was asked for and cannot be given must not be passed over. */
static void read_sandbox(struct reader *reader, const struct key *key, struct json_span value)
{
	enum json_kind kind = json_span_kind(value);

	if (kind != JSON_FALSE && kind != JSON_NULL && !json_span_equals(value, "none"))
		fault(reader, value,
		      "\"%s\" is not supported by this version, so this server is "
		      "not started",
		      key->name);
}

/* Objects with keys of their own */

#define OBJECT_KEYS_MAX 24

static void read_object_member(struct reader *reader, const struct key *object,
			       struct json_span name, struct json_span value,
			       const struct key table[], size_t count)
{
	const char *names[OBJECT_KEYS_MAX], *nearest;
	struct buf word = BUF_INIT;

	for (size_t i = 0; i < count; i++) {
		if (json_span_equals(name, table[i].name)) {
			table[i].read(reader, &table[i], value);
			return;
		}
		names[i] = table[i].name;
	}
	(void)!json_span_unescape(name, &word);
	nearest = options_nearest(buf_text(&word), names, count);
	if (nearest)
		fault(reader, name, "\"%s\": \"%s\" is not known; did you mean \"%s\"?",
		      object->name, buf_text(&word), nearest);
	else
		warn(reader, name, "\"%s\": \"%s\" is not known and has no effect", object->name,
		     buf_text(&word));
	buf_clear(&word);
}

/* A table has at most OBJECT_KEYS_MAX keys. */
static void read_object(struct reader *reader, const struct key *object, struct json_span value,
			const struct key table[], size_t count)
{
	struct json_span name = {NULL, 0}, member = {NULL, 0};

	while (json_span_next_member(value, &name, &member))
		read_object_member(reader, object, name, member, table, count);
}

/* OAuth */

#define OAUTH_PORT_MAX 65535

static void read_oauth_grant(struct reader *reader, const struct key *key, struct json_span value)
{
	static const struct word words[] = {
		{"authorization_code", OAUTH_AUTHORIZATION_CODE},
		{"client_credentials", OAUTH_CLIENT_CREDENTIALS},
		{"enterprise", OAUTH_ENTERPRISE},
		{NULL, 0},
	};
	int grant;

	if (read_word(reader, key, value, words, &grant))
		reader->config->oauth.grant = (enum oauth_grant)grant;
}

static void read_auth_method(struct reader *reader, const struct key *key, struct json_span value)
{
	static const struct word words[] = {
		{"client_secret_basic", 0},
		{"client_secret_post", 1},
		{"none", 2},
		{NULL, 0},
	};
	int which;

	if (read_word(reader, key, value, words, &which))
		read_string(reader, key, value);
}

static void read_secret(struct reader *reader, const struct key *key, struct json_span value)
{
	char *text = take_string(reader, key, value, true);

	if (text) {
		free(*(char **)target(reader, key));
		*(char **)target(reader, key) = text;
	}
}

static void read_port(struct reader *reader, const struct key *key, struct json_span value)
{
	int64_t port;

	if (!json_span_int64(value, &port) || port < 0 || port > OAUTH_PORT_MAX)
		wrong_type(reader, key, value, "a port, 0 to 65535");
	else
		*(long *)target(reader, key) = (long)port;
}

/* "a b" as OAuth writes it, or ["a", "b"]. */
static void read_scopes(struct reader *reader, const struct key *key, struct json_span value)
{
	char *text, *rest, *scope;

	if (json_span_kind(value) == JSON_ARRAY) {
		add_strings(reader, key, value, target(reader, key));
		return;
	}
	text = take_string(reader, key, value, false);
	for (scope = text ? strtok_r(text, " ", &rest) : NULL; scope;
	     scope = strtok_r(NULL, " ", &rest))
		string_list_add(target(reader, key), mem_string(scope));
	free(text);
}

#define OAUTH(field) offsetof(struct server_config, oauth.field)

static const struct key oauth_keys[] = {
	{"client_id", read_string, OAUTH(client_id)},
	{"clientId", read_string, OAUTH(client_id)},
	{"client_secret", read_secret, OAUTH(client_secret)},
	{"clientSecret", read_secret, OAUTH(client_secret)},
	{"private_key", read_secret, OAUTH(private_key)},
	{"idp_token_endpoint", read_string, OAUTH(idp_token_endpoint)},
	{"idp_client_id", read_string, OAUTH(idp_client_id)},
	{"idp_id_token", read_secret, OAUTH(idp_id_token)},
	{"client_metadata_url", read_string, OAUTH(client_metadata_url)},
	{"issuer", read_string, OAUTH(issuer)},
	{"auth_method", read_auth_method, OAUTH(auth_method)},
	{"grant", read_oauth_grant, 0},
	{"scopes", read_scopes, OAUTH(scopes)},
	{"scope", read_scopes, OAUTH(scopes)},
	{"redirect_port", read_port, OAUTH(redirect_port)},
	{"callbackPort", read_port, OAUTH(redirect_port)},
	{"private_network", read_bool, OAUTH(private_network)},
};

static void read_oauth(struct reader *reader, const struct key *key, struct json_span value)
{
	switch (json_span_kind(value)) {
	case JSON_OBJECT:
		read_object(reader, key, value, oauth_keys,
			    sizeof(oauth_keys) / sizeof(oauth_keys[0]));
		break;
	case JSON_FALSE:
		reader->config->oauth.off = true;
		break;
	case JSON_TRUE:
	case JSON_NULL:
		break;
	default:
		wrong_type(reader, key, value, "an object, or false");
	}
}

/* Sampling */

#define SAMPLING_COUNT_MAX 1000000

static void read_count(struct reader *reader, const struct key *key, struct json_span value)
{
	int64_t count;

	if (!json_span_int64(value, &count) || count < 1 || count > SAMPLING_COUNT_MAX)
		wrong_type(reader, key, value, "a whole number, 1 to 1000000");
	else
		*(long *)target(reader, key) = (long)count;
}

#define SAMPLING(field) offsetof(struct server_config, sampling.field)

static const struct key sampling_keys[] = {
	{"requests", read_count, SAMPLING(requests)},
	{"max_tokens", read_count, SAMPLING(max_tokens)},
	{"model", read_string, SAMPLING(model)},
};

static void read_sampling(struct reader *reader, const struct key *key, struct json_span value)
{
	const enum json_kind kind = json_span_kind(value);

	if (kind != JSON_OBJECT && kind != JSON_TRUE && kind != JSON_FALSE) {
		wrong_type(reader, key, value, "true, false or an object");
		return;
	}
	reader->config->sampling.on = kind != JSON_FALSE;
	if (kind == JSON_OBJECT)
		read_object(reader, key, value, sampling_keys,
			    sizeof(sampling_keys) / sizeof(sampling_keys[0]));
}

static void read_unsupported(struct reader *reader, const struct key *key, struct json_span value)
{
	fault(reader, value, "\"%s\" is not supported", key->name);
}

static void read_ignored(struct reader *reader, const struct key *key, struct json_span value)
{
	(void)reader;
	(void)key;
	(void)value;
}

/* Other programs' permissions are not ours: to allow a tool is said with "policy". */
static void read_not_believed(struct reader *reader, const struct key *key, struct json_span value)
{
	warn(reader, value, "\"%s\" has no effect; \"policy\" says what is allowed", key->name);
}

#define AT(field) offsetof(struct server_config, field)

static const struct key keys[] = {
	{"command", read_command, 0},
	{"cmd", read_command, 0},
	{"args", read_strings, AT(argv)},
	{"env", read_env, AT(env)},
	{"environment", read_env, AT(env)},
	{"envs", read_env, AT(env)},
	{"env_vars", read_strings, AT(env_vars)},
	{"env_keys", read_strings, AT(env_vars)},
	{"cwd", read_string, AT(cwd)},
	{"type", read_type, 0},
	{"transport", read_type, 0},
	{"url", read_string, AT(url)},
	{"uri", read_string, AT(url)},
	{"httpUrl", read_string, AT(url)},
	{"serverUrl", read_string, AT(url)},
	{"baseUrl", read_string, AT(url)},
	{"headers", read_headers, AT(headers)},
	{"http_headers", read_headers, AT(headers)},
	{"tools", read_tools, 0},
	{"tools_url", read_string, AT(tools_url)},
	{"oauth", read_oauth, 0},
	{"enabled", read_enabled, 0},
	{"disabled", read_enabled, 0},
	{"required", read_bool, AT(required)},
	{"eager", read_bool, AT(eager)},
	{"session", read_bool, AT(session)},
	{"new_privileges", read_bool, AT(new_privileges)},
	{"roots", read_roots, 0},
	{"timeout_s", read_seconds, AT(timeout_ms)},
	{"tool_timeout_sec", read_seconds, AT(timeout_ms)},
	{"timeout", read_milliseconds, AT(timeout_ms)},
	{"request_timeout_ms", read_milliseconds, AT(timeout_ms)},
	{"start_timeout_s", read_seconds, AT(start_timeout_ms)},
	{"startup_timeout_sec", read_seconds, AT(start_timeout_ms)},
	{"idle_timeout_s", read_seconds, AT(idle_timeout_ms)},
	{"include_tools", read_strings, AT(include_tools)},
	{"pinned_tools", read_strings, AT(pinned_tools)},
	{"includeTools", read_strings, AT(include_tools)},
	{"enabled_tools", read_strings, AT(include_tools)},
	{"allowedTools", read_strings, AT(include_tools)},
	{"available_tools", read_strings, AT(include_tools)},
	{"exclude_tools", read_strings, AT(exclude_tools)},
	{"excludeTools", read_strings, AT(exclude_tools)},
	{"disabled_tools", read_strings, AT(exclude_tools)},
	{"excludedTools", read_strings, AT(exclude_tools)},
	{"protocol", read_protocol, 0},
	{"policy", read_policy, 0},
	{"sandbox", read_sandbox, 0},
	{"sandboxEnabled", read_sandbox, 0},
	{"sampling", read_sampling, 0},
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

static void unknown_key(struct reader *reader, const char *word, struct json_span name)
{
	const char *names[KEYS], *nearest;

	for (size_t i = 0; i < KEYS; i++)
		names[i] = keys[i].name;
	nearest = options_nearest(word, names, KEYS);
	if (nearest)
		fault(reader, name, "\"%s\" is not known; did you mean \"%s\"?", word, nearest);
	else
		warn(reader, name, "\"%s\" is not known and has no effect", word);
}

static void read_member(struct reader *reader, struct json_span name, struct json_span value)
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

static void check_stdio(struct reader *reader, struct json_span object)
{
	struct server_config *config = reader->config;

	if (!reader->has_command)
		fault(reader, object, "\"command\" is missing");
	else if (!config->argv[0])
		fault(reader, object, "\"command\" is empty");
	else if (!reader->start_timeout_given && fetches_first(config->argv[0]))
		config->start_timeout_ms = SERVER_START_TIMEOUT_FETCH_MS;
}

static void check_remote(struct reader *reader, struct json_span object)
{
	const struct server_config *config = reader->config;

	if (!config->url)
		fault(reader, object, "\"url\" is missing");
	else if (strncmp(config->url, "http://", 7) && strncmp(config->url, "https://", 8))
		fault(reader, object, "\"url\" begins neither with http:// nor https://");
	if (config->type == SERVER_TYPE_CALL && !config->tools && !config->tools_url)
		fault(reader, object, "a \"call\" server needs \"tools\" or \"tools_url\"");
}

static void check_whole(struct reader *reader, struct json_span object)
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
	struct reader reader = {.source = source, .reading = reading, .outcome = ENTRY_GOOD};
	struct json_span key = {NULL, 0}, value = {NULL, 0};
	bool any = false;

	*reading = (struct entry_reading){.enabled = true};
	reader.config = server_config_new(name);
	if (json_span_kind(object) != JSON_OBJECT)
		fault(&reader, object, "server \"%s\" is not an object", name);
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
