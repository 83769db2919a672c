/* SPDX-License-Identifier: MIT */
/* OAuth's texts: a challenge, both documents, a token, a redirect's query, all from strangers. */
#include "config.h"

#include "base/form.h"
#include "base/mem.h"
#include "fuzz.h"
#include "trust/oauth_challenge.h"
#include "trust/oauth_grant.h"
#include "trust/oauth_metadata.h"

#define SERVER "https://mcp.example/mcp"
#define ISSUER "https://login.example"

static void read_documents(const char *text, size_t len)
{
	struct oauth_resource resource;
	struct oauth_issuer issuer;
	struct err err;

	if (oauth_resource_read(text, len, SERVER, &resource, &err) == 0) {
		MUST(strncasecmp(resource.resource, "https://", 8) == 0);
		oauth_resource_clear(&resource);
	}
	if (oauth_issuer_read(text, len, ISSUER, SERVER, &issuer, &err) == 0) {
		MUST(strcmp(issuer.issuer, ISSUER) == 0);
		MUST(strncasecmp(issuer.token_endpoint, "https://", 8) == 0);
		oauth_issuer_clear(&issuer);
	}
}

static void read_token(const char *text, size_t len)
{
	struct oauth_issuer issuer = {.issuer = (char *)ISSUER};
	bool invalid_grant, invalid_client;
	struct oauth_token *token;
	struct err err;

	token = oauth_grant_read(200, text, len, &issuer, &invalid_grant, &invalid_client, &err);
	MUST(token || *err.text);
	MUST(!token || (*token->access_token && !strpbrk(token->access_token, "\r\n")));
	oauth_token_free(&token);
}

static void read_challenge(const char *text)
{
	struct oauth_challenge challenge;
	char **locations;

	oauth_challenge_read(text, &challenge);
	locations = oauth_resource_locations(SERVER, challenge.resource_metadata);
	for (char **at = locations; *at; at++)
		MUST(strncasecmp(*at, "https://", 8) == 0);
	string_list_free(&locations);
	free(oauth_scope_union(challenge.scope, challenge.error));
	oauth_challenge_clear(&challenge);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	char *text = mem_string_len((const char *)bytes, len);
	struct buf form = BUF_INIT;
	char *back;

	read_documents(text, len);
	read_token(text, len);
	read_challenge(text);
	free(form_value(text, "code"));
	form_append(&form, text, text);
	back = form_value(buf_text(&form), text);
	MUST(back && strcmp(back, text) == 0);
	free(back);
	buf_clear(&form);
	free(text);
	return 0;
}
