/* SPDX-License-Identifier: MIT */
/* Looks at the form only; what an entry means is entry_read.c's. */
#include "config.h"

#include "config/dialect.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"

#define BYTE_ORDER_MARK "\xef\xbb\xbf"

static void blank(char *at, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (at[i] != '\n')
			at[i] = ' ';
}

/* Length of the string that begins at at, its quotes included. */
static size_t string_length(const char *at, const char *end)
{
	const char *start = at++;

	while (at < end && *at != '"' && *at != '\n')
		at += *at == '\\' && at + 1 < end ? 2 : 1;
	return (size_t)((at < end ? at + 1 : end) - start);
}

/* Length of the comment that begins at at; 0: there is none. */
static size_t comment_length(const char *at, const char *end)
{
	const char *stop;

	if (at + 1 >= end || *at != '/')
		return 0;
	if (at[1] == '/') {
		stop = memchr(at, '\n', (size_t)(end - at));
		return (size_t)((stop ? stop : end) - at);
	}
	if (at[1] != '*')
		return 0;
	stop = memmem(at + 2, (size_t)(end - at - 2), "*/", 2);
	return (size_t)((stop ? stop + 2 : end) - at);
}

void dialect_to_json(char *text, size_t len)
{
	char *end = text + len, *comma = NULL; /* the last one, while only blanks follow it */
	size_t n;

	if (len >= 3 && memcmp(text, BYTE_ORDER_MARK, 3) == 0)
		blank(text, 3);
	for (char *at = text; at < end; at += n) {
		n = comment_length(at, end);
		if (n > 0) {
			blank(at, n);
			continue;
		}
		n = *at == '"' ? string_length(at, end) : 1;
		if (*at == ',') {
			comma = at;
		} else if (!strchr(" \t\r\n", *at)) {
			if ((*at == '}' || *at == ']') && comma)
				*comma = ' ';
			comma = NULL;
		}
	}
}

static const struct {
	const char *key;
	enum dialect dialect;
} roots[] = {
	{"mcpServers", DIALECT_MCP_SERVERS},
	{"servers", DIALECT_SERVERS},
	{"context_servers", DIALECT_CONTEXT_SERVERS},
	{"mcp", DIALECT_MCP},
};

#define ROOTS (sizeof(roots) / sizeof(roots[0]))

/* Every member is an object that has a command or an address: a map without a root key. */
static bool is_bare_map(struct json_span root)
{
	struct json_span key = {NULL, 0}, value = {NULL, 0};
	bool any = false;

	while (json_span_next_member(root, &key, &value)) {
		if (json_span_kind(value) != JSON_OBJECT)
			return false;
		if (!json_span_member(value, "command").at && !json_span_member(value, "url").at)
			return false;
		any = true;
	}
	return any;
}

enum dialect dialect_of(struct json_span root, struct json_span *map)
{
	for (size_t i = 0; i < ROOTS; i++) {
		*map = json_span_member(root, roots[i].key);
		if (json_span_kind(*map) == JSON_OBJECT)
			return roots[i].dialect;
	}
	*map = root;
	return is_bare_map(root) ? DIALECT_BARE_MAP : DIALECT_ENTRY;
}

const char *dialect_nearest_root(struct json_span root)
{
	static const char *const often[][2] = {
		{"mcp_servers", "mcpServers"},	       {"mcp-servers", "mcpServers"},
		{"mcpServer", "mcpServers"},	       {"server", "servers"},
		{"context_server", "context_servers"}, {"contextServers", "context_servers"},
	};
	struct json_span key = {NULL, 0}, value = {NULL, 0}, map;
	const char *found = NULL;
	enum dialect dialect = dialect_of(root, &map);

	if (dialect != DIALECT_ENTRY)
		return NULL;
	while (!found && json_span_next_member(root, &key, &value)) {
		struct buf name = BUF_INIT;

		if (json_span_unescape(key, &name) == 0) {
			for (size_t i = 0; i < ROOTS; i++)
				if (strcasecmp(buf_text(&name), roots[i].key) == 0)
					found = roots[i].key;
			for (size_t i = 0; i < sizeof(often) / sizeof(often[0]); i++)
				if (strcasecmp(buf_text(&name), often[i][0]) == 0)
					found = often[i][1];
		}
		buf_clear(&name);
	}
	return found;
}
