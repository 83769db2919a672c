/* SPDX-License-Identifier: MIT */
/*
 * A binary search whose question is a request. Several bad tools are found one after the other: the
 * turn searches again when it is refused again.
 */
#include "config.h"

#include "agent/tool_search.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

enum stage {
	STAGE_NONE,  /* without tools: is it they at all? */
	STAGE_NAMED, /* the one that the refusal names */
	STAGE_ALL,
	STAGE_HALF,   /* the first half of those that are left */
	STAGE_CONFIRM /* the one that is left */
};

struct tool_search {
	struct tool_search_spec spec;
	char *refusal;
	tool_search_fn *done;
	void *arg;
	const struct toolbox_entry **sent;
	size_t count;
	size_t low, high; /* one of these is refused */
	size_t named;	  /* count: none */
	enum stage stage;
	struct chat_exchange *exchange;
	struct tool_search_result result;
	bool freed;
};

/* What the refusal names */

static bool is_name_byte(char byte)
{
	return isalnum((unsigned char)byte) || byte == '_' || byte == '-';
}

static bool names(const char *refusal, const char *name)
{
	size_t len = strlen(name);

	for (const char *at = strstr(refusal, name); at; at = strstr(at + 1, name))
		if ((at == refusal || !is_name_byte(at[-1])) && !is_name_byte(at[len]))
			return true;
	return false;
}

/* "tools.3.custom.input_schema", "tools[0].function_declarations[3]". */
static size_t place_in(const char *refusal, size_t count)
{
	static const char *const marks[] = {"function_declarations[", "functionDeclarations[",
					    "tools[", "tools."};

	for (size_t i = 0; i < sizeof(marks) / sizeof(*marks); i++) {
		const char *at = strstr(refusal, marks[i]);
		unsigned long place;

		if (!at || !isdigit((unsigned char)at[strlen(marks[i])]))
			continue;
		place = strtoul(at + strlen(marks[i]), NULL, 10);
		return place < count ? place : count;
	}
	return count;
}

static size_t named_in(const struct tool_search *search)
{
	struct tool_array *tools = search->spec.tools;
	const size_t places = tool_array_places(tools);
	const size_t place = place_in(search->refusal, places);
	const struct toolbox_entry *placed = place < places ? tool_array_at(tools, place) : NULL;

	for (size_t i = 0; i < search->count; i++)
		if (names(search->refusal, search->sent[i]->name))
			return i;
	for (size_t i = 0; i < search->count && placed; i++)
		if (search->sent[i] == placed)
			return i;
	return search->count;
}

/* The steps */

static void finish(struct tool_search *search, const struct toolbox_entry *entry)
{
	search->result.entry = entry;
	search->done(search->arg, &search->result);
}

/* The tools of this step: *first up to, not including, *end. */
static void range_of_step(const struct tool_search *search, size_t *first, size_t *end)
{
	*first = search->low;
	*end = search->high;
	if (search->stage == STAGE_NONE) {
		*end = *first;
	} else if (search->stage == STAGE_NAMED) {
		*first = search->named;
		*end = search->named + 1;
	} else if (search->stage == STAGE_HALF) {
		*end = search->low + (search->high - search->low) / 2;
	}
}

static void ask(void *arg);

static void ask_next(struct tool_search *search, enum stage stage)
{
	search->stage = stage;
	if (!search->freed)
		ask(search);
}

static void after_accepted(struct tool_search *search, size_t end)
{
	switch (search->stage) {
	case STAGE_NONE:
		ask_next(search, search->named < search->count ? STAGE_NAMED : STAGE_ALL);
		break;
	case STAGE_NAMED:
		ask_next(search, STAGE_ALL);
		break;
	case STAGE_HALF:
		search->low = end;
		ask_next(search, search->high - end > 1 ? STAGE_HALF : STAGE_CONFIRM);
		break;
	default: /* all of them together, or the last alone, are taken */
		finish(search, NULL);
		break;
	}
}

static void after_refused(struct tool_search *search, size_t first, size_t end)
{
	if (search->stage == STAGE_NONE) {
		finish(search, NULL);
	} else if (end - first == 1) {
		finish(search, search->sent[first]);
	} else {
		search->high = end;
		ask_next(search, STAGE_HALF);
	}
}

static void asked(void *arg, struct chat_answer *take_answer, const struct chat_failure *failure)
{
	struct tool_search *search = arg;
	size_t first, end;

	search->exchange = NULL;
	range_of_step(search, &first, &end);
	if (take_answer) {
		chat_usage_add(&search->result.usage, &take_answer->usage);
		chat_answer_free(&take_answer);
		after_accepted(search, end);
	} else if (failure->refusal) {
		after_refused(search, first, end);
	} else {
		finish(search, NULL);
	}
}

static const struct chat_listener listener = {.on_done = asked};

static void write_tools(struct tool_search *search, struct buf *out)
{
	size_t first, end;

	range_of_step(search, &first, &end);
	buf_append_char(out, '[');
	for (size_t i = first; i < end; i++) {
		size_t len;
		const char *json = toolbox_definition(tool_array_toolbox(search->spec.tools),
						      search->sent[i], &len);

		if (i > first)
			buf_append_char(out, ',');
		buf_append(out, json, len);
	}
	buf_append_char(out, ']');
}

static void ask(void *arg)
{
	static const char messages[] = "[{\"role\":\"user\",\"content\":\"Say OK.\"}]";
	struct tool_search *search = arg;
	struct chat_request request = {
		.model = search->spec.model,
		.routing = search->spec.routing,
		.messages = messages,
		.messages_len = strlen(messages),
		.max_tokens = TOOL_SEARCH_TOKENS,
	};
	struct buf tools;
	struct err err;

	if (search->result.requests == TOOL_SEARCH_REQUESTS_MAX) {
		finish(search, NULL);
		return;
	}
	buf_init(&tools, CHAT_REQUEST_MAX_BYTES);
	write_tools(search, &tools);
	request.tools = buf_text(&tools);
	request.tools_len = tools.len;
	search->result.requests++;
	search->exchange = chat_client_send(search->spec.client, &request, &listener, search, &err);
	buf_clear(&tools);
	if (!search->exchange)
		finish(search, NULL);
}

struct tool_search *tool_search_start(const struct tool_search_spec *spec, tool_search_fn *done,
				      void *arg)
{
	struct tool_search *search = mem_new(sizeof(*search));
	size_t places = tool_array_places(spec->tools);

	search->spec = *spec;
	search->refusal = mem_string(spec->refusal);
	search->done = done;
	search->arg = arg;
	search->sent = mem_new_array(places + 1, sizeof(*search->sent));
	for (size_t i = 0; i < places; i++)
		if (tool_array_at(spec->tools, i)) /* the host's own are fit for all */
			search->sent[search->count++] = tool_array_at(spec->tools, i);
	search->high = search->count;
	search->named = named_in(search);
	loop_defer(spec->loop, ask, search);
	return search;
}

static void search_destroy(void *object)
{
	struct tool_search *search = object;

	free(search->sent);
	free(search->refusal);
	free(search);
}

void tool_search_free(struct tool_search **search_p)
{
	struct tool_search *search = *search_p;

	if (!search)
		return;
	*search_p = NULL;
	search->freed = true;
	loop_defer_cancel(search->spec.loop, search);
	chat_client_cancel(&search->exchange);
	loop_free_later(search->spec.loop, search, search_destroy);
}
