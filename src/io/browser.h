/* SPDX-License-Identifier: MIT */
/*
 * browser: opens an address in the user's browser by xdg-open(1), without a shell. It runs on its
 * own; how it ends is not followed.
 */
#ifndef CORDPAIR_IO_BROWSER_H
#define CORDPAIR_IO_BROWSER_H

#include "base/err.h"

/* url: http or https. ERR_UNAVAILABLE: xdg-open cannot be started. */
int browser_open(const char *url, struct err *err) __attribute__((warn_unused_result));

#endif
