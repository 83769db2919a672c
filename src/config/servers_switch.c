/* SPDX-License-Identifier: MIT */
/* `servers enable` and `disable`: one small file in the user's tier, or none where none is needed.
 */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "config/servers_dir.h"
#include "config/servers_files.h"
#include "io/file.h"

static const char switch_on[] = "{\"enabled\": true}\n", switch_off[] = "{\"enabled\": false}\n";

/* Is this file one of ours: a switch and nothing else? */
static bool is_our_switch(const char *path)
{
	enum file_kind kind;
	struct buf text;
	struct err err;
	bool ours;

	buf_init(&text, sizeof(switch_off));
	ours = file_read(path, FILE_ANY, &text, &kind, &err) == 0 &&
	       (strcmp(buf_text(&text), switch_on) == 0 ||
		strcmp(buf_text(&text), switch_off) == 0);
	buf_clear(&text);
	return ours;
}

/* 90-NAME.json, or the next number whose file is not a person's. */
static char *switch_path(const char *directory, const char *name)
{
	for (int number = 90; number < 100; number++) {
		char *path = mem_format("%s/%d-%s.json", directory, number, name);

		if (access(path, F_OK) != 0 || is_our_switch(path))
			return path;
		free(path);
	}
	return NULL;
}

/* The standing of the name now; false: there is no such server, or it cannot be switched. */
static bool standing_of(const struct servers_dir_options *options, const char *name, bool *enabled,
			struct err *err)
{
	struct servers_dir *dir = servers_dir_load(options);
	const struct server_entry *entry = servers_dir_find(dir, name);
	bool found = true;

	if (!entry) {
		err_set(err, ERR_CONFIG,
			"there is no server called \"%s\"; `cordpair servers` lists them", name);
		found = false;
	} else if (entry->standing == SERVER_BROKEN || entry->standing == SERVER_CONFLICT ||
		   entry->standing == SERVER_MASKED) {
		err_set(err, ERR_CONFIG, "server \"%s\" is %s: %s", name,
			server_standing_name(entry->standing), entry->reason ? entry->reason : "");
		found = false;
	} else {
		*enabled =
			entry->standing == SERVER_ENABLED || entry->standing == SERVER_UNRESOLVED;
	}
	servers_dir_free(&dir);
	return found;
}

static int write_switch(const char *path, bool enabled, struct err *err)
{
	const char *text = enabled ? switch_on : switch_off;

	return file_replace(path, text, strlen(text), 0600, err);
}

static int switch_in(const struct servers_dir_options *options, const char *file, const char *name,
		     bool wanted, bool *changed, struct err *err)
{
	bool enabled;

	*changed = false;
	if (!standing_of(options, name, &enabled, err))
		return -1;
	if (enabled == wanted)
		return 0;
	*changed = true;
	if (access(file, F_OK) == 0) {
		if (unlink(file))
			return err_set_os(err, ERR_CONFIG, errno, "%s", file);
		if (!standing_of(options, name, &enabled, err) || enabled == wanted)
			return enabled == wanted ? 0 : -1;
	}
	return write_switch(file, wanted, err);
}

int servers_dir_switch(const struct servers_dir_options *options, const char *name, bool enabled,
		       char **path, struct err *err)
{
	const struct servers_dir_options directories = {.servers_dir = options->servers_dir};
	char *directory = servers_files_user_directory(options);
	char *file = directory ? switch_path(directory, name) : NULL;
	bool changed = false;
	int status = -1;

	*path = NULL;
	if (!directory)
		err_set(err, ERR_CONFIG,
			"neither XDG_CONFIG_HOME nor HOME is set; nothing was written: set one of them");
	else if (!file)
		err_set(err, ERR_CONFIG, "%s: there is no free name for a switch of \"%s\"",
			directory, name);
	else
		status = switch_in(&directories, file, name, enabled, &changed, err);
	if (status == 0 && changed)
		*path = file;
	else
		free(file);
	free(directory);
	return status;
}
