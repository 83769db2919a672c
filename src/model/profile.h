/* SPDX-License-Identifier: MIT */
/*
 * profile: what sets one kind of OpenAI-compatible endpoint apart from the others.
 *
 * A table: which keys it takes, which it needs, how it names them. Chosen by the address
 * (profile_for_url()), or by its name in settings ("profile"). An address that no row knows gets
 * "compatible", which asks for nothing that not everybody takes.
 */
#ifndef CORDPAIR_MODEL_PROFILE_H
#define CORDPAIR_MODEL_PROFILE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/media_type.h"
#include "model/schema_family.h"

struct profile {
	const char *name;  /* "openrouter", as settings say it */
	const char *title; /* "OpenRouter", for people */
	const char *host;  /* it, or anything below it; NULL: by the port alone */
	unsigned port;	   /* customary of a server of one's own, in plain HTTP; 0: none */

	bool own_keys;		   /* OpenRouter's: session_id, models, provider, reasoning … */
	bool needs_key;		   /* unless it is on loopback */
	bool model_optional;	   /* without "model" the account's default answers */
	bool usage_on_asking;	   /* a stream tells its usage only with stream_options */
	bool no_tool_choice;	   /* does not know "none": the last request goes without tools */
	bool parallel_on_asking;   /* one call at a time unless parallel_tool_calls is true */
	bool reasoning_effort;	   /* takes it */
	const char *max_tokens;	   /* its name for it */
	unsigned parts;		   /* kinds of media that its API has, whatever the model */
	bool reads_files;	   /* files are read for every model */
	enum schema_family family; /* whose rules tools obey; SCHEMA_BY_MODEL: the model's vendor */
};

/* Never NULL. */
const struct profile *profile_for_url(const char *base_url);
/* NULL: there is none of this name. */
const struct profile *profile_find(const char *name);
/* Row i, for lists; NULL behind the last. */
const struct profile *profile_at(size_t i);

/* Whose rules this model's tools obey: "google/…" Google's, an unknown vendor's the common floor's.
 * model may be NULL. */
enum schema_family profile_family(const struct profile *profile, const char *model);

/* Must this model's provider be told what of a request is to be cached? */
bool profile_needs_cache_marks(const struct profile *profile, const char *model);

/* Who takes or refuses its tools, for what is remembered about them: the family's name, or the
 * vendor's where it has no family. To be freed. */
char *profile_provider(const struct profile *profile, const char *model);

#endif
