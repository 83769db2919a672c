/* SPDX-License-Identifier: MIT */
/* Lists directories; reads no file. */
#include "config.h"

#include "config/servers_files.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/paths.h"

#define SUFFIX ".json"

char *servers_file_stem(const char *base)
{
	size_t len = strlen(base) - strlen(SUFFIX), skip = 0;

	while (isdigit((unsigned char)base[skip]))
		skip++;
	skip = skip == 2 && base[2] == '-' && len > 3 ? 3 : 0;
	return mem_string_len(base + skip, len - skip);
}

static int is_wanted(const struct dirent *entry)
{
	size_t len = strlen(entry->d_name), suffix = strlen(SUFFIX);

	return entry->d_name[0] != '.' && len > suffix &&
	       strcmp(entry->d_name + len - suffix, SUFFIX) == 0;
}

static int by_bytes(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static void list_directory(struct servers_files *files, struct servers_directory *directory,
			   size_t rank)
{
	struct dirent **names;
	int count = scandir(directory->path, &names, is_wanted, by_bytes);

	if (count < 0) {
		directory->unread = errno != ENOENT && errno != ENOTDIR;
		if (directory->unread)
			err_set_os(&directory->fault, ERR_CONFIG, errno, "%s", directory->path);
		return;
	}
	files->file = mem_resize_array(files->file, files->count + (size_t)count + 1,
				       sizeof(*files->file));
	for (int i = 0; i < count; i++) {
		struct servers_file *file = &files->file[files->count];

		if (i >= SERVERS_FILES_MAX) {
			free(names[i]);
			continue;
		}
		files->count++;

		*file = (struct servers_file){
			.path = mem_format("%s/%s", directory->path, names[i]->d_name),
			.tier = directory->tier,
			.rank = rank,
		};
		file->base = strrchr(file->path, '/') + 1;
		free(names[i]);
	}
	free(names);
	if (count > SERVERS_FILES_MAX)
		err_set(&directory->fault, ERR_CONFIG,
			"%s: more than %d files: those after it by name are not read",
			directory->path, SERVERS_FILES_MAX);
}

static void add_directory(struct servers_files *files, char *take_path, enum servers_tier tier)
{
	files->directory = mem_resize_array(files->directory, files->directories + 1,
					    sizeof(*files->directory));
	files->directory[files->directories++] =
		(struct servers_directory){.path = take_path, .tier = tier};
}

static bool is_listed(const struct servers_files *files, const char *path)
{
	for (size_t i = 0; i < files->directories; i++)
		if (strcmp(files->directory[i].path, path) == 0)
			return true;
	return false;
}

/* $XDG_DATA_DIRS, the first of which counts most, so it comes last. */
static void add_data_directories(struct servers_files *files)
{
	const char *value = getenv("XDG_DATA_DIRS");
	char *list = mem_string(value && *value ? value : "/usr/local/share:/usr/share");

	for (;;) {
		char *colon = strrchr(list, ':');
		char *item = colon ? colon + 1 : list, *directory;

		directory = mem_format("%s/cordpair/servers.d", item);
		if (item[0] == '/' && !is_listed(files, directory))
			add_directory(files, directory, TIER_VENDOR);
		else
			free(directory);
		if (!colon)
			break;
		*colon = '\0';
	}
	free(list);
}

char *servers_files_user_directory(const struct servers_dir_options *options)
{
	return options->servers_dir ? mem_string(options->servers_dir) : paths_config("servers.d");
}

static void mark_replaced(struct servers_files *files)
{
	for (size_t i = 0; i < files->count; i++)
		for (size_t j = i + 1; j < files->count; j++)
			if (files->file[j].rank > files->file[i].rank &&
			    strcmp(files->file[i].base, files->file[j].base) == 0)
				files->file[i].replaced = files->file[j].path;
}

void servers_files_directories(struct servers_files *files,
			       const struct servers_dir_options *options)
{
	char *user = servers_files_user_directory(options);

	*files = (struct servers_files){0};
	if (!options->servers_dir) {
		add_directory(files, paths_vendor("servers.d"), TIER_VENDOR);
		add_data_directories(files);
		add_directory(files, mem_string("/run/cordpair/servers.d"), TIER_RUN);
		add_directory(files, mem_string(CORDPAIR_SYSCONFDIR "/cordpair/servers.d"),
			      TIER_ADMIN);
	}
	if (user)
		add_directory(files, user, TIER_USER);
}

void servers_files_list(struct servers_files *files, const struct servers_dir_options *options)
{
	servers_files_directories(files, options);
	for (size_t i = 0; i < files->directories; i++)
		list_directory(files, &files->directory[i], i + 1);
	mark_replaced(files);
}

void servers_files_clear(struct servers_files *files)
{
	for (size_t i = 0; i < files->count; i++)
		free(files->file[i].path);
	free(files->file);
	for (size_t i = 0; i < files->directories; i++)
		free(files->directory[i].path);
	free(files->directory);
	*files = (struct servers_files){0};
}
