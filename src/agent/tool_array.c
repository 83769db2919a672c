/* SPDX-License-Identifier: MIT */
/*
 * A list of names in the order in which they were first sent. Names, because entries are gone when
 * the toolbox is built again; a tool that is not there any more is passed over and has its old
 * place when it comes back.
 */
#include "config.h"

#include "agent/tool_array.h"

#include <stdlib.h>
#include <string.h>

#include "agent/builtin_tools.h"
#include "agent/find_tools.h"
#include "agent/read_result.h"
#include "agent/tool_ranking.h"
#include "base/log.h"
#include "base/mem.h"
#include "trust/policy.h"

#define ARRAY_MAX_BYTES ((size_t)128 << 20)

struct item {
	char *name;
	bool own; /* of the host itself */
	bool called;
};

struct tool_array {
	struct toolbox *toolbox;
	bool limited, builtins, reading;
	size_t tools_max, tokens_max;
	char **pinned; /* NULL-terminated */
	char *prompt;
	char **kept; /* called earlier in the conversation; NULL-terminated */
	struct item *item;
	size_t items;
	char *find;   /* the description of find_tools, once it is offered */
	char **known; /* all tools that were ever there, sorted */
	size_t knowns;
	struct buf json;
	const struct toolbox_entry **place;
	size_t places;
	bool made;
	unsigned generation; /* of the toolbox, when it was made */
};

size_t tool_tokens(size_t bytes)
{
	return (bytes + TOOL_TOKEN_BYTES - 1) / TOOL_TOKEN_BYTES;
}

struct tool_array *tool_array_new(struct toolbox *toolbox)
{
	struct tool_array *array = mem_new(sizeof(*array));

	array->toolbox = toolbox;
	array->pinned = mem_new_array(1, sizeof(char *));
	array->kept = mem_new_array(1, sizeof(char *));
	buf_init(&array->json, ARRAY_MAX_BYTES);
	return array;
}

void tool_array_free(struct tool_array **array_p)
{
	struct tool_array *array = *array_p;

	if (!array)
		return;
	*array_p = NULL;
	for (size_t i = 0; i < array->items; i++)
		free(array->item[i].name);
	free(array->item);
	for (size_t i = 0; i < array->knowns; i++)
		free(array->known[i]);
	free(array->known);
	string_list_free(&array->pinned);
	string_list_free(&array->kept);
	free(array->prompt);
	free(array->find);
	free(array->place);
	buf_clear(&array->json);
	free(array);
}

struct toolbox *tool_array_toolbox(const struct tool_array *array)
{
	return array->toolbox;
}

void tool_array_set_budget(struct tool_array *array, const struct tool_budget *budget)
{
	size_t len = budget->prompt_len;

	if (len > TOOL_RANKING_QUESTION_MAX_BYTES)
		len = TOOL_RANKING_QUESTION_MAX_BYTES;
	array->limited = true;
	array->tools_max = budget->tools;
	array->tokens_max = budget->tokens;
	for (char *const *glob = budget->pinned; glob && *glob; glob++)
		string_list_add(&array->pinned, mem_string(*glob));
	free(array->prompt);
	array->prompt = mem_string_len(budget->prompt, len);
	array->made = false;
}

void tool_array_keep(struct tool_array *array, const char *name)
{
	for (char **kept = array->kept; *kept; kept++)
		if (strcmp(*kept, name) == 0)
			return;
	string_list_add(&array->kept, mem_string(name));
}

void tool_array_set_builtins(struct tool_array *array, bool offered)
{
	array->builtins = offered;
	array->made = false;
}

void tool_array_offer_reading(struct tool_array *array)
{
	array->made = array->made && array->reading;
	array->reading = true;
}

/* The names */

static struct item *find_item(const struct tool_array *array, const char *name)
{
	for (size_t i = 0; i < array->items; i++)
		if (strcmp(array->item[i].name, name) == 0)
			return &array->item[i];
	return NULL;
}

static void remember(struct tool_array *array, const char *name, bool own)
{
	if (find_item(array, name))
		return;
	array->item = mem_resize_array(array->item, array->items + 1, sizeof(*array->item));
	array->item[array->items++] = (struct item){.name = mem_string(name), .own = own};
	array->made = false;
}

