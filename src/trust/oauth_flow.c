/* SPDX-License-Identifier: MIT */
/*
 * The steps in order, each of which starts one exchange and names the next. Everything that binds
 * the answer to the question (state, verifier, issuer) lives in this struct and dies with it.
 */
#include "config.h"

#include "trust/oauth_flow.h"

#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "base/form.h"
#include "base/log.h"
#include "base/mem.h"
#include "trust/oauth_assertion.h"
#include "trust/oauth_challenge.h"
#include "trust/oauth_discovery.h"
#include "trust/oauth_grant.h"
#include "trust/pkce.h"

struct oauth_flow {
	struct oauth_flow_request request;
	oauth_flow_fn *done;
	void *arg;
	struct oauth_challenge challenge;
	struct oauth_discovery discovery;
	struct oauth_fetch fetch;
	struct oauth_client *client;
	char *assertion; /* of the identity provider, for the authorization server */
	char *form, *scope, *redirect_uri, *verifier, *state, *client_authorization;
	bool renewing, visiting, registered_anew, ended;
};

static void use_client(struct oauth_flow *flow);

static const struct oauth_issuer *issuer_of(const struct oauth_flow *flow)
{
	return &flow->discovery.issuer;
}

static const char *resource_of(const struct oauth_flow *flow)
{
	const char *told = flow->discovery.resource.resource;

	return told ? told : flow->request.config->url;
}

/* Ends */

static void destroy(void *arg)
{
	struct oauth_flow *flow = arg;

	oauth_discovery_clear(&flow->discovery);
	oauth_challenge_clear(&flow->challenge);
	oauth_client_free(&flow->client);
	free(flow->assertion);
	free(flow->form);
	free(flow->scope);
	free(flow->redirect_uri);
	free(flow->verifier);
	free(flow->state);
	free(flow->client_authorization);
	free(flow);
}

void oauth_flow_cancel(struct oauth_flow **flow_p)
{
	struct oauth_flow *flow = *flow_p;

	*flow_p = NULL;
	if (!flow || flow->ended)
		return;
	flow->ended = true;
	oauth_fetch_cancel(&flow->fetch);
	oauth_fetch_cancel(&flow->discovery.fetch);
	if (flow->visiting)
		flow->request.agent->cancel(flow->request.agent);
	loop_free_later(flow->request.loop, flow, destroy);
}

static void fail(struct oauth_flow *flow, const struct err *err)
{
	struct oauth_flow *ended = flow;

	flow->done(flow->arg, NULL, issuer_of(flow)->issuer, flow->scope, err);
	oauth_flow_cancel(&ended);
}

static void fail_text(struct oauth_flow *flow, enum err_kind kind, const char *text)
{
	struct err err;

	err_set(&err, kind, "%s", text);
	fail(flow, &err);
}

static void succeed(struct oauth_flow *flow, struct oauth_token *take_token)
{
	const struct oauth_token *old = flow->request.token;
	struct oauth_flow *ended = flow;
	struct err err;

	if (!take_token->scope)
		take_token->scope =
			mem_string_or_null(flow->renewing && old ? old->scope : flow->scope);
	if (!take_token->refresh_token && flow->renewing && old)
		take_token->refresh_token = mem_string_or_null(old->refresh_token);
	if (oauth_store_keep_token(flow->request.store, flow->request.config, take_token, &err))
		log_warning("%s; the login is good for this run only", err.text);
	flow->done(flow->arg, take_token, take_token->issuer, take_token->scope, NULL);
	oauth_flow_cancel(&ended);
}

/* The token */

static void token_got(void *arg, long status, const char *body, size_t len, const struct err *err)
{
	struct oauth_flow *flow = arg;
	bool invalid_grant, invalid_client;
	struct oauth_token *token;
	struct err told;

	if (err) {
		fail(flow, err);
		return;
	}
	token = oauth_grant_read(status, body, len, issuer_of(flow), &invalid_grant,
				 &invalid_client, &told);
	if (token) {
		succeed(flow, token);
	} else if (invalid_client && flow->client->redirect_uri && !flow->registered_anew) {
		/* A registration that the server has forgotten. */
		oauth_store_forget_client(flow->request.store, issuer_of(flow)->issuer);
		oauth_client_free(&flow->client);
		flow->renewing = false;
		flow->registered_anew = true;
		use_client(flow);
	} else if (flow->renewing && (invalid_grant || invalid_client)) {
		flow->renewing = false;
		oauth_client_free(&flow->client);
		use_client(flow);
	} else {
		fail(flow, &told);
	}
}

