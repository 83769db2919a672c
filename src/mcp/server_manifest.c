/* SPDX-License-Identifier: MIT */
/*
 * The manifest: what a server said of itself when it last ran (era, capabilities, instructions,
 * tools), in state_dir/manifests under the hash of its entry, with the identity of its executable,
 * so that the model can be told of its tools before it runs.
 *
 * It is a hint that is checked: before the first call the live tools/list is compared with it
 * (server_idle.c). It is written whenever the tools were listed, and dropped when the entry or the
 * executable is another, when a start or a call fails, and when the server's own time for it
 * (ttlMs) is over.
 */
#include "config.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/json_write.h"
#include "base/mem.h"
#include "io/executable.h"
#include "io/file.h"
#include "mcp/server_internal.h"

#define MANIFEST_VERSION 1 /* another one is not read */
#define DAY_S		 86400

static char *manifest_path(const struct server *server)
{
	const char *dir = server->context->state_dir;

	return dir && *server->config->identity
		       ? mem_format("%s/manifests/%s.json", dir, server->config->identity)
		       : NULL;
}

static const char *path_of(const struct server_config *config)
{
	const char *path = getenv("PATH");

	for (char **variable = config->env; *variable; variable++)
		if (strncmp(*variable, "PATH=", strlen("PATH=")) == 0)
			path = *variable + strlen("PATH=");
	return path;
}

/* Of a remote server there is none: a hash of nothing. */
static void identify(const struct server *server, char hex[DIGEST_HEX_BYTES])
{
	const struct server_config *config = server->config;

	executable_identity(config->argv, path_of(config), config->cwd, hex);
}

/* Writing */

struct manifest { /* owned by a worker while it is there */
	char *path;
	char *text; /* NULL: the file is to go */
	size_t len;
};

static bool is_there_already(const struct manifest *manifest)
{
	enum file_kind kind;
	struct buf old;
	struct err err;
	bool same;

	buf_init(&old, SERVER_MANIFEST_MAX_BYTES);
	same = file_read(manifest->path, FILE_ANY, &old, &kind, &err) == 0 &&
	       old.len == manifest->len && memcmp(old.data, manifest->text, old.len) == 0;
	buf_clear(&old);
	return same;
}

