/* SPDX-License-Identifier: MIT */
/* Reading is strict where somebody could be sent elsewhere, and lenient in everything else. */
#include "config.h"

#include "trust/oauth_metadata.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/json_check.h"
#include "base/mem.h"
#include "config/server_config.h"
#include "io/http.h"

#define WELL_KNOWN_RESOURCE "/.well-known/oauth-protected-resource"
#define WELL_KNOWN_OAUTH    "/.well-known/oauth-authorization-server"
#define WELL_KNOWN_OPENID   "/.well-known/openid-configuration"

static char **empty_list(void)
{
	return mem_new_array(1, sizeof(char *));
}

bool oauth_list_has(char *const *list, const char *word)
{
	for (; *list; list++)
		if (strcmp(*list, word) == 0)
			return true;
	return false;
}

bool oauth_url_is_safe(const char *url, const char *server_url)
{
	if (strncasecmp(url, "https://", 8) == 0)
		return true;
	return strncasecmp(url, "http://", 7) == 0 && http_url_is_loopback(url) &&
	       http_url_is_loopback(server_url);
}

/* Locations */

/* "/a/b/" gives "/a/b", "/" gives "". The caller frees. */
static char *path_of(const char *url)
{
	char *path = http_url_path(url);
	size_t len = path ? strlen(path) : 0;

	while (len > 0 && path[len - 1] == '/')
		path[--len] = '\0';
	return path;
}

char **oauth_resource_locations(const char *server_url, const char *hint)
{
	char *origin = http_url_origin(server_url), *path = path_of(server_url);
	char **list = empty_list();

	if (hint && oauth_url_is_safe(hint, server_url))
		string_list_add(&list, mem_string(hint));
	if (origin && path && *path)
		string_list_add(&list, mem_format("%s" WELL_KNOWN_RESOURCE "%s", origin, path));
	if (origin)
		string_list_add(&list, mem_format("%s" WELL_KNOWN_RESOURCE, origin));
	free(origin);
	free(path);
	return list;
}

char **oauth_issuer_locations(const char *issuer)
{
	char *origin = http_url_origin(issuer), *path = path_of(issuer);
	char **list = empty_list();

	if (origin && path) {
		string_list_add(&list, mem_format("%s" WELL_KNOWN_OAUTH "%s", origin, path));
		string_list_add(&list, mem_format("%s" WELL_KNOWN_OPENID "%s", origin, path));
		if (*path)
			string_list_add(&list, mem_format("%s%s" WELL_KNOWN_OPENID, origin, path));
	}
	free(origin);
	free(path);
	return list;
}

/* Reading */

static int check_document(const char *text, size_t len, struct json_span *document, struct err *err)
{
	struct json_fault fault;

	*document = (struct json_span){text, len};
	if (json_check(text, len, &json_limits_default, NULL, &fault))
		return err_set(err, ERR_PROTOCOL, "it is no JSON: %s", fault.what);
	while (document->len > 0 && strchr(" \t\r\n", *document->at)) {
		document->at++;
		document->len--;
	}
	if (json_span_kind(*document) != JSON_OBJECT)
		return err_set(err, ERR_PROTOCOL, "it is no JSON object");
	return 0;
}

static char *text_member(struct json_span document, const char *name)
{
	return json_span_text(json_span_member(document, name), OAUTH_URL_MAX_BYTES);
}

static char **list_member(struct json_span document, const char *name)
{
	struct json_span list = json_span_member(document, name), item = {NULL, 0};
	char **texts = empty_list();

	for (size_t i = 0; i < OAUTH_LIST_MAX && json_span_kind(list) == JSON_ARRAY &&
			   json_span_next(list, &item);
	     i++) {
		char *text = json_span_text(item, OAUTH_URL_MAX_BYTES);

		if (text)
			string_list_add(&texts, text);
	}
	return texts;
}

static bool is_true(struct json_span document, const char *name)
{
	return json_span_kind(json_span_member(document, name)) == JSON_TRUE;
}

/* The resource is the server's address, or the part of its site that the address is in. */
static bool covers(const char *resource, const char *server_url)
{
	char *above = path_of(resource), *path = path_of(server_url);
	size_t len = above ? strlen(above) : 0;
	bool inside = above && path && http_url_same_origin(resource, server_url) &&
		      strncmp(above, path, len) == 0 && (path[len] == '\0' || path[len] == '/');

	free(above);
	free(path);
	return inside;
}

int oauth_resource_read(const char *text, size_t len, const char *server_url,
			struct oauth_resource *resource, struct err *err)
{
	struct json_span document;

	*resource = (struct oauth_resource){0};
	if (check_document(text, len, &document, err))
		return -1;
	resource->resource = text_member(document, "resource");
	resource->issuers = list_member(document, "authorization_servers");
	resource->scopes = list_member(document, "scopes_supported");
	if (resource->resource && covers(resource->resource, server_url))
		return 0;
	if (resource->resource)
		err_set(err, ERR_PERMISSION, "it is about %.100s, which is not the server",
			resource->resource);
	else
		err_set(err, ERR_PROTOCOL, "it names no \"resource\"");
	oauth_resource_clear(resource);
	return -1;
}

