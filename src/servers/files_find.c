/* SPDX-License-Identifier: MIT */
/* search_files: joins the walk, the search and the reply. Opens by files_root only. */
#include "config.h"

#include "servers/files_tools.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/json.h"
#include "base/json_write.h"
#include "servers/files_reply.h"
#include "servers/files_search.h"
#include "servers/files_text.h"
#include "servers/files_walk.h"

struct search_run {
	const char *text, *glob;
	int64_t max, matches, files, binary;
	struct walk_options options;
	struct search *search; /* NULL: names only */
	struct buf *json;
	const char *cut;
	const char *folder, *path; /* of the file that is searched */
};

static bool add_match(struct search_run *run, const struct search_match *match)
{
	if (run->matches == run->max || run->json->len > MCP_REPLY_ENOUGH_BYTES) {
		run->cut = run->matches == run->max ? "max_matches" : "size of the reply";
		return false;
	}
	run->matches++;
	files_open_element(run->json);
	files_write_path(run->json, run->folder, run->path);
	if (match) {
		json_write_member_int(run->json, "line", match->line);
		json_write_member_int(run->json, "offset", match->offset);
		json_write_key(run->json, "text");
		json_write_string_len(run->json, match->text, match->len);
	}
	buf_append_char(run->json, '}');
	return true;
}

static bool on_match(void *arg, const struct search_match *match)
{
	return add_match(arg, match);
}

/* Takes fd. false: enough. */
static bool search_open_file(struct search_run *run, int fd)
{
	enum search_end end = search_file(run->search, fd, on_match, run);

	close(fd);
	run->files++;
	run->binary += end == SEARCH_BINARY;
	if (end == SEARCH_TIME)
		run->cut = "time";
	if (end == SEARCH_UNREADABLE)
		run->cut = "unreadable";
	return end != SEARCH_STOPPED && end != SEARCH_TIME;
}

static bool search_entry(struct search_run *run, const struct walk *walk,
			 const struct walk_entry *entry)
{
	struct stat stat;
	struct err err;
	int fd;

	if (run->glob && !search_glob(run->glob, entry->name))
		return true;
	run->path = entry->path;
	if (!run->search)
		return add_match(run, NULL);
	if (!S_ISREG(entry->stat->st_mode))
		return true;
	fd = file_open_regular(walk_top(walk), entry->path, FILE_LINKS_NONE, &stat, &err);
	if (fd < 0) {
		run->cut = "unreadable";
		return true;
	}
	return search_open_file(run, fd);
}

static int search_folder(struct search_run *run, const struct file_root *root, const char *below,
			 struct err *err)
{
	struct walk *walk = walk_new(root->fd, below, &run->options, err);
	struct walk_entry entry;
	bool more = true;

	if (!walk)
		return -1;
	while (more && walk_next(walk, &entry))
		more = search_entry(run, walk, &entry);
	if (walk_cut(walk))
		run->cut = walk_cut(walk);
	walk_free(&walk);
	return 0;
}

/* A folder, or one file. run->folder is how the model called it. */
static int search_path(struct search_run *run, const struct file_root *root, const char *below,
		       struct err *err)
{
	struct stat stat;
	int fd = file_open_beneath(root->fd, below, O_PATH, FILE_LINKS_BELOW, err);
	bool folder;

	if (fd < 0)
		return -1;
	folder = fstat(fd, &stat) == 0 && S_ISDIR(stat.st_mode);
	close(fd);
	if (folder || !run->search)
		return search_folder(run, root, below, err);
	run->path = NULL;
	fd = file_open_regular(root->fd, below, FILE_LINKS_BELOW, &stat, err);
	if (fd < 0)
		return -1;
	search_open_file(run, fd);
	return 0;
}

static int search_roots(struct search_run *run, const struct file_roots *roots, const char *path,
			struct err *err)
{
	const struct file_root *root;
	const char *below;

	run->folder = path;
	if (!file_roots_listed(roots, path)) {
		root = file_roots_find(roots, path, &below, err);
		return root ? search_path(run, root, below, err) : -1;
	}
	for (size_t i = 0; i < roots->count && !run->cut; i++) {
		run->folder = roots->root[i].name;
		if (search_path(run, &roots->root[i], ".", err))
			return -1;
	}
	return 0;
}

void files_find(void *context, const struct json_object *arguments, struct mcp_reply *reply)
{
	const char *path = files_path_argument(arguments);
	struct search_run run = {
		.text = json_member_string(arguments, "text"),
		.glob = json_member_string(arguments, "glob"),
		.max = mcp_integer(arguments, "max_matches", FILES_MATCHES_DEFAULT),
		.options = {.depth = (unsigned)mcp_integer(arguments, "depth", WALK_DEPTH_MAX),
			    .hidden = json_member_bool(arguments, "hidden", false),
			    .deadline_ms = mcp_clock_ms() + FILES_TIME_MS},
		.json = &reply->json,
	};
	struct err err;

	if (!run.text && !run.glob) {
		mcp_reply_error(reply, "search_files: give \"text\", \"glob\" or both");
		return;
	}
	if (run.text && (strlen(run.text) > SEARCH_TEXT_BYTES || strchr(run.text, '\n'))) {
		mcp_reply_error(reply,
				"search_files: \"text\" must be within one line, at most %d "
				"bytes",
				SEARCH_TEXT_BYTES);
		return;
	}
	if (run.text)
		run.search = search_new(run.text, json_member_bool(arguments, "ignore_case", false),
					run.options.deadline_ms);
	buf_append_text(&reply->json, "{\"matches\":[");
	if (search_roots(&run, context, path, &err)) {
		mcp_reply_error(reply, "%s: %s", path, err.text);
	} else {
		buf_append_char(&reply->json, ']');
		json_write_member_int(&reply->json, "files_searched", run.files - run.binary);
		json_write_member_int(&reply->json, "binary_skipped", run.binary);
		files_write_cut(&reply->json, run.cut);
		buf_append_char(&reply->json, '}');
	}
	search_free(&run.search);
}
