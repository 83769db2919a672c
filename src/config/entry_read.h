/* SPDX-License-Identifier: MIT */
/*
 * entry_read: one entry's members, of any dialect, into a server_config. Internal to config/.
 */
#ifndef CORDPAIR_CONFIG_ENTRY_READ_H
#define CORDPAIR_CONFIG_ENTRY_READ_H

#include <stdarg.h>

#include "base/err.h"
#include "base/json_check.h"
#include "config/server_config.h"

struct entry_source {
	const char *file; /* for messages and config->file */
	const char *text; /* the whole file, into which every span points; NULL: no positions */
	struct json_span inputs; /* VS Code's, or absent */
	/* Every fault; kind ERR_NONE: a warning, the entry is used all the same. */
	void (*on_fault)(void *arg, const struct err *fault);
	void *arg;
};

enum entry_outcome {
	ENTRY_GOOD,	  /* *config is there */
	ENTRY_BROKEN,	  /* every fault was told; *why is the first one */
	ENTRY_UNRESOLVED, /* a ${variable} is not set: *why names it; no fault was told */
	ENTRY_SWITCH	  /* only "enabled" or "disabled": *enabled */
};

struct entry_reading {
	struct server_config *config; /* the caller's */
	char *why;		      /* the caller's, or NULL */
	bool enabled;		      /* what the entry itself says; true when it says nothing */
};

/* object: a checked object, the entry. */
enum entry_outcome entry_read(const struct entry_source *source, const char *name,
			      struct json_span object, struct entry_reading *reading);

/* Adds "file:line:column: " before the text of a fault at `at` (NULL: only the file). */
void entry_fault_at(const struct entry_source *source, const char *at, struct err *fault,
		    enum err_kind kind, const char *format, va_list args)
	__attribute__((format(printf, 5, 0)));

#endif
