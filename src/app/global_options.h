/* SPDX-License-Identifier: MIT */
/*
 * global_options: what every command takes.
 */
#ifndef CORDPAIR_APP_GLOBAL_OPTIONS_H
#define CORDPAIR_APP_GLOBAL_OPTIONS_H

#include <stdbool.h>

#include "base/options.h"

struct global_options {
	const char *servers_dir, *base_url, *model, *trace;
	struct strings servers; /* NAME=COMMAND */
	struct strings yes_to;	/* SERVER:TOOL */
	bool json, events, quiet, verbose, no_stream, no_daemon, no_input;
	bool help, version;
	long timeout_ms; /* 0: none */
};

extern const struct option_spec global_option_table[];

/* Checks what the table cannot: --yes-to's form, --json with --events. ERR_USAGE. */
int global_options_check(const struct global_options *options, struct err *err)
	__attribute__((warn_unused_result));
void global_options_clear(struct global_options *options);

#endif
