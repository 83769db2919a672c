/* SPDX-License-Identifier: MIT */
/* Bodies are JSON or forms; every answer is checked before anything of it is used. */
#include "config.h"

#include "trust/oauth_grant.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "base/digest.h"
#include "base/form.h"
#include "base/json_check.h"
#include "base/json_write.h"
#include "base/mem.h"
#include "base/sanitize.h"
#include "base/trace.h"

#define ERROR_SHOWN_BYTES 160
#define LIFETIME_MAX_S	  (INT64_C(10) * 366 * 86400)

static const char method_none[] = "none", method_basic[] = "client_secret_basic",
		  method_post[] = "client_secret_post";

void oauth_error_describe(const char *error, const char *description, struct buf *out)
{
	struct buf all = BUF_INIT;

	buf_format(&all, "%s%s%s", error ? error : "error", description ? ": " : "",
		   description ? description : "");
	sanitize_line(all.data, all.len, ERROR_SHOWN_BYTES, out);
	buf_clear(&all);
}

/* The object of an answer; {NULL, 0}: it is none. */
static struct json_span object_of(const char *body, size_t len)
{
	struct json_fault fault;

	while (len > 0 && strchr(" \t\r\n", *body)) {
		body++;
		len--;
	}
	if (json_check(body, len, &json_limits_default, NULL, &fault) || len == 0 || *body != '{')
		return (struct json_span){NULL, 0};
	return (struct json_span){body, len};
}

static char *text_of(struct json_span object, const char *name)
{
	return json_span_text(json_span_member(object, name), OAUTH_SECRET_MAX_BYTES);
}

static void describe_refusal(long status, struct json_span object, const char *what,
			     struct err *err)
{
	char *error = text_of(object, "error"), *description = text_of(object, "error_description");
	struct buf text = BUF_INIT;

	if (error || description)
		oauth_error_describe(error, description, &text);
	err_set(err, status >= 500 || status == 429 ? ERR_TEMPORARY : ERR_PERMISSION,
		"the authorization server refused %s (HTTP %ld)%s%s", what, status,
		text.len > 0 ? ": " : "", buf_text(&text));
	buf_clear(&text);
	free(error);
	free(description);
}

/* Registration */

void oauth_registration_write(struct buf *out, const struct oauth_issuer *issuer,
			      const char *redirect_uri, const char *scope)
{
	const bool refreshes =
		!issuer->grant_types[0] || oauth_list_has(issuer->grant_types, "refresh_token");

	buf_append_char(out, '{');
	json_write_member(out, "client_name", PACKAGE_NAME);
	json_write_member(out, "application_type", "native");
	json_write_key(out, "redirect_uris");
	buf_append_char(out, '[');
	json_write_string(out, redirect_uri);
	buf_append_char(out, ']');
	json_write_key(out, "grant_types");
	buf_append_text(out, refreshes ? "[\"authorization_code\",\"refresh_token\"]"
				       : "[\"authorization_code\"]");
	json_write_key(out, "response_types");
	buf_append_text(out, "[\"code\"]");
	json_write_member(out, "token_endpoint_auth_method", oauth_auth_method(issuer, false));
	if (scope)
		json_write_member(out, "scope", scope);
	buf_append_char(out, '}');
}

struct oauth_client *oauth_registration_read(long status, const char *body, size_t len,
					     const struct oauth_issuer *issuer,
					     const char *redirect_uri, struct err *err)
{
	struct json_span object = object_of(body, len);
	char *id = text_of(object, "client_id");
	struct oauth_client *client;

	if (status < 200 || status > 299) {
		free(id);
		describe_refusal(status, object, "to register cordpair", err);
		return NULL;
	}
	if (!id) {
		err_set(err, ERR_PROTOCOL,
			"the authorization server's registration has no \"client_id\"");
		return NULL;
	}
	client = mem_new(sizeof(*client));
	client->issuer = mem_string(issuer->issuer);
	client->id = id;
	client->secret = text_of(object, "client_secret");
	client->auth_method = text_of(object, "token_endpoint_auth_method");
	client->redirect_uri = mem_string(redirect_uri);
	if (client->secret)
		trace_add_secret(client->secret);
	if (!client->auth_method)
		client->auth_method = mem_string(oauth_auth_method(issuer, client->secret != NULL));
	return client;
}

