/* SPDX-License-Identifier: MIT */
/* The answer names the tools; their definitions are in the next request. */
#include "config.h"

#include "agent/find_tools.h"

#include <stdlib.h>
#include <string.h>

#include "agent/tool_definition.h"
#include "agent/tool_ranking.h"
#include "base/json_check.h"
#include "base/mem.h"
#include "base/sanitize.h"

#define SCORE_SHARE 0.25 /* of the best one's: worse ones fit by chance */

static void append_servers(struct buf *text, const struct toolbox *toolbox)
{
	const size_t tools = toolbox_count(toolbox);
	size_t servers = 0;

	for (size_t i = 0, end; i < tools; i = end) {
		const struct server *server = toolbox_at(toolbox, i)->server;

		for (end = i; end < tools && toolbox_at(toolbox, end)->server == server;)
			end++;
		if (servers++ < FIND_TOOLS_SERVERS_MAX)
			buf_format(text, "%s%s (%zu)", servers > 1 ? ", " : "", server_name(server),
				   end - i);
	}
	if (servers > FIND_TOOLS_SERVERS_MAX)
		buf_format(text, " and %zu more", servers - FIND_TOOLS_SERVERS_MAX);
}

char *find_tools_description(const struct toolbox *toolbox)
{
	struct buf text = BUF_INIT;

	buf_append_text(&text, "Finds more tools by what they do and adds them to your tools. You "
			       "see only some: search before you say that something cannot be "
			       "done. Servers, and how many tools each has: ");
	append_servers(&text, toolbox);
	buf_append_char(&text, '.');
	return buf_take(&text);
}

void find_tools_write(struct buf *out, const char *description, enum schema_family family)
{
	tool_definition_write(out, FIND_TOOLS_NAME, description,
			      "{\"type\":\"object\",\"properties\":{\"query\":{\"type\":\"string\","
			      "\"description\":\"a few English words: what the tool does, and to "
			      "what; a server's name helps\"}},\"required\":[\"query\"]}",
			      family, NULL, NULL);
}

static void append_tool(struct buf *text, const struct toolbox_entry *entry)
{
	const char *description = entry->description ? entry->description : "";

	buf_format(text, "\n- %s", entry->name);
	if (!*description)
		return;
	buf_append_text(text, ": ");
	sanitize_line(description, strlen(description), FIND_TOOLS_TEXT_BYTES, text);
}

static void search(const struct toolbox *toolbox, const char *query, struct found_tools *found)
{
	struct tool_rank *rank = mem_new_array(toolbox_count(toolbox) + 1, sizeof(*rank));
	size_t ranked = tool_ranking(toolbox, query, strlen(query), rank);

	found->count = 0;
	for (size_t i = 0; i < ranked && found->count < FIND_TOOLS_MAX; i++)
		if (!toolbox_at(toolbox, rank[i].entry)->refused &&
		    rank[i].score >= SCORE_SHARE * rank[0].score)
			found->entry[found->count++] = rank[i].entry;
	free(rank);
}

char *find_tools_run(const struct toolbox *toolbox, const char *arguments,
		     struct found_tools *found, char **why)
{
	struct json_span object = {arguments, strlen(arguments)};
	char *query =
		json_span_text(json_span_member(object, "query"), TOOL_RANKING_QUESTION_MAX_BYTES);
	struct buf text = BUF_INIT;

	if (!query) {
		*why = mem_string("arguments.query: expected a string: what the tool does");
		return NULL;
	}
	search(toolbox, query, found);
	free(query);
	if (found->count == 0) {
		buf_append_text(&text, "No tool has these words: try other English ones, or the "
				       "name of a server. Servers, and how many tools each has: ");
		append_servers(&text, toolbox);
		buf_append_char(&text, '.');
		return buf_take(&text);
	}
	buf_append_text(&text, "These are among your tools now:");
	for (size_t i = 0; i < found->count; i++)
		append_tool(&text, toolbox_at(toolbox, found->entry[i]));
	return buf_take(&text);
}
