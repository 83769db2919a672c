/* SPDX-License-Identifier: MIT */
/* Prints paths, times and lists. Touches no file. */
#include "config.h"

#include "servers/files_reply.h"

#include <string.h>

#include "base/json.h"
#include "base/json_write.h"
#include "servers/files_walk.h"

const char *files_path_argument(const struct json_object *arguments)
{
	const char *path = json_member_string(arguments, "path");

	return path ? path : ".";
}

void files_open_element(struct buf *json)
{
	if (json->data[json->len - 1] != '[')
		buf_append_char(json, ',');
	buf_append_char(json, '{');
}

static void write_time(struct buf *json, const char *key, const struct timespec *when)
{
	char text[sizeof("-2147483648-12-31T23:59:59Z")];
	struct tm utc;

	if (gmtime_r(&when->tv_sec, &utc) && strftime(text, sizeof(text), "%FT%TZ", &utc) > 0)
		json_write_member(json, key, text);
}

void files_write_stat(struct buf *json, const struct stat *stat)
{
	json_write_member(json, "type", file_type_name(stat->st_mode));
	if (S_ISREG(stat->st_mode))
		json_write_member_int(json, "size", stat->st_size);
	write_time(json, "modified", &stat->st_mtim);
}

/* "src" before "main.c" is "src/main.c"; "." before it is nothing. */
void files_write_path(struct buf *json, const char *folder, const char *path)
{
	struct buf whole = BUF_INIT;

	while (strncmp(folder, "./", 2) == 0)
		folder += 2 + strspn(folder + 2, "/");
	if (*folder && strcmp(folder, ".") != 0) {
		buf_append_text(&whole, folder);
		while (whole.len > 0 && whole.data[whole.len - 1] == '/')
			buf_truncate(&whole, whole.len - 1);
		if (path)
			buf_append_char(&whole, '/');
	}
	if (path)
		buf_append_text(&whole, path);
	json_write_member(json, "path", whole.len > 0 ? buf_text(&whole) : ".");
	buf_clear(&whole);
}

/* What ends every list: whether it is whole, and if not, why. */
void files_write_cut(struct buf *json, const char *cut)
{
	json_write_member_bool(json, "complete", !cut);
	if (cut)
		json_write_member(json, "cut_by", cut);
}
