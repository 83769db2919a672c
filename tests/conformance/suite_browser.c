/* SPDX-License-Identifier: MIT */
/* The redirect is read, not followed: nobody listens there. */
#include "config.h"

#include "suite_browser.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

static const char *suite_redirect_uri(struct user_agent *agent, long port, struct err *err)
{
	(void)agent;
	(void)port;
	(void)err;
	return "http://localhost:3000/callback";
}

static void got_data(void *arg, const char *bytes, size_t len)
{
	(void)arg;
	(void)bytes;
	(void)len;
}

static void answered(void *arg, const struct err *err)
{
	struct suite_browser *browser = arg;
	const char *location = err ? NULL : http_header(browser->exchange, "Location");
	char *query =
		location && strchr(location, '?') ? mem_string(strchr(location, '?') + 1) : NULL;
	struct err none;

	err_set(&none, ERR_PROTOCOL, "the page is no redirect");
	http_exchange_free(&browser->exchange);
	browser->done(browser->arg, query, query ? NULL : err ? err : &none);
	free(query);
}

static void failed(void *arg)
{
	struct suite_browser *browser = arg;

	browser->done(browser->arg, NULL, &browser->err);
}

static void suite_visit(struct user_agent *agent, const char *url, user_agent_fn *done, void *arg)
{
	static const struct http_listener listener = {.on_data = got_data, .on_done = answered};
	struct suite_browser *browser = (struct suite_browser *)agent;
	const struct http_request request = {.method = "GET", .url = url};

	browser->done = done;
	browser->arg = arg;
	browser->exchange = http_start(browser->http, &request, &listener, browser, &browser->err);
	if (!browser->exchange)
		loop_defer(browser->loop, failed, browser);
}

static void suite_cancel(struct user_agent *agent)
{
	struct suite_browser *browser = (struct suite_browser *)agent;

	http_cancel(&browser->exchange);
	loop_defer_cancel(browser->loop, browser);
}

void suite_browser_init(struct suite_browser *browser, struct loop *loop, struct http *http)
{
	*browser = (struct suite_browser){
		.agent = {suite_redirect_uri, suite_visit, suite_cancel},
		.loop = loop,
		.http = http,
	};
}