/* By its key, where the entry has one; else by its secret, if any. */
static int authenticate(struct oauth_flow *flow, struct buf *form, struct err *err)
{
	const char *key = flow->request.config->oauth.private_key;
	struct buf assertion = BUF_INIT;

	free(flow->client_authorization);
	flow->client_authorization = NULL;
	if (!key) {
		flow->client_authorization = oauth_grant_authenticate(form, flow->client);
		return 0;
	}
	if (oauth_assertion_write(&assertion, key, flow->client->id, issuer_of(flow)->issuer, err))
		return -1;
	form_append(form, "client_id", flow->client->id);
	form_append(form, "client_assertion_type", OAUTH_ASSERTION_TYPE);
	form_append(form, "client_assertion", assertion.data);
	buf_clear(&assertion);
	return 0;
}

static void ask_for_token(struct oauth_flow *flow, struct buf *form)
{
	struct err err;
	struct oauth_fetch_request request = {
		.config = flow->request.config,
		.url = issuer_of(flow)->token_endpoint,
		.content_type = "application/x-www-form-urlencoded",
	};

	form_append(form, "resource", resource_of(flow));
	if (authenticate(flow, form, &err)) {
		buf_clear(form);
		fail(flow, &err);
		return;
	}
	free(flow->form);
	flow->form = buf_take(form);
	request.body = flow->form;
	request.authorization = flow->client_authorization;
	oauth_fetch_start(flow->request.loop, flow->request.http, &flow->fetch, &request, token_got,
			  flow);
}

static void ask_with_client_credentials(struct oauth_flow *flow)
{
	struct buf form = BUF_INIT;

	form_append(&form, "grant_type", "client_credentials");
	if (flow->scope)
		form_append(&form, "scope", flow->scope);
	ask_for_token(flow, &form);
}

/* What the identity provider said of the user, for the authorization server (RFC 7523, 2.1). */
static void assertion_got(void *arg, long status, const char *body, size_t len,
			  const struct err *err)
{
	struct oauth_flow *flow = arg;
	struct buf form = BUF_INIT;
	struct err told;

	if (err) {
		fail(flow, err);
		return;
	}
	flow->assertion = oauth_exchange_read(status, body, len, &told);
	if (!flow->assertion) {
		fail(flow, &told);
		return;
	}
	form_append(&form, "grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer");
	form_append(&form, "assertion", flow->assertion);
	if (flow->scope)
		form_append(&form, "scope", flow->scope);
	ask_for_token(flow, &form);
}

/* RFC 8693: the user's id token for a statement about this resource. */
static void ask_identity_provider(struct oauth_flow *flow)
{
	const struct oauth_config *oauth = &flow->request.config->oauth;
	struct oauth_fetch_request request = {
		.config = flow->request.config,
		.url = oauth->idp_token_endpoint,
		.content_type = "application/x-www-form-urlencoded",
	};
	struct buf form = BUF_INIT;

	form_append(&form, "grant_type", "urn:ietf:params:oauth:grant-type:token-exchange");
	form_append(&form, "requested_token_type", "urn:ietf:params:oauth:token-type:id-jag");
	form_append(&form, "subject_token", oauth->idp_id_token);
	form_append(&form, "subject_token_type", "urn:ietf:params:oauth:token-type:id_token");
	form_append(&form, "audience", issuer_of(flow)->issuer);
	form_append(&form, "resource", resource_of(flow));
	if (oauth->idp_client_id)
		form_append(&form, "client_id", oauth->idp_client_id);
	if (flow->scope)
		form_append(&form, "scope", flow->scope);
	free(flow->form);
	flow->form = buf_take(&form);
	request.body = flow->form;
	oauth_fetch_start(flow->request.loop, flow->request.http, &flow->fetch, &request,
			  assertion_got, flow);
}

