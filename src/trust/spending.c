/* SPDX-License-Identifier: MIT */
/* Lines of amounts; a line that is none (a full disk's) does not count. */
#include "config.h"

#include "trust/spending.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/money.h"
#include "io/file.h"

#define DAY_BYTES sizeof("2026-12-31")

static void name_today(char day[DAY_BYTES])
{
	time_t now = time(NULL);
	struct tm local;

	localtime_r(&now, &local);
	strftime(day, DAY_BYTES, "%Y-%m-%d", &local);
}

static char *path_of(const char *dir, const char *day)
{
	return mem_format("%s/%s", dir, day);
}

/* Takes the text apart. */
static double sum(char *text)
{
	double total = 0, usd;

	for (char *line = text; *line;) {
		size_t len = strcspn(line, "\n");
		bool more = line[len];

		line[len] = '\0';
		if (more && money_parse(line, &usd))
			total += usd;
		line += len + more;
	}
	return total;
}

int spending_today(const char *dir, double *usd, struct err *err)
{
	char day[DAY_BYTES], *path;
	enum file_kind kind;
	struct buf text;
	int status;

	name_today(day);
	path = path_of(dir, day);
	buf_init(&text, SPENDING_FILE_MAX_BYTES);
	*usd = 0;
	status = file_read(path, FILE_TRUSTED, &text, &kind, err);
	if (status == 0 && text.len > 0)
		*usd = sum(text.data);
	else if (status && (err->os_errno == ENOENT || err->os_errno == ENOTDIR))
		status = 0;
	else if (status)
		err->kind = ERR_RECORD;
	buf_clear(&text);
	free(path);
	return status;
}

/* Only what has the form of a day's name is ours. */
static void remove_other_days(const char *dir, const char *today)
{
	DIR *list = opendir(dir);
	struct dirent *entry;

	while (list && (entry = readdir(list))) {
		const char *name = entry->d_name;

		if (strlen(name) != DAY_BYTES - 1 || strspn(name, "0123456789-") != DAY_BYTES - 1 ||
		    strcmp(name, today) == 0)
			continue;
		unlinkat(dirfd(list), name, 0);
	}
	if (list)
		closedir(list);
}

int spending_add(const char *dir, double usd, struct err *err)
{
	char day[DAY_BYTES], line[64], *path;
	int fd = -1, status = -1, len = snprintf(line, sizeof(line), "%.10g\n", usd);

	name_today(day);
	path = path_of(dir, day);
	if (file_make_parents(path, err) == 0) {
		if (access(path, F_OK) != 0)
			remove_other_days(dir, day);
		fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK,
			  0600);
		if (fd >= 0 && write(fd, line, (size_t)len) == len)
			status = 0;
		else
			err_set_os(err, ERR_RECORD, errno, "%s", path);
	}
	if (status)
		err->kind = ERR_RECORD;
	if (fd >= 0)
		close(fd);
	free(path);
	return status;
}
