/* SPDX-License-Identifier: MIT */
/* Only names of our own form are ever listed, or deleted. */
#include "config.h"

#include "agent/session_store.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
#include "config/server_config.h"
#include "io/file.h"

#define SUFFIX "jsonl"
#define DAY_S  (24 * 60 * 60)

char *session_path(const char *dir, const char *id)
{
	return mem_format("%s/%s." SUFFIX, dir, id);
}

char *session_files_dir(const char *dir, const char *id)
{
	return mem_format("%s/%s", dir, id);
}

/* Listing */

/* What follows the id in a name of ours; NULL: it is none. */
static const char *after_id(const char *name)
{
	return strspn(name, "0123456789abcdef") == RANDOM_ID_DIGITS ? name + RANDOM_ID_DIGITS
								    : NULL;
}

static int64_t size_of_files(int dir_fd, const char *id)
{
	int fd = openat(dir_fd, id, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	DIR *files = fd >= 0 ? fdopendir(fd) : NULL;
	struct dirent *file;
	int64_t bytes = 0;
	struct stat info;

	while (files && (file = readdir(files)))
		if (fstatat(fd, file->d_name, &info, AT_SYMLINK_NOFOLLOW) == 0 &&
		    S_ISREG(info.st_mode))
			bytes += info.st_size;
	if (files)
		closedir(files);
	else if (fd >= 0)
		close(fd);
	return bytes;
}

static int compare_ids(const void *left, const void *right)
{
	return strcmp(*(const char *const *)left, *(const char *const *)right);
}

static int compare_used(const void *left, const void *right)
{
	const struct session_entry *a = left, *b = right;

	if (a->used.tv_sec != b->used.tv_sec)
		return a->used.tv_sec < b->used.tv_sec ? 1 : -1;
	if (a->used.tv_nsec != b->used.tv_nsec)
		return a->used.tv_nsec < b->used.tv_nsec ? 1 : -1;
	return strcmp(a->id, b->id);
}

static void add_entry(struct session_list *list, int dir_fd, const char *name)
{
	struct session_entry *entry;
	struct stat info;

	if (fstatat(dir_fd, name, &info, AT_SYMLINK_NOFOLLOW) || !S_ISREG(info.st_mode))
		return;
	list->entry = mem_resize_array(list->entry, list->count + 1, sizeof(*list->entry));
	entry = &list->entry[list->count++];
	*entry = (struct session_entry){.used = info.st_mtim, .bytes = info.st_size};
	memcpy(entry->id, name, RANDOM_ID_DIGITS);
}

/* Few sessions have other files: a thousand are not asked for them. */
static void add_files(struct session_list *list, int dir_fd, char **dirs)
{
	size_t count = 0;

	while (dirs[count])
		count++;
	qsort(dirs, count, sizeof(*dirs), compare_ids);
	for (size_t i = 0; i < list->count; i++) {
		const char *id = list->entry[i].id;

		if (bsearch(&id, dirs, count, sizeof(*dirs), compare_ids))
			list->entry[i].bytes += size_of_files(dir_fd, id);
	}
}

int session_store_list(const char *dir, struct session_list *list, struct err *err)
{
	DIR *files = opendir(dir);
	const bool absent = !files && errno == ENOENT;
	struct dirent *file;
	char **dirs;

	*list = (struct session_list){0};
	if (!files)
		return absent ? 0 : err_set_os(err, ERR_CONFIG, errno, "%s", dir);
	dirs = mem_new_array(1, sizeof(*dirs));
	while ((file = readdir(files))) {
		const char *rest = after_id(file->d_name);

		if (rest && strcmp(rest, "." SUFFIX) == 0)
			add_entry(list, dirfd(files), file->d_name);
		else if (rest && !*rest)
			string_list_add(&dirs, mem_string(file->d_name));
	}
	add_files(list, dirfd(files), dirs);
	string_list_free(&dirs);
	closedir(files);
	if (list->count > 1)
		qsort(list->entry, list->count, sizeof(*list->entry), compare_used);
	return 0;
}

void session_list_clear(struct session_list *list)
{
	free(list->entry);
	*list = (struct session_list){0};
}

const struct session_entry *session_list_find(const struct session_list *list, const char *prefix,
					      struct err *err)
{
	const struct session_entry *found = NULL;
	const size_t len = strlen(prefix);

	if (len == 0 && list->count > 0)
		return &list->entry[0];
	for (size_t i = 0; i < list->count && len > 0; i++) {
		if (strncmp(list->entry[i].id, prefix, len) != 0)
			continue;
		if (found) {
			err_set(err, ERR_CONFIG, "more than one session begins with \"%.40s\"",
				prefix);
			return NULL;
		}
		found = &list->entry[i];
	}
	if (!found && len == 0)
		err_set(err, ERR_CONFIG, "no session is kept yet");
	else if (!found)
		err_set(err, ERR_CONFIG,
			"there is no session \"%.40s\"; `cordpair sessions` lists them", prefix);
	return found;
}

int session_list_digits(const struct session_list *list)
{
	const char **ids = mem_new_array(list->count + 1, sizeof(*ids));
	int digits = SESSION_SHOWN_DIGITS;

	for (size_t i = 0; i < list->count; i++)
		ids[i] = list->entry[i].id;
	qsort(ids, list->count, sizeof(*ids), compare_ids);
	for (size_t i = 1; i < list->count; i++)
		while (digits < RANDOM_ID_DIGITS &&
		       strncmp(ids[i - 1], ids[i], (size_t)digits) == 0)
			digits++;
	free(ids);
	return digits;
}

/* Locks */

int session_lock(const char *path, bool create, struct err *err)
{
	const int flags = O_RDWR | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK;
	int fd = open(path, create ? flags | O_CREAT | O_EXCL : flags, 0600);
	struct stat info;

	if (fd < 0)
		return err_set_os(err, create ? ERR_RECORD : ERR_CONFIG, errno, "%s", path);
	if (flock(fd, LOCK_EX | LOCK_NB)) {
		if (errno == EWOULDBLOCK)
			err_set(err, ERR_TEMPORARY, "%s: another run is using this session", path);
		else
			err_set_os(err, ERR_RECORD, errno, "%s cannot be locked", path);
	} else if (fstat(fd, &info) || info.st_nlink == 0) {
		err_set(err, ERR_CONFIG, "%s: this session has just been deleted", path);
	} else {
		return fd;
	}
	close(fd);
	return -1;
}

bool session_is_used(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	bool used = fd >= 0 && flock(fd, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;

	if (fd >= 0)
		close(fd);
	return used;
}

/* Deleting */

static void remove_files(const char *path)
{
	DIR *files = opendir(path);
	struct dirent *file;

	if (!files)
		return;
	while ((file = readdir(files)))
		if (strcmp(file->d_name, ".") != 0 && strcmp(file->d_name, "..") != 0)
			unlinkat(dirfd(files), file->d_name, 0);
	closedir(files);
	rmdir(path);
}

int session_delete(const char *dir, const char *id, struct err *err)
{
	char *path = session_path(dir, id), *files = session_files_dir(dir, id);
	int fd = session_lock(path, false, err);
	int status = fd < 0 ? -1 : 0;

	if (status == 0) {
		remove_files(files);
		if (unlink(path))
			status = err_set_os(err, ERR_RECORD, errno, "%s", path);
		close(fd);
	}
	free(path);
	free(files);
	return status;
}

void session_store_prune(const char *dir, const struct session_limits *limits)
{
	const time_t oldest = time(NULL) - (time_t)limits->days * DAY_S;
	struct session_list list;
	int64_t bytes = 0;
	struct err err;

	if (session_store_list(dir, &list, &err))
		return;
	for (size_t i = 0; i < list.count; i++) {
		const struct session_entry *entry = &list.entry[i];

		bytes += entry->bytes;
		if ((long)i + 1 < limits->count && bytes <= limits->bytes &&
		    entry->used.tv_sec >= oldest)
			continue;
		if (session_delete(dir, entry->id, &err))
			log_detail("%s", err.text);
		else
			log_detail("the session %s is over a limit and was deleted", entry->id);
	}
	session_list_clear(&list);
}
