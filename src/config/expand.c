/* SPDX-License-Identifier: MIT */
/* One pass over a value; a table of what may stand before the colon. */
#include "config.h"

#include "config/expand.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/paths.h"
#include "base/trace.h"
#include "io/file.h"

struct expansion {
	const struct expand_context *context;
	struct buf *out;
	struct err *err;
};

static bool is_name(const char *text)
{
	if (!isalpha((unsigned char)*text) && *text != '_')
		return false;
	while (isalnum((unsigned char)*text) || *text == '_')
		text++;
	return *text == '\0';
}

static bool looks_secret(const char *name)
{
	static const char *const parts[] = {"TOKEN", "KEY", "SECRET", "PASS", "CREDENTIAL"};

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		if (strcasestr(name, parts[i]))
			return true;
	return false;
}

static enum expand_result unset(struct expansion *expansion, const char *inside)
{
	err_set(expansion->err, ERR_CONFIG,
		"${%s} is not set: set it, or give it a default, ${%s:-VALUE}", inside, inside);
	return EXPAND_UNSET;
}

static enum expand_result bad(struct expansion *expansion, const char *inside)
{
	err_set(expansion->err, ERR_CONFIG,
		"${%s} is no form of a variable; \"$${\" stands for \"${\" itself", inside);
	return EXPAND_BAD;
}

static enum expand_result append_len(struct expansion *expansion, const char *text, size_t len)
{
	if (buf_append(expansion->out, text, len) == 0)
		return EXPAND_OK;
	err_set(expansion->err, ERR_CONFIG, "the expanded value is larger than %zu bytes",
		EXPAND_MAX_BYTES);
	return EXPAND_BAD;
}

static enum expand_result append(struct expansion *expansion, const char *text)
{
	return append_len(expansion, text, strlen(text));
}

static enum expand_result append_secret(struct expansion *expansion, const char *text)
{
	trace_add_secret(text);
	return append(expansion, text);
}

/* VAR or VAR:-default */
static enum expand_result expand_variable(struct expansion *expansion, const char *inside)
{
	const char *fallback = strstr(inside, ":-"), *value;
	char *name =
		fallback ? mem_string_len(inside, (size_t)(fallback - inside)) : mem_string(inside);
	enum expand_result result;

	value = is_name(name) ? getenv(name) : NULL;
	if (!is_name(name))
		result = bad(expansion, inside);
	else if (value && (*value || !fallback))
		result = expansion->context->secret || looks_secret(name)
				 ? append_secret(expansion, value)
				 : append(expansion, value);
	else if (fallback)
		result = append(expansion, fallback + 2);
	else
		result = unset(expansion, inside);
	free(name);
	return result;
}

/* The text of a file that only we and root can change; NULL and *result when it cannot be had. */
static char *secret_file(struct expansion *expansion, const char *path, enum file_trust trust,
			 enum expand_result *result)
{
	struct buf text;
	enum file_kind kind;
	struct err err;

	buf_init(&text, EXPAND_MAX_BYTES);
	if (file_read(path, trust, &text, &kind, &err)) {
		buf_clear(&text);
		*result = err.os_errno == ENOENT ? EXPAND_UNSET : EXPAND_BAD;
		*expansion->err = err;
		return NULL;
	}
	while (text.len > 0 && strchr("\r\n", text.data[text.len - 1]))
		buf_truncate(&text, text.len - 1);
	return buf_take(&text);
}

static enum expand_result expand_file(struct expansion *expansion, const char *path)
{
	enum expand_result result;
	char *text;

	if (path[0] != '/') {
		err_set(expansion->err, ERR_CONFIG, "${file:%s}: the path is not absolute", path);
		return EXPAND_BAD;
	}
	text = secret_file(expansion, path, FILE_TRUSTED, &result);
	if (text)
		result = append_secret(expansion, text);
	free(text);
	return result;
}

static char *input_variable(const char *id)
{
	char *name = mem_format("CORDPAIR_INPUT_%s", id);

	for (char *at = name; *at; at++)
		*at = isalnum((unsigned char)*at) ? (char)toupper((unsigned char)*at) : '_';
	return name;
}

/* The default that VS Code's "inputs" gives for this id. */
static char *input_default(struct json_span inputs, const char *id)
{
	struct json_span item = {NULL, 0};
	struct buf text = BUF_INIT;

	while (json_span_kind(inputs) == JSON_ARRAY && json_span_next(inputs, &item)) {
		struct json_span fallback = json_span_member(item, "default");

		if (json_span_equals(json_span_member(item, "id"), id) &&
		    json_span_kind(fallback) == JSON_STRING &&
		    json_span_unescape(fallback, &text) == 0)
			return buf_take(&text);
	}
	buf_clear(&text);
	return NULL;
}

