/* SPDX-License-Identifier: MIT */
/*
 * demo_endpoint: runs the stand-in for a language model (`demo-endpoint`) as a child.
 */
#ifndef CORDPAIR_APP_DEMO_ENDPOINT_H
#define CORDPAIR_APP_DEMO_ENDPOINT_H

#include "app/program.h"

#define DEMO_MODEL "demo" /* --model demo */

struct demo_endpoint;
/* Starts it and waits for its address. NULL: it could not, or the run was interrupted. */
struct demo_endpoint *demo_endpoint_start(struct program *program, struct err *err)
	__attribute__((warn_unused_result));
const char *demo_endpoint_base_url(const struct demo_endpoint *demo);
void demo_endpoint_stop(struct demo_endpoint **demo);

#endif