static void forget(struct tool_array *array, size_t i)
{
	free(array->item[i].name);
	array->items--;
	memmove(&array->item[i], &array->item[i + 1], (array->items - i) * sizeof(*array->item));
}

static bool is_pinned(const struct tool_array *array, const struct toolbox_entry *entry)
{
	const char *server = server_name(entry->server);

	for (char **glob = server_config(entry->server)->pinned_tools; *glob; glob++)
		if (glob_match(*glob, entry->tool))
			return true;
	for (char **glob = array->pinned; *glob; glob++)
		if (policy_names_tool(*glob, server, entry->tool))
			return true;
	return false;
}

/* Choosing */

struct choice { /* the first time */
	const struct tool_array *array;
	bool *chosen;	     /* of the toolbox */
	size_t count, tools; /* chosen, and at most */
	size_t tokens;
};

static void choose(struct choice *choice, size_t i, bool pinned)
{
	const struct toolbox_entry *entry = toolbox_at(choice->array->toolbox, i);
	const size_t tokens = tool_tokens(entry->len);

	if (choice->chosen[i] || entry->refused || choice->count == choice->tools)
		return;
	if (!pinned && choice->tokens + tokens > choice->array->tokens_max)
		return;
	choice->chosen[i] = true;
	choice->count++;
	choice->tokens += tokens;
}

static void choose_kept(struct choice *choice)
{
	const struct tool_array *array = choice->array;

	for (char **name = array->kept; *name; name++) {
		const struct toolbox_entry *entry = toolbox_find(array->toolbox, *name);

		if (entry)
			choose(choice, toolbox_number(array->toolbox, entry), true);
	}
}

static void choose_fitting(struct choice *choice)
{
	const struct tool_array *array = choice->array;
	struct tool_rank *rank = mem_new_array(toolbox_count(array->toolbox) + 1, sizeof(*rank));
	size_t count = tool_ranking(array->toolbox, array->prompt, strlen(array->prompt), rank);

	for (size_t i = 0; i < count; i++)
		choose(choice, rank[i].entry, false);
	free(rank);
}

/* Each server's first tool, then each one's second …: the model sees what kinds there are. */
static void choose_of_each(struct choice *choice)
{
	const struct toolbox *toolbox = choice->array->toolbox;
	const size_t tools = toolbox_count(toolbox);
	bool more = true;

	for (size_t round = 0; more && choice->count < choice->tools; round++) {
		size_t of_server = 0;

		more = false;
		for (size_t i = 0; i < tools; i++, of_server++) {
			if (i > 0 &&
			    toolbox_at(toolbox, i)->server != toolbox_at(toolbox, i - 1)->server)
				of_server = 0;
			if (of_server != round)
				continue;
			more = true;
			choose(choice, i, false);
		}
	}
}

static size_t own_count(const struct tool_array *array)
{
	size_t count = 0;

	while (array->builtins && builtin_tool_at(count))
		count++;
	return count + 2; /* find_tools, read_result */
}

static void choose_first(struct tool_array *array)
{
	const size_t tools = toolbox_count(array->toolbox);
	struct choice choice = {
		.array = array,
		.chosen = mem_new_array(tools + 1, sizeof(bool)),
		.tools = TOOL_ARRAY_MAX - FIND_TOOLS_MAX - own_count(array),
	};
	const size_t pinned_max = choice.tools;

	for (size_t i = 0; i < tools; i++)
		if (is_pinned(array, toolbox_at(array->toolbox, i)))
			choose(&choice, i, true);
	choose_kept(&choice);
	for (size_t i = 0; i < tools; i++)
		if (choice.chosen[i])
			remember(array, toolbox_at(array->toolbox, i)->name, false);
	choice.tools = array->tools_max < pinned_max ? array->tools_max : pinned_max;
	if (choice.count < choice.tools) {
		choose_fitting(&choice);
		choose_of_each(&choice);
	}
	for (size_t i = 0; i < tools; i++)
		if (choice.chosen[i])
			remember(array, toolbox_at(array->toolbox, i)->name, false);
	free(choice.chosen);
}

