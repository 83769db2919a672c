/* SPDX-License-Identifier: MIT */
/* A stack of open folders instead of recursion. Opens by files_root only. */
#include "config.h"

#include "servers/files_walk.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "servers/files_root.h"
#include "servers/mcp_tool.h"

struct folder {
	int fd;
	char **name;
	size_t count, next;
	size_t path_len; /* of the walk's path, up to and with this folder's slash */
};

struct walk {
	struct walk_options options;
	int top;
	struct buf path;
	struct folder stack[WALK_DEPTH_MAX];
	unsigned depth; /* folders on the stack */
	struct stat stat;
	bool descend; /* the entry told last is a folder to go into */
	const char *cut;
};

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool wanted(const struct walk *walk, const char *name)
{
	if (name[0] != '.')
		return true;
	return walk->options.hidden && strcmp(name, ".") != 0 && strcmp(name, "..") != 0;
}

/* A folder that is being made larger while it is read is cut at WALK_NAMES_MAX as well. */
static void read_names(struct walk *walk, struct folder *folder, DIR *stream)
{
	struct dirent *entry;
	size_t cap = 0;

	while ((entry = readdir(stream))) {
		if (!wanted(walk, entry->d_name))
			continue;
		if (folder->count == WALK_NAMES_MAX) {
			walk->cut = "names in a folder";
			break;
		}
		if (folder->count == cap) {
			cap = cap ? cap * 2 : 64;
			folder->name = mem_resize_array(folder->name, cap, sizeof(*folder->name));
		}
		folder->name[folder->count++] = mem_string(entry->d_name);
	}
	if (folder->count > 0)
		qsort(folder->name, folder->count, sizeof(*folder->name), compare_names);
}

static void pop(struct walk *walk)
{
	struct folder *folder = &walk->stack[--walk->depth];

	for (size_t i = 0; i < folder->count; i++)
		free(folder->name[i]);
	free(folder->name);
	close(folder->fd);
	*folder = (struct folder){0};
}

/* Takes fd. The walk's path is the folder's, with its slash, or empty for the top. */
static int push(struct walk *walk, int fd)
{
	struct folder *folder = &walk->stack[walk->depth];
	int copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	DIR *stream = copy < 0 ? NULL : fdopendir(copy);

	if (!stream) {
		if (copy >= 0)
			close(copy);
		close(fd);
		return -1;
	}
	*folder = (struct folder){.fd = fd, .path_len = walk->path.len};
	walk->depth++;
	read_names(walk, folder, stream);
	closedir(stream);
	return 0;
}

struct walk *walk_new(int beneath, const char *path, const struct walk_options *options,
		      struct err *err)
{
	int fd = file_open_beneath(beneath, path, O_RDONLY | O_DIRECTORY, FILE_LINKS_BELOW, err);
	struct walk *walk;

	if (fd < 0)
		return NULL;
	walk = mem_new(sizeof(*walk));
	walk->options = *options;
	walk->top = fd;
	buf_init(&walk->path, BUF_MAX_BYTES);
	fd = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	if (fd < 0 || push(walk, fd)) {
		err_set_os(err, ERR_INTERNAL, errno, "cannot read the folder");
		walk_free(&walk);
	}
	return walk;
}

void walk_free(struct walk **walk)
{
	if (!*walk)
		return;
	while ((*walk)->depth > 0)
		pop(*walk);
	close((*walk)->top);
	buf_clear(&(*walk)->path);
	free(*walk);
	*walk = NULL;
}

int walk_top(const struct walk *walk)
{
	return walk->top;
}

const char *walk_cut(const struct walk *walk)
{
	return walk->cut;
}

/* Goes into the folder that was told last. */
static void descend(struct walk *walk)
{
	struct err err;
	int fd = file_open_beneath(walk->top, buf_text(&walk->path), O_RDONLY | O_DIRECTORY,
				   FILE_LINKS_NONE, &err);

	if (fd >= 0) {
		buf_append_char(&walk->path, '/');
		if (push(walk, fd) == 0)
			return;
	}
	walk->cut = "unreadable";
}

bool walk_next(struct walk *walk, struct walk_entry *entry)
{
	if (walk->descend)
		descend(walk);
	walk->descend = false;
	while (walk->depth > 0) {
		struct folder *folder = &walk->stack[walk->depth - 1];
		const char *name;

		if (mcp_clock_ms() >= walk->options.deadline_ms) {
			walk->cut = "time";
			return false;
		}
		if (folder->next == folder->count) {
			pop(walk);
			continue;
		}
		name = folder->name[folder->next++];
		if (fstatat(folder->fd, name, &walk->stat, AT_SYMLINK_NOFOLLOW))
			continue; /* gone since the folder was read */
		buf_truncate(&walk->path, folder->path_len);
		buf_append_text(&walk->path, name);
		walk->descend = S_ISDIR(walk->stat.st_mode) && walk->depth < walk->options.depth;
		entry->path = buf_text(&walk->path);
		entry->name = entry->path + folder->path_len;
		entry->stat = &walk->stat;
		return true;
	}
	return false;
}

const char *file_type_name(mode_t mode)
{
	switch (mode & S_IFMT) {
	case S_IFREG:
		return "file";
	case S_IFDIR:
		return "folder";
	case S_IFLNK:
		return "symlink";
	case S_IFIFO:
		return "fifo";
	case S_IFSOCK:
		return "socket";
	default:
		return "device";
	}
}
