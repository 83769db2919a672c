/* SPDX-License-Identifier: MIT */
/*
 * Two rounds of the same: try one place after the other until a document is there. One that is
 * there and wrong ends it; only one that is missing leads on.
 */
#include "config.h"

#include "trust/oauth_discovery.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

static void try_resource(struct oauth_discovery *discovery);
static void try_issuer(struct oauth_discovery *discovery);

static void finish(struct oauth_discovery *discovery, const struct err *err)
{
	discovery->done(discovery->arg, err);
}

static void fail_at(struct oauth_discovery *discovery, struct err *err)
{
	err_prefix(err, "%.120s", discovery->locations[discovery->at]);
	finish(discovery, err);
}

static void fetch(struct oauth_discovery *discovery, oauth_fetch_fn *done)
{
	const struct oauth_fetch_request request = {
		.config = discovery->config,
		.url = discovery->locations[discovery->at],
	};

	oauth_fetch_start(discovery->loop, discovery->http, &discovery->fetch, &request, done,
			  discovery);
}

/* A document is there. One that is missing leads on; what must not be asked at all ends it. */
static bool document_came(struct oauth_discovery *discovery, long status, const struct err *err,
			  void (*next)(struct oauth_discovery *))
{
	if (err && err->kind != ERR_TEMPORARY) {
		finish(discovery, err);
		return false;
	}
	if (status == 200)
		return true;
	discovery->at++;
	next(discovery);
	return false;
}

/* The authorization server */

static void issuer_got(void *arg, long status, const char *body, size_t len, const struct err *err)
{
	struct oauth_discovery *discovery = arg;
	struct err told;

	if (!document_came(discovery, status, err, try_issuer))
		return;
	if (oauth_issuer_read(body, len, discovery->expected, discovery->config->url,
			      &discovery->issuer, &told))
		fail_at(discovery, &told);
	else
		finish(discovery, NULL);
}

static void try_issuer(struct oauth_discovery *discovery)
{
	struct err err;

	if (discovery->locations[discovery->at]) {
		fetch(discovery, issuer_got);
	} else if (discovery->assumed) {
		oauth_issuer_assume(discovery->config->url, &discovery->issuer);
		finish(discovery, NULL);
	} else {
		err_set(&err, ERR_PROTOCOL,
			"the authorization server %.100s has no metadata document",
			discovery->expected);
		finish(discovery, &err);
	}
}

static void look_for_issuer(struct oauth_discovery *discovery, const char *issuer)
{
	discovery->expected = mem_string(issuer);
	string_list_free(&discovery->locations);
	discovery->locations = oauth_issuer_locations(issuer);
	discovery->at = 0;
	try_issuer(discovery);
}

/* The one of the entry; else the one used before; else the first that the server names. */
static const char *choose_issuer(const struct oauth_discovery *discovery, struct err *err)
{
	char *const *issuers = discovery->resource.issuers;
	const char *only = discovery->config->oauth.issuer;

	if (only && !oauth_list_has(issuers, only)) {
		err_set(err, ERR_PERMISSION,
			"the server does not name %.100s, which its entry says, as its "
			"authorization server",
			only);
		return NULL;
	}
	if (only)
		return only;
	if (discovery->preferred && oauth_list_has(issuers, discovery->preferred))
		return discovery->preferred;
	return issuers[0];
}

static void resource_known(struct oauth_discovery *discovery)
{
	struct err err;
	const char *issuer = choose_issuer(discovery, &err);

	if (!issuer)
		finish(discovery, &err);
	else if (!oauth_url_is_safe(issuer, discovery->config->url)) {
		err_set(&err, ERR_PERMISSION, "the authorization server %.100s is not https",
			issuer);
		finish(discovery, &err);
	} else {
		look_for_issuer(discovery, issuer);
	}
}

/* The resource */

static void assume(struct oauth_discovery *discovery)
{
	char *origin = http_url_origin(discovery->config->url);
	struct err err;

	discovery->assumed = true;
	if (origin && oauth_url_is_safe(origin, discovery->config->url)) {
		look_for_issuer(discovery, origin);
	} else {
		err_set(&err, ERR_PERMISSION, "a login needs https: %.100s",
			discovery->config->url);
		finish(discovery, &err);
	}
	free(origin);
}

static void resource_got(void *arg, long status, const char *body, size_t len,
			 const struct err *err)
{
	struct oauth_discovery *discovery = arg;
	struct err told;

	if (!document_came(discovery, status, err, try_resource))
		return;
	if (oauth_resource_read(body, len, discovery->config->url, &discovery->resource, &told))
		fail_at(discovery, &told);
	else if (discovery->resource.issuers[0])
		resource_known(discovery);
	else
		assume(discovery);
}

static void try_resource(struct oauth_discovery *discovery)
{
	if (discovery->locations[discovery->at])
		fetch(discovery, resource_got);
	else
		assume(discovery);
}

void oauth_discovery_start(struct oauth_discovery *discovery, struct loop *loop, struct http *http,
			   const struct server_config *config, const char *hint,
			   const char *preferred, void (*done)(void *arg, const struct err *err),
			   void *arg)
{
	oauth_discovery_clear(discovery);
	discovery->loop = loop;
	discovery->http = http;
	discovery->config = config;
	discovery->preferred = mem_string_or_null(preferred);
	discovery->done = done;
	discovery->arg = arg;
	discovery->locations = oauth_resource_locations(config->url, hint);
	try_resource(discovery);
}

void oauth_discovery_clear(struct oauth_discovery *discovery)
{
	oauth_fetch_cancel(&discovery->fetch);
	string_list_free(&discovery->locations);
	free(discovery->expected);
	free(discovery->preferred);
	oauth_resource_clear(&discovery->resource);
	oauth_issuer_clear(&discovery->issuer);
	*discovery = (struct oauth_discovery){0};
}
