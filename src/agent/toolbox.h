/* SPDX-License-Identifier: MIT */
/*
 * toolbox: the tools of all servers that can be called, as a model sees them, and the way back.
 *
 * They are in the order of the servers' names and then of each server's own list. Definitions are
 * byte-stable while nothing changes; schemas go out as the provider's family takes them
 * (model/schema_lower). Tools that policy denies outright are not offered. Which of them a request
 * has is tool_array's business.
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
	struct server *server;		     /* held: it may be gone from the pool since */
	char *tool;			     /* the server's name of it */
	char *description;		     /* or NULL */
	char *schema;			     /* as the server lists it */
	const char *refused;	/* why the model's provider does not get it; or NULL. Borrowed */
	size_t at, len;		/* of the definition; see toolbox_definition() */
	struct schema_key *key; /* properties that go out under other names */
	size_t keys;
};

struct toolbox;
struct toolbox *toolbox_new(void);
void toolbox_free(struct toolbox **toolbox);

/* Reads the pool again: only servers whose tools can be called. Entries and texts got before are
 * gone. */
void toolbox_rebuild(struct toolbox *toolbox, const struct server_pool *pool);
/* Some server's tools changed: the turn rebuilds before its next request, not in the middle. */
void toolbox_mark_stale(struct toolbox *toolbox);
bool toolbox_is_stale(const struct toolbox *toolbox);

size_t toolbox_count(const struct toolbox *toolbox);
const struct toolbox_entry *toolbox_at(const struct toolbox *toolbox, size_t i);
size_t toolbox_number(const struct toolbox *toolbox, const struct toolbox_entry *entry);
/* The servers that have resources; NULL-terminated. Borrowed until the next rebuild. */
char *const *toolbox_readable(const struct toolbox *toolbox);
/* Another number than before: entries, definitions or refusals may have changed. */
unsigned toolbox_generation(const struct toolbox *toolbox);
/* By the name toward the model. Not of the host's own. */
const struct toolbox_entry *toolbox_find(const struct toolbox *toolbox, const char *name);
/* The nearest name, for "did you mean"; or NULL. */
const char *toolbox_nearest(const struct toolbox *toolbox, const char *name);
/* Whose rules the definitions obey; SCHEMA_FLOOR before it is said. */
void toolbox_set_family(struct toolbox *toolbox, enum schema_family family);
enum schema_family toolbox_family(const struct toolbox *toolbox);
/* Tools that this provider refused are not to be sent; they have `refused` once the definitions are
 * made. Borrowed. */
void toolbox_set_quarantine(struct toolbox *toolbox, struct quarantine *quarantine,
			    const char *provider);
/* Makes all definitions, unless they are made: sets each entry's refused, at, len and key. */
void toolbox_define(struct toolbox *toolbox);
/* Exactly as it is sent. Borrowed until the next rebuild, change of family or refusal. */
const char *toolbox_definition(struct toolbox *toolbox, const struct toolbox_entry *entry,
			       size_t *len);
/* The provider refuses it: it is not to be sent from now on. -1: later runs will not know it. */
int toolbox_refuse(struct toolbox *toolbox, const struct toolbox_entry *entry, const char *why,
		   struct err *err) __attribute__((warn_unused_result));

/*
 * The model's arguments with the server's names of properties: a new text (free()), or NULL when
 * they are the same. arguments is checked JSON.
 */
char *toolbox_arguments(const struct toolbox_entry *entry, const char *arguments);

#endif
