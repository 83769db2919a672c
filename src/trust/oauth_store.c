/* SPDX-License-Identifier: MIT */
/* One JSON object per file; the file's name is a hash of whom it belongs to. */
#include "config.h"

#include "trust/oauth_store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/json.h"
#include "base/json_write.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/trace.h"
#include "io/file.h"

#define NAME_HEX_DIGITS 32

static char *path_for(const char *dir, const char *kind, const char *of, const char *suffix)
{
	char hex[DIGEST_HEX_BYTES];

	digest_sha256_hex(of, strlen(of), hex);
	return mem_format("%s/%s-%.*s%s", dir, kind, NAME_HEX_DIGITS, hex, suffix);
}

static char *token_path(const char *dir, const struct server_config *config, const char *suffix)
{
	char *of = mem_format("%s %s", config->name, config->url);
	char *path = path_for(dir, "token", of, suffix);

	free(of);
	return path;
}

/* Reading */

static struct json_object *load(const char *path)
{
	struct json_object *object = NULL;
	enum file_kind kind;
	struct buf text;
	struct err err;

	buf_init(&text, OAUTH_FILE_MAX_BYTES);
	if (file_read(path, FILE_SECRET, &text, &kind, &err) ||
	    json_parse(buf_text(&text), text.len, &json_limits_default, &object, &err)) {
		if (err.os_errno != ENOENT)
			log_warning("%s: not used: %s", path, err.text);
	}
	buf_clear(&text);
	return object;
}

static char *text_member(const struct json_object *object, const char *key)
{
	return mem_string_or_null(json_member_string(object, key));
}

static char *secret_member(const struct json_object *object, const char *key)
{
	char *text = text_member(object, key);

	if (text)
		trace_add_secret(text);
	return text;
}

struct oauth_token *oauth_store_token(const char *dir, const struct server_config *config)
{
	char *path = token_path(dir, config, ".json");
	struct json_object *object = load(path);
	struct oauth_token *token = NULL;

	if (object && json_member_string(object, "issuer")) {
		token = mem_new(sizeof(*token));
		token->issuer = text_member(object, "issuer");
		token->access_token = secret_member(object, "access_token");
		token->refresh_token = secret_member(object, "refresh_token");
		token->scope = text_member(object, "scope");
		token->expires_at = json_member_int(object, "expires_at", 0);
	}
	json_put(&object);
	free(path);
	return token;
}

struct oauth_client *oauth_store_client(const char *dir, const char *issuer)
{
	char *path = path_for(dir, "client", issuer, ".json");
	struct json_object *object = load(path);
	const char *whose = object ? json_member_string(object, "issuer") : NULL;
	struct oauth_client *client = NULL;

	if (whose && strcmp(whose, issuer) == 0 && json_member_string(object, "client_id")) {
		client = mem_new(sizeof(*client));
		client->issuer = mem_string(issuer);
		client->id = text_member(object, "client_id");
		client->secret = secret_member(object, "client_secret");
		client->auth_method = text_member(object, "auth_method");
		client->redirect_uri = text_member(object, "redirect_uri");
	}
	json_put(&object);
	free(path);
	return client;
}

/* Writing */

static void write_text(struct buf *out, const char *key, const char *text)
{
	if (text)
		json_write_member(out, key, text);
}

static int save(const char *path, struct buf *text, struct err *err)
{
	int status;

	buf_append_text(text, "}\n");
	status = file_replace(path, text->data, text->len, 0600, err);
	buf_clear(text);
	return status;
}

int oauth_store_keep_token(const char *dir, const struct server_config *config,
			   const struct oauth_token *token, struct err *err)
{
	char *path = token_path(dir, config, ".json");
	struct buf text = BUF_INIT;
	int status;

	buf_append_char(&text, '{');
	json_write_member(&text, "server", config->name);
	json_write_member(&text, "url", config->url);
	json_write_member(&text, "issuer", token->issuer);
	write_text(&text, "access_token", token->access_token);
	write_text(&text, "refresh_token", token->refresh_token);
	write_text(&text, "scope", token->scope);
	if (token->expires_at)
		json_write_member_int(&text, "expires_at", token->expires_at);
	status = save(path, &text, err);
	free(path);
	return status;
}

int oauth_store_keep_client(const char *dir, const struct oauth_client *client, struct err *err)
{
	char *path = path_for(dir, "client", client->issuer, ".json");
	struct buf text = BUF_INIT;
	int status;

	buf_append_char(&text, '{');
	json_write_member(&text, "issuer", client->issuer);
	json_write_member(&text, "client_id", client->id);
	write_text(&text, "client_secret", client->secret);
	write_text(&text, "auth_method", client->auth_method);
	write_text(&text, "redirect_uri", client->redirect_uri);
	status = save(path, &text, err);
	free(path);
	return status;
}

int oauth_store_forget_token(const char *dir, const struct server_config *config, struct err *err)
{
	char *path = token_path(dir, config, ".json");
	int status = unlink(path) == 0 ? 1 : 0;

	if (status == 0 && errno != ENOENT)
		status = err_set_os(err, ERR_RECORD, errno, "%s", path);
	free(path);
	return status;
}

void oauth_store_forget_client(const char *dir, const char *issuer)
{
	char *path = path_for(dir, "client", issuer, ".json");

	unlink(path);
	free(path);
}

int oauth_store_lock(const char *dir, const struct server_config *config, struct err *err)
{
	char *path = token_path(dir, config, ".lock");
	int fd = -1;

	if (file_make_parents(path, err) == 0) {
		fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
		if (fd < 0 || flock(fd, LOCK_EX | LOCK_NB)) {
			err_set_os(err, ERR_RECORD, errno, "%s", path);
			if (fd >= 0)
				close(fd);
			fd = -1;
		}
	}
	free(path);
	return fd;
}

void oauth_token_free(struct oauth_token **token_p)
{
	struct oauth_token *token = *token_p;

	*token_p = NULL;
	if (!token)
		return;
	free(token->issuer);
	free(token->access_token);
	free(token->refresh_token);
	free(token->scope);
	free(token);
}

void oauth_client_free(struct oauth_client **client_p)
{
	struct oauth_client *client = *client_p;

	*client_p = NULL;
	if (!client)
		return;
	free(client->issuer);
	free(client->id);
	free(client->secret);
	free(client->auth_method);
	free(client->redirect_uri);
	free(client);
}