static char *input_from_files(struct expansion *expansion, const char *id)
{
	const char *credentials = getenv("CREDENTIALS_DIRECTORY");
	char *relative = mem_format("inputs/%s", id);
	char *paths[] = {credentials ? mem_format("%s/%s", credentials, id) : NULL,
			 paths_config(relative)};
	char *text = NULL;
	enum expand_result ignored;

	free(relative);
	for (size_t i = 0; i < 2; i++) {
		if (paths[i] && !text)
			text = secret_file(expansion, paths[i], i == 0 ? FILE_ANY : FILE_SECRET,
					   &ignored);
		free(paths[i]);
	}
	return text;
}

static enum expand_result expand_input(struct expansion *expansion, const char *id)
{
	char *variable = input_variable(id);
	const char *value = getenv(variable);
	enum expand_result result;
	char *text = NULL;

	if (strchr(id, '/') || !*id) {
		result = bad(expansion, id);
	} else {
		text = value ? mem_string(value) : input_from_files(expansion, id);
		if (!text)
			text = input_default(expansion->context->inputs, id);
		if (text) {
			result = append_secret(expansion, text);
		} else {
			err_set(expansion->err, ERR_CONFIG,
				"${input:%s} is not set: set %s, or write it to "
				"~/.config/cordpair/inputs/%s (mode 600)",
				id, variable, id);
			result = EXPAND_UNSET;
		}
	}
	free(text);
	free(variable);
	return result;
}

static enum expand_result expand_program(struct expansion *expansion, const char *name)
{
	char *path = paths_program(name);
	enum expand_result result = append(expansion, path);

	free(path);
	return result;
}

static enum expand_result expand_place(struct expansion *expansion, const char *inside)
{
	char here[4096];
	const char *home = getenv("HOME");

	if (strcmp(inside, "/") == 0 || strcmp(inside, "pathSeparator") == 0)
		return append(expansion, "/");
	if (strcmp(inside, "userHome") == 0)
		return home ? append(expansion, home) : unset(expansion, "HOME");
	if (!getcwd(here, sizeof(here)))
		return unset(expansion, inside);
	if (strcmp(inside, "workspaceFolder") == 0 || strcmp(inside, "cwd") == 0)
		return append(expansion, here);
	return append(expansion, strrchr(here, '/') + 1);
}

static bool is_place(const char *inside)
{
	static const char *const places[] = {"/",   "pathSeparator",   "userHome",
					     "cwd", "workspaceFolder", "workspaceFolderBasename"};

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
		if (strcmp(inside, places[i]) == 0)
			return true;
	return false;
}

static const struct {
	const char *prefix;
	enum expand_result (*expand)(struct expansion *expansion, const char *rest);
} schemes[] = {
	{"env:", expand_variable},
	{"file:", expand_file},
	{"input:", expand_input},
	{"cordpair:", expand_program},
};

static enum expand_result expand_inside(struct expansion *expansion, const char *inside)
{
	/* A default with a variable of its own would end at the first brace. */
	if (strstr(inside, "${"))
		return bad(expansion, inside);
	for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++) {
		size_t len = strlen(schemes[i].prefix);

		if (strncmp(inside, schemes[i].prefix, len) == 0)
			return schemes[i].expand(expansion, inside + len);
	}
	if (is_place(inside))
		return expand_place(expansion, inside);
	return expand_variable(expansion, inside);
}

enum expand_result expand(const struct expand_context *context, const char *text, size_t len,
			  struct buf *out, struct err *err)
{
	struct expansion expansion = {context, out, err};
	const char *at = text, *end = text + len;
	enum expand_result result = EXPAND_OK;

	while (at < end && result == EXPAND_OK) {
		const char *close;
		char *inside;

		if (end - at >= 3 && strncmp(at, "$${", 3) == 0) {
			result = append(&expansion, "${");
			at += 3;
			continue;
		}
		if (end - at < 2 || strncmp(at, "${", 2) != 0) {
			result = append_len(&expansion, at++, 1);
			continue;
		}
		close = memchr(at, '}', (size_t)(end - at));
		if (!close)
			return bad(&expansion, at + 2);
		inside = mem_string_len(at + 2, (size_t)(close - at - 2));
		result = expand_inside(&expansion, inside);
		free(inside);
		at = close + 1;
	}
	return result;
}
