/* SPDX-License-Identifier: MIT */
/*
 * mcp_context: what every MCP client needs from the program; borrowed, outlives them.
 */
#ifndef CORDPAIR_MCP_CONTEXT_H
#define CORDPAIR_MCP_CONTEXT_H

#include <stdbool.h>

#include "io/http.h"
#include "io/loop.h"
#include "io/worker.h"
#include "trust/authorizer.h"

struct mcp_context {
	struct loop *loop;
	struct worker_pool *workers;
	struct http *http;	       /* NULL in the program without libcurl */
	struct authorizer *authorizer; /* NULL: a server that wants a login cannot be used */
	const char *state_dir;	       /* where era verdicts are kept; NULL: not kept */
	bool keep_logs;		 /* what servers write to stderr, in state_dir/logs/NAME.log */
	const char *client_name; /* clientInfo */
	const char *client_version;
	const char *log_level; /* of what servers log, as MCP calls it ("info"); NULL: nothing */
};

#endif
