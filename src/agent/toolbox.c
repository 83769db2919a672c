/* SPDX-License-Identifier: MIT */
/*
 * Builds OpenRouter's `tools` array out of every ready server's tools/list, and the table that
 * leads a name back to its server. The array is made when it is first asked for: listing tools
 * needs none.
 */
#include "config.h"

#include "agent/toolbox.h"

#include <stdlib.h>
#include <string.h>

#include "agent/builtin_tools.h"
#include "base/json_write.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/options.h"
#include "base/sanitize.h"
#include "trust/policy.h"

#define TOOLBOX_JSON_MAX_BYTES	    ((size_t)128 << 20)
#define TOOLBOX_ARGUMENTS_MAX_BYTES ((size_t)64 << 20) /* with the longer names */

struct toolbox {
	struct toolbox_entry *entry;
	size_t count;
	char **schema;	 /* of entry[i]: the server's text */
	char **readable; /* the servers that have resources; NULL-terminated */
	bool builtins;	 /* are offered */
	enum schema_family family;
	struct quarantine *quarantine; /* or NULL */
	char *provider;		       /* whose */
	struct buf json;
	bool json_made;
	bool stale;
};

struct toolbox *toolbox_new(void)
{
	struct toolbox *toolbox = mem_new(sizeof(*toolbox));

	toolbox->family = SCHEMA_FLOOR;
	toolbox->readable = mem_new_array(1, sizeof(char *));
	buf_init(&toolbox->json, TOOLBOX_JSON_MAX_BYTES);
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

static void forget_json(struct toolbox *toolbox)
{
	for (size_t i = 0; i < toolbox->count; i++)
		forget_keys(&toolbox->entry[i]);
	buf_clear(&toolbox->json);
	toolbox->json_made = false;
}

static void toolbox_clear(struct toolbox *toolbox)
{
	forget_json(toolbox);
	for (size_t i = 0; i < toolbox->count; i++) {
		free(toolbox->entry[i].tool);
		free(toolbox->entry[i].description);
		free(toolbox->schema[i]);
	}
	free(toolbox->entry);
	free(toolbox->schema);
	string_list_free(&toolbox->readable);
	toolbox->readable = mem_new_array(1, sizeof(char *));
	toolbox->entry = NULL;
	toolbox->schema = NULL;
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
	if (toolbox_find(toolbox, entry->name)) {
		log_warning("server \"%s\": tool \"%s\" is left out: its name toward the model, "
			    "%s, is taken",
			    server_name(server), tool->name, entry->name);
		return;
	}
	entry->server = server;
	entry->tool = mem_string(tool->name);
	entry->description = description_for_model(tool->description);
	toolbox->schema[toolbox->count] = mem_string(tool->input_schema);
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

		if (server_get_state(server) != SERVER_READY)
			continue;
		ready[ready_count++] = server;
		room += server_tools(server)->count;
	}
	qsort(ready, ready_count, sizeof(struct server *), by_server_name);
	toolbox->entry = mem_new_array(room + 1, sizeof(*toolbox->entry));
	toolbox->schema = mem_new_array(room + 1, sizeof(*toolbox->schema));
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

const struct toolbox_entry *toolbox_find(const struct toolbox *toolbox, const char *name)
{
	for (size_t i = 0; i < toolbox->count; i++)
		if (strcmp(toolbox->entry[i].name, name) == 0)
			return &toolbox->entry[i];
	return NULL;
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
	forget_json(toolbox);
}

void toolbox_set_builtins(struct toolbox *toolbox, bool offers)
{
	toolbox->builtins = offers;
	forget_json(toolbox);
}

enum schema_family toolbox_family(const struct toolbox *toolbox)
{
	return toolbox->family;
}

static void write_tool(struct buf *out, struct toolbox_entry *entry, const char *schema,
		       enum schema_family family)
{
	struct schema_lowered lowered;

	schema_lower(schema, family, &lowered);
	buf_append_text(out, "{\"type\":\"function\",\"function\":{");
	json_write_member(out, "name", entry->name);
	/* Bedrock refuses an empty description, so an empty one is left out. */
	if (entry->description && *entry->description)
		json_write_member(out, "description", entry->description);
	json_write_member_json(out, "parameters", lowered.parameters, strlen(lowered.parameters));
	buf_append_text(out, "}}");
	entry->key = lowered.key;
	entry->keys = lowered.keys;
	lowered.key = NULL;
	lowered.keys = 0;
	schema_lowered_clear(&lowered);
}

static void add_to_json(struct toolbox *toolbox, size_t i)
{
	struct toolbox_entry *entry = &toolbox->entry[i];
	struct buf *json = &toolbox->json;
	size_t before = json->len;

	if (before > 1)
		buf_append_char(json, ',');
	entry->at = json->len;
	write_tool(json, entry, toolbox->schema[i], toolbox->family);
	entry->len = json->len - entry->at;
	entry->refused = toolbox->quarantine && !json->overflowed
				 ? quarantine_find(toolbox->quarantine, toolbox->provider,
						   json->data + entry->at, entry->len)
				 : NULL;
	if (entry->refused)
		buf_truncate(json, before);
}

static void make_json(struct toolbox *toolbox)
{
	buf_append_char(&toolbox->json, '[');
	for (size_t i = 0; i < toolbox->count; i++)
		add_to_json(toolbox, i);
	if (toolbox->builtins && toolbox->readable[0])
		builtin_tools_write(&toolbox->json, toolbox->readable, toolbox->family);
	buf_append_char(&toolbox->json, ']');
	toolbox->json_made = true;
}

void toolbox_set_quarantine(struct toolbox *toolbox, struct quarantine *quarantine,
			    const char *provider)
{
	free(toolbox->provider);
	toolbox->provider = mem_string(provider);
	toolbox->quarantine = quarantine;
	forget_json(toolbox);
}

const char *toolbox_json(struct toolbox *toolbox, size_t *len)
{
	if (!toolbox->json_made)
		make_json(toolbox);
	*len = toolbox->json.len;
	return buf_text(&toolbox->json);
}

size_t toolbox_sent_count(struct toolbox *toolbox)
{
	size_t count = 0, len;

	(void)toolbox_json(toolbox, &len);
	for (size_t i = 0; i < toolbox->count; i++)
		count += !toolbox->entry[i].refused;
	return count;
}

const char *toolbox_entry_json(struct toolbox *toolbox, const struct toolbox_entry *entry,
			       size_t *len)
{
	size_t whole;
	const char *json = toolbox_json(toolbox, &whole);

	*len = entry->len;
	return json + entry->at;
}

int toolbox_refuse(struct toolbox *toolbox, const struct toolbox_entry *entry, const char *why,
		   struct err *err)
{
	size_t len;
	const char *json = toolbox_entry_json(toolbox, entry, &len);
	int status = quarantine_add(toolbox->quarantine, toolbox->provider, json, len, entry->name,
				    why, err);

	forget_json(toolbox);
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
