/* SPDX-License-Identifier: MIT */
/* The members of an entry that are objects with keys of their own: "oauth", "sampling". */
#include "config.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "config/entry_values.h"

/* OAuth */

#define OAUTH_PORT_MAX 65535

static void read_oauth_grant(struct entry_reader *reader, const struct entry_key *key,
			     struct json_span value)
{
	static const struct entry_word words[] = {
		{"authorization_code", OAUTH_AUTHORIZATION_CODE},
		{"client_credentials", OAUTH_CLIENT_CREDENTIALS},
		{"enterprise", OAUTH_ENTERPRISE},
		{NULL, 0},
	};
	int grant;

	if (entry_read_word(reader, key, value, words, &grant))
		reader->config->oauth.grant = (enum oauth_grant)grant;
}

static void read_auth_method(struct entry_reader *reader, const struct entry_key *key,
			     struct json_span value)
{
	static const struct entry_word words[] = {
		{"client_secret_basic", 0},
		{"client_secret_post", 1},
		{"none", 2},
		{NULL, 0},
	};
	int which;

	if (entry_read_word(reader, key, value, words, &which))
		entry_string(reader, key, value);
}

static void read_secret(struct entry_reader *reader, const struct entry_key *key,
			struct json_span value)
{
	char *text = entry_take_string(reader, key, value, true);

	if (text) {
		free(*(char **)entry_target(reader, key));
		*(char **)entry_target(reader, key) = text;
	}
}

static void read_port(struct entry_reader *reader, const struct entry_key *key,
		      struct json_span value)
{
	int64_t port;

	if (!json_span_int64(value, &port) || port < 0 || port > OAUTH_PORT_MAX)
		entry_wrong_type(reader, key, value, "a port, 0 to 65535");
	else
		*(long *)entry_target(reader, key) = (long)port;
}

/* "a b" as OAuth writes it, or ["a", "b"]. */
static void read_scopes(struct entry_reader *reader, const struct entry_key *key,
			struct json_span value)
{
	char *text, *rest, *scope;

	if (json_span_kind(value) == JSON_ARRAY) {
		entry_add_strings(reader, key, value, entry_target(reader, key));
		return;
	}
	text = entry_take_string(reader, key, value, false);
	for (scope = text ? strtok_r(text, " ", &rest) : NULL; scope;
	     scope = strtok_r(NULL, " ", &rest))
		string_list_add(entry_target(reader, key), mem_string(scope));
	free(text);
}

#define OAUTH(field) offsetof(struct server_config, oauth.field)

static const struct entry_key oauth_keys[] = {
	{"client_id", entry_string, OAUTH(client_id)},
	{"clientId", entry_string, OAUTH(client_id)},
	{"client_secret", read_secret, OAUTH(client_secret)},
	{"clientSecret", read_secret, OAUTH(client_secret)},
	{"private_key", read_secret, OAUTH(private_key)},
	{"idp_token_endpoint", entry_string, OAUTH(idp_token_endpoint)},
	{"idp_client_id", entry_string, OAUTH(idp_client_id)},
	{"idp_id_token", read_secret, OAUTH(idp_id_token)},
	{"client_metadata_url", entry_string, OAUTH(client_metadata_url)},
	{"issuer", entry_string, OAUTH(issuer)},
	{"auth_method", read_auth_method, OAUTH(auth_method)},
	{"grant", read_oauth_grant, 0},
	{"scopes", read_scopes, OAUTH(scopes)},
	{"scope", read_scopes, OAUTH(scopes)},
	{"redirect_port", read_port, OAUTH(redirect_port)},
	{"callbackPort", read_port, OAUTH(redirect_port)},
	{"private_network", entry_bool, OAUTH(private_network)},
};

void entry_oauth(struct entry_reader *reader, const struct entry_key *key, struct json_span value)
{
	switch (json_span_kind(value)) {
	case JSON_OBJECT:
		entry_object(reader, key, value, oauth_keys,
			     sizeof(oauth_keys) / sizeof(oauth_keys[0]));
		break;
	case JSON_FALSE:
		reader->config->oauth.off = true;
		break;
	case JSON_TRUE:
	case JSON_NULL:
		break;
	default:
		entry_wrong_type(reader, key, value, "an object, or false");
	}
}

/* Sampling */

#define SAMPLING_COUNT_MAX 1000000

static void read_count(struct entry_reader *reader, const struct entry_key *key,
		       struct json_span value)
{
	int64_t count;

	if (!json_span_int64(value, &count) || count < 1 || count > SAMPLING_COUNT_MAX)
		entry_wrong_type(reader, key, value, "a whole number, 1 to 1000000");
	else
		*(long *)entry_target(reader, key) = (long)count;
}

#define SAMPLING(field) offsetof(struct server_config, sampling.field)

static const struct entry_key sampling_keys[] = {
	{"requests", read_count, SAMPLING(requests)},
	{"max_tokens", read_count, SAMPLING(max_tokens)},
	{"model", entry_string, SAMPLING(model)},
};

void entry_sampling(struct entry_reader *reader, const struct entry_key *key,
		    struct json_span value)
{
	const enum json_kind kind = json_span_kind(value);

	if (kind != JSON_OBJECT && kind != JSON_TRUE && kind != JSON_FALSE) {
		entry_wrong_type(reader, key, value, "true, false or an object");
		return;
	}
	reader->config->sampling.on = kind != JSON_FALSE;
	if (kind == JSON_OBJECT)
		entry_object(reader, key, value, sampling_keys,
			     sizeof(sampling_keys) / sizeof(sampling_keys[0]));
}
