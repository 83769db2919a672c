/* SPDX-License-Identifier: MIT */
/*
 * toolbox: the tools of all ready servers as the model sees them, and the way back.
 *
 * The tools array is in the order of the servers' names and then of each server's own list, and
 * byte-stable while nothing changes. Schemas go out as the provider's family takes them
 * (model/schema_lower). Tools that policy denies outright are not offered.
 */
#ifndef CORDPAIR_AGENT_TOOLBOX_H
#define CORDPAIR_AGENT_TOOLBOX_H

#include <stdbool.h>
#include <stddef.h>

#include "agent/quarantine.h"
#include "mcp/server_pool.h"
#include "model/schema_lower.h"
#include "model/tool_names.h"

struct toolbox_entry {
	char name[TOOL_NAMES_MAX_BYTES + 1]; /* toward the model */
	struct server *server;
	char *tool;		/* the server's name of it */
	char *description;	/* or NULL */
	const char *refused;	/* why the model's provider does not get it; or NULL. Borrowed */
	size_t at, len;		/* in toolbox_json() */
	struct schema_key *key; /* properties that go out under other names; see toolbox_json() */
	size_t keys;
};

struct toolbox;
struct toolbox *toolbox_new(void);
void toolbox_free(struct toolbox **toolbox);

/* Reads the pool again: only READY servers. Entries and texts got before are gone. */
void toolbox_rebuild(struct toolbox *toolbox, const struct server_pool *pool);
/* Some server's tools changed: the turn rebuilds before its next request, not in the middle. */
void toolbox_mark_stale(struct toolbox *toolbox);
bool toolbox_is_stale(const struct toolbox *toolbox);

size_t toolbox_count(const struct toolbox *toolbox);
const struct toolbox_entry *toolbox_at(const struct toolbox *toolbox, size_t i);
/* The host's own tools (builtin_tools) are in the array too, where a server has resources. */
void toolbox_set_builtins(struct toolbox *toolbox, bool offered);
/* By the name toward the model. Not of the host's own. */
const struct toolbox_entry *toolbox_find(const struct toolbox *toolbox, const char *name);
/* The nearest name, for "did you mean"; or NULL. */
const char *toolbox_nearest(const struct toolbox *toolbox, const char *name);
/* Whose rules the array obeys; SCHEMA_FLOOR before it is said. */
void toolbox_set_family(struct toolbox *toolbox, enum schema_family family);
enum schema_family toolbox_family(const struct toolbox *toolbox);
/* Tools that this provider refused are left out from now on; they have `refused` once the array is
 * made. Borrowed. */
void toolbox_set_quarantine(struct toolbox *toolbox, struct quarantine *quarantine,
			    const char *provider);
/* Exactly the array that is sent. Borrowed until the next rebuild, change of family or refusal. */
const char *toolbox_json(struct toolbox *toolbox, size_t *len);
/* How many tools are in it. */
size_t toolbox_sent_count(struct toolbox *toolbox);
/* The part of it that is this entry, which is not left out. */
const char *toolbox_entry_json(struct toolbox *toolbox, const struct toolbox_entry *entry,
			       size_t *len);
/* The provider refuses it: it is left out from now on. -1: later runs will not know it. */
int toolbox_refuse(struct toolbox *toolbox, const struct toolbox_entry *entry, const char *why,
		   struct err *err) __attribute__((warn_unused_result));

/*
 * The model's arguments with the server's names of properties: a new text (free()), or NULL when
 * they are the same. arguments is checked JSON.
 */
char *toolbox_arguments(const struct toolbox_entry *entry, const char *arguments);

#endif
