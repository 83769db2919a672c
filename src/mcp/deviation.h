/* SPDX-License-Identifier: MIT */
/*
 * deviation: what a server did that its revision of MCP does not allow. The host puts up with it;
 * `cordpair doctor SERVER` tells it to whoever writes the server. Pure.
 */
#ifndef CORDPAIR_MCP_DEVIATION_H
#define CORDPAIR_MCP_DEVIATION_H

#include <stdbool.h>
#include <stddef.h>

#define DEVIATIONS_MAX		 100 /* of one server; those beyond are not kept */
#define DEVIATIONS_OF_RULE_MAX	 10
#define DEVIATION_WHAT_MAX_BYTES ((size_t)300)

enum deviation_rule {
	RULE_MESSAGES_ONLY,
	RULE_NO_BATCH,
	RULE_KNOWN_ID,
	RULE_METHOD_NOT_FOUND,
	RULE_ANSWERS,
	RULE_PING,
	RULE_BEFORE_INITIALIZED,
	RULE_SERVER_INFO,
	RULE_NO_REQUESTS,
	RULE_DECLARED_BY_CLIENT,
	RULE_DECLARED_BY_SERVER,
	RULE_RESULT_TYPE,
	RULE_CACHE_HINTS,
	RULE_TOOL_SHAPE,
	RULE_TOOL_NAME,
	RULE_TOOL_HEADERS,
	RULE_TOOL_SCHEMA,
	RULE_STRUCTURED_CONTENT,
	RULE_PROGRESS,
	RULE_LIST_ANSWERED,
	RULE_ENDS_WITH_STDIN,
	RULES
};

struct deviation {
	enum deviation_rule rule;
	char *what; /* one line, made safe for a terminal */
	unsigned times;
};

struct deviation_list {
	struct deviation *item;
	size_t count;
};

/* The same thing twice is counted, not kept twice. */
void deviation_note(struct deviation_list *list, enum deviation_rule rule, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
void deviation_list_clear(struct deviation_list *list);

/* Where the specification says it, and what: "stdio: …". */
const char *deviation_rule_text(enum deviation_rule rule);
/* MUST (false: SHOULD) in the words of RFC 2119. */
bool deviation_rule_must(enum deviation_rule rule);

#endif
