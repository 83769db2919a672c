/* SPDX-License-Identifier: MIT */
/* One record per server: its token, who waits, and the flow that they wait for. */
#include "config.h"

#include "trust/oauth.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
#include "trust/oauth_flow.h"
#include "trust/oauth_metadata.h"

struct waiter {
	struct waiter *next;
	authorizer_fn *done;
	void *arg;
};

struct login { /* of one server */
	struct login *next;
	struct oauth *oauth;
	struct server_config *config; /* the newest of its identity */
	struct oauth_token *token;
	char *header; /* the value of Authorization, or NULL */
	struct waiter *waiters;
	struct oauth_flow *flow;
	long status;	 /* of the challenge */
	char *challenge; /* that the flow answers; NULL: nothing is under way */
	char *scope;	 /* wanted besides */
	int lock;	 /* descriptor, or -1 */
	int64_t lock_since_us;
	struct loop_timer lock_timer;
	bool expected; /* a login is, not a renewal */
	bool logged_in;
};

struct oauth {
	struct authorizer authorizer;
	struct loop *loop;
	struct http *http;
	char *store;
	struct user_agent *agent;
	struct login *first;
};

static void set_token(struct login *login, struct oauth_token *take_token)
{
	oauth_token_free(&login->token);
	login->token = take_token;
	free(login->header);
	login->header = take_token && take_token->access_token
				? mem_format("Bearer %s", take_token->access_token)
				: NULL;
}

/* Its entry was read anew: what is no part of its identity may differ. Not under a flow's feet. */
static void adopt(struct login *login, const struct server_config *config)
{
	if (login->config == config || login->challenge)
		return;
	server_config_free(&login->config);
	login->config = server_config_ref(config);
}

static struct login *login_of(struct oauth *oauth, const struct server_config *config)
{
	struct login *login = oauth->first;

	while (login && strcmp(login->config->identity, config->identity) != 0)
		login = login->next;
	if (login) {
		adopt(login, config);
		return login;
	}
	login = mem_new(sizeof(*login));
	login->oauth = oauth;
	login->config = server_config_ref(config);
	login->lock = -1;
	login->next = oauth->first;
	oauth->first = login;
	set_token(login, oauth_store_token(oauth->store, config));
	return login;
}

/* The end of a flow */

static void tell(struct login *login, bool retry, const struct err *err)
{
	while (login->waiters) {
		struct waiter *waiter = login->waiters;

		login->waiters = waiter->next;
		waiter->done(waiter->arg, retry, err);
		free(waiter);
	}
}

static void give_up_lock(struct login *login)
{
	loop_timer_stop(&login->lock_timer);
	if (login->lock >= 0)
		close(login->lock);
	login->lock = -1;
}

static void end(struct login *login, const struct err *err)
{
	struct err told;

	give_up_lock(login);
	free(login->challenge);
	login->challenge = NULL;
	if (err) {
		told = *err;
		err_prefix(&told, "server \"%s\"", login->config->name);
	}
	tell(login, !err, err ? &told : NULL);
}

/* What a login would have to ask for is kept, so that `cordpair login` asks for it. */
static void keep_wanted(struct login *login, const char *issuer, const char *scope)
{
	struct oauth_token *token = login->token;
	struct oauth_token wanted = {.issuer = (char *)issuer, .scope = (char *)scope};
	struct err err;

	if (!issuer || !scope)
		return;
	if (token && strcmp(token->issuer, issuer) == 0) {
		wanted = *token;
		wanted.scope = (char *)scope;
	}
	if (oauth_store_keep_token(login->oauth->store, login->config, &wanted, &err))
		log_detail("%s", err.text);
}

static void flow_done(void *arg, struct oauth_token *take_token, const char *issuer,
		      const char *scope, const struct err *err)
{
	struct login *login = arg;

	login->flow = NULL;
	if (take_token) {
		set_token(login, take_token);
		login->logged_in = true;
		login->expected = false;
	} else if (login->status == 403 && !login->oauth->agent) {
		keep_wanted(login, issuer, scope);
	}
	end(login, err);
}

/* The beginning of one */

