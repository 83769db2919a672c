/* SPDX-License-Identifier: MIT */
/*
 * server_config: one server's entry, checked and expanded; what servers.d(5) describes.
 *
 * A plain struct: every string is owned by it and is the expanded value. Lists are NULL-terminated
 * and never NULL. Once read it does not change; all who live by it share it, each with a reference
 * (on the loop's thread), so that reading servers.d anew takes nothing from under a running server.
 */
#ifndef CORDPAIR_CONFIG_SERVER_CONFIG_H
#define CORDPAIR_CONFIG_SERVER_CONFIG_H

#include <stdbool.h>
#include <stddef.h>

#include "base/digest.h"

#define SERVER_NAME_MAX_BYTES	      32
#define SERVER_TIMEOUT_MS	      60000 /* silence of one call; progress extends it */
#define SERVER_TIMEOUT_HARD_FACTOR    10    /* and the end of one call, in timeouts */
#define SERVER_START_TIMEOUT_MS	      30000
#define SERVER_START_TIMEOUT_FETCH_MS 60000 /* npx, uvx, pnpm dlx …: they download first */

enum server_type { SERVER_TYPE_STDIO, SERVER_TYPE_HTTP, SERVER_TYPE_CALL };

enum server_protocol { SERVER_PROTOCOL_AUTO, SERVER_PROTOCOL_LEGACY, SERVER_PROTOCOL_MODERN };

enum policy_verdict { POLICY_ALLOW, POLICY_ASK, POLICY_DENY };

/* Globs over tool names. The strictest match wins; `fallback` only where nothing matches. */
struct policy_rules {
	enum policy_verdict fallback;
	char **allow, **ask, **deny;
};

enum oauth_grant {
	OAUTH_AUTHORIZATION_CODE,
	OAUTH_CLIENT_CREDENTIALS,
	OAUTH_ENTERPRISE /* the company's identity provider speaks for the user (MCP, SEP-990) */
};

/* How to log in where the server asks for it. Nothing has to be said. */
struct oauth_config {
	bool off; /* the server's 401 is final */
	enum oauth_grant grant;
	char *client_id, *client_secret; /* registered beforehand; or NULL */
	char *private_key;		 /* PEM: the client signs instead of having a secret */
	/* OAUTH_ENTERPRISE: where the identity provider exchanges the user's id token. */
	char *idp_token_endpoint, *idp_client_id, *idp_id_token;
	char *client_metadata_url; /* a client id metadata document; or NULL */
	char *issuer;		   /* the only authorization server to use; or NULL */
	char *auth_method;	   /* at the token endpoint; NULL: what the server takes */
	char **scopes;		   /* asked for besides those that the server wants */
	long redirect_port;	   /* of the loopback redirect; 0: any */
	bool private_network;	   /* its documents may lead into one */
};

#define SERVER_SAMPLING_REQUESTS   10 /* of a run */
#define SERVER_SAMPLING_MAX_TOKENS 4096

/* May it ask the model? Not unless its entry says so. */
struct sampling_config {
	bool on;
	long requests, max_tokens;
	char *model; /* NULL: the run's */
};

struct server_config {
	unsigned references; /* private */
	char *name;
	enum server_type type;

	/* SERVER_TYPE_STDIO */
	char **argv;
	char **env;	 /* "NAME=value" */
	char **env_vars; /* names passed through from the host's environment */
	char *cwd;	 /* or NULL */
	bool session;	 /* pass the desktop session's variables */
	bool new_privileges;

	/* SERVER_TYPE_HTTP, SERVER_TYPE_CALL */
	char *url;
	char **headers;	 /* "Name: value" */
	char *tools;	 /* JSON array text, or NULL */
	char *tools_url; /* or NULL */
	struct oauth_config oauth;
	struct sampling_config sampling;

	bool required;
	bool eager;
	char **roots;	     /* file:// URIs or absolute paths, as URIs */
	long timeout_ms;     /* of silence */
	long max_timeout_ms; /* of one call, whatever it tells; 0: SERVER_TIMEOUT_HARD_FACTOR */
	long start_timeout_ms;
	long idle_timeout_ms; /* 0: never stopped for being idle */
	char **include_tools; /* globs; empty: all */
	char **exclude_tools;
	char **pinned_tools; /* globs: the model always gets these */
	enum server_protocol protocol;
	struct policy_rules policy;

	char *file;    /* where it is defined, or "--server" */
	unsigned line; /* 1-based, 0 when unknown */
	/*
	 * SHA-256 of the expanded entry in two parts. identity: what the process or the remote
	 * server was started and greeted with, so that another one is another server. rules: what
	 * is decided about it while it runs (policy, which tools, timeouts …), which needs no new
	 * start.
	 */
	char identity[DIGEST_HEX_BYTES], rules[DIGEST_HEX_BYTES];
};

/*
 * Whether a server that runs by this entry in another process is what it would be in this one: a
 * hash of the entry (identity and rules) and of what its process gets of ours, which is the working
 * directory, unless the entry says one, the values of env_vars, and with `session` the session's
 * variables.
 */
void server_config_fingerprint(const struct server_config *config, char hex[DIGEST_HEX_BYTES]);

/* An entry of this name with every default, no command yet, and every list empty. */
struct server_config *server_config_new(const char *name)
	__attribute__((returns_nonnull, warn_unused_result));
/* One more owner. */
struct server_config *server_config_ref(const struct server_config *config)
	__attribute__((returns_nonnull, warn_unused_result));
/* One owner less; the last one frees it. */
void server_config_free(struct server_config **config);

/* 0 when `name` is [A-Za-z0-9][A-Za-z0-9_-]{0,31} without "__". */
bool server_name_valid(const char *name);
/* A valid name made from any text ("my server/x" gives "my-server-x"); the caller frees. */
char *server_name_from(const char *text);

/*
 * The environment of the server's process: the allow-list of design.md, env_vars, session
 * variables, then env. NULL-terminated "NAME=value"; free with string_list_free().
 */
char **server_config_environment(const struct server_config *config);

void string_list_free(char ***list);
/* Appends to a NULL-terminated list on the heap. */
void string_list_add(char ***list, char *take_text);

#endif
