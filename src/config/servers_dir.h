/* SPDX-License-Identifier: MIT */
/*
 * servers_dir: every server there is, from the tiers of servers.d, lowest to highest.
 *
 * Nothing vanishes: disabled, masked, overridden and broken entries are in the list with their
 * reason. One bad file disables only itself; all faults of all files are reported. Nothing is
 * started here.
 */
#ifndef CORDPAIR_CONFIG_SERVERS_DIR_H
#define CORDPAIR_CONFIG_SERVERS_DIR_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/options.h"
#include "config/server_config.h"

#define SERVERS_FILE_MAX_BYTES ((size_t)1 << 20)
#define SERVERS_FILES_MAX      1000 /* of one directory; those after it by name are not read */

enum servers_tier {
	TIER_VENDOR, /* available, not enabled */
	TIER_RUN,
	TIER_ADMIN,
	TIER_USER,
	TIER_PROJECT,
	TIER_COMMAND_LINE,
	TIERS
};

enum server_standing {
	SERVER_ENABLED,
	SERVER_DISABLED,   /* by itself, by a switch above it, or a vendor's that nobody enabled */
	SERVER_MASKED,	   /* its file is masked by an empty file or a link to /dev/null */
	SERVER_OVERRIDDEN, /* another definition of the name, or another file of the basename, wins
			    */
	SERVER_BROKEN,	   /* the file or the entry has a fault */
	SERVER_CONFLICT,   /* two definitions in one tier: neither starts */
	SERVER_UNRESOLVED  /* a ${variable} is not set */
};

struct server_entry {
	char *name; /* for a file that cannot be read: the name its basename gives */
	enum server_standing standing;
	enum servers_tier tier;
	char *file;
	unsigned line;
	char *reason;		      /* why it is not enabled, one sentence; NULL when enabled */
	struct server_config *config; /* NULL when broken, masked or unresolved */
	char *switched_by;	      /* the file whose switch decided, or NULL */
	char *definition; /* the entry's JSON text, unexpanded, secrets as written; or NULL */
	bool disables;	  /* a switch by itself, which says no: what it switches is not there */
};

struct servers_fault {
	struct err err; /* text: "file:line:column: what" */
};

struct servers_unread {
	char *directory, *why; /* the text of its fault */
	enum servers_tier tier;
};

struct servers_dir {
	struct server_entry *entry; /* by name, the winning one first, then the lower ones */
	size_t entries;
	struct servers_fault *fault; /* in the order of reading */
	size_t faults;
	size_t warnings; /* how many of them do not disable anything (kind ERR_NONE) */
	struct servers_unread *unread; /* directories that are there and could not be listed */
	size_t unreads;
};

struct servers_dir_options {
	const char *servers_dir;       /* --servers-dir: replaces all tiers of directories */
	const struct strings *servers; /* --server NAME=COMMAND, may be NULL */
};

/* Never fails as a whole: what is wrong is in the result. Free with servers_dir_free(). */
struct servers_dir *servers_dir_load(const struct servers_dir_options *options);
void servers_dir_free(struct servers_dir **dir);

/*
 * The directories that are read, lowest first, whether they are there or not; NULL-terminated. Free
 * with string_list_free().
 */
char **servers_dir_directories(const struct servers_dir_options *options);

/* The winning entry of a name, or NULL. */
const struct server_entry *servers_dir_find(const struct servers_dir *dir, const char *name);
/* "enabled", "disabled", "masked" … */
const char *server_standing_name(enum server_standing standing);
const char *servers_tier_name(enum servers_tier tier);

/*
 * `servers enable NAME` and `disable NAME`: writes (or removes, when the state below it is the
 * wanted one already) the switch $XDG_CONFIG_HOME/cordpair/servers.d/90-NAME.json, or in
 * options->servers_dir when given. *path (the caller frees) names the file; NULL when nothing had
 * to be written.
 */
int servers_dir_switch(const struct servers_dir_options *options, const char *name, bool enabled,
		       char **path, struct err *err) __attribute__((warn_unused_result));

#endif
