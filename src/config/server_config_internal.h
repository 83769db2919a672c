/* SPDX-License-Identifier: MIT */
/*
 * server_config_internal: how config/ fills a server_config. Internal to config/.
 */
#ifndef CORDPAIR_CONFIG_SERVER_CONFIG_INTERNAL_H
#define CORDPAIR_CONFIG_SERVER_CONFIG_INTERNAL_H

#include "config/server_config.h"

/* Sets identity and rules when everything else is there. */
void server_config_identify(struct server_config *config);

#endif
