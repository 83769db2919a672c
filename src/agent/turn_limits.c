/* SPDX-License-Identifier: MIT */
/* Only compares and says; what follows from a limit is turn.c's. */
#include "config.h"

#include "agent/turn_limits.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/money.h"

static char *cost_clause(double limit)
{
	struct buf text = BUF_INIT;

	buf_append_text(&text, "the limit of ");
	money_append(&text, limit);
	buf_append_text(&text, " is reached");
	return buf_take(&text);
}

char *turn_limits_reached(const struct turn_limits *limits, const struct turn_spent *spent)
{
	if (limits->cost > 0 && spent->usage.has_cost && spent->usage.cost >= limits->cost)
		return cost_clause(limits->cost);
	if (limits->tokens > 0 && spent->usage.total_tokens >= limits->tokens)
		return mem_format("the limit of %ld tokens is reached", limits->tokens);
	if (limits->time_ms > 0 && spent->time_ms >= limits->time_ms)
		return mem_format("the limit of %ld seconds is reached", limits->time_ms / 1000);
	return NULL;
}

static void append_count(struct buf *text, int64_t count, const char *what)
{
	buf_format(text, "%s%" PRId64 " %s%s", text->len > 0 ? ", " : "", count, what,
		   count == 1 ? "" : "s");
}

char *turn_spent_text(const struct turn_spent *spent)
{
	struct buf text = BUF_INIT;

	append_count(&text, spent->requests, "model request");
	append_count(&text, spent->calls, "tool call");
	if (spent->usage.present)
		append_count(&text, spent->usage.total_tokens, "token");
	if (spent->usage.has_cost) {
		buf_append_text(&text, ", ");
		money_append(&text, spent->usage.cost);
	}
	return buf_take(&text);
}

/* Circles */

static const unsigned char *digest_before(const struct call_history *history, size_t back)
{
	return history->digest[(history->count - 1 - back) % TURN_CALLS_KEPT];
}

/* The last call and TURN_SAME_CALL_MAX patterns before it are each what was `period` calls ago. */
static bool has_period(const struct call_history *history, size_t period)
{
	size_t length = period * TURN_SAME_CALL_MAX + 1;

	if (history->count < length)
		return false;
	for (size_t back = 0; back + period < length; back++)
		if (memcmp(digest_before(history, back), digest_before(history, back + period),
			   DIGEST_BYTES) != 0)
			return false;
	return true;
}

char *call_history_add(struct call_history *history, const char *name, const char *arguments)
{
	char *key = mem_format("%s %s", name, arguments);

	digest_sha256(key, strlen(key), history->digest[history->count++ % TURN_CALLS_KEPT]);
	free(key);
	if (has_period(history, 1))
		return mem_format("the same call was made %d times in a row", TURN_SAME_CALL_MAX);
	for (size_t period = 2; period <= TURN_PATTERN_CALLS; period++)
		if (has_period(history, period))
			return mem_format("the same %zu calls were made %d times in a row", period,
					  TURN_SAME_CALL_MAX);
	return NULL;
}
