/* SPDX-License-Identifier: MIT */
/*
 * provider_choice: which of OpenRouter's providers may answer, and which first: the request's
 * "provider" object (ProviderPreferences), out of settings.json and --provider KEY=VALUE.
 *
 * OpenRouter refuses a key that it does not know, so keys and values are checked here. The members
 * of "max_price" are keys of their own: "max_price.prompt".
 */
#ifndef CORDPAIR_CONFIG_PROVIDER_CHOICE_H
#define CORDPAIR_CONFIG_PROVIDER_CHOICE_H

#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/json_check.h"
#include "base/options.h"

struct provider_choice;
struct provider_choice *provider_choice_new(void);
void provider_choice_free(struct provider_choice **choice);

/* A member of the object in settings.json. -1: *what says what is wrong with it, after its name; to
 * be freed. */
int provider_choice_set(struct provider_choice *choice, const char *key, struct json_span value,
			char **what) __attribute__((warn_unused_result));
/* "sort=price", "order=anthropic,google-vertex", "zdr" (which is true). ERR_USAGE. */
int provider_choice_set_option(struct provider_choice *choice, const char *option, struct err *err)
	__attribute__((warn_unused_result));
/* Appends the object; nothing when nothing was set. The same choice gives the same bytes. */
void provider_choice_write(const struct provider_choice *choice, struct buf *out);

#endif
