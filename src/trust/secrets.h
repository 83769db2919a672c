/* SPDX-License-Identifier: MIT */
/*
 * secrets: the API key, read once.
 *
 * In this order: $OPENROUTER_API_KEY (its bytes in the environment are then overwritten and the
 * variable removed), settings.api_key_command (first line of its stdout; 30 s), a systemd
 * credential $CREDENTIALS_DIRECTORY/openrouter, $XDG_CONFIG_HOME/cordpair/key (0600). Whatever is
 * found is registered with trace_add_secret().
 */
#ifndef CORDPAIR_TRUST_SECRETS_H
#define CORDPAIR_TRUST_SECRETS_H

#include "base/err.h"
#include "config/settings.h"
#include "io/loop.h"

#define SECRETS_KEY_MAX_BYTES 4096

/*
 * Takes the key out of the environment and makes the process not dumpable. Call first in main(),
 * before anything is started, and only in the program that will use the key.
 */
void secrets_take_environment(void);

/* Puts the key back, right before this program is replaced by `engine`. */
void secrets_give_back_environment(void);

struct api_key {
	char *text;	    /* NULL: there is none */
	const char *origin; /* "OPENROUTER_API_KEY", "api_key_command", … static text */
};

/* Finds the key. No key is not an error. ERR_PERMISSION: a key file others can read. */
int secrets_api_key(struct loop *loop, const struct settings *settings, struct api_key *key,
		    struct err *err) __attribute__((warn_unused_result));
void api_key_clear(struct api_key *key); /* overwrites, frees */

#endif
