/* SPDX-License-Identifier: MIT */
/*
 * files_reply: what the replies of the file tools have in common.
 */
#ifndef CORDPAIR_SERVERS_FILES_REPLY_H
#define CORDPAIR_SERVERS_FILES_REPLY_H

#include <json-c/json_types.h>
#include <sys/stat.h>
#include <time.h>

#include "base/buf.h"

/* The argument "path", else ".". Borrowed. */
const char *files_path_argument(const struct json_object *arguments);
/* Appends `{`, after a comma where the array has elements already. */
void files_open_element(struct buf *json);
/* Appends "path": path below folder, both as the model writes them; path may be NULL. */
void files_write_path(struct buf *json, const char *folder, const char *path);
/* Appends "type", "size" and "modified". */
void files_write_stat(struct buf *json, const struct stat *stat);
/* Appends "complete" and "cut_by": whether a list is whole (cut is NULL), and if not, why. */
void files_write_cut(struct buf *json, const char *cut);

#endif
