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

#include "mcp/server_pool.h"
#include "model/schema_lower.h"
#include "model/tool_names.h"

struct toolbox_entry {
	char name[TOOL_NAMES_MAX_BYTES + 1]; /* toward the model */
	struct server *server;
	char *tool;		/* the server's name of it */
	char *description;	/* or NULL */
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
/* By the name toward the model. */
const struct toolbox_entry *toolbox_find(const struct toolbox *toolbox, const char *name);
/* The nearest name, for "did you mean"; or NULL. */
const char *toolbox_nearest(const struct toolbox *toolbox, const char *name);
/* Whose rules the array obeys; SCHEMA_FLOOR before it is said. */
void toolbox_set_family(struct toolbox *toolbox, enum schema_family family);
enum schema_family toolbox_family(const struct toolbox *toolbox);
/* Exactly the array that is sent. Borrowed until the next rebuild or change of family. */
const char *toolbox_json(struct toolbox *toolbox, size_t *len);

/*
 * The model's arguments with the server's names of properties: a new text (free()), or NULL when
 * they are the same. arguments is checked JSON.
 */
char *toolbox_arguments(const struct toolbox_entry *entry, const char *arguments);

#endif
