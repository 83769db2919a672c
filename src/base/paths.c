/* SPDX-License-Identifier: MIT */
/* Finds directories by XDG and our own programs and data by where this executable lies. */
#include "config.h"

#include "base/paths.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"

static char *xdg(const char *variable, const char *below_home, const char *relative)
{
	const char *base = getenv(variable);
	const char *home = getenv("HOME");

	if (base && base[0] == '/')
		return mem_format("%s/cordpair/%s", base, relative);
	if (home && home[0] == '/')
		return mem_format("%s/%s/cordpair/%s", home, below_home, relative);
	return NULL;
}

char *paths_config(const char *relative)
{
	return xdg("XDG_CONFIG_HOME", ".config", relative);
}

char *paths_state(const char *relative)
{
	return xdg("XDG_STATE_HOME", ".local/state", relative);
}

char *paths_cache(const char *relative)
{
	return xdg("XDG_CACHE_HOME", ".cache", relative);
}

char *paths_runtime(const char *relative)
{
	const char *base = getenv("XDG_RUNTIME_DIR");
	char *below, *path;

	if (base && base[0] == '/')
		return mem_format("%s/cordpair/%s", base, relative);
	below = mem_format("run/%s", relative);
	path = paths_state(below);
	free(below);
	return path;
}

/* The directory of the running executable, found once; "" when /proc is not there. */
static const char *own_directory(void)
{
	static char directory[PATH_MAX];
	static int known;
	ssize_t n;
	char *slash;

	if (known)
		return directory;
	known = 1;
	n = readlink("/proc/self/exe", directory, sizeof(directory) - 1);
	directory[n > 0 ? n : 0] = '\0';
	slash = strrchr(directory, '/');
	if (slash)
		*slash = '\0';
	return directory;
}

/*
 * The top of the source tree when this is a build tree's executable (configure leaves
 * `.build-tree` in the build tree's src/; programs of src/, bench/ and tests/ find it), or NULL.
 */
static const char *source_tree(char build_src[PATH_MAX])
{
	static const char *const up[] = {"", "/..", "/../src", "/../../src"};
	static char top[PATH_MAX];

	for (size_t i = 0; i < sizeof(up) / sizeof(up[0]); i++) {
		char path[PATH_MAX + 32];
		FILE *file;
		char *read;

		snprintf(build_src, PATH_MAX, "%.*s%s", PATH_MAX - 16, own_directory(), up[i]);
		snprintf(path, sizeof(path), "%s/.build-tree", build_src);
		file = fopen(path, "re");
		if (!file)
			continue;
		read = fgets(top, sizeof(top), file);
		fclose(file);
		if (!read)
			continue;
		top[strcspn(top, "\n")] = '\0';
		return top;
	}
	return NULL;
}

/* The first of the candidates that is executable; frees the others. */
static char *first_executable(char *candidates[], size_t count)
{
	char *found = NULL;

	for (size_t i = 0; i < count; i++) {
		struct stat info;

		if (!found && stat(candidates[i], &info) == 0 && S_ISREG(info.st_mode) &&
		    access(candidates[i], X_OK) == 0)
			found = candidates[i];
		else
			free(candidates[i]);
	}
	return found;
}

static char *program_in_build_tree(const char *src, const char *name)
{
	char *candidates[] = {
		mem_format("%s/%s", src, name),
		mem_format("%s/keeper/%s", src, name),
		mem_format("%s/servers/%s", src, name),
		mem_format("%s/demo/%s", src, name),
	};

	return first_executable(candidates, sizeof(candidates) / sizeof(candidates[0]));
}

char *paths_program(const char *name)
{
	char build_src[PATH_MAX];
	char *found;

	if (source_tree(build_src)) {
		found = program_in_build_tree(build_src, name);
	} else {
		/* Relative first, so that an installed tree may be moved or staged as a whole. */
		char *candidates[] = {
			mem_format("%s/../libexec/cordpair/%s", own_directory(), name),
			mem_format("%s/%s", own_directory(), name),
		};

		found = first_executable(candidates, 2);
	}
	return found ? found : mem_format("%s/%s", CORDPAIR_LIBEXECDIR, name);
}

char *paths_vendor(const char *relative)
{
	char build_src[PATH_MAX];
	const char *source = source_tree(build_src);
	char *staged;

	if (source)
		return mem_format("%s/%s", source, relative);
	staged = mem_format("%s/../share/cordpair/%s", own_directory(), relative);
	if (access(staged, F_OK) == 0)
		return staged;
	free(staged);
	return mem_format("%s/%s", CORDPAIR_DATADIR, relative);
}
