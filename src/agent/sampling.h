/* SPDX-License-Identifier: MIT */
/*
 * sampling: a server asks the model something in the middle of a call (MCP, "Sampling"). Only where
 * its entry allows it, so many times in a run, with so many tokens; what it costs counts in the
 * run's limits. A server cannot choose the model: the entry may, else it is the run's.
 */
#ifndef CORDPAIR_AGENT_SAMPLING_H
#define CORDPAIR_AGENT_SAMPLING_H

#include "mcp/server.h"
#include "model/chat_client.h"
#include "model/profile.h"

#define SAMPLING_OPEN_MAX 4 /* of all servers, at the same time; more are refused */

struct sampling_model {
	struct chat_client *client;
	const struct profile *profile;
	const char *model; /* or NULL */
	/* What one answer cost. */
	void (*on_spent)(void *arg, const struct chat_usage *usage);
	void *arg;
};

struct samplings; /* the open ones of a program */

struct samplings *samplings_new(void);
/* model is copied; NULL: there is none (any more), and what is open is refused. */
void samplings_set_model(struct samplings *samplings, const struct sampling_model *model);
void samplings_free(struct samplings **samplings);

/* Answers sampling/createMessage, later or at once. */
void samplings_take(struct samplings *samplings, struct server *server,
		    struct server_request *request);
/* For on_request_withdrawn: the model is not waited for. */
void samplings_withdraw(struct samplings *samplings, struct server_request *request);

#endif
