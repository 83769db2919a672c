/* SPDX-License-Identifier: MIT */
/*
 * oauth_fetch: one small request to an address that a document named, and its whole answer.
 *
 * Such an address must not lead into the user's network: it is judged when it is connected to (see
 * io/address.h), unless the entry says `private_network`, or the server itself is on this machine
 * and the address too.
 */
#ifndef CORDPAIR_TRUST_OAUTH_FETCH_H
#define CORDPAIR_TRUST_OAUTH_FETCH_H

#include "base/buf.h"
#include "config/server_config.h"
#include "io/http.h"

#define OAUTH_FETCH_MS 30000

/* status, and the body (borrowed); err, and nothing else, where there was no answer. */
typedef void oauth_fetch_fn(void *arg, long status, const char *body, size_t len,
			    const struct err *err);

struct oauth_fetch { /* embedded; zero it before the first use */
	struct http *http;
	struct loop *loop;
	struct http_exchange *exchange;
	struct buf body;
	struct err err;
	oauth_fetch_fn *done;
	void *arg;
};

struct oauth_fetch_request {
	const struct server_config *config; /* on whose behalf */
	const char *url;
	const char *content_type;  /* of the body */
	const char *body;	   /* borrowed until done; NULL: a GET */
	const char *authorization; /* or NULL */
};

/* done comes later, once. One at a time. */
void oauth_fetch_start(struct loop *loop, struct http *http, struct oauth_fetch *fetch,
		       const struct oauth_fetch_request *request, oauth_fetch_fn *done, void *arg);
void oauth_fetch_cancel(struct oauth_fetch *fetch);

#endif
