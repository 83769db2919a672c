/* SPDX-License-Identifier: MIT */
/* The index is made for each question: it costs less than asking the model what it wants. */
#include "config.h"

#include "agent/tool_ranking.h"

#include <stdlib.h>
#include <string.h>

#include "base/bm25.h"
#include "base/json_check.h"
#include "base/mem.h"

#define NAME_WEIGHT \
	3 /* a name is chosen for what the tool does; a description says more than that */

static size_t smaller(size_t a, size_t b)
{
	return a < b ? a : b;
}

static void add_parameters(struct bm25 *index, const char *schema)
{
	struct json_span properties =
		json_span_member((struct json_span){schema, strlen(schema)}, "properties");
	struct json_span name = {NULL, 0}, value = {NULL, 0};

	if (json_span_kind(properties) != JSON_OBJECT)
		return;
	while (json_span_next_member(properties, &name, &value))
		bm25_add_text(index, name.at, name.len, 1);
}

static void add_tool(struct bm25 *index, const struct toolbox_entry *entry)
{
	const char *description = entry->description ? entry->description : "";

	bm25_add_document(index);
	bm25_add_text(index, entry->name, strlen(entry->name), NAME_WEIGHT);
	bm25_add_text(index, description,
		      smaller(strlen(description), TOOL_RANKING_DESCRIPTION_MAX_BYTES), 1);
	add_parameters(index, entry->schema);
}

static int better_first(const void *a, const void *b)
{
	const struct tool_rank *left = a, *right = b;

	if (left->score > right->score)
		return -1;
	if (left->score < right->score)
		return 1;
	return left->entry < right->entry ? -1 : 1; /* the same order each time */
}

size_t tool_ranking(const struct toolbox *toolbox, const char *question, size_t len,
		    struct tool_rank *rank)
{
	const size_t tools = toolbox_count(toolbox);
	double *score = mem_new_array(tools + 1, sizeof(*score));
	struct bm25 *index = bm25_new();
	size_t count = 0;

	for (size_t i = 0; i < tools; i++)
		add_tool(index, toolbox_at(toolbox, i));
	bm25_score(index, question, smaller(len, TOOL_RANKING_QUESTION_MAX_BYTES), score);
	for (size_t i = 0; i < tools; i++)
		if (score[i] > 0)
			rank[count++] = (struct tool_rank){i, score[i]};
	if (count > 0)
		qsort(rank, count, sizeof(*rank), better_first);
	bm25_free(&index);
	free(score);
	return count;
}
