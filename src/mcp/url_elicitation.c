/* SPDX-License-Identifier: MIT */
/*
 * The questions are put as those of an input_required result are, so that whoever answers sees no
 * difference, but that the person also says when it is done there. The server's word that the
 * person is through with all of them is as good.
 */
#include "config.h"

#include "mcp/url_elicitation.h"

#include <stdlib.h>
#include <string.h>

#include "base/json_write.h"
#include "base/mem.h"
#include "mcp/server_internal.h"

#define ID_MAX_BYTES 1024

struct url_elicitation {
	struct server *server;
	url_elicitation_fn *done;
	void *arg;
	struct input_round *round;
	char *id[URL_ELICITATIONS_MAX]; /* as JSON; NULL: completed, or there are no more */
	bool nameless;			/* one has no id: only the person can tell */
	struct err err;			/* of an error that could not be understood */
};

static void destroy(void *arg)
{
	struct url_elicitation *elicitation = arg;

	for (size_t i = 0; i < URL_ELICITATIONS_MAX; i++)
		free(elicitation->id[i]);
	free(elicitation);
}

void url_elicitation_free(struct url_elicitation **elicitation_p)
{
	struct url_elicitation *elicitation = *elicitation_p;
	struct loop *loop;

	if (!elicitation)
		return;
	*elicitation_p = NULL;
	loop = elicitation->server->context->loop;
	loop_defer_cancel(loop, elicitation);
	input_round_free(&elicitation->round);
	loop_free_later(loop, elicitation, destroy);
}

static bool all_complete(const struct url_elicitation *elicitation)
{
	for (size_t i = 0; i < URL_ELICITATIONS_MAX; i++)
		if (elicitation->id[i])
			return false;
	return !elicitation->nameless;
}

void url_elicitation_complete(struct url_elicitation *elicitation, struct json_span params)
{
	struct json_span id = json_span_member(params, "elicitationId");
	bool known = false;

	for (size_t i = 0; i < URL_ELICITATIONS_MAX; i++) {
		char *waiting = elicitation->id[i];

		if (!waiting || strlen(waiting) != id.len || memcmp(waiting, id.at, id.len) != 0)
			continue;
		free(waiting);
		elicitation->id[i] = NULL;
		known = true;
	}
	if (known && all_complete(elicitation) && input_round_is_done(elicitation->round))
		elicitation->done(elicitation->arg, NULL);
}

/* Each answer is {"action": …}. */
static bool all_accepted(const char *members)
{
	char *object = mem_format("{%s}", members);
	struct json_span responses =
		json_span_member((struct json_span){object, strlen(object)}, "inputResponses");
	struct json_span key = {NULL, 0}, value = {NULL, 0};
	bool all = responses.at != NULL;

	while (all && json_span_next_member(responses, &key, &value))
		all = json_span_equals(json_span_member(value, "action"), "accept");
	free(object);
	return all;
}

static void answered(void *arg, const char *members, const struct err *err)
{
	struct url_elicitation *elicitation = arg;
	struct input_round *round = elicitation->round;
	struct err refused;

	elicitation->round = NULL;
	if (err) {
		elicitation->done(elicitation->arg, err);
	} else if (!all_accepted(members)) {
		err_set(&refused, ERR_DENIED,
			"server \"%s\" needs an address to be opened first, which was declined",
			elicitation->server->config->name);
		elicitation->done(elicitation->arg, &refused);
	} else {
		elicitation->done(elicitation->arg, NULL);
	}
	input_round_free(&round);
}

static void not_understood(void *arg)
{
	struct url_elicitation *elicitation = arg;

	elicitation->done(elicitation->arg, &elicitation->err);
}

/* An input_required result that asks the same. */
static int write_round(struct url_elicitation *elicitation, struct json_span list, struct buf *out)
{
	struct json_span item = {NULL, 0};
	size_t count = 0;

	buf_append_text(out, "{\"inputRequests\":{");
	while (json_span_kind(list) == JSON_ARRAY && json_span_next(list, &item)) {
		struct json_span id = json_span_member(item, "elicitationId");

		if (count == URL_ELICITATIONS_MAX || !json_span_member(item, "url").at)
			return -1;
		buf_format(out, "%s\"%zu\":{\"method\":\"elicitation/create\",\"params\":",
			   count > 0 ? "," : "", count);
		buf_append(out, item.at, item.len);
		buf_append_char(out, '}');
		if (json_span_kind(id) == JSON_STRING && id.len <= ID_MAX_BYTES)
			elicitation->id[count] = mem_string_len(id.at, id.len);
		else
			elicitation->nameless = true;
		count++;
	}
	buf_append_text(out, "}}");
	return count > 0 ? 0 : -1;
}

struct url_elicitation *url_elicitation_start(struct server *server, struct json_span error,
					      url_elicitation_fn *done, void *arg)
{
	struct json_span data = json_span_member(error, "data");
	struct url_elicitation *elicitation = mem_new(sizeof(*elicitation));
	struct buf round = BUF_INIT;

	elicitation->server = server;
	elicitation->done = done;
	elicitation->arg = arg;
	if (write_round(elicitation, json_span_member(data, "elicitations"), &round) == 0) {
		elicitation->round = input_round_start(
			server, (struct json_span){round.data, round.len}, answered, elicitation);
		input_round_comes_first(elicitation->round);
	} else {
		err_set(&elicitation->err, ERR_PROTOCOL,
			"server \"%s\" wants addresses to be opened and names none, or more than %d",
			server->config->name, URL_ELICITATIONS_MAX);
		loop_defer(server->context->loop, not_understood, elicitation);
	}
	buf_clear(&round);
	return elicitation;
}
