/* SPDX-License-Identifier: MIT */
/*
 * demo_reply: an answer on the wire as OpenRouter sends it: a stream with comments before the first
 * chunk, a role in every delta, calls in pieces, finish_reason twice, the usage last; or one body
 * behind blank lines.
 */
#ifndef CORDPAIR_DEMO_DEMO_REPLY_H
#define CORDPAIR_DEMO_DEMO_REPLY_H

#include "demo/demo_answer.h"
#include "demo/http_server.h"

struct demo_reply_facts {
	const char *model;
	long number; /* of the request, from 1: ids are made of it */
	size_t request_bytes;
};

void demo_reply_stream(struct http_reply *reply, const struct demo_answer *answer,
		       const struct demo_reply_facts *facts);
void demo_reply_body(struct http_reply *reply, const struct demo_answer *answer,
		     const struct demo_reply_facts *facts);

#endif
