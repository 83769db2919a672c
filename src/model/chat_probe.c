/* SPDX-License-Identifier: MIT */
/* One GET, read whole, and one line made of it. */
#include "config.h"

#include "model/chat_probe.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "model/chat_client.h"
#include "model/chat_error.h"
#include "model/span_text.h"

struct chat_probe {
	struct loop *loop;
	struct http_exchange *exchange;
	char *base_url;
	bool openrouter;
	struct buf body;
	chat_probe_fn *done;
	void *arg;
};

/* {"data":{"limit":…,"limit_remaining":…,"usage":…,"is_free_tier":…}} */
static void describe_key(struct json_span data, struct buf *out)
{
	double limit, left, usage;

	buf_append_text(out, "answers, the key is good");
	if (span_double(json_span_member(data, "limit"), &limit)) {
		buf_format(out, "; limit %.2f USD", limit);
		if (span_double(json_span_member(data, "limit_remaining"), &left))
			buf_format(out, ", %.2f left", left);
	} else {
		buf_append_text(out, "; no limit");
	}
	if (span_double(json_span_member(data, "usage"), &usage))
		buf_format(out, ", %.2f USD used", usage);
	if (json_span_kind(json_span_member(data, "is_free_tier")) == JSON_TRUE)
		buf_append_text(out, ", free tier");
}

static void describe_models(struct json_span models, struct buf *out)
{
	struct json_span model = {NULL, 0};
	size_t count = 0;

	while (json_span_next(models, &model))
		count++;
	buf_format(out, "answers, %zu model%s", count, count == 1 ? "" : "s");
}

/* False: this is no such endpoint's answer. */
static bool describe(const struct chat_probe *probe, struct buf *out)
{
	struct json_span root, data;

	if (!span_of_json(buf_text(&probe->body), probe->body.len, &root))
		return false;
	data = json_span_member(root, "data");
	if (probe->openrouter && json_span_kind(data) == JSON_OBJECT)
		describe_key(data, out);
	else if (!probe->openrouter && json_span_kind(data) == JSON_ARRAY)
		describe_models(data, out);
	else
		return false;
	return true;
}

static void probe_data(void *arg, const char *bytes, size_t len)
{
	struct chat_probe *probe = arg;

	buf_append(&probe->body, bytes, len);
}

static void probe_done(void *arg, const struct err *err)
{
	struct chat_probe *probe = arg;
	long status = err ? 0 : http_status(probe->exchange);
	struct chat_error_advice advice;
	struct buf detail = BUF_INIT;
	struct err own;

	if (err) {
		chat_network_error(probe->exchange, err, &own);
		probe->done(probe->arg, NULL, &own);
		return;
	}
	if (status == 200 && describe(probe, &detail)) {
		probe->done(probe->arg, buf_text(&detail), NULL);
	} else {
		chat_error_classify(status == 200 ? 0 : status, buf_text(&probe->body),
				    probe->body.len, NULL, probe->base_url, NULL, &own, &advice);
		probe->done(probe->arg, NULL, &own);
	}
	buf_clear(&detail);
}

static const struct http_listener probe_listener = {
	.on_data = probe_data,
	.on_done = probe_done,
};

struct chat_probe *chat_probe_start(struct loop *loop, struct http *http,
				    const struct chat_endpoint *endpoint, chat_probe_fn *done,
				    void *arg, struct err *err)
{
	struct chat_probe *probe = mem_new(sizeof(*probe));
	char **headers = chat_endpoint_headers(endpoint, "application/json");
	bool openrouter = endpoint->profile->own_keys;
	char *url = chat_endpoint_url(endpoint, openrouter ? "/key" : "/models");
	const struct http_request request = {
		.method = "GET",
		.url = url,
		.headers = (const char *const *)headers,
		.total_timeout_ms = CHAT_PROBE_TIMEOUT_MS,
		.response_max_bytes = CHAT_PROBE_MAX_BYTES,
	};

	probe->loop = loop;
	probe->base_url = mem_string(endpoint->base_url);
	probe->openrouter = openrouter;
	buf_init(&probe->body, CHAT_PROBE_MAX_BYTES);
	probe->done = done;
	probe->arg = arg;
	probe->exchange = http_start(http, &request, &probe_listener, probe, err);
	chat_endpoint_headers_free(&headers);
	free(url);
	if (!probe->exchange)
		chat_probe_free(&probe);
	return probe;
}

static void probe_destroy(void *object)
{
	struct chat_probe *probe = object;

	buf_clear(&probe->body);
	free(probe->base_url);
	free(probe);
}

void chat_probe_free(struct chat_probe **probe_p)
{
	struct chat_probe *probe = *probe_p;

	if (!probe)
		return;
	*probe_p = NULL;
	http_cancel(&probe->exchange);
	loop_free_later(probe->loop, probe, probe_destroy);
}
