/* SPDX-License-Identifier: MIT */
/* Whichever comes first: the browser's request, a pasted address, or the end of the patience. */
#include "config.h"

#include <stdbool.h>

#include "trust/browser_agent.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/log.h"
#include "base/mem.h"
#include "io/browser.h"
#include "io/redirect_listener.h"

struct browser_agent {
	struct user_agent agent;
	struct loop *loop;
	struct asker *asker;
	bool opens, asking;
	struct redirect_listener *listener;
	char *uri;
	struct loop_timer timer;
	user_agent_fn *done;
	void *arg;
};

static void browser_cancel(struct user_agent *agent)
{
	struct browser_agent *browser = (struct browser_agent *)agent;

	if (browser->asking)
		browser->asker->cancel(browser->asker, browser);
	browser->asking = false;
	browser->done = NULL;
	loop_timer_stop(&browser->timer);
	redirect_listener_free(&browser->listener);
}

static void finish(struct browser_agent *browser, const char *query, const struct err *err)
{
	user_agent_fn *done = browser->done;
	void *arg = browser->arg;

	browser_cancel(&browser->agent);
	if (done)
		done(arg, query, err);
}

static void came_back(void *arg, const char *query)
{
	struct browser_agent *browser = arg;

	if (browser->done)
		finish(browser, query, NULL);
}

static const char *browser_redirect_uri(struct user_agent *agent, long port, struct err *err)
{
	struct browser_agent *browser = (struct browser_agent *)agent;

	browser_cancel(agent);
	browser->listener = redirect_listener_new(browser->loop, port, came_back, browser, err);
	if (!browser->listener)
		return NULL;
	free(browser->uri);
	browser->uri = mem_format("http://127.0.0.1:%ld" REDIRECT_PATH,
				  redirect_listener_port(browser->listener));
	return browser->uri;
}

static void ask_for_paste(struct browser_agent *browser);

static void pasted(void *arg, const char *answer)
{
	struct browser_agent *browser = arg;
	const char *query = answer ? strchr(answer, '?') : NULL;

	browser->asking = false;
	if (!answer)
		return; /* nobody to ask: the browser may still come */
	if (query && strncasecmp(answer, "http", 4) == 0) {
		finish(browser, query + 1, NULL);
		return;
	}
	if (*answer)
		log_notice("this is not the address that the browser ended at (%s?…)",
			   browser->uri);
	ask_for_paste(browser);
}

static void ask_for_paste(struct browser_agent *browser)
{
	if (!browser->asker)
		return;
	browser->asking = true;
	browser->asker->ask_line(browser->asker,
				 "Where the browser runs on another machine, paste the address at "
				 "which it ends: ",
				 pasted, browser);
}

static void too_late(void *arg)
{
	struct err err;

	err_set(&err, ERR_PERMISSION, "nobody logged in within %d seconds",
		BROWSER_AGENT_WAIT_MS / 1000);
	finish(arg, NULL, &err);
}

static void browser_visit(struct user_agent *agent, const char *url, user_agent_fn *done, void *arg)
{
	struct browser_agent *browser = (struct browser_agent *)agent;
	struct err err;

	browser->done = done;
	browser->arg = arg;
	log_notice("log in at %s", url);
	if (browser->opens && browser_open(url, &err))
		log_notice("%s: open the address yourself", err.text);
	loop_timer_start(browser->loop, &browser->timer, BROWSER_AGENT_WAIT_MS, too_late, browser);
	ask_for_paste(browser);
}

struct user_agent *browser_agent_new(struct loop *loop, struct asker *asker, bool opens)
{
	struct browser_agent *browser = mem_new(sizeof(*browser));

	browser->agent = (struct user_agent){
		.redirect_uri = browser_redirect_uri,
		.visit = browser_visit,
		.cancel = browser_cancel,
	};
	browser->loop = loop;
	browser->asker = asker;
	browser->opens = opens;
	return &browser->agent;
}

void browser_agent_free(struct user_agent **agent)
{
	struct browser_agent *browser = (struct browser_agent *)*agent;

	*agent = NULL;
	if (!browser)
		return;
	browser_cancel(&browser->agent);
	free(browser->uri);
	free(browser);
}