/* Of entries that were changed or are no more. */
static void remove_old(const char *path)
{
	char *dir = mem_string_len(path, (size_t)(strrchr(path, '/') - path));
	const time_t now = time(NULL);
	const struct dirent *entry;
	struct stat st;
	DIR *files = opendir(dir);

	while (files && (entry = readdir(files)))
		if (fstatat(dirfd(files), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
		    S_ISREG(st.st_mode) &&
		    now - st.st_mtime > (time_t)SERVER_MANIFEST_AGE_MAX_DAYS * DAY_S)
			(void)!unlinkat(dirfd(files), entry->d_name, 0);
	if (files)
		closedir(files);
	free(dir);
}

/* A failure is nothing to tell: the server is started the next time, as without a manifest. */
static void keep(void *arg)
{
	const struct manifest *manifest = arg;
	struct err err;

	if (!manifest->text)
		(void)!unlink(manifest->path);
	else if (is_there_already(manifest))
		(void)!utimensat(AT_FDCWD, manifest->path, NULL, 0); /* it is in use */
	else if (file_replace(manifest->path, manifest->text, manifest->len, 0600, &err) == 0)
		remove_old(manifest->path);
}

static void kept(void *arg)
{
	struct manifest *manifest = arg;

	free(manifest->path);
	free(manifest->text);
	free(manifest);
}

static void submit(struct server *server, char *take_text, size_t len)
{
	char *path = manifest_path(server);
	struct manifest *manifest;

	if (!path) {
		free(take_text);
		return;
	}
	manifest = mem_new(sizeof(*manifest));
	*manifest = (struct manifest){path, take_text, len};
	worker_submit(server->context->workers, keep, kept, manifest);
}

static int64_t now_s(void)
{
	return (int64_t)time(NULL);
}

void server_remember(struct server *server)
{
	char executable[DIGEST_HEX_BYTES];
	struct buf text;

	if (!server->context->state_dir)
		return;
	/* One that has nothing may have something the next time. */
	if (server->listing.count == 0 && !server_has(server, SERVER_RESOURCES)) {
		server_forget(server);
		return;
	}
	identify(server, executable);
	buf_init(&text, SERVER_MANIFEST_MAX_BYTES);
	buf_append_char(&text, '{');
	json_write_member_int(&text, "v", MANIFEST_VERSION);
	json_write_member(&text, "server", server->config->name);
	json_write_member(&text, "executable", executable);
	json_write_member(&text, "protocolVersion", server->protocol_version);
	if (server->listing_ttl_ms)
		json_write_member_int(&text, "expires", now_s() + server->listing_ttl_ms / 1000);
	if (server->implementation)
		json_write_member(&text, "implementation", server->implementation);
	if (server->instructions)
		json_write_member(&text, "instructions", server->instructions);
	if (server->capabilities_text)
		json_write_member_json(&text, "capabilities", server->capabilities_text,
				       strlen(server->capabilities_text));
	json_write_key(&text, "tools");
	tool_list_write(&server->listing, &text);
	buf_append_text(&text, "}\n");
	if (text.overflowed)
		buf_clear(&text);
	else
		submit(server, text.data, text.len);
}

void server_forget(struct server *server)
{
	submit(server, NULL, 0);
}

/* Reading */

static void fault_told_before(void *arg, const char *text)
{
	(void)arg;
	(void)text;
}

static bool is_current(const struct server *server, struct json_span manifest)
{
	char executable[DIGEST_HEX_BYTES];
	int64_t version, expires;

	identify(server, executable);
	if (!json_span_int64(json_span_member(manifest, "v"), &version) ||
	    version != MANIFEST_VERSION ||
	    !json_span_equals(json_span_member(manifest, "executable"), executable))
		return false;
	return !json_span_int64(json_span_member(manifest, "expires"), &expires) ||
	       now_s() < expires;
}

static bool take_version(struct server *server, struct json_span manifest)
{
	if (json_span_equals(json_span_member(manifest, "protocolVersion"), MCP_VERSION_MODERN)) {
		server->era = SERVER_ERA_MODERN;
		server->protocol_version = MCP_VERSION_MODERN;
		return true;
	}
	server->era = SERVER_ERA_LEGACY;
	server->protocol_version = negotiate_legacy_version(manifest);
	if (server->protocol_version)
		return true;
	server->era = SERVER_ERA_UNKNOWN;
	server->protocol_version = "";
	return false;
}

static bool take(struct server *server, struct json_span manifest)
{
	struct err err;
	char *cursor;

	if (!is_current(server, manifest) || !take_version(server, manifest))
		return false;
	if (tool_list_add_page(&server->listing, manifest.at, manifest.len, &cursor,
			       fault_told_before, NULL, &err)) {
		tool_list_clear(&server->listing);
		return false;
	}
	free(cursor);
	server_keep_features(server, manifest);
	if (!server->capabilities_text)
		server->capabilities = 1u << SERVER_TOOLS; /* of one that did not say */
	free(server->implementation);
	server->implementation = json_span_text(json_span_member(manifest, "implementation"),
						SERVER_IMPLEMENTATION_MAX_BYTES);
	server->recalled = true;
	server_take_listing(server);
	return true;
}

bool server_recall(struct server *server)
{
	char *path = manifest_path(server);
	struct json_fault fault;
	enum file_kind kind;
	struct buf text;
	struct err err;
	bool known = false;

	if (!path)
		return false;
	buf_init(&text, SERVER_MANIFEST_MAX_BYTES);
	if (file_read(path, FILE_TRUSTED, &text, &kind, &err) == 0 && kind == FILE_REGULAR &&
	    json_check(buf_text(&text), text.len, &json_limits_splice, NULL, &fault) == 0) {
		struct json_span whole = {text.data, text.len};

		json_trim(&whole.at, &whole.len);
		known = take(server, whole);
	}
	buf_clear(&text);
	free(path);
	return known;
}
