/* SPDX-License-Identifier: MIT */
/*
 * files_tools: list_files, read_file, search_files and file_info. All of them only read.
 */
#ifndef CORDPAIR_SERVERS_FILES_TOOLS_H
#define CORDPAIR_SERVERS_FILES_TOOLS_H

#include "servers/files_root.h"
#include "servers/mcp_tool.h"

#define FILES_ENTRIES_MAX     5000
#define FILES_ENTRIES_DEFAULT 1000
#define FILES_READ_MAX	      ((int64_t)1 << 20)  /* bytes */
#define FILES_READ_DEFAULT    ((int64_t)64 << 10) /* bytes */
#define FILES_MATCHES_MAX     1000
#define FILES_MATCHES_DEFAULT 100
#define FILES_TIME_MS	      10000 /* of list_files and search_files */

mcp_tool_fn files_list, files_read, files_find, files_info;

/* Their context is a struct file_roots. */
extern const struct mcp_tool files_tools[];

#endif
