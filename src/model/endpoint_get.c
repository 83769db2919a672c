/* SPDX-License-Identifier: MIT */
/* One try: who asks is a person, or somebody who can do without the answer. */
#include "config.h"

#include "model/endpoint_get.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "model/chat_client.h"
#include "model/chat_error.h"
#include "model/span_text.h"

struct endpoint_get {
	struct loop *loop;
	struct http_exchange *exchange;
	char *base_url;
	struct buf body;
	endpoint_get_fn *done;
	void *arg;
};

static void get_data(void *arg, const char *bytes, size_t len)
{
	struct endpoint_get *get = arg;

	buf_append(&get->body, bytes, len);
}

static void get_done(void *arg, const struct err *err)
{
	struct endpoint_get *get = arg;
	long status = err ? 0 : http_status(get->exchange);
	const char *text = buf_text(&get->body);
	struct chat_error_advice advice;
	struct json_span root;
	struct err own;

	if (err) {
		chat_network_error(get->exchange, err, &own);
		get->done(get->arg, NULL, 0, &own);
		return;
	}
	if (status == 200 && span_of_json(text, get->body.len, &root)) {
		get->done(get->arg, text, get->body.len, NULL);
		return;
	}
	chat_error_classify(status == 200 ? 0 : status, text, get->body.len, NULL, get->base_url,
			    NULL, &own, &advice);
	get->done(get->arg, NULL, 0, &own);
}

static const struct http_listener get_listener = {
	.on_data = get_data,
	.on_done = get_done,
};

struct endpoint_get *endpoint_get_start(struct loop *loop, struct http *http,
					const struct chat_endpoint *endpoint, const char *path,
					endpoint_get_fn *done, void *arg, struct err *err)
{
	struct endpoint_get *get = mem_new(sizeof(*get));
	char **headers = chat_endpoint_headers(endpoint, "application/json");
	char *url = chat_endpoint_url(endpoint, path);
	const struct http_request request = {
		.method = "GET",
		.url = url,
		.headers = (const char *const *)headers,
		.total_timeout_ms = ENDPOINT_GET_TIMEOUT_MS,
		.response_max_bytes = ENDPOINT_GET_MAX_BYTES,
	};

	get->loop = loop;
	get->base_url = mem_string(endpoint->base_url);
	buf_init(&get->body, ENDPOINT_GET_MAX_BYTES);
	get->done = done;
	get->arg = arg;
	get->exchange = http_start(http, &request, &get_listener, get, err);
	chat_endpoint_headers_free(&headers);
	free(url);
	if (!get->exchange)
		endpoint_get_free(&get);
	return get;
}

static void get_destroy(void *object)
{
	struct endpoint_get *get = object;

	buf_clear(&get->body);
	free(get->base_url);
	free(get);
}

void endpoint_get_free(struct endpoint_get **get_p)
{
	struct endpoint_get *get = *get_p;

	if (!get)
		return;
	*get_p = NULL;
	http_cancel(&get->exchange);
	loop_free_later(get->loop, get, get_destroy);
}
