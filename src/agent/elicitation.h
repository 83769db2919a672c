/* SPDX-License-Identifier: MIT */
/*
 * elicitation: a server asks a person something in the middle of a call (MCP, "Elicitation"): a
 * form to fill in, or an address to open.
 *
 * The person sees which server asks, may change everything, and sees the whole before it is sent.
 * An address is shown in full and opened only when told to. Without somebody to ask the answer is
 * `decline`, at once.
 */
#ifndef CORDPAIR_AGENT_ELICITATION_H
#define CORDPAIR_AGENT_ELICITATION_H

#include "mcp/server.h"
#include "trust/asker.h"

struct elicitations; /* the open ones of a program */

struct elicitation_listener { /* for who looks on */
	void (*on_request)(void *arg, const struct server *server, const char *mode,
			   const char *message);
	void (*on_result)(void *arg, const char *server, const char *action);
};

/* asker: NULL when there is nobody to ask. */
struct elicitations *elicitations_new(struct asker *asker,
				      const struct elicitation_listener *listener, void *arg);
void elicitations_free(struct elicitations **elicitations); /* closes the forms; no answers */

/* For server_listener.on_request: answers elicitation/create, refuses everything else. */
void elicitations_take(struct elicitations *elicitations, struct server *server,
		       struct server_request *request);
/* For on_request_withdrawn: the question is closed. */
void elicitations_withdraw(struct elicitations *elicitations, struct server_request *request);

/* There is no terminal to ask at: says so to whoever looks on. */
void elicitation_tell_nobody(const char *server);

#endif
