/* SPDX-License-Identifier: MIT */
/*
 * quarantine: tools that a provider refused, so that no run after it has to find them again.
 *
 * A finding holds for one provider and one definition: a tool that is defined otherwise is offered
 * again, and so is any after QUARANTINE_MAX_AGE_S. Kept in one JSON file (0600, replaced whole):
 *
 *   {"refused":[{"provider":"google","definition":SHA-256,"tool":"it__x","why":"…","at":1790000000}]}
 */
#ifndef CORDPAIR_AGENT_QUARANTINE_H
#define CORDPAIR_AGENT_QUARANTINE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/digest.h"
#include "base/err.h"

#define QUARANTINE_TOOLS_MAX	  256 /* kept; the oldest go */
#define QUARANTINE_MAX_AGE_S	  (30L * 86400)
#define QUARANTINE_FILE_MAX_BYTES ((size_t)512 << 10)
#define QUARANTINE_NAME_MAX_BYTES 64
#define QUARANTINE_WHY_MAX_BYTES  200

struct quarantine;
/* Reads the file. What is wrong with it is told in the log, and it is then empty. path NULL: only
 * this run remembers. */
struct quarantine *quarantine_new(const char *path);
void quarantine_free(struct quarantine **quarantine);

/* Why the provider refused a tool that is sent as `definition`; or NULL: it did not. Borrowed. */
const char *quarantine_find(const struct quarantine *quarantine, const char *provider,
			    const char *definition, size_t len);
/* Remembers it for this run at once. -1: it could not be written for the next. Blocks. */
int quarantine_add(struct quarantine *quarantine, const char *provider, const char *definition,
		   size_t len, const char *tool, const char *why, struct err *err)
	__attribute__((warn_unused_result));

#endif
