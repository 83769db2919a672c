/* SPDX-License-Identifier: MIT */
/* What OAuth's texts say: challenges, documents, forms, tokens. */
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "base/form.h"
#include "trust/oauth_challenge.h"
#include "trust/oauth_grant.h"
#include "trust/oauth_metadata.h"

#define SERVER "https://mcp.example/a/mcp"
#define ISSUER "https://login.example/tenant"

static void challenges(void **state)
{
	static const struct {
		const char *header, *metadata, *scope, *error;
	} cases[] = {
		{"Bearer", NULL, NULL, NULL},
		{"Bearer scope=\"a b\", error=invalid_token", NULL, "a b", "invalid_token"},
		{"bearer  RESOURCE_METADATA = \"https://x/y\"", "https://x/y", NULL, NULL},
		{"Basic realm=\"a, Bearer scope=b\", Bearer scope=c", NULL, "c", NULL},
		{"Bearer scope=\"a\\\"b\", Basic scope=no", NULL, "a\"b", NULL},
		{"Bearer scope=a, scope=b", NULL, "a", NULL},
		{"Bearer scope=\"never ended", NULL, "never ended", NULL},
		{"Negotiate abc==, Bearer error=x", NULL, NULL, "x"},
		{"=,\"\",Bearer ===", NULL, NULL, NULL},
		{"", NULL, NULL, NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct oauth_challenge got;

		oauth_challenge_read(cases[i].header, &got);
		assert_string_equal(got.resource_metadata ? got.resource_metadata : "-",
				    cases[i].metadata ? cases[i].metadata : "-");
		assert_string_equal(got.scope ? got.scope : "-",
				    cases[i].scope ? cases[i].scope : "-");
		assert_string_equal(got.error ? got.error : "-",
				    cases[i].error ? cases[i].error : "-");
		oauth_challenge_clear(&got);
	}
}

static void are(char **list, const char *const wanted[])
{
	size_t i;

	for (i = 0; wanted[i]; i++) {
		assert_non_null(list[i]);
		assert_string_equal(list[i], wanted[i]);
	}
	assert_null(list[i]);
	string_list_free(&list);
}

static void locations(void **state)
{
	(void)state;
	are(oauth_resource_locations(SERVER, NULL),
	    (const char *const[]){"https://mcp.example/.well-known/oauth-protected-resource/a/mcp",
				  "https://mcp.example/.well-known/oauth-protected-resource",
				  NULL});
	are(oauth_resource_locations("https://mcp.example:8443/?q=1", "https://h.example/m"),
	    (const char *const[]){"https://h.example/m",
				  "https://mcp.example:8443/.well-known/oauth-protected-resource",
				  NULL});
	are(oauth_resource_locations(SERVER, "http://127.0.0.1/m"), /* not what we go to */
	    (const char *const[]){"https://mcp.example/.well-known/oauth-protected-resource/a/mcp",
				  "https://mcp.example/.well-known/oauth-protected-resource",
				  NULL});
	are(oauth_issuer_locations("https://login.example"),
	    (const char *const[]){"https://login.example/.well-known/oauth-authorization-server",
				  "https://login.example/.well-known/openid-configuration", NULL});
	are(oauth_issuer_locations(ISSUER),
	    (const char *const[]){
		    "https://login.example/.well-known/oauth-authorization-server/tenant",
		    "https://login.example/.well-known/openid-configuration/tenant",
		    "https://login.example/tenant/.well-known/openid-configuration", NULL});
}

static enum err_kind resource_kind(const char *document)
{
	struct oauth_resource resource;
	struct err err = {.kind = ERR_NONE};

	if (oauth_resource_read(document, strlen(document), SERVER, &resource, &err) == 0)
		oauth_resource_clear(&resource);
	return err.kind;
}

static void resources(void **state)
{
	(void)state;
	assert_int_equal(resource_kind("{\"resource\":\"" SERVER "\"}"), ERR_NONE);
	assert_int_equal(resource_kind(" {\"resource\":\"https://MCP.example/a/\"} "), ERR_NONE);
	assert_int_equal(resource_kind("{\"resource\":\"https://mcp.example\"}"), ERR_NONE);
	assert_int_equal(resource_kind("{\"resource\":\"https://mcp.example/a/m\"}"),
			 ERR_PERMISSION);
	assert_int_equal(resource_kind("{\"resource\":\"https://mcp.example/b\"}"), ERR_PERMISSION);
	assert_int_equal(resource_kind("{\"resource\":\"http://mcp.example/a\"}"), ERR_PERMISSION);
	assert_int_equal(resource_kind("{\"resource\":\"https://mcp.example:1/a\"}"),
			 ERR_PERMISSION);
	assert_int_equal(resource_kind("{\"resource\":7}"), ERR_PROTOCOL);
	assert_int_equal(resource_kind("[]"), ERR_PROTOCOL);
	assert_int_equal(resource_kind("<html>"), ERR_PROTOCOL);
	assert_int_equal(resource_kind(""), ERR_PROTOCOL);
}

static enum err_kind issuer_kind(const char *members)
{
	struct buf document = BUF_INIT;
	struct oauth_issuer issuer;
	struct err err = {.kind = ERR_NONE};

	buf_format(&document, "{%s}", members);
	if (oauth_issuer_read(document.data, document.len, ISSUER, SERVER, &issuer, &err) == 0)
		oauth_issuer_clear(&issuer);
	buf_clear(&document);
	return err.kind;
}

static void issuers(void **state)
{
	(void)state;
	assert_int_equal(
		issuer_kind("\"issuer\":\"" ISSUER "\",\"token_endpoint\":\"https://x/t\""),
		ERR_NONE);
	assert_int_equal(
		issuer_kind("\"issuer\":\"" ISSUER "/\",\"token_endpoint\":\"https://x/t\""),
		ERR_PERMISSION);
	assert_int_equal(issuer_kind("\"issuer\":\"" ISSUER "\",\"token_endpoint\":\"http://x/t\""),
			 ERR_PERMISSION);
	assert_int_equal(
		issuer_kind("\"issuer\":\"" ISSUER "\",\"token_endpoint\":\"http://localhost/t\""),
		ERR_PERMISSION);
	assert_int_equal(issuer_kind("\"issuer\":\"" ISSUER "\",\"token_endpoint\":\"https://x/t\","
				     "\"authorization_endpoint\":\"javascript:alert(1)\""),
			 ERR_PERMISSION);
	assert_int_equal(issuer_kind("\"issuer\":\"" ISSUER "\""), ERR_PROTOCOL);
}

static void an_issuer_without_documents(void **state)
{
	static const char *const methods[] = {"S256", NULL};
	struct oauth_issuer issuer;

	(void)state;
	oauth_issuer_assume("https://mcp.example:8443/some/mcp?x=1", &issuer);
	assert_string_equal(issuer.issuer, "https://mcp.example:8443");
	assert_string_equal(issuer.authorization_endpoint, "https://mcp.example:8443/authorize");
	assert_string_equal(issuer.token_endpoint, "https://mcp.example:8443/token");
	assert_string_equal(issuer.registration_endpoint, "https://mcp.example:8443/register");
	are(issuer.challenge_methods, methods);
	issuer.challenge_methods = NULL; /* are() has freed it */
	assert_false(issuer.sends_iss);
	oauth_issuer_clear(&issuer);
}

static void scopes(void **state)
{
	char *all = oauth_scope_union("a  b", "b c a");

	(void)state;
	assert_string_equal(all, "a b c");
	free(all);
	assert_null(oauth_scope_union(NULL, " "));
}

static void forms(void **state)
{
	struct buf form = BUF_INIT;
	char *value;

	(void)state;
	form_append(&form, "a b", "1&2=3");
	form_append(&form, "c", "\xc3\xa9~");
	assert_string_equal(form.data, "a%20b=1%262%3D3&c=%C3%A9~");
	value = form_value(form.data, "a b");
	assert_string_equal(value, "1&2=3");
	free(value);
	value = form_value("x=1&code=a+b%zz&code=2", "code");
	assert_string_equal(value, "a b%zz");
	free(value);
	value = form_value("flag&x=", "flag");
	assert_string_equal(value, "");
	free(value);
	assert_null(form_value("a=%00", "a"));
	assert_null(form_value("", "a"));
	buf_clear(&form);
}

static struct oauth_token *token_of(long status, const char *body, struct err *err)
{
	struct oauth_issuer issuer = {.issuer = (char *)ISSUER};
	bool invalid_grant, invalid_client;

	return oauth_grant_read(status, body, strlen(body), &issuer, &invalid_grant,
				&invalid_client, err);
}

static void tokens(void **state)
{
	struct err err;
	struct oauth_token *token =
		token_of(200, "{\"access_token\":\"t\",\"token_type\":\"BEARER\"}", &err);

	(void)state;
	assert_string_equal(token->access_token, "t");
	assert_string_equal(token->issuer, ISSUER);
	assert_null(token->refresh_token);
	oauth_token_free(&token);
	assert_null(token_of(200, "{\"access_token\":\"t\",\"token_type\":\"mac\"}", &err));
	assert_null(token_of(200, "{\"access_token\":\"a\\r\\nX: y\"}", &err));
	assert_null(token_of(200, "{}", &err));
	assert_null(token_of(200, "not JSON", &err));
	assert_null(token_of(200, "{\"error\":\"x\",\"access_token\":\"t\"}", &err));
	assert_null(token_of(503, "", &err));
	assert_int_equal(err.kind, ERR_TEMPORARY);
	assert_null(token_of(
		400, "{\"error\":\"invalid_grant\",\"error_description\":\"\\u001b[31m\"}", &err));
	assert_int_equal(err.kind, ERR_PERMISSION);
	assert_null(strchr(err.text, 0x1b));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(challenges), cmocka_unit_test(locations),
		cmocka_unit_test(resources),  cmocka_unit_test(issuers),
		cmocka_unit_test(scopes),     cmocka_unit_test(forms),
		cmocka_unit_test(tokens),     cmocka_unit_test(an_issuer_without_documents),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