static bool same_header(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

/* Another process may have renewed it while we waited. */
static bool take_others_token(struct login *login)
{
	struct oauth_token *stored = oauth_store_token(login->oauth->store, login->config);
	const char *ours = login->token ? login->token->access_token : NULL;

	if (!stored || !stored->access_token || login->expected ||
	    same_header(stored->access_token, ours)) {
		oauth_token_free(&stored);
		return false;
	}
	set_token(login, stored);
	return true;
}

static void start_flow(struct login *login)
{
	struct oauth *oauth = login->oauth;
	const struct oauth_flow_request request = {
		.loop = oauth->loop,
		.http = oauth->http,
		.store = oauth->store,
		.agent = oauth->agent,
		.config = login->config,
		.challenge = login->challenge,
		.token = login->token,
		.renews = login->status == 401 && !login->expected,
		.scope = login->scope,
	};

	login->flow = oauth_flow_start(&request, flow_done, login);
}

static void try_lock(void *arg)
{
	struct login *login = arg;
	struct oauth *oauth = login->oauth;
	struct err err;

	login->lock = oauth_store_lock(oauth->store, login->config, &err);
	if (login->lock < 0 && err.os_errno == EWOULDBLOCK &&
	    loop_now_us(oauth->loop) - login->lock_since_us < OAUTH_LOCK_WAIT_MS * 1000) {
		loop_timer_start(oauth->loop, &login->lock_timer, OAUTH_LOCK_RETRY_MS, try_lock,
				 login);
		return;
	}
	if (login->lock < 0 && err.os_errno == EWOULDBLOCK) {
		err_set(&err, ERR_TEMPORARY, "another cordpair is logging in to it");
		end(login, &err);
		return;
	}
	if (login->lock < 0)
		log_warning("%s; two logins at once would not see each other", err.text);
	if (take_others_token(login))
		end(login, NULL);
	else
		start_flow(login);
}

static void wait_for(struct login *login, authorizer_fn *done, void *arg)
{
	struct waiter *waiter = mem_new(sizeof(*waiter));

	waiter->done = done;
	waiter->arg = arg;
	waiter->next = login->waiters;
	login->waiters = waiter;
}

/* What was sent is older than what we have: another challenge's answer came in between. */
static void retry_all(void *arg)
{
	end(arg, NULL);
}

static void refuse_now(void *arg)
{
	struct login *login = arg;
	struct err err;

	err_set(&err, ERR_PERMISSION,
		login->config->oauth.off
			? "it wants a login, which its entry switches off (\"oauth\": false)"
			: "it wants a login, but its \"url\" is not https: a token would be "
			  "readable on its way");
	end(login, &err);
}

/* The authorizer */

static const char *oauth_authorization(struct authorizer *authorizer,
				       const struct server_config *config)
{
	const struct login *login = login_of((struct oauth *)authorizer, config);

	if (!oauth_url_is_safe(config->url, config->url))
		return NULL;
	return login->expected && !login->logged_in ? NULL : login->header;
}

static void oauth_challenge(struct authorizer *authorizer, const struct server_config *config,
			    const struct authorizer_challenge *challenge, authorizer_fn *done,
			    void *arg)
{
	struct oauth *oauth = (struct oauth *)authorizer;
	struct login *login = login_of(oauth, config);
	const char *now = oauth_authorization(authorizer, config);

	wait_for(login, done, arg);
	if (login->challenge)
		return; /* a flow is under way */
	login->challenge = mem_string(challenge->header);
	login->status = challenge->status;
	login->lock_since_us = loop_now_us(oauth->loop);
	/* A start function never calls back before it returns: the timer does. */
	if (config->oauth.off || !oauth_url_is_safe(config->url, config->url))
		loop_timer_start(oauth->loop, &login->lock_timer, 0, refuse_now, login);
	else if (now && !same_header(challenge->used, now))
		loop_timer_start(oauth->loop, &login->lock_timer, 0, retry_all, login);
	else
		loop_timer_start(oauth->loop, &login->lock_timer, 0, try_lock, login);
}

static void oauth_cancel(struct authorizer *authorizer, void *arg)
{
	struct oauth *oauth = (struct oauth *)authorizer;

	for (struct login *login = oauth->first; login; login = login->next)
		for (struct waiter **at = &login->waiters; *at;) {
			struct waiter *waiter = *at;

			if (waiter->arg == arg) {
				*at = waiter->next;
				free(waiter);
			} else {
				at = &waiter->next;
			}
		}
}

struct oauth *oauth_new(struct loop *loop, struct http *http, const char *store)
{
	struct oauth *oauth = mem_new(sizeof(*oauth));

	oauth->authorizer = (struct authorizer){
		.authorization = oauth_authorization,
		.challenge = oauth_challenge,
		.cancel = oauth_cancel,
	};
	oauth->loop = loop;
	oauth->http = http;
	oauth->store = mem_string(store);
	return oauth;
}

void oauth_free(struct oauth **oauth_p)
{
	struct oauth *oauth = *oauth_p;

	*oauth_p = NULL;
	while (oauth && oauth->first) {
		struct login *login = oauth->first;

		oauth->first = login->next;
		oauth_flow_cancel(&login->flow);
		give_up_lock(login);
		while (login->waiters) {
			struct waiter *waiter = login->waiters;

			login->waiters = waiter->next;
			free(waiter);
		}
		set_token(login, NULL);
		server_config_free(&login->config);
		free(login->challenge);
		free(login->scope);
		free(login);
	}
	if (oauth)
		free(oauth->store);
	free(oauth);
}

struct authorizer *oauth_authorizer(struct oauth *oauth)
{
	return &oauth->authorizer;
}

void oauth_set_user_agent(struct oauth *oauth, struct user_agent *agent)
{
	for (struct login *login = oauth->first; login; login = login->next) {
		struct err err;

		if (!login->flow)
			continue;
		oauth_flow_cancel(&login->flow);
		err_set(&err, ERR_PERMISSION, "the login was broken off");
		end(login, &err);
	}
	oauth->agent = agent;
}

void oauth_expect_login(struct oauth *oauth, const struct server_config *config, const char *scope)
{
	struct login *login = login_of(oauth, config);

	login->expected = true;
	login->logged_in = false;
	free(login->scope);
	login->scope = mem_string_or_null(scope);
}

bool oauth_logged_in(struct oauth *oauth, const struct server_config *config)
{
	return login_of(oauth, config)->logged_in;
}

void oauth_login(struct oauth *oauth, const struct server_config *config, authorizer_fn *done,
		 void *arg)
{
	static const struct authorizer_challenge nothing = {.status = 401, .header = ""};

	oauth_challenge(&oauth->authorizer, config, &nothing, done, arg);
}