/* Showing who we are */

const char *oauth_auth_method(const struct oauth_issuer *issuer, bool has_secret)
{
	const char *const with[] = {method_basic, method_post, method_none};
	const char *const without[] = {method_none, method_basic, method_post};
	const char *const *wanted = has_secret ? with : without;

	if (!issuer->says_auth_methods) /* RFC 8414: then it is basic; nobody minds "none" */
		return has_secret ? method_basic : method_none;
	for (size_t i = 0; i < 3; i++)
		if (oauth_list_has(issuer->auth_methods, wanted[i]))
			return wanted[i];
	return wanted[0];
}

char *oauth_grant_authenticate(struct buf *form, const struct oauth_client *client)
{
	const char *secret = client->secret ? client->secret : "";
	struct buf pair = BUF_INIT, header = BUF_INIT;

	if (strcmp(client->auth_method, method_basic) != 0 || !client->secret) {
		form_append(form, "client_id", client->id);
		if (strcmp(client->auth_method, method_post) == 0)
			form_append(form, "client_secret", secret);
		return NULL;
	}
	form_encode(&pair, client->id);
	buf_append_char(&pair, ':');
	form_encode(&pair, secret);
	buf_append_text(&header, "Basic ");
	base64_append(&header, pair.data, pair.len);
	buf_clear(&pair);
	return buf_take(&header);
}

/* Tokens */

static int64_t expiry_of(struct json_span object)
{
	int64_t lifetime_s;

	if (!json_span_int64(json_span_member(object, "expires_in"), &lifetime_s) ||
	    lifetime_s <= 0 || lifetime_s > LIFETIME_MAX_S)
		return 0;
	return (int64_t)time(NULL) + lifetime_s;
}

static struct oauth_token *take_token(struct json_span object, const struct oauth_issuer *issuer,
				      struct err *err)
{
	char *access = text_of(object, "access_token"), *type = text_of(object, "token_type");
	struct oauth_token *token = NULL;

	if (!access || !*access || strpbrk(access, "\r\n")) {
		err_set(err, ERR_PROTOCOL, "the authorization server's answer has no token");
		free(access);
	} else if (type && strcasecmp(type, "Bearer") != 0) {
		err_set(err, ERR_PROTOCOL,
			"the authorization server gave a token of type \"%.40s\", not Bearer",
			type);
		free(access);
	} else {
		token = mem_new(sizeof(*token));
		token->issuer = mem_string(issuer->issuer);
		token->access_token = access;
		token->refresh_token = text_of(object, "refresh_token");
		token->scope = text_of(object, "scope");
		token->expires_at = expiry_of(object);
		trace_add_secret(token->access_token);
		if (token->refresh_token)
			trace_add_secret(token->refresh_token);
	}
	free(type);
	return token;
}

struct oauth_token *oauth_grant_read(long status, const char *body, size_t len,
				     const struct oauth_issuer *issuer, bool *invalid_grant,
				     bool *invalid_client, struct err *err)
{
	struct json_span object = object_of(body, len);
	struct json_span error = json_span_member(object, "error");

	*invalid_grant = json_span_equals(error, "invalid_grant");
	*invalid_client = json_span_equals(error, "invalid_client") ||
			  json_span_equals(error, "unauthorized_client");
	if (status < 200 || status > 299 || error.at) {
		describe_refusal(status, object, "a token", err);
		return NULL;
	}
	return take_token(object, issuer, err);
}

char *oauth_exchange_read(long status, const char *body, size_t len, struct err *err)
{
	struct json_span object = object_of(body, len);
	char *token = text_of(object, "access_token");

	if (status >= 200 && status <= 299 && token) {
		trace_add_secret(token);
		return token;
	}
	free(token);
	describe_refusal(status, object, "an exchange of the id token", err);
	return NULL;
}
