/* SPDX-License-Identifier: MIT */
/* There is no `state` in this flow: a code of another's is worth nothing without our verifier. */
#include "config.h"

#include "trust/key_login.h"

#include <stdlib.h>
#include <string.h>

#include "base/form.h"
#include "base/json_check.h"
#include "base/json_write.h"
#include "base/mem.h"
#include "base/sanitize.h"
#include "base/trace.h"
#include "io/redirect_listener.h"
#include "trust/pkce.h"

#define SHOWN_BYTES   200
#define KEY_MAX_BYTES ((size_t)4096)

struct key_login {
	struct loop *loop;
	struct http *http;
	struct user_agent *agent;
	char *keys_url, *verifier, *body;
	struct http_exchange *exchange;
	struct buf answer;
	struct err err;
	key_login_fn *done;
	void *arg;
};

static void finish_failed(struct key_login *login, enum err_kind kind, const char *what,
			  const char *detail)
{
	struct buf shown = BUF_INIT;
	struct err err;

	sanitize_line(detail, strlen(detail), SHOWN_BYTES, &shown);
	err_set(&err, kind, "login: %s%s%s", what, shown.len > 0 ? ": " : "", buf_text(&shown));
	buf_clear(&shown);
	login->done(login->arg, NULL, &err);
}

static void got_data(void *arg, const char *bytes, size_t len)
{
	struct key_login *login = arg;

	buf_append(&login->answer, bytes, len);
}

static void exchanged(void *arg, const struct err *err)
{
	struct key_login *login = arg;
	const long status = err ? 0 : http_status(login->exchange);
	struct json_span root = {buf_text(&login->answer), login->answer.len};
	struct json_fault fault;
	char *key;

	if (err) {
		finish_failed(login, err->kind, "no key could be fetched", err->text);
		return;
	}
	if (json_check(root.at, root.len, &json_limits_default, NULL, &fault) || *root.at != '{') {
		finish_failed(login, ERR_PROTOCOL, "the answer is no JSON", root.at);
		return;
	}
	key = json_span_text(json_span_member(root, "key"), KEY_MAX_BYTES);
	if (status == 200 && key && *key) {
		trace_add_secret(key);
		login->done(login->arg, key, NULL);
	} else if (status >= 400 && status < 500) {
		finish_failed(login, ERR_PERMISSION, "the code was not taken", root.at);
	} else {
		finish_failed(login, ERR_PROTOCOL, "the answer has no key", "");
	}
	free(key);
}

static void not_started(void *arg)
{
	struct key_login *login = arg;

	finish_failed(login, login->err.kind, "no key could be fetched", login->err.text);
}

static void exchange(struct key_login *login, const char *code)
{
	static const struct http_listener listener = {.on_data = got_data, .on_done = exchanged};
	static const char *const headers[] = {"Content-Type: application/json",
					      "Accept: application/json", NULL};
	struct buf body = BUF_INIT;
	struct http_request request = {
		.method = "POST",
		.url = login->keys_url,
		.headers = headers,
		.total_timeout_ms = KEY_LOGIN_TIMEOUT_MS,
		.response_max_bytes = KEY_LOGIN_MAX_BYTES,
		.trace_name = "login",
		.secret = true,
	};

	buf_append_char(&body, '{');
	json_write_member(&body, "code", code);
	json_write_member(&body, "code_verifier", login->verifier);
	json_write_member(&body, "code_challenge_method", "S256");
	buf_append_char(&body, '}');
	login->body = buf_take(&body);
	request.body = login->body;
	request.body_len = strlen(login->body);
	login->exchange = http_start(login->http, &request, &listener, login, &login->err);
	if (!login->exchange)
		loop_defer(login->loop, not_started, login);
}

static void came_back(void *arg, const char *query, const struct err *err)
{
	struct key_login *login = arg;
	char *code, *error;

	if (!query) {
		login->done(login->arg, NULL, err);
		return;
	}
	code = form_value(query, "code");
	error = form_value(query, "error");
	if (code && *code) {
		trace_add_secret(code);
		exchange(login, code);
	} else {
		finish_failed(login, ERR_PERMISSION, "the page gave no code", error ? error : "");
	}
	free(code);
	free(error);
}

/* "localhost", as the documentation of the page has it. */
static char *callback_url(const char *redirect_uri)
{
	const char *port = strrchr(redirect_uri, ':');

	return mem_format("http://localhost%s", port);
}

static void show_page(struct key_login *login, const char *origin, const char *redirect_uri)
{
	char *challenge = pkce_challenge(login->verifier), *callback = callback_url(redirect_uri);
	struct buf url = BUF_INIT;

	buf_format(&url, "%s/auth?", origin);
	form_append(&url, "callback_url", callback);
	form_append(&url, "code_challenge", challenge);
	form_append(&url, "code_challenge_method", "S256");
	login->agent->visit(login->agent, url.data, came_back, login);
	buf_clear(&url);
	free(challenge);
	free(callback);
}

struct key_login *key_login_start(struct loop *loop, struct http *http, struct user_agent *agent,
				  const char *base_url, key_login_fn *done, void *arg,
				  struct err *err)
{
	char *origin = http_url_origin(base_url);
	const char *redirect_uri = origin ? agent->redirect_uri(agent, 0, err) : NULL;
	struct key_login *login;

	if (!redirect_uri) {
		if (!origin)
			err_set(err, ERR_CONFIG, "\"%.100s\" is no address of an endpoint",
				base_url);
		free(origin);
		return NULL;
	}
	login = mem_new(sizeof(*login));
	login->loop = loop;
	login->http = http;
	login->agent = agent;
	login->keys_url = mem_format("%s/auth/keys", base_url);
	login->verifier = pkce_verifier();
	buf_init(&login->answer, KEY_LOGIN_MAX_BYTES);
	login->done = done;
	login->arg = arg;
	show_page(login, origin, redirect_uri);
	free(origin);
	return login;
}

static void destroy(void *arg)
{
	struct key_login *login = arg;

	buf_clear(&login->answer);
	free(login->keys_url);
	free(login->verifier);
	free(login->body);
	free(login);
}

void key_login_free(struct key_login **login_p)
{
	struct key_login *login = *login_p;

	if (!login)
		return;
	*login_p = NULL;
	login->agent->cancel(login->agent);
	http_cancel(&login->exchange);
	loop_defer_cancel(login->loop, login);
	loop_free_later(login->loop, login, destroy);
}
