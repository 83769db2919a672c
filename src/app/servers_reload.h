/* SPDX-License-Identifier: MIT */
/*
 * servers_reload: servers.d is read anew while the program stays, and what differs is done.
 *
 * Only the daemon does that. A run keeps the servers that it began with: a model that may write
 * files must not be able to give itself a server.
 */
#ifndef CORDPAIR_APP_SERVERS_RELOAD_H
#define CORDPAIR_APP_SERVERS_RELOAD_H

#include "app/program.h"

struct servers_reload;

/*
 * From now on changes of servers.d are noticed and done, and SIGHUP does the same. What cannot be
 * watched is told; servers_reload_run() works all the same. The program's operands, where there are
 * any, are the only servers that are ever started. The pool is the program's and was started.
 */
struct servers_reload *servers_reload_new(struct program *program);
void servers_reload_free(struct servers_reload **reload);

/*
 * Now. Every sentence is also logged, where it says something new. report: members of a JSON object
 * are appended:
 *   generation: how often something was done, from 1
 *   added, removed, changed, rules, held: names of servers. rules: the process went on by new ones;
 *     held: its entry cannot be read, and it goes on as it was
 *   kept: how many others there are
 *   messages: a sentence for each server that is not merely kept
 *   faults: what is wrong in servers.d, whether it holds a server or not
 */
void servers_reload_run(struct servers_reload *reload, struct buf *report);

#endif
