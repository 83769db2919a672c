/* SPDX-License-Identifier: MIT */
/*
 * browser_agent: the user agent of a person: the address is told, the browser is opened, and its
 * answer comes back to a port of this machine, or is pasted where the browser runs elsewhere.
 */
#ifndef CORDPAIR_TRUST_BROWSER_AGENT_H
#define CORDPAIR_TRUST_BROWSER_AGENT_H

#include "io/loop.h"
#include "trust/asker.h"
#include "trust/user_agent.h"

#define BROWSER_AGENT_WAIT_MS 300000 /* for the person to log in */

/* asker: by whom the pasted answer comes; NULL: nobody. opens: start a browser. */
struct user_agent *browser_agent_new(struct loop *loop, struct asker *asker, bool opens);
void browser_agent_free(struct user_agent **agent);

#endif
