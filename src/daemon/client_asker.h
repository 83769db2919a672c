/* SPDX-License-Identifier: MIT */
/*
 * client_asker: asks the person at the client that an open request came from.
 */
#ifndef CORDPAIR_DAEMON_CLIENT_ASKER_H
#define CORDPAIR_DAEMON_CLIENT_ASKER_H

#include "daemon/control_server.h"
#include "trust/asker.h"

/* It must be freed before the request ends. */
struct asker *client_asker_new(struct control_request *request);
void client_asker_free(struct asker **asker); /* what is asked is withdrawn */

#endif
