/* SPDX-License-Identifier: MIT */
/*
 * Requests that wait for a server. It is looked up by its name each time: a reload may have put
 * another one in its place.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "daemon/daemon_internal.h"

struct daemon_wait {
	struct daemon *daemon;
	struct daemon_wait *next, **previous;
	struct control_request *request;
	char *server;
	daemon_answer_fn *answer;
};

static void wait_free(struct daemon_wait *wait)
{
	*wait->previous = wait->next;
	if (wait->next)
		wait->next->previous = wait->previous;
	free(wait->server);
	free(wait);
}

static void gone(void *arg)
{
	wait_free(arg);
}

/* False: it is still being started. */
static bool answer_now(struct daemon *daemon, struct control_request *request, const char *name,
		       daemon_answer_fn *answer)
{
	struct server *server = server_pool_find(daemon->parts.pool, name);
	struct err err;

	if (server && server_get_state(server) == SERVER_STARTING)
		return false;
	if (server) {
		answer(daemon, request, server);
	} else {
		err_set(&err, ERR_CONFIG, "the daemon has no server called \"%s\" any more", name);
		control_fail(&request, &err);
	}
	return true;
}

void daemon_wait_for(struct daemon *daemon, struct control_request *request, const char *server,
		     daemon_answer_fn *answer)
{
	struct daemon_wait *wait;

	if (answer_now(daemon, request, server, answer))
		return;
	wait = mem_new(sizeof(*wait));
	*wait = (struct daemon_wait){
		.daemon = daemon,
		.next = daemon->waits,
		.previous = &daemon->waits,
		.request = request,
		.server = mem_string(server),
		.answer = answer,
	};
	if (wait->next)
		wait->next->previous = &wait->next;
	daemon->waits = wait;
	control_request_on_gone(request, gone, wait);
}

static void look_again(void *arg)
{
	struct daemon *daemon = arg;

	daemon->looking = false;
	for (struct daemon_wait *wait = daemon->waits, *next; wait; wait = next) {
		next = wait->next;
		/* The answer ends the request, after which nobody says that it is gone. */
		control_request_on_gone(wait->request, NULL, NULL);
		if (answer_now(daemon, wait->request, wait->server, wait->answer))
			wait_free(wait);
		else
			control_request_on_gone(wait->request, gone, wait);
	}
}

void daemon_note_state(struct daemon *daemon, const struct server *server)
{
	(void)server;
	/* Later: who told it is in the middle of it. */
	if (!daemon->waits || daemon->looking)
		return;
	daemon->looking = true;
	loop_defer(daemon->parts.loop, look_again, daemon);
}
