/* SPDX-License-Identifier: MIT */
/* Every failure leaves us as good as without groups. */
#include "config.h"

#include "keeper/control_group.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#define NAME_PREFIX    "cordpair-"
#define LINE_MAX_BYTES (PATH_MAX + 256)

static bool is_delegated(int dir)
{
	static const char *const attributes[] = {"trusted.delegate", "user.delegate"};
	char value;

	for (size_t i = 0; i < sizeof(attributes) / sizeof(attributes[0]); i++)
		if (fgetxattr(dir, attributes[i], &value, 1) == 1 && value == '1')
			return true;
	return false;
}

/* Finds the line that `take` wants; it cuts the line to what it is for. */
static bool find_line(const char *file, char line[LINE_MAX_BYTES], char *(*take)(char *line))
{
	FILE *lines = fopen(file, "re");
	char *found = NULL;

	while (lines && !found && fgets(line, LINE_MAX_BYTES, lines))
		found = take(line);
	if (lines)
		fclose(lines);
	if (found)
		memmove(line, found, strlen(found) + 1);
	return found != NULL;
}

/* "0::/path" (cgroups(7)). */
static char *own_path(char *line)
{
	line[strcspn(line, "\n")] = '\0';
	return strncmp(line, "0::/", 4) == 0 ? line + 3 : NULL;
}

/* "36 35 98:0 / /mount/point options… - cgroup2 source …" (proc(5)), of the whole hierarchy. */
static char *mount_point(char *line)
{
	char *point = strstr(line, " / "), *end;

	if (!strstr(line, " - cgroup2 ") || !point)
		return NULL;
	point += 3;
	end = strchr(point, ' ');
	if (!end)
		return NULL;
	*end = '\0';
	return point;
}

static void remove_left_behind(int own)
{
	int copy = openat(own, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *groups = copy < 0 ? NULL : fdopendir(copy);
	const struct dirent *entry;

	/* One that is in use cannot be removed. */
	while (groups && (entry = readdir(groups)))
		if (strncmp(entry->d_name, NAME_PREFIX, strlen(NAME_PREFIX)) == 0)
			(void)!unlinkat(own, entry->d_name, AT_REMOVEDIR);
	if (groups)
		closedir(groups);
}

int control_group_own(void)
{
	char path[LINE_MAX_BYTES], mount[LINE_MAX_BYTES], whole[2 * LINE_MAX_BYTES];
	int own;

	if (!find_line("/proc/self/cgroup", path, own_path) ||
	    !find_line("/proc/self/mountinfo", mount, mount_point))
		return -1;
	snprintf(whole, sizeof(whole), "%s%s", mount, path);
	own = open(whole, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (own < 0)
		return -1;
	if (!is_delegated(own)) {
		close(own);
		return -1;
	}
	remove_left_behind(own);
	return own;
}

int control_group_make(int own, unsigned number, char name[CONTROL_GROUP_NAME_BYTES])
{
	snprintf(name, CONTROL_GROUP_NAME_BYTES, NAME_PREFIX "%d-%u", (int)getpid(), number);
	if (mkdirat(own, name, 0755))
		return -1;
	return openat(own, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static void tell(int group, const char *file, const char *text)
{
	int fd = openat(group, file, O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return;
	(void)!write(fd, text, strlen(text));
	close(fd);
}

void control_group_enter(int group)
{
	tell(group, "cgroup.procs", "0");
}

void control_group_kill(int group)
{
	tell(group, "cgroup.kill", "1"); /* Linux 5.14 */
}

bool control_group_remove(int own, const char *name)
{
	int group = openat(own, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (group >= 0) {
		control_group_kill(group);
		close(group);
	}
	return unlinkat(own, name, AT_REMOVEDIR) == 0 || errno == ENOENT;
}
