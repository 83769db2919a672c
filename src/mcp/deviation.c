/* SPDX-License-Identifier: MIT */
/* One line for each rule: its level, its section in the specification, its sense. */
#include "config.h"

#include "mcp/deviation.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/sanitize.h"

static const struct {
	bool must;
	const char *text;
} rules[RULES] = {
	[RULE_MESSAGES_ONLY] = {true, "stdio: nothing but MCP messages on stdout, one a line"},
	[RULE_NO_BATCH] = {true, "Base protocol: batches belong to 2025-03-26 alone"},
	[RULE_KNOWN_ID] = {true, "JSON-RPC: an answer has the id of the request it answers"},
	[RULE_METHOD_NOT_FOUND] = {true,
				   "JSON-RPC: a method that is not there is answered with -32601"},
	[RULE_ANSWERS] = {true, "JSON-RPC: every request is answered"},
	[RULE_PING] = {true, "Ping: it is answered promptly with an empty result"},
	[RULE_BEFORE_INITIALIZED] =
		{false, "Lifecycle: only ping and logging before notifications/initialized"},
	[RULE_SERVER_INFO] = {false, "Versioning: a server says its name and version"},
	[RULE_NO_REQUESTS] = {true, "2026-07-28: a server sends no requests"},
	[RULE_DECLARED_BY_CLIENT] =
		{true, "Capabilities: only what the client has declared is asked of it"},
	[RULE_DECLARED_BY_SERVER] = {true, "Capabilities: what a server uses, it declares"},
	[RULE_RESULT_TYPE] = {true, "2026-07-28: every result has a resultType"},
	[RULE_CACHE_HINTS] = {true, "Caching: lists and server/discover have ttlMs and cacheScope"},
	[RULE_TOOL_SHAPE] = {true,
			     "Tools: each has a name of its own and an inputSchema, an object"},
	[RULE_TOOL_NAME] = {false, "Tools: a name is 1 to 128 of A-Z a-z 0-9 _ - ."},
	[RULE_TOOL_HEADERS] = {true, "Tools: x-mcp-header is a name that HTTP can carry"},
	[RULE_TOOL_SCHEMA] = {true, "JSON Schema: inputSchema and outputSchema are valid schemas"},
	[RULE_STRUCTURED_CONTENT] = {true, "Tools: structuredContent fits the outputSchema"},
	[RULE_PROGRESS] = {true, "Progress: only tokens of requests that are open"},
	[RULE_LIST_ANSWERED] = {true, "Features: what is declared can be listed"},
	[RULE_ENDS_WITH_STDIN] = {false, "stdio: a server ends when its stdin ends"},
};

const char *deviation_rule_text(enum deviation_rule rule)
{
	return rules[rule].text;
}

bool deviation_rule_must(enum deviation_rule rule)
{
	return rules[rule].must;
}

void deviation_note(struct deviation_list *list, enum deviation_rule rule, const char *format, ...)
{
	struct buf text = BUF_INIT, what = BUF_INIT;
	unsigned of_rule = 0;
	va_list args;

	va_start(args, format);
	buf_vformat(&text, format, args);
	va_end(args);
	sanitize_line(buf_text(&text), text.len, DEVIATION_WHAT_MAX_BYTES, &what);
	for (size_t i = 0; i < list->count; i++) {
		struct deviation *known = &list->item[i];

		of_rule += known->rule == rule;
		if (known->rule == rule && strcmp(known->what, buf_text(&what)) == 0) {
			known->times++;
			of_rule = DEVIATIONS_OF_RULE_MAX;
		}
	}
	if (list->count < DEVIATIONS_MAX && of_rule < DEVIATIONS_OF_RULE_MAX) {
		list->item = mem_resize_array(list->item, list->count + 1, sizeof(*list->item));
		list->item[list->count++] = (struct deviation){rule, buf_take(&what), 1};
	}
	buf_clear(&text);
	buf_clear(&what);
}

void deviation_list_clear(struct deviation_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		free(list->item[i].what);
	free(list->item);
	*list = (struct deviation_list){0};
}
