/* SPDX-License-Identifier: MIT */
/* Each question is a request to the client; what it says that is no answer is nobody's. */
#include "config.h"

#include "daemon/client_asker.h"

#include <stdlib.h>

#include "base/json_write.h"
#include "base/mem.h"
#include "daemon/control_protocol.h"

struct asked {
	struct client_asker *owner;
	struct asked *next;
	int64_t id;
	approval_fn *done;    /* of an approval */
	answer_fn *line_done; /* of a line */
	void *arg;
};

struct client_asker {
	struct asker asker;
	struct control_request *request;
	struct asked *asked;
};

static void unlink_asked(struct asked *asked)
{
	struct asked **at = &asked->owner->asked;

	while (*at != asked)
		at = &(*at)->next;
	*at = asked->next;
}

static void answered(void *arg, struct json_span result)
{
	struct asked *asked = arg;
	char *line;
	int approval;

	unlink_asked(asked);
	if (asked->done) {
		approval = control_word(control_approvals, APPROVAL_NOBODY + 1,
					json_span_member(result, "approval"));
		asked->done(asked->arg, approval < 0 ? APPROVAL_NOBODY : (enum approval)approval);
	} else {
		line = json_span_text(json_span_member(result, "answer"), ASKER_ANSWER_MAX_BYTES);
		asked->line_done(asked->arg, line);
		free(line);
	}
	free(asked);
}

static void send(struct asker *asker, const struct asked *what, const char *method,
		 struct buf *members)
{
	struct client_asker *client = (struct client_asker *)asker;
	struct asked *asked = mem_new(sizeof(*asked));

	*asked = *what;
	asked->owner = client;
	asked->next = client->asked;
	client->asked = asked;
	asked->id = control_ask(client->request, method, members, answered, asked);
	buf_clear(members);
}

static void ask(struct asker *asker, const struct approval_request *request, approval_fn *done,
		void *arg)
{
	struct buf members = BUF_INIT;

	json_write_member(&members, "server", request->server);
	json_write_member(&members, "tool", request->tool);
	if (request->description)
		json_write_member(&members, "description", request->description);
	json_write_key(&members, "arguments");
	json_write_compact(&members, request->arguments, request->arguments_len);
	send(asker, &(const struct asked){.done = done, .arg = arg}, CONTROL_ASK_APPROVAL,
	     &members);
}

static void ask_line(struct asker *asker, const char *text, answer_fn *done, void *arg)
{
	struct buf members = BUF_INIT;

	json_write_member(&members, "text", text);
	send(asker, &(const struct asked){.line_done = done, .arg = arg}, CONTROL_ASK_LINE,
	     &members);
}

static void cancel(struct asker *asker, void *arg)
{
	struct client_asker *client = (struct client_asker *)asker;

	for (struct asked *at = client->asked; at; at = at->next) {
		if (at->arg != arg)
			continue;
		unlink_asked(at);
		control_ask_cancel(client->request, at->id);
		free(at);
		return;
	}
}

struct asker *client_asker_new(struct control_request *request)
{
	struct client_asker *client = mem_new(sizeof(*client));

	client->asker = (struct asker){ask, ask_line, cancel};
	client->request = request;
	return &client->asker;
}

void client_asker_free(struct asker **asker)
{
	struct client_asker *client = (struct client_asker *)*asker;

	if (!client)
		return;
	*asker = NULL;
	for (struct asked *at = client->asked, *next; at; at = next) {
		next = at->next;
		control_ask_cancel(client->request, at->id);
		free(at);
	}
	free(client);
}
