/* SPDX-License-Identifier: MIT */
/*
 * key_login: an API key of OpenRouter by a person's browser (OpenRouter, "OAuth PKCE"): the page
 * gives a code, POST {base-url}/auth/keys gives a key for it.
 */
#ifndef CORDPAIR_TRUST_KEY_LOGIN_H
#define CORDPAIR_TRUST_KEY_LOGIN_H

#include "base/err.h"
#include "io/http.h"
#include "io/loop.h"
#include "trust/user_agent.h"

#define KEY_LOGIN_TIMEOUT_MS 30000 /* for the exchange, after the page */
#define KEY_LOGIN_MAX_BYTES  ((size_t)64 << 10)

struct key_login;

/* key: valid during the call, or NULL and err (ERR_PERMISSION, ERR_PROTOCOL, ERR_TEMPORARY). */
typedef void key_login_fn(void *arg, const char *key, const struct err *err);

/* done comes later, once. NULL: no redirect can be had, or base_url is none (err). */
struct key_login *key_login_start(struct loop *loop, struct http *http, struct user_agent *agent,
				  const char *base_url, key_login_fn *done, void *arg,
				  struct err *err) __attribute__((warn_unused_result));
void key_login_free(struct key_login **login); /* also before done: no call comes after */

#endif
