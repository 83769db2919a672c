/* SPDX-License-Identifier: MIT */
/* list_files: the entries of a folder, or the names of the roots. Reads no file. */
#include "config.h"

#include "servers/files_tools.h"

#include "base/json.h"
#include "base/json_write.h"
#include "servers/files_reply.h"
#include "servers/files_walk.h"

static void list_roots(const struct file_roots *roots, struct buf *json)
{
	for (size_t i = 0; i < roots->count; i++) {
		files_open_element(json);
		json_write_member(json, "path", roots->root[i].name);
		json_write_member(json, "type", "folder");
		buf_append_char(json, '}');
	}
}

static const char *list_entries(struct walk *walk, const char *path, int64_t max, struct buf *json)
{
	struct walk_entry entry;

	for (int64_t count = 0; walk_next(walk, &entry); count++) {
		if (count == max)
			return "max_entries";
		if (json->len > MCP_REPLY_ENOUGH_BYTES)
			return "size of the reply";
		files_open_element(json);
		files_write_path(json, path, entry.path);
		files_write_stat(json, entry.stat);
		buf_append_char(json, '}');
	}
	return walk_cut(walk);
}

void files_list(void *context, const struct json_object *arguments, struct mcp_reply *reply)
{
	const struct file_roots *roots = context;
	const struct walk_options options = {
		.depth = (unsigned)mcp_integer(arguments, "depth", 1),
		.hidden = json_member_bool(arguments, "hidden", false),
		.deadline_ms = mcp_clock_ms() + FILES_TIME_MS,
	};
	const char *path = files_path_argument(arguments), *below, *cut = NULL;
	const struct file_root *root;
	struct walk *walk;
	struct err err;

	buf_append_text(&reply->json, "{\"entries\":[");
	if (file_roots_listed(roots, path)) {
		list_roots(roots, &reply->json);
	} else {
		root = file_roots_find(roots, path, &below, &err);
		walk = root ? walk_new(root->fd, below, &options, &err) : NULL;
		if (!walk) {
			mcp_reply_error(reply, "%s: %s", path, err.text);
			return;
		}
		cut = list_entries(walk, path,
				   mcp_integer(arguments, "max_entries", FILES_ENTRIES_DEFAULT),
				   &reply->json);
		walk_free(&walk);
	}
	buf_append_char(&reply->json, ']');
	files_write_cut(&reply->json, cut);
	buf_append_char(&reply->json, '}');
}
