/* SPDX-License-Identifier: MIT */
/*
 * toolbox: the tools of all ready servers as the model sees them, and the way back.
 *
 * The tools array is in the order of the servers' names and then of each server's own list, and
 * byte-stable while nothing changes. Schemas go out as listed, made fit for every provider: the
 * root is an object with "properties", "$schema" is left out (lowering per provider is another
 * subject). Tools that policy denies outright are not offered.
 */
#ifndef CORDPAIR_AGENT_TOOLBOX_H
#define CORDPAIR_AGENT_TOOLBOX_H

#include <stdbool.h>
#include <stddef.h>

#include "mcp/server_pool.h"
#include "model/tool_names.h"

struct toolbox_entry {
	char name[TOOL_NAMES_MAX_BYTES + 1]; /* toward the model */
	struct server *server;
	char *tool;	   /* the server's name of it */
	char *description; /* or NULL */
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
/* Exactly the array that is sent. Borrowed until the next rebuild. */
const char *toolbox_json(struct toolbox *toolbox, size_t *len);

#endif