static void ask_with_code(struct oauth_flow *flow, const char *code)
{
	struct buf form = BUF_INIT;

	form_append(&form, "grant_type", "authorization_code");
	form_append(&form, "code", code);
	form_append(&form, "redirect_uri", flow->redirect_uri);
	form_append(&form, "code_verifier", flow->verifier);
	ask_for_token(flow, &form);
}

static void ask_with_refresh_token(struct oauth_flow *flow)
{
	struct buf form = BUF_INIT;

	flow->renewing = true;
	form_append(&form, "grant_type", "refresh_token");
	form_append(&form, "refresh_token", flow->request.token->refresh_token);
	ask_for_token(flow, &form);
}

/* The page and the way back */

/* RFC 9207: by plain comparison, before anything else of the answer is believed or shown. */
static int check_issuer(const struct oauth_flow *flow, const char *query, struct err *err)
{
	char *iss = form_value(query, "iss");
	int status = 0;

	if (iss ? strcmp(iss, issuer_of(flow)->issuer) != 0 : issuer_of(flow)->sends_iss)
		status = err_set(err, ERR_PERMISSION,
				 "the answer does not come from the authorization server that was "
				 "asked; it was not used");
	free(iss);
	return status;
}

static int check_state(const struct oauth_flow *flow, const char *query, struct err *err)
{
	char *state = form_value(query, "state");
	int status = 0;

	if (!state || strcmp(state, flow->state) != 0)
		status = err_set(err, ERR_PERMISSION,
				 "the answer belongs to another login; it was not used");
	free(state);
	return status;
}

static int check_error(const char *query, struct err *err)
{
	char *error = form_value(query, "error");
	char *description = form_value(query, "error_description");
	struct buf text = BUF_INIT;
	int status = 0;

	if (error) {
		oauth_error_describe(error, description, &text);
		status = err_set(err, ERR_PERMISSION, "the login was refused: %s", buf_text(&text));
	}
	buf_clear(&text);
	free(error);
	free(description);
	return status;
}

static void visited(void *arg, const char *query, const struct err *err)
{
	struct oauth_flow *flow = arg;
	struct err told;
	char *code;

	flow->visiting = false;
	if (!query) {
		fail(flow, err);
		return;
	}
	if (check_issuer(flow, query, &told) || check_state(flow, query, &told) ||
	    check_error(query, &told)) {
		fail(flow, &told);
		return;
	}
	code = form_value(query, "code");
	if (code)
		ask_with_code(flow, code);
	else
		fail_text(flow, ERR_PROTOCOL, "the authorization server's answer has no code");
	free(code);
}

static bool has_word(const char *scope, const char *word)
{
	char *both = oauth_scope_union(scope, word);
	bool has = scope && strcmp(both, scope) == 0;

	free(both);
	return has;
}

static void show_page(struct oauth_flow *flow)
{
	const char *endpoint = issuer_of(flow)->authorization_endpoint;
	struct buf url = BUF_INIT;
	char *challenge;

	flow->verifier = pkce_verifier();
	flow->state = pkce_verifier();
	challenge = pkce_challenge(flow->verifier);
	buf_append_text(&url, endpoint);
	buf_append_text(&url, strchr(endpoint, '?') ? "&" : "?");
	form_append(&url, "response_type", "code");
	form_append(&url, "client_id", flow->client->id);
	form_append(&url, "redirect_uri", flow->redirect_uri);
	form_append(&url, "state", flow->state);
	form_append(&url, "code_challenge", challenge);
	form_append(&url, "code_challenge_method", "S256");
	form_append(&url, "resource", resource_of(flow));
	if (flow->scope)
		form_append(&url, "scope", flow->scope);
	if (has_word(flow->scope, "offline_access")) /* OpenID Connect, 11 */
		form_append(&url, "prompt", "consent");
	free(challenge);
	flow->visiting = true;
	flow->request.agent->visit(flow->request.agent, url.data, visited, flow);
	buf_clear(&url);
}

