/* SPDX-License-Identifier: MIT */
/*
 * suite_browser: the browser that the conformance suite expects: one GET of the authorization page,
 * whose redirect is the answer, with nobody before it.
 */
#ifndef CORDPAIR_TESTS_SUITE_BROWSER_H
#define CORDPAIR_TESTS_SUITE_BROWSER_H

#include "io/http.h"
#include "trust/user_agent.h"

struct suite_browser {
	struct user_agent agent;
	struct loop *loop;
	struct http *http;
	struct http_exchange *exchange;
	struct err err;
	user_agent_fn *done;
	void *arg;
};

void suite_browser_init(struct suite_browser *browser, struct loop *loop, struct http *http);

#endif
