/* SPDX-License-Identifier: MIT */
/*
 * Makes definitions as OpenRouter's `tools` array has them out of every server's tools/list,
 * and the table that leads a name back to its server. They are made when they are first asked for:
 * listing tools needs none.
 */
#include "config.h"

#include "agent/toolbox.h"

#include <stdlib.h>
#include <string.h>

#include "agent/tool_definition.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/name_tree.h"
#include "base/options.h"
#include "base/sanitize.h"
#include "trust/policy.h"

#define TOOLBOX_JSON_MAX_BYTES	    ((size_t)128 << 20)
#define TOOLBOX_ARGUMENTS_MAX_BYTES ((size_t)64 << 20) /* with the longer names */

struct toolbox {
	struct toolbox_entry *entry;
	size_t count;
	struct name_tree names; /* each is the first member of its entry */
	char **readable;	/* the servers that have resources; NULL-terminated */
	enum schema_family family;
	struct quarantine *quarantine; /* or NULL */
	char *provider;		       /* whose */
	struct buf definitions;	       /* one after the other */
	bool defined;
	bool stale;
	unsigned generation;
};

struct toolbox *toolbox_new(void)
{
	struct toolbox *toolbox = mem_new(sizeof(*toolbox));

	toolbox->family = SCHEMA_FLOOR;
	toolbox->readable = mem_new_array(1, sizeof(char *));
	buf_init(&toolbox->definitions, TOOLBOX_JSON_MAX_BYTES);
	return toolbox;
}

static void forget_keys(struct toolbox_entry *entry)
{
	for (size_t i = 0; i < entry->keys; i++) {
		free(entry->key[i].sent);
		free(entry->key[i].original);
	}
	free(entry->key);
	entry->key = NULL;
	entry->keys = 0;
}

static void forget_definitions(struct toolbox *toolbox)
{
	for (size_t i = 0; i < toolbox->count; i++)
		forget_keys(&toolbox->entry[i]);
	buf_clear(&toolbox->definitions);
	toolbox->defined = false;
	toolbox->generation++;
}

static void toolbox_clear(struct toolbox *toolbox)
{
	forget_definitions(toolbox);
	for (size_t i = 0; i < toolbox->count; i++) {
		server_unref(&toolbox->entry[i].server);
		free(toolbox->entry[i].tool);
		free(toolbox->entry[i].description);
		free(toolbox->entry[i].schema);
	}
	name_tree_clear(&toolbox->names);
	free(toolbox->entry);
	string_list_free(&toolbox->readable);
	toolbox->readable = mem_new_array(1, sizeof(char *));
	toolbox->entry = NULL;
	toolbox->count = 0;
}

void toolbox_free(struct toolbox **toolbox)
{
	if (!*toolbox)
		return;
	toolbox_clear(*toolbox);
	string_list_free(&(*toolbox)->readable);
	free((*toolbox)->provider);
	free(*toolbox);
	*toolbox = NULL;
}

void toolbox_mark_stale(struct toolbox *toolbox)
{
	toolbox->stale = true;
}

bool toolbox_is_stale(const struct toolbox *toolbox)
{
	return toolbox->stale;
}

static bool offered(const struct server *server, const struct tool *tool)
{
	const struct policy_question question = {
		.server = server_name(server),
		.tool = tool->name,
		.rules = &server_config(server)->policy,
	};

	if (tool->hidden || !server_can_call(server, tool))
		return false;
	return policy_decide(&question).verdict != POLICY_DENY;
}

/* The model reads what a person sees: nothing invisible, no control characters. */
static char *description_for_model(const char *description)
{
	struct buf shown = BUF_INIT;

	if (!description)
		return NULL;
	sanitize_text(description, strlen(description), &shown);
	return buf_take(&shown);
}

static void add_tool(struct toolbox *toolbox, struct server *server, const struct tool *tool)
{
	struct toolbox_entry *entry = &toolbox->entry[toolbox->count];

	tool_name_for_model(server_name(server), tool->name, entry->name);
	if (!name_tree_add(&toolbox->names, entry->name)) {
		log_warning("server \"%s\": tool \"%s\" is left out: its name toward the model, "
			    "%s, is taken",
			    server_name(server), tool->name, entry->name);
		return;
	}
	entry->server = server_ref(server);
	entry->tool = mem_string(tool->name);
	entry->description = description_for_model(tool->description);
	entry->schema = mem_string(tool->input_schema);
	toolbox->count++;
}

static int by_server_name(const void *a, const void *b)
{
	return strcmp(server_name(*(struct server *const *)a),
		      server_name(*(struct server *const *)b));
}

