/* SPDX-License-Identifier: MIT */
/*
 * oauth_discovery: from an MCP server to its authorization server (MCP "Authorization", RFC 9728,
 * RFC 8414). A server without documents is taken for one of MCP 2025-03-26: its own site is the
 * authorization server.
 */
#ifndef CORDPAIR_TRUST_OAUTH_DISCOVERY_H
#define CORDPAIR_TRUST_OAUTH_DISCOVERY_H

#include "trust/oauth_fetch.h"
#include "trust/oauth_metadata.h"

struct oauth_discovery { /* embedded; zero it before the first use */
	struct oauth_fetch fetch;
	struct loop *loop;
	struct http *http;
	const struct server_config *config;
	char **locations; /* left to try from `at` on */
	size_t at;
	char *expected; /* issuer */
	char *preferred;
	struct oauth_resource resource; /* results: the fields may be taken out */
	struct oauth_issuer issuer;
	bool assumed; /* no documents: MCP 2025-03-26 */
	void (*done)(void *arg, const struct err *err);
	void *arg;
};

/*
 * hint: resource_metadata of the challenge, or NULL. preferred: the issuer that was used before, or
 * NULL; taken when the server still names it. done comes later, once.
 */
void oauth_discovery_start(struct oauth_discovery *discovery, struct loop *loop, struct http *http,
			   const struct server_config *config, const char *hint,
			   const char *preferred, void (*done)(void *arg, const struct err *err),
			   void *arg);
void oauth_discovery_clear(struct oauth_discovery *discovery); /* cancels */

#endif
