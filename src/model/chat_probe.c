/* SPDX-License-Identifier: MIT */
/* One line made of what a GET gives. */
#include "config.h"

#include "model/chat_probe.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "model/chat_error.h"
#include "model/endpoint_get.h"
#include "model/span_text.h"

struct chat_probe {
	struct loop *loop;
	struct endpoint_get *get;
	char *base_url;
	bool openrouter;
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
static bool describe(const struct chat_probe *probe, const char *json, size_t len, struct buf *out)
{
	struct json_span root, data;

	if (!span_of_json(json, len, &root))
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

static void probe_done(void *arg, const char *json, size_t len, const struct err *err)
{
	struct chat_probe *probe = arg;
	struct chat_error_advice advice;
	struct buf detail = BUF_INIT;
	struct err own;

	if (err) {
		probe->done(probe->arg, NULL, err);
		return;
	}
	if (describe(probe, json, len, &detail)) {
		probe->done(probe->arg, buf_text(&detail), NULL);
	} else {
		chat_error_classify(0, json, len, NULL, probe->base_url, NULL, &own, &advice);
		probe->done(probe->arg, NULL, &own);
	}
	buf_clear(&detail);
}

struct chat_probe *chat_probe_start(struct loop *loop, struct http *http,
				    const struct chat_endpoint *endpoint, chat_probe_fn *done,
				    void *arg, struct err *err)
{
	struct chat_probe *probe = mem_new(sizeof(*probe));

	probe->loop = loop;
	probe->base_url = mem_string(endpoint->base_url);
	probe->openrouter = endpoint->profile->own_keys;
	probe->done = done;
	probe->arg = arg;
	probe->get =
		endpoint_get_start(loop, http, endpoint, probe->openrouter ? "/key" : "/models",
				   probe_done, probe, err);
	if (!probe->get)
		chat_probe_free(&probe);
	return probe;
}

static void probe_destroy(void *object)
{
	struct chat_probe *probe = object;

	free(probe->base_url);
	free(probe);
}

void chat_probe_free(struct chat_probe **probe_p)
{
	struct chat_probe *probe = *probe_p;

	if (!probe)
		return;
	*probe_p = NULL;
	endpoint_get_free(&probe->get);
	loop_free_later(probe->loop, probe, probe_destroy);
}