static size_t sent_tokens(const struct tool_array *array, size_t *count)
{
	const size_t tools = toolbox_count(array->toolbox);
	size_t tokens = 0;

	*count = 0;
	for (size_t i = 0; i < tools; i++) {
		const struct toolbox_entry *entry = toolbox_at(array->toolbox, i);

		if (entry->refused)
			continue;
		tokens += tool_tokens(entry->len);
		++*count;
	}
	return tokens;
}

static bool all_fit(const struct tool_array *array)
{
	size_t count, tokens = sent_tokens(array, &count);

	return count <= array->tools_max && count + own_count(array) <= TOOL_ARRAY_MAX &&
	       tokens <= array->tokens_max;
}

static void begin_to_choose(struct tool_array *array)
{
	size_t all;

	(void)sent_tokens(array, &all);
	array->find = find_tools_description(array->toolbox);
	if (array->items == 0)
		choose_first(array);
	log_notice("%zu tools are too many at once: the model gets %zu and finds the others by "
		   "find_tools (\"tools_max\" and \"pinned_tools\" in settings.json; `cordpair "
		   "tools --cost` shows what they cost)",
		   all, array->items);
}

/* Would these, besides those of the list, be too many? */
static bool is_too_much(const struct tool_array *array, size_t count, size_t tokens)
{
	for (size_t i = 0; i < array->items; i++) {
		const struct toolbox_entry *entry =
			toolbox_find(array->toolbox, array->item[i].name);

		if (entry)
			tokens += tool_tokens(entry->len);
	}
	return array->items + count > TOOL_ARRAY_MAX ||
	       tokens > TOOL_ARRAY_GROWTH * array->tokens_max;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool is_known(const struct tool_array *array, const char *name, size_t knowns)
{
	return knowns > 0 && bsearch(&name, array->known, knowns, sizeof(char *), by_name);
}

/*
 * A tool that comes in the course of a run is there for what was just done: the model gets it while
 * there is room. Not what comes back with a server that was started again.
 */
static void take_new(struct tool_array *array, bool first)
{
	const size_t tools = toolbox_count(array->toolbox), knowns = array->knowns;
	bool room = !first;

	array->known = mem_resize_array(array->known, knowns + tools + 1, sizeof(char *));
	for (size_t i = 0; i < tools; i++) {
		const struct toolbox_entry *entry = toolbox_at(array->toolbox, i);

		if (is_known(array, entry->name, knowns))
			continue;
		array->known[array->knowns++] = mem_string(entry->name);
		room = room && !is_too_much(array, 1, tool_tokens(entry->len));
		if (room && !entry->refused)
			remember(array, entry->name, false);
	}
	qsort(array->known, array->knowns, sizeof(char *), by_name);
}

/* Brings the list up to date with the toolbox. */
static void update_items(struct tool_array *array)
{
	const size_t tools = toolbox_count(array->toolbox);
	const bool first = array->knowns == 0;

	if (!array->find && !all_fit(array))
		begin_to_choose(array);
	take_new(array, first || !array->find);
	for (size_t i = 0; i < tools && !array->find; i++)
		if (!toolbox_at(array->toolbox, i)->refused)
			remember(array, toolbox_at(array->toolbox, i)->name, false);
	for (size_t i = 0; builtin_tool_at(i); i++)
		if (array->builtins && toolbox_readable(array->toolbox)[0])
			remember(array, builtin_tool_name(builtin_tool_at(i)), true);
	if (array->find)
		remember(array, FIND_TOOLS_NAME, true);
	if (array->reading)
		remember(array, READ_RESULT_NAME, true);
}

/* Writing */

static void add_place(struct tool_array *array, const struct toolbox_entry *entry)
{
	array->place = mem_resize_array(array->place, array->places + 1, sizeof(*array->place));
	array->place[array->places++] = entry;
	if (array->places > 1)
		buf_append_char(&array->json, ',');
}

static void write_entry(struct tool_array *array, const struct toolbox_entry *entry)
{
	size_t len;
	const char *definition = toolbox_definition(array->toolbox, entry, &len);

	if (entry->refused)
		return;
	add_place(array, entry);
	buf_append(&array->json, definition, len);
}

static void write_own(struct tool_array *array, const char *name)
{
	const struct builtin_tool *builtin = builtin_tool_find(name);
	const enum schema_family family = toolbox_family(array->toolbox);
	char *const *readable = toolbox_readable(array->toolbox);

	if (builtin && !readable[0])
		return;
	add_place(array, NULL);
	if (builtin)
		builtin_tool_write(builtin, &array->json, readable, family);
	else if (strcmp(name, READ_RESULT_NAME) == 0)
		read_result_write(&array->json, family);
	else
		find_tools_write(&array->json, array->find, family);
}

static void write_all(struct tool_array *array)
{
	for (size_t i = 0; i < toolbox_count(array->toolbox); i++)
		write_entry(array, toolbox_at(array->toolbox, i));
	for (size_t i = 0; array->builtins && builtin_tool_at(i); i++)
		write_own(array, builtin_tool_name(builtin_tool_at(i)));
}

static void write_items(struct tool_array *array)
{
	for (size_t i = 0; i < array->items; i++) {
		const struct item *item = &array->item[i];
		const struct toolbox_entry *entry =
			item->own ? NULL : toolbox_find(array->toolbox, item->name);

		if (item->own)
			write_own(array, item->name);
		else if (entry)
			write_entry(array, entry);
	}
}

static void make(struct tool_array *array)
{
	if (array->made && array->generation == toolbox_generation(array->toolbox))
		return;
	toolbox_define(array->toolbox);
	if (array->limited)
		update_items(array);
	array->places = 0;
	buf_truncate(&array->json, 0);
	buf_append_char(&array->json, '[');
	if (array->limited)
		write_items(array);
	else
		write_all(array);
	buf_append_char(&array->json, ']');
	array->generation = toolbox_generation(array->toolbox);
	array->made = true;
}

const char *tool_array_json(struct tool_array *array, size_t *len)
{
	make(array);
	*len = array->json.len;
	return buf_text(&array->json);
}

size_t tool_array_places(struct tool_array *array)
{
	make(array);
	return array->places;
}

const struct toolbox_entry *tool_array_at(struct tool_array *array, size_t place)
{
	make(array);
	return array->place[place];
}

size_t tool_array_count(struct tool_array *array)
{
	size_t count = 0;

	make(array);
	for (size_t i = 0; i < array->places; i++)
		count += array->place[i] != NULL;
	return count;
}

bool tool_array_has_find(const struct tool_array *array)
{
	return array->find != NULL;
}

/* Growing */

/* Forgets the first that need not stay. False: there is none. */
static bool forget_one(struct tool_array *array, bool called_too)
{
	for (size_t i = 0; i < array->items; i++) {
		const struct item *item = &array->item[i];
		const struct toolbox_entry *entry = toolbox_find(array->toolbox, item->name);

		if (item->own || (item->called && !called_too) ||
		    (entry && is_pinned(array, entry)))
			continue;
		forget(array, i);
		return true;
	}
	return false;
}

static void make_room(struct tool_array *array, size_t count, size_t tokens)
{
	if (!is_too_much(array, count, tokens))
		return;
	log_detail("the tools that were found are too many: those that were not called go");
	while (forget_one(array, false))
		;
	while (is_too_much(array, count, tokens) && forget_one(array, true))
		;
	array->made = false;
}

void tool_array_show(struct tool_array *array, const size_t entry[], size_t count)
{
	size_t fresh = 0, tokens = 0;

	for (size_t i = 0; i < count; i++) {
		const struct toolbox_entry *shown = toolbox_at(array->toolbox, entry[i]);

		if (find_item(array, shown->name))
			continue;
		fresh++;
		tokens += tool_tokens(shown->len);
	}
	if (fresh > 0)
		make_room(array, fresh, tokens);
	for (size_t i = 0; i < count; i++)
		remember(array, toolbox_at(array->toolbox, entry[i])->name, false);
}

void tool_array_note_call(struct tool_array *array, const struct toolbox_entry *entry)
{
	const size_t number = toolbox_number(array->toolbox, entry);
	struct item *item;

	if (!array->limited)
		return;
	tool_array_show(array, &number, 1);
	item = find_item(array, entry->name);
	if (item)
		item->called = true;
}
