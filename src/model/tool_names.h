/* SPDX-License-Identifier: MIT */
/*
 * tool_names: a tool's name toward the model: server__tool in [A-Za-z_][A-Za-z0-9_-]{0,63}.
 *
 * The name depends on the server's and the tool's name only, so it is stable when servers are
 * added. Where a byte had to be replaced, or the name was cut, or the plain joining could be
 * another pair's, a hash of the pair is appended, so that different pairs have different names. The
 * way back is a table (agent/toolbox), never splitting.
 */
#ifndef CORDPAIR_MODEL_TOOL_NAMES_H
#define CORDPAIR_MODEL_TOOL_NAMES_H

#define TOOL_NAMES_MAX_BYTES 64

void tool_name_for_model(const char *server, const char *tool, char name[TOOL_NAMES_MAX_BYTES + 1]);

#endif
