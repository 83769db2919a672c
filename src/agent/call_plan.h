/* SPDX-License-Identifier: MIT */
/*
 * call_plan: from a call as the model wrote it to one that tool_batch can make: which server's tool
 * it is, with the server's names of the arguments; or which tool of the host itself; or why it
 * cannot be made, in words for the model.
 */
#ifndef CORDPAIR_AGENT_CALL_PLAN_H
#define CORDPAIR_AGENT_CALL_PLAN_H

#include "agent/result_store.h"
#include "agent/tool_array.h"
#include "agent/tool_batch.h"
#include "model/chat.h"

struct turn_call {		   /* what events say about a call */
	const char *id, *name;	   /* as the model wrote it */
	const char *server, *tool; /* NULL when the name is not known, or it is the host's own */
	const char *arguments;	   /* JSON text, or NULL when broken */
};

struct planned_call {
	struct turn_call told;
	/* Behind `told` and the batch's call. */
	char *server, *tool, *arguments, *refusal, *answer;
};

struct call_plan_spec { /* borrowed */
	struct tool_array *tools;
	const struct server_pool *pool;
	const struct result_store *results; /* or NULL */
	size_t result_bytes;		    /* of a page of one */
};

/*
 * take_refusal: why the call is not to be made whatever it is; or NULL. planned->refusal says
 * afterwards whether it is. planned (zeroed before) and call are borrowed by out until the batch is
 * done.
 */
void planned_call_init(struct planned_call *planned, const struct chat_tool_call *call,
		       char *take_refusal, const struct call_plan_spec *spec,
		       struct tool_batch_call *out);
void planned_call_clear(struct planned_call *planned);

#endif
