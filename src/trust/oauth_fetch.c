/* SPDX-License-Identifier: MIT */
/* A redirect is an answer like any other: it is not followed. */
#include "config.h"

#include "trust/oauth_fetch.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "io/address.h"
#include "trust/oauth_metadata.h"

static void got_data(void *arg, const char *bytes, size_t len)
{
	struct oauth_fetch *fetch = arg;

	buf_append(&fetch->body, bytes, len);
}

static void finished(void *arg, const struct err *err)
{
	struct oauth_fetch *fetch = arg;
	const long status = err ? 0 : http_status(fetch->exchange);
	struct buf body = fetch->body; /* the callback may start the next */

	fetch->body = (struct buf)BUF_INIT;
	http_exchange_free(&fetch->exchange);
	fetch->done(fetch->arg, status, buf_text(&body), body.len, err);
	buf_clear(&body);
}

static void failed(void *arg)
{
	struct oauth_fetch *fetch = arg;

	fetch->done(fetch->arg, 0, "", 0, &fetch->err);
}

static bool (*judge_for(const struct server_config *config))(const struct sockaddr *)
{
	if (config->oauth.private_network)
		return NULL;
	return http_url_is_loopback(config->url) ? address_is_public_or_loopback
						 : address_is_public;
}

void oauth_fetch_start(struct loop *loop, struct http *http, struct oauth_fetch *fetch,
		       const struct oauth_fetch_request *request, oauth_fetch_fn *done, void *arg)
{
	static const struct http_listener listener = {.on_data = got_data, .on_done = finished};
	char *type =
		mem_format("Content-Type: %s", request->content_type ? request->content_type : "");
	char *authorization = mem_format("Authorization: %s",
					 request->authorization ? request->authorization : "");
	const char *headers[4] = {"Accept: application/json"};
	size_t count = 1;
	struct http_request wanted = {
		.method = request->body ? "POST" : "GET",
		.url = request->url,
		.headers = headers,
		.body = request->body,
		.body_len = request->body ? strlen(request->body) : 0,
		.total_timeout_ms = OAUTH_FETCH_MS,
		.response_max_bytes = OAUTH_DOCUMENT_MAX_BYTES,
		.trace_name = request->config->name,
		.secret = request->body != NULL,
		.allows_address = judge_for(request->config),
	};

	if (request->body)
		headers[count++] = type;
	if (request->authorization)
		headers[count++] = authorization;
	fetch->loop = loop;
	fetch->done = done;
	fetch->arg = arg;
	buf_clear(&fetch->body);
	buf_init(&fetch->body, OAUTH_DOCUMENT_MAX_BYTES);
	fetch->exchange = http_start(http, &wanted, &listener, fetch, &fetch->err);
	if (!fetch->exchange)
		loop_defer(loop, failed, fetch);
	free(type);
	free(authorization);
}

void oauth_fetch_cancel(struct oauth_fetch *fetch)
{
	if (fetch->loop)
		loop_defer_cancel(fetch->loop, fetch);
	http_cancel(&fetch->exchange);
	buf_clear(&fetch->body);
}