/* The client */

static struct oauth_client *client_with(const struct oauth_flow *flow, const char *id,
					const char *secret)
{
	const char *method = flow->request.config->oauth.auth_method;
	struct oauth_client *client = mem_new(sizeof(*client));

	client->issuer = mem_string(issuer_of(flow)->issuer);
	client->id = mem_string(id);
	client->secret = mem_string_or_null(secret);
	client->auth_method =
		mem_string(method ? method : oauth_auth_method(issuer_of(flow), secret != NULL));
	return client;
}

/* Registered beforehand; known by its own document; registered by us before. */
static struct oauth_client *known_client(const struct oauth_flow *flow)
{
	const struct oauth_config *oauth = &flow->request.config->oauth;
	struct oauth_client *client;

	if (oauth->client_id)
		return client_with(flow, oauth->client_id, oauth->client_secret);
	if (oauth->client_metadata_url && issuer_of(flow)->reads_client_documents)
		return client_with(flow, oauth->client_metadata_url, NULL);
	client = oauth_store_client(flow->request.store, issuer_of(flow)->issuer);
	if (client && !client->auth_method)
		oauth_client_free(&client);
	return client;
}

static void registered(void *arg, long status, const char *body, size_t len, const struct err *err)
{
	struct oauth_flow *flow = arg;
	struct err told;

	if (err) {
		fail(flow, err);
		return;
	}
	flow->client = oauth_registration_read(status, body, len, issuer_of(flow),
					       flow->redirect_uri, &told);
	if (!flow->client) {
		fail(flow, &told);
		return;
	}
	if (oauth_store_keep_client(flow->request.store, flow->client, &told))
		log_warning("%s; the next login registers again", told.text);
	show_page(flow);
}

static void register_client(struct oauth_flow *flow)
{
	struct oauth_fetch_request request = {
		.config = flow->request.config,
		.url = issuer_of(flow)->registration_endpoint,
		.content_type = "application/json",
	};
	struct buf body = BUF_INIT;

	oauth_registration_write(&body, issuer_of(flow), flow->redirect_uri, flow->scope);
	free(flow->form);
	flow->form = buf_take(&body);
	request.body = flow->form;
	oauth_fetch_start(flow->request.loop, flow->request.http, &flow->fetch, &request,
			  registered, flow);
}

static long port_of(const struct oauth_client *client)
{
	const char *colon =
		client && client->redirect_uri ? strrchr(client->redirect_uri, ':') : NULL;

	return colon ? strtol(colon + 1, NULL, 10) : 0;
}

/* Where the browser comes back to: a registration is good for that address only. */
static int take_redirect(struct oauth_flow *flow, struct err *err)
{
	struct user_agent *agent = flow->request.agent;
	long port = flow->request.config->oauth.redirect_port;
	const char *uri = agent->redirect_uri(agent, port ? port : port_of(flow->client), err);

	if (!uri && !port)
		uri = agent->redirect_uri(agent, 0, err);
	if (!uri)
		return -1;
	flow->visiting = true; /* from here on it has to be given up */
	free(flow->redirect_uri);
	flow->redirect_uri = mem_string(uri);
	if (flow->client && flow->client->redirect_uri &&
	    strcmp(flow->client->redirect_uri, uri) != 0)
		oauth_client_free(&flow->client);
	return 0;
}

static void need_login(struct oauth_flow *flow)
{
	struct err err;

	err_set(&err, ERR_PERMISSION, "it needs login%s%s; run `cordpair login %s`",
		flow->challenge.scope ? " for " : "",
		flow->challenge.scope ? flow->challenge.scope : "", flow->request.config->name);
	fail(flow, &err);
}

