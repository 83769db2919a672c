/* SPDX-License-Identifier: MIT */
/* Pure: the same question has the same answer, whoever asks. */
#include "config.h"

#include "trust/policy.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

bool glob_match(const char *pattern, const char *text)
{
	const char *star = NULL, *resume = NULL;

	/* A later '*' makes the choices of an earlier one final: no recursion, no blow-up. */
	while (*text) {
		if (*pattern == '*') {
			star = pattern++;
			resume = text;
		} else if (*pattern == '?' || (*pattern && *pattern == *text)) {
			pattern++;
			text++;
		} else if (star) {
			pattern = star + 1;
			text = ++resume;
		} else {
			return false;
		}
	}
	while (*pattern == '*')
		pattern++;
	return *pattern == '\0';
}

static const char *first_match(char *const *globs, const char *tool)
{
	for (; globs && *globs; globs++)
		if (glob_match(*globs, tool))
			return *globs;
	return NULL;
}

static struct policy_decision decide_by_rules(const struct policy_rules *rules, const char *tool)
{
	const struct {
		char *const *globs;
		enum policy_verdict verdict;
	} strictest_first[] = {
		{rules->deny, POLICY_DENY},
		{rules->ask, POLICY_ASK},
		{rules->allow, POLICY_ALLOW},
	};

	for (size_t i = 0; i < sizeof(strictest_first) / sizeof(strictest_first[0]); i++) {
		const char *rule = first_match(strictest_first[i].globs, tool);

		if (rule)
			return (struct policy_decision){strictest_first[i].verdict, rule, false};
	}
	return (struct policy_decision){rules->fallback, NULL, false};
}

bool policy_names_tool(const char *pattern, const char *server, const char *tool)
{
	const char *colon = strchr(pattern, ':');
	char *server_glob;
	bool matches;

	if (!colon)
		return false;
	server_glob = mem_string_len(pattern, (size_t)(colon - pattern));
	matches = glob_match(server_glob, server) && glob_match(colon + 1, tool);
	free(server_glob);
	return matches;
}

struct policy_decision policy_decide(const struct policy_question *question)
{
	struct policy_decision decision = decide_by_rules(question->rules, question->tool);

	if (decision.verdict != POLICY_ASK || !question->yes_to)
		return decision;
	for (size_t i = 0; i < question->yes_to->count; i++)
		if (policy_names_tool(question->yes_to->item[i], question->server, question->tool))
			return (struct policy_decision){POLICY_ALLOW, question->yes_to->item[i],
							true};
	return decision;
}

int policy_check_yes_to(const char *pattern, struct err *err)
{
	const char *colon = strchr(pattern, ':');

	if (!colon || colon == pattern || !colon[1])
		return err_set(err, ERR_USAGE,
			       "--yes-to: \"%s\" is not SERVER:TOOL (both may have * and ?)",
			       pattern);
	return 0;
}
