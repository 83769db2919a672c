/* SPDX-License-Identifier: MIT */
/*
 * oauth_metadata: the two documents by which a client finds its way: that of the protected
 * resource, the MCP server (RFC 9728), and that of the authorization server (RFC 8414, OpenID
 * Connect Discovery). Pure: texts in, checked structs out. Both come from strangers.
 */
#ifndef CORDPAIR_TRUST_OAUTH_METADATA_H
#define CORDPAIR_TRUST_OAUTH_METADATA_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

#define OAUTH_DOCUMENT_MAX_BYTES ((size_t)256 << 10)
#define OAUTH_URL_MAX_BYTES	 2048
#define OAUTH_LIST_MAX		 256 /* names in one list; more are passed over */

struct oauth_resource {
	char *resource; /* its identifier: the `resource` of every request for a token */
	char **issuers; /* NULL-terminated */
	char **scopes;	/* NULL-terminated */
};

struct oauth_issuer { /* an authorization server */
	char *issuer;
	char *authorization_endpoint, *token_endpoint; /* the first may be NULL */
	char *registration_endpoint;		       /* or NULL */
	char **scopes, **auth_methods, **challenge_methods, **grant_types;
	bool says_auth_methods;
	bool sends_iss;		     /* authorization_response_iss_parameter_supported */
	bool reads_client_documents; /* client_id_metadata_document_supported */
};

/*
 * Where the documents may be, in the order to try; NULL-terminated, string_list_free(). Empty when
 * the address is no URL.
 */
char **oauth_resource_locations(const char *server_url, const char *hint);
char **oauth_issuer_locations(const char *issuer);

/*
 * ERR_PROTOCOL: no such document. ERR_PERMISSION: it speaks for somebody else: the resource is not
 * the server's address or above it; the issuer is not, byte by byte, the one that was asked for; an
 * endpoint is not https (http is allowed where server_url is on this machine and it is, too).
 */
int oauth_resource_read(const char *text, size_t len, const char *server_url,
			struct oauth_resource *resource, struct err *err)
	__attribute__((warn_unused_result));
int oauth_issuer_read(const char *text, size_t len, const char *expected, const char *server_url,
		      struct oauth_issuer *issuer, struct err *err)
	__attribute__((warn_unused_result));
/* Of a server without documents: what MCP 2025-03-26 says, below the server's origin. */
void oauth_issuer_assume(const char *server_url, struct oauth_issuer *issuer);

void oauth_resource_clear(struct oauth_resource *resource);
void oauth_issuer_clear(struct oauth_issuer *issuer);

bool oauth_list_has(char *const *list, const char *word);
/* https; or http on this machine, where server_url is on it as well. */
bool oauth_url_is_safe(const char *url, const char *server_url);
/* The scopes of both, each once, separated by blanks; NULL when there is none. Caller frees. */
char *oauth_scope_union(const char *a, const char *b);
char *oauth_scope_of_list(char *const *list);

#endif