static void log_in(struct oauth_flow *flow)
{
	struct err err;

	if (!oauth_list_has(issuer_of(flow)->challenge_methods, "S256"))
		fail_text(flow, ERR_PERMISSION,
			  "the authorization server does not offer PKCE with S256, without which "
			  "a login is not safe");
	else if (!issuer_of(flow)->authorization_endpoint)
		fail_text(flow, ERR_PROTOCOL, "the authorization server has no page to log in");
	else if (!flow->request.agent)
		need_login(flow);
	else if (take_redirect(flow, &err))
		fail(flow, &err);
	else if (flow->client)
		show_page(flow);
	else if (issuer_of(flow)->registration_endpoint)
		register_client(flow);
	else
		fail_text(flow, ERR_CONFIG,
			  "the authorization server takes registered clients only: register one "
			  "there and put \"oauth\": {\"client_id\": …} into the entry");
}

static void use_client(struct oauth_flow *flow)
{
	const struct oauth_config *oauth = &flow->request.config->oauth;

	if (!flow->client)
		flow->client = known_client(flow);
	if (oauth->grant == OAUTH_AUTHORIZATION_CODE)
		log_in(flow);
	else if (!flow->client || (!flow->client->secret && !oauth->private_key))
		fail_text(flow, ERR_CONFIG,
			  "the grant of its \"oauth\" needs a client_id, and a client_secret or a "
			  "private_key");
	else if (oauth->grant == OAUTH_CLIENT_CREDENTIALS)
		ask_with_client_credentials(flow);
	else if (oauth->idp_token_endpoint && oauth->idp_id_token &&
		 oauth_url_is_safe(oauth->idp_token_endpoint, flow->request.config->url))
		ask_identity_provider(flow);
	else
		fail_text(flow, ERR_CONFIG,
			  "the grant \"enterprise\" of its \"oauth\" needs an idp_token_endpoint "
			  "(https) and an idp_id_token");
}

/* The beginning */

/*
 * What the server asks for is what is needed now, and what was granted before stays wanted. Where
 * it asks for nothing, all that it knows.
 */
static char *choose_scope(const struct oauth_flow *flow)
{
	const struct oauth_token *token = flow->request.token;
	char *offered = oauth_scope_of_list(flow->discovery.resource.scopes
						    ? flow->discovery.resource.scopes
						    : (char *[]){NULL});
	char *wanted = oauth_scope_union(flow->challenge.scope ? flow->challenge.scope : offered,
					 flow->request.scope);
	char *own = oauth_scope_of_list(flow->request.config->oauth.scopes);
	char *all = oauth_scope_union(wanted, own), *scope;

	if (token && strcmp(token->issuer, issuer_of(flow)->issuer) == 0)
		scope = oauth_scope_union(token->scope, all);
	else
		scope = mem_string_or_null(all);
	free(offered);
	free(wanted);
	free(own);
	free(all);
	return scope;
}

static void add_offline_access(struct oauth_flow *flow)
{
	char *scope;

	if (!oauth_list_has(issuer_of(flow)->scopes, "offline_access") ||
	    flow->request.config->oauth.grant != OAUTH_AUTHORIZATION_CODE)
		return;
	scope = oauth_scope_union(flow->scope, "offline_access");
	free(flow->scope);
	flow->scope = scope;
}

static void discovered(void *arg, const struct err *err)
{
	struct oauth_flow *flow = arg;
	const struct oauth_token *token = flow->request.token;

	if (err) {
		fail(flow, err);
		return;
	}
	flow->scope = choose_scope(flow);
	add_offline_access(flow);
	flow->client = known_client(flow);
	/* A refresh token goes to nobody but its issuer. */
	if (flow->request.renews && token && token->refresh_token && flow->client &&
	    strcmp(token->issuer, issuer_of(flow)->issuer) == 0)
		ask_with_refresh_token(flow);
	else
		use_client(flow);
}

struct oauth_flow *oauth_flow_start(const struct oauth_flow_request *request, oauth_flow_fn *done,
				    void *arg)
{
	struct oauth_flow *flow = mem_new(sizeof(*flow));

	flow->request = *request;
	flow->done = done;
	flow->arg = arg;
	oauth_challenge_read(request->challenge, &flow->challenge);
	oauth_discovery_start(&flow->discovery, request->loop, request->http, request->config,
			      flow->challenge.resource_metadata,
			      request->token ? request->token->issuer : NULL, discovered, flow);
	return flow;
}
