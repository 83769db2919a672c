/* SPDX-License-Identifier: MIT */
/*
 * url_elicitation: the error -32042 of 2025-11-25 ("URL Elicitation Required"): before a server
 * does what it is asked, a person has to open addresses. They are asked for as by requests of the
 * server; then the request may be sent again. Internal to mcp/.
 */
#ifndef CORDPAIR_MCP_URL_ELICITATION_H
#define CORDPAIR_MCP_URL_ELICITATION_H

#include "base/err.h"
#include "base/json_check.h"
#include "mcp/server.h"

#define URL_ELICITATION_REQUIRED (-32042)
#define URL_ELICITATIONS_MAX	 16 /* in one error */

struct url_elicitation;

/*
 * error: the JSON-RPC error. done: once, later; err: one was declined (ERR_DENIED), or the error
 * does not say what it has to (ERR_PROTOCOL).
 */
typedef void url_elicitation_fn(void *arg, const struct err *err);
struct url_elicitation *url_elicitation_start(struct server *server, struct json_span error,
					      url_elicitation_fn *done, void *arg);
/* notifications/elicitation/complete: perhaps about one of these. */
void url_elicitation_complete(struct url_elicitation *elicitation, struct json_span params);
void url_elicitation_free(struct url_elicitation **elicitation); /* no call comes after */

#endif
