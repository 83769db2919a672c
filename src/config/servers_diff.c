/* SPDX-License-Identifier: MIT */
/*
 * Decides name by name. What is the same is read from the two digests of an entry; the rest is
 * about telling "it is not wanted any more" from "it cannot be read right now".
 */
#include "config.h"

#include "config/servers_diff.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

/* Its entry is there, and wrong: not what anybody means who wants it gone. */
static bool is_at_fault(enum server_standing standing)
{
	return standing == SERVER_BROKEN || standing == SERVER_CONFLICT ||
	       standing == SERVER_UNRESOLVED;
}

static bool is_in(const char *file, const char *directory)
{
	size_t len = strlen(directory);

	return strncmp(file, directory, len) == 0 && file[len] == '/' &&
	       !strchr(file + len + 1, '/');
}

/* The file or directory that it came from, as a whole: then none of its names is known. */
static const char *source_fault(const struct servers_dir *now, const struct server_config *before,
				enum servers_tier *tier)
{
	for (size_t i = 0; i < now->entries; i++) {
		const struct server_entry *entry = &now->entry[i];

		*tier = entry->tier;
		if (entry->standing == SERVER_BROKEN && !entry->definition &&
		    strcmp(entry->file, before->file) == 0)
			return entry->reason;
	}
	for (size_t i = 0; i < now->unreads; i++) {
		*tier = now->unread[i].tier;
		if (is_in(before->file, now->unread[i].directory))
			return now->unread[i].why;
	}
	return NULL;
}

static bool only_switches_on(const struct server_entry *entry)
{
	return entry->standing == SERVER_DISABLED && !entry->config && !entry->disables;
}

/* Why the last good entry stays; NULL: the new one decides. */
static const char *why_held(const struct servers_dir *now, const struct server_config *before,
			    const struct server_entry *entry)
{
	enum servers_tier tier;
	const char *fault;

	if (entry && is_at_fault(entry->standing))
		return entry->reason ? entry->reason : "its entry is broken";
	if (entry && (entry->switched_by || entry->disables) && entry->standing == SERVER_DISABLED)
		return NULL; /* somebody says no, whatever the file would say */
	fault = source_fault(now, before, &tier);
	if (!fault || !entry || only_switches_on(entry))
		return fault;
	/* A lower tier's server of this name is not meant as long as the file is there. */
	return entry->tier < tier ? fault : NULL;
}

static const char *why_removed(const struct server_entry *entry)
{
	if (!entry)
		return "it is not in servers.d any more";
	return entry->reason ? entry->reason : "it is not enabled";
}

static struct servers_step *add_step(struct servers_diff *diff, enum servers_change change)
{
	struct servers_step *step;

	diff->step = mem_resize_array(diff->step, diff->steps + 1, sizeof(*diff->step));
	step = &diff->step[diff->steps++];
	*step = (struct servers_step){.change = change};
	return step;
}

static enum servers_change compare(const struct server_config *before,
				   const struct server_config *after)
{
	if (strcmp(before->identity, after->identity) != 0)
		return SERVERS_CHANGED;
	return strcmp(before->rules, after->rules) == 0 ? SERVERS_KEPT : SERVERS_RULES;
}

static void decide(struct servers_diff *diff, const struct server_config *before,
		   const struct servers_dir *now)
{
	const struct server_entry *entry = servers_dir_find(now, before->name);
	const char *held = why_held(now, before, entry);
	struct servers_step *step;

	if (held) {
		step = add_step(diff, SERVERS_HELD);
		step->why = mem_string(held);
	} else if (!entry || entry->standing != SERVER_ENABLED) {
		step = add_step(diff, SERVERS_REMOVED);
		step->why = mem_string(why_removed(entry));
	} else {
		step = add_step(diff, compare(before, entry->config));
		step->after = entry->config;
	}
	step->before = before;
}

static bool runs(const struct server_config *const running[], size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(running[i]->name, name) == 0)
			return true;
	return false;
}

void servers_diff_make(struct servers_diff *diff, const struct server_config *const running[],
		       size_t count, const struct servers_dir *now)
{
	*diff = (struct servers_diff){0};
	for (size_t i = 0; i < count; i++)
		decide(diff, running[i], now);
	for (size_t i = 0; i < now->entries; i++) {
		const struct server_entry *entry = &now->entry[i];

		if (entry->standing == SERVER_ENABLED && !runs(running, count, entry->name))
			add_step(diff, SERVERS_ADDED)->after = entry->config;
	}
}

void servers_diff_clear(struct servers_diff *diff)
{
	for (size_t i = 0; i < diff->steps; i++)
		free(diff->step[i].why);
	free(diff->step);
	*diff = (struct servers_diff){0};
}