static int check_endpoint(const char *url, const char *name, const char *server_url,
			  struct err *err)
{
	if (!url || oauth_url_is_safe(url, server_url))
		return 0;
	return err_set(err, ERR_PERMISSION, "its \"%s\" is not https: %.100s", name, url);
}

static int check_issuer(const struct oauth_issuer *issuer, const char *expected,
			const char *server_url, struct err *err)
{
	if (!issuer->issuer || !issuer->token_endpoint)
		return err_set(err, ERR_PROTOCOL, "it has no \"issuer\" or no \"token_endpoint\"");
	if (strcmp(issuer->issuer, expected) != 0)
		return err_set(err, ERR_PERMISSION, "it says that it is of %.80s, not of %.80s",
			       issuer->issuer, expected);
	if (check_endpoint(issuer->token_endpoint, "token_endpoint", server_url, err) ||
	    check_endpoint(issuer->authorization_endpoint, "authorization_endpoint", server_url,
			   err))
		return -1;
	return check_endpoint(issuer->registration_endpoint, "registration_endpoint", server_url,
			      err);
}

int oauth_issuer_read(const char *text, size_t len, const char *expected, const char *server_url,
		      struct oauth_issuer *issuer, struct err *err)
{
	struct json_span document;

	*issuer = (struct oauth_issuer){0};
	if (check_document(text, len, &document, err))
		return -1;
	issuer->issuer = text_member(document, "issuer");
	issuer->authorization_endpoint = text_member(document, "authorization_endpoint");
	issuer->token_endpoint = text_member(document, "token_endpoint");
	issuer->registration_endpoint = text_member(document, "registration_endpoint");
	issuer->scopes = list_member(document, "scopes_supported");
	issuer->auth_methods = list_member(document, "token_endpoint_auth_methods_supported");
	issuer->says_auth_methods =
		json_span_member(document, "token_endpoint_auth_methods_supported").at != NULL;
	issuer->challenge_methods = list_member(document, "code_challenge_methods_supported");
	issuer->grant_types = list_member(document, "grant_types_supported");
	issuer->sends_iss = is_true(document, "authorization_response_iss_parameter_supported");
	issuer->reads_client_documents = is_true(document, "client_id_metadata_document_supported");
	if (check_issuer(issuer, expected, server_url, err) == 0)
		return 0;
	oauth_issuer_clear(issuer);
	return -1;
}

void oauth_issuer_assume(const char *server_url, struct oauth_issuer *issuer)
{
	char *origin = http_url_origin(server_url);

	*issuer = (struct oauth_issuer){
		.issuer = mem_string(origin),
		.authorization_endpoint = mem_format("%s/authorize", origin),
		.token_endpoint = mem_format("%s/token", origin),
		.registration_endpoint = mem_format("%s/register", origin),
		.scopes = empty_list(),
		.auth_methods = empty_list(),
		.challenge_methods = empty_list(),
		.grant_types = empty_list(),
	};
	string_list_add(&issuer->challenge_methods, mem_string("S256"));
	free(origin);
}

void oauth_resource_clear(struct oauth_resource *resource)
{
	free(resource->resource);
	string_list_free(&resource->issuers);
	string_list_free(&resource->scopes);
	*resource = (struct oauth_resource){0};
}

void oauth_issuer_clear(struct oauth_issuer *issuer)
{
	free(issuer->issuer);
	free(issuer->authorization_endpoint);
	free(issuer->token_endpoint);
	free(issuer->registration_endpoint);
	string_list_free(&issuer->scopes);
	string_list_free(&issuer->auth_methods);
	string_list_free(&issuer->challenge_methods);
	string_list_free(&issuer->grant_types);
	*issuer = (struct oauth_issuer){0};
}

/* Scopes */

static bool scope_has(const char *scope, const char *word, size_t len)
{
	while (*(scope += strspn(scope, " "))) {
		size_t this_len = strcspn(scope, " ");

		if (this_len == len && memcmp(scope, word, len) == 0)
			return true;
		scope += this_len;
	}
	return false;
}

static void add_scopes(struct buf *out, const char *scope)
{
	while (*(scope += strspn(scope, " "))) {
		size_t len = strcspn(scope, " ");

		if (!scope_has(buf_text(out), scope, len)) {
			buf_append_text(out, out->len > 0 ? " " : "");
			buf_append(out, scope, len);
		}
		scope += len;
	}
}

char *oauth_scope_union(const char *a, const char *b)
{
	struct buf all = BUF_INIT;

	add_scopes(&all, a ? a : "");
	add_scopes(&all, b ? b : "");
	return all.len > 0 ? buf_take(&all) : NULL;
}

char *oauth_scope_of_list(char *const *list)
{
	struct buf all = BUF_INIT;

	for (; *list; list++)
		add_scopes(&all, *list);
	return all.len > 0 ? buf_take(&all) : NULL;
}