void toolbox_rebuild(struct toolbox *toolbox, const struct server_pool *pool)
{
	size_t servers = server_pool_count(pool), room = 0;
	struct server **ready = mem_new_array(servers + 1, sizeof(struct server *));
	size_t ready_count = 0;

	toolbox_clear(toolbox);
	toolbox->stale = false;
	for (size_t i = 0; i < servers; i++) {
		struct server *server = server_pool_at(pool, i);

		if (!server_is_offered(server))
			continue;
		ready[ready_count++] = server;
		room += server_tools(server)->count;
	}
	qsort(ready, ready_count, sizeof(struct server *), by_server_name);
	toolbox->entry = mem_new_array(room + 1, sizeof(*toolbox->entry));
	for (size_t i = 0; i < ready_count; i++) {
		const struct tool_list *tools = server_tools(ready[i]);

		for (size_t t = 0; t < tools->count; t++)
			if (offered(ready[i], &tools->tool[t]))
				add_tool(toolbox, ready[i], &tools->tool[t]);
		if (server_has(ready[i], SERVER_RESOURCES))
			string_list_add(&toolbox->readable, mem_string(server_name(ready[i])));
	}
	free(ready);
}

size_t toolbox_count(const struct toolbox *toolbox)
{
	return toolbox->count;
}

const struct toolbox_entry *toolbox_at(const struct toolbox *toolbox, size_t i)
{
	return &toolbox->entry[i];
}

size_t toolbox_number(const struct toolbox *toolbox, const struct toolbox_entry *entry)
{
	return (size_t)(entry - toolbox->entry);
}

const struct toolbox_entry *toolbox_find(const struct toolbox *toolbox, const char *name)
{
	return (const void *)name_tree_find(&toolbox->names, name);
}

const char *toolbox_nearest(const struct toolbox *toolbox, const char *name)
{
	const char **names = mem_new_array(toolbox->count + 1, sizeof(*names));
	const char *nearest;

	for (size_t i = 0; i < toolbox->count; i++)
		names[i] = toolbox->entry[i].name;
	nearest = options_nearest(name, names, toolbox->count);
	free(names);
	return nearest;
}

void toolbox_set_family(struct toolbox *toolbox, enum schema_family family)
{
	if (toolbox->family == family)
		return;
	toolbox->family = family;
	forget_definitions(toolbox);
}

enum schema_family toolbox_family(const struct toolbox *toolbox)
{
	return toolbox->family;
}

static void define(struct toolbox *toolbox, struct toolbox_entry *entry)
{
	struct buf *out = &toolbox->definitions;

	entry->at = out->len;
	tool_definition_write(out, entry->name, entry->description, entry->schema, toolbox->family,
			      &entry->key, &entry->keys);
	entry->len = out->len - entry->at;
	entry->refused = toolbox->quarantine && !out->overflowed
				 ? quarantine_find(toolbox->quarantine, toolbox->provider,
						   out->data + entry->at, entry->len)
				 : NULL;
}

void toolbox_define(struct toolbox *toolbox)
{
	if (toolbox->defined)
		return;
	for (size_t i = 0; i < toolbox->count; i++)
		define(toolbox, &toolbox->entry[i]);
	toolbox->defined = true;
}

char *const *toolbox_readable(const struct toolbox *toolbox)
{
	return toolbox->readable;
}

unsigned toolbox_generation(const struct toolbox *toolbox)
{
	return toolbox->generation;
}

void toolbox_set_quarantine(struct toolbox *toolbox, struct quarantine *quarantine,
			    const char *provider)
{
	free(toolbox->provider);
	toolbox->provider = mem_string(provider);
	toolbox->quarantine = quarantine;
	forget_definitions(toolbox);
}

const char *toolbox_definition(struct toolbox *toolbox, const struct toolbox_entry *entry,
			       size_t *len)
{
	toolbox_define(toolbox);
	*len = entry->len;
	return buf_text(&toolbox->definitions) + entry->at;
}

int toolbox_refuse(struct toolbox *toolbox, const struct toolbox_entry *entry, const char *why,
		   struct err *err)
{
	size_t len;
	const char *json = toolbox_definition(toolbox, entry, &len);
	int status = quarantine_add(toolbox->quarantine, toolbox->provider, json, len, entry->name,
				    why, err);

	forget_definitions(toolbox);
	return status;
}

char *toolbox_arguments(const struct toolbox_entry *entry, const char *arguments)
{
	struct buf out;

	if (entry->keys == 0)
		return NULL;
	buf_init(&out, TOOLBOX_ARGUMENTS_MAX_BYTES);
	if (schema_keys_restore(entry->key, entry->keys, arguments, strlen(arguments), &out)) {
		buf_clear(&out);
		return NULL;
	}
	return buf_take(&out);
}
