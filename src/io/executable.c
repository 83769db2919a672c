/* SPDX-License-Identifier: MIT */
/* Nothing is opened: an upgrade changes the inode or the times of a file, and that is enough. */
#include "config.h"

#include "io/executable.h"

#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/mem.h"

#define PATH_DEFAULT "/bin:/usr/bin"

static bool is_file(const char *name, struct stat *st)
{
	return stat(name, st) == 0 && S_ISREG(st->st_mode);
}

static bool is_program_text(const char *name, const struct stat *st)
{
	static const char *const endings[] = {
		".cjs", ".dll", ".jar", ".js", ".lua", ".mjs",	".php", ".pl",
		".py",	".pyz", ".rb",	".sh", ".ts",  ".wasm", NULL,
	};
	const char *dot = strrchr(name, '.');

	if (st->st_mode & (S_IXUSR | S_IXGRP | S_IXOTH))
		return true;
	for (size_t i = 0; dot && endings[i]; i++)
		if (strcmp(dot, endings[i]) == 0)
			return true;
	return false;
}

static void add_file(struct buf *all, const char *name, const struct stat *st)
{
	buf_format(all, "%s %llu %llu %lld %lld.%09ld %lld.%09ld\n", name,
		   (unsigned long long)st->st_dev, (unsigned long long)st->st_ino,
		   (long long)st->st_size, (long long)st->st_mtim.tv_sec, st->st_mtim.tv_nsec,
		   (long long)st->st_ctim.tv_sec, st->st_ctim.tv_nsec);
}

/* As the keeper searches: the first that may be executed. False: there is none. */
static bool find_command(const char *command, const char *path, char file[PATH_MAX],
			 struct stat *st)
{
	for (size_t len; *command; path += len + 1) {
		len = strcspn(path, ":");
		if (snprintf(file, PATH_MAX, "%.*s%s%s", (int)len, path, len ? "/" : "", command) <
			    PATH_MAX &&
		    is_file(file, st) && (st->st_mode & S_IXUSR))
			return true;
		if (!path[len])
			break;
	}
	return false;
}

static char *from(const char *cwd, const char *name)
{
	return cwd && name[0] != '/' ? mem_format("%s/%s", cwd, name) : mem_string(name);
}

static void add_command(struct buf *all, const char *command, const char *path, const char *cwd)
{
	char file[PATH_MAX];
	struct stat st;
	char *name;

	if (!strchr(command, '/')) {
		if (find_command(command, path ? path : PATH_DEFAULT, file, &st))
			add_file(all, file, &st);
		return;
	}
	name = from(cwd, command);
	if (is_file(name, &st))
		add_file(all, name, &st);
	free(name);
}

void executable_identity(char *const *argv, const char *path, const char *cwd,
			 char hex[DIGEST_HEX_BYTES])
{
	struct buf all = BUF_INIT;
	struct stat st;

	if (argv[0])
		add_command(&all, argv[0], path, cwd);
	for (size_t i = 1; argv[0] && argv[i] && i <= EXECUTABLE_ARGUMENTS_MAX; i++) {
		char *name = from(cwd, argv[i]);

		if (argv[i][0] != '-' && is_file(name, &st) && is_program_text(name, &st))
			add_file(&all, name, &st);
		free(name);
	}
	digest_sha256_hex(all.data ? all.data : "", all.len, hex);
	buf_clear(&all);
}
