/* SPDX-License-Identifier: MIT */
/*
 * control_group: a group of the kernel's (cgroup v2) for each server, where the host's own group is
 * delegated to it, so that the server's tree can be killed in one step, whoever is its parent by
 * then: also what a server left behind when its keeper was killed. Elsewhere there are no groups,
 * and the keeper's sweep is all there is.
 *
 * Delegated is a group that says so (systemd, "Control Group APIs and Delegation": the attribute
 * trusted.delegate or user.delegate is "1"), as those of units with Delegate=yes do. No controller
 * is switched on, so nothing of what the group may use changes.
 */
#ifndef CORDPAIR_KEEPER_CONTROL_GROUP_H
#define CORDPAIR_KEEPER_CONTROL_GROUP_H

#include <stdbool.h>

#define CONTROL_GROUP_NAME_BYTES 48

/* The directory of our own group; -1: it is not delegated. Removes what hosts that are gone left in
 * it. */
int control_group_own(void);

/* Makes a group in `own` and opens it; -1: it cannot be made. */
int control_group_make(int own, unsigned number, char name[CONTROL_GROUP_NAME_BYTES]);
/* The calling process, and what it forks from now on, is of the group. */
void control_group_enter(int group);
/* SIGKILL to all of it. */
void control_group_kill(int group);
/* The same by its name, and removes it. False: something of it is not gone yet. */
bool control_group_remove(int own, const char *name);

#endif
