/* SPDX-License-Identifier: MIT */
/*
 * A list and its file. The file is read again before it is written, so that what another process
 * found meanwhile stays; of two that write at the same moment one finding is lost, and found again.
 */
#include "config.h"

#include "agent/quarantine.h"

#include <errno.h>
#include <json-c/json_object.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/json.h"
#include "base/json_write.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/sanitize.h"
#include "io/file.h"

struct refused {
	char provider[QUARANTINE_NAME_MAX_BYTES + 1];
	char definition[DIGEST_HEX_BYTES];
	char *tool, *why;
	int64_t at; /* seconds since 1970 */
};

struct quarantine {
	char *path;
	struct refused *item; /* the oldest first */
	size_t count;
};

static void remove_at(struct quarantine *quarantine, size_t i)
{
	free(quarantine->item[i].tool);
	free(quarantine->item[i].why);
	quarantine->count--;
	memmove(&quarantine->item[i], &quarantine->item[i + 1],
		(quarantine->count - i) * sizeof(*quarantine->item));
}

static const struct refused *find(const struct quarantine *quarantine, const char *provider,
				  const char *definition)
{
	for (size_t i = 0; i < quarantine->count; i++)
		if (strcmp(quarantine->item[i].definition, definition) == 0 &&
		    strcmp(quarantine->item[i].provider, provider) == 0)
			return &quarantine->item[i];
	return NULL;
}

static void put(struct quarantine *quarantine, const char *provider, const char *definition,
		const char *tool, const char *why, int64_t at)
{
	struct refused *item;

	if (find(quarantine, provider, definition))
		return;
	if (quarantine->count == QUARANTINE_TOOLS_MAX)
		remove_at(quarantine, 0);
	quarantine->item = mem_resize_array(quarantine->item, quarantine->count + 1,
					    sizeof(*quarantine->item));
	item = &quarantine->item[quarantine->count++];
	*item = (struct refused){.at = at, .tool = mem_string(tool), .why = mem_string(why)};
	memcpy(item->provider, provider, strlen(provider) + 1);
	memcpy(item->definition, definition, DIGEST_HEX_BYTES);
}

/* The file */

static void put_object(struct quarantine *quarantine, const struct json_object *object)
{
	const char *provider = json_member_string(object, "provider");
	const char *definition = json_member_string(object, "definition");
	const char *tool = json_member_string(object, "tool");
	const char *why = json_member_string(object, "why");
	int64_t at = json_member_int(object, "at", 0);
	int64_t now = time(NULL);

	if (!provider || !definition || !tool || !why ||
	    strlen(provider) > QUARANTINE_NAME_MAX_BYTES ||
	    strlen(definition) != DIGEST_HEX_BYTES - 1 || at > now ||
	    now - at > QUARANTINE_MAX_AGE_S)
		return;
	put(quarantine, provider, definition, tool, why, at);
}

/* A file that cannot be used is as good as none: its findings are made again. */
static void read_file(struct quarantine *quarantine)
{
	struct json_object *root = NULL, *list;
	enum file_kind kind;
	struct buf text;
	struct err err;

	buf_init(&text, QUARANTINE_FILE_MAX_BYTES);
	if (file_read(quarantine->path, FILE_SECRET, &text, &kind, &err) ||
	    json_parse(buf_text(&text), text.len, &json_limits_default, &root, &err)) {
		if (err.os_errno != ENOENT && err.os_errno != ENOTDIR)
			log_warning("%s: not used: %s", quarantine->path, err.text);
	}
	list = json_member_array(root, "refused");
	for (size_t i = 0; list && i < json_object_array_length(list); i++)
		put_object(quarantine, json_object_array_get_idx(list, i));
	json_put(&root);
	buf_clear(&text);
}

static int write_file(const struct quarantine *quarantine, struct err *err)
{
	struct buf text = BUF_INIT;
	int status;

	buf_append_text(&text, "{\"refused\":[");
	for (size_t i = 0; i < quarantine->count; i++) {
		const struct refused *item = &quarantine->item[i];

		buf_append_text(&text, i > 0 ? ",\n{" : "\n{");
		json_write_member(&text, "provider", item->provider);
		json_write_member(&text, "definition", item->definition);
		json_write_member(&text, "tool", item->tool);
		json_write_member(&text, "why", item->why);
		json_write_member_int(&text, "at", item->at);
		buf_append_char(&text, '}');
	}
	buf_append_text(&text, "\n]}\n");
	status = file_replace(quarantine->path, text.data, text.len, 0600, err);
	buf_clear(&text);
	return status;
}

struct quarantine *quarantine_new(const char *path)
{
	struct quarantine *quarantine = mem_new(sizeof(*quarantine));

	quarantine->path = mem_string_or_null(path);
	if (path)
		read_file(quarantine);
	return quarantine;
}

void quarantine_free(struct quarantine **quarantine_p)
{
	struct quarantine *quarantine = *quarantine_p;

	if (!quarantine)
		return;
	*quarantine_p = NULL;
	while (quarantine->count > 0)
		remove_at(quarantine, quarantine->count - 1);
	free(quarantine->item);
	free(quarantine->path);
	free(quarantine);
}

/* Looking up and adding */

const char *quarantine_find(const struct quarantine *quarantine, const char *provider,
			    const char *definition, size_t len)
{
	const struct refused *item;
	char hex[DIGEST_HEX_BYTES];

	if (quarantine->count == 0)
		return NULL;
	digest_sha256_hex(definition, len, hex);
	item = find(quarantine, provider, hex);
	return item ? item->why : NULL;
}

int quarantine_add(struct quarantine *quarantine, const char *provider, const char *definition,
		   size_t len, const char *tool, const char *why, struct err *err)
{
	struct buf short_why = BUF_INIT;
	char name[QUARANTINE_NAME_MAX_BYTES + 1], hex[DIGEST_HEX_BYTES];

	snprintf(name, sizeof(name), "%s", provider);
	digest_sha256_hex(definition, len, hex);
	sanitize_line(why, strlen(why), QUARANTINE_WHY_MAX_BYTES, &short_why);
	if (quarantine->path)
		read_file(quarantine);
	put(quarantine, name, hex, tool, buf_text(&short_why), time(NULL));
	buf_clear(&short_why);
	return quarantine->path ? write_file(quarantine, err) : 0;
}
