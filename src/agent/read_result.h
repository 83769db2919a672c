/* SPDX-License-Identifier: MIT */
/*
 * read_result: the host's own tool by which a model reads on in a result that it got the beginning
 * of. It is offered from the first such result on. No server is asked, and no policy: the model had
 * called the tool whose result it is.
 */
#ifndef CORDPAIR_AGENT_READ_RESULT_H
#define CORDPAIR_AGENT_READ_RESULT_H

#include "agent/result_store.h"
#include "mcp/tool.h"
#include "model/schema_lower.h"

#define READ_RESULT_NAME	     "read_result"
#define READ_RESULT_BYTES	     20000 /* that are read where the model does not say */
#define READ_RESULT_MATCHES	     20	   /* of a search */
#define READ_RESULT_SEARCH_MAX_BYTES 1000

/* The tool's definition: an element of the tools array. */
void read_result_write(struct buf *out, enum schema_family family);

/*
 * What the model gets, a text to be freed; at most max_bytes of the result. NULL: *why says what is
 * wrong, to be freed. arguments: checked JSON.
 */
char *read_result_run(const struct result_store *store, const char *arguments, size_t max_bytes,
		      char **why);

/*
 * Keeps a result that was cut and gives the text that the model gets of it: its beginning, its
 * size, and how to read on. NULL: it cannot be kept.
 */
char *read_result_keep(struct result_store *store, const struct tool_result *result,
		       struct err *err);

/*
 * The same of an old result, a text that the model has got before, of which `head` bytes are to
 * stay: what is not kept yet is. To be freed; never NULL: where it cannot be kept the text says
 * that the rest is gone. store may be NULL.
 */
char *read_result_shorten(struct result_store *store, const char *text, size_t len, size_t head);

#endif
