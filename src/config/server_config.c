/* SPDX-License-Identifier: MIT */
/* One entry as a struct: its defaults, its names, its process's environment, its identity. */
#include "config.h"

#include "config/server_config.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "config/server_config_internal.h"

extern char **environ;

static char **empty_list(void)
{
	return mem_new_array(1, sizeof(char *));
}

struct server_config *server_config_new(const char *name)
{
	struct server_config *config = mem_new(sizeof(*config));

	config->references = 1;
	config->name = mem_string(name);
	config->argv = empty_list();
	config->env = empty_list();
	config->env_vars = empty_list();
	config->headers = empty_list();
	config->roots = empty_list();
	config->include_tools = empty_list();
	config->pinned_tools = empty_list();
	config->exclude_tools = empty_list();
	config->oauth.scopes = empty_list();
	config->sampling.requests = SERVER_SAMPLING_REQUESTS;
	config->sampling.max_tokens = SERVER_SAMPLING_MAX_TOKENS;
	config->policy.fallback = POLICY_ASK;
	config->policy.allow = empty_list();
	config->policy.ask = empty_list();
	config->policy.deny = empty_list();
	config->timeout_ms = SERVER_TIMEOUT_MS;
	config->start_timeout_ms = SERVER_START_TIMEOUT_MS;
	return config;
}

void string_list_free(char ***list)
{
	for (char **at = *list; at && *at; at++)
		free(*at);
	free(*list);
	*list = NULL;
}

void string_list_add(char ***list, char *take_text)
{
	size_t count = 0;

	while ((*list)[count])
		count++;
	*list = mem_resize_array(*list, count + 2, sizeof(char *));
	(*list)[count] = take_text;
	(*list)[count + 1] = NULL;
}

static void oauth_clear(struct oauth_config *oauth)
{
	free(oauth->client_id);
	free(oauth->client_secret);
	free(oauth->private_key);
	free(oauth->idp_token_endpoint);
	free(oauth->idp_client_id);
	free(oauth->idp_id_token);
	free(oauth->client_metadata_url);
	free(oauth->issuer);
	free(oauth->auth_method);
	string_list_free(&oauth->scopes);
}

struct server_config *server_config_ref(const struct server_config *config)
{
	struct server_config *shared = (struct server_config *)config; /* but for the count */

	shared->references++;
	return shared;
}

void server_config_free(struct server_config **config_p)
{
	struct server_config *config = *config_p;

	*config_p = NULL;
	if (!config || --config->references > 0)
		return;
	free(config->name);
	string_list_free(&config->argv);
	string_list_free(&config->env);
	string_list_free(&config->env_vars);
	free(config->cwd);
	free(config->url);
	string_list_free(&config->headers);
	free(config->tools);
	free(config->tools_url);
	oauth_clear(&config->oauth);
	free(config->sampling.model);
	string_list_free(&config->roots);
	string_list_free(&config->include_tools);
	string_list_free(&config->pinned_tools);
	string_list_free(&config->exclude_tools);
	string_list_free(&config->policy.allow);
	string_list_free(&config->policy.ask);
	string_list_free(&config->policy.deny);
	free(config->file);
	free(config);
}

/* Names */

static bool name_byte(char byte, bool first)
{
	return (byte >= 'A' && byte <= 'Z') || (byte >= 'a' && byte <= 'z') ||
	       (byte >= '0' && byte <= '9') || (!first && (byte == '_' || byte == '-'));
}

bool server_name_valid(const char *name)
{
	size_t len = strlen(name);

	if (len == 0 || len > SERVER_NAME_MAX_BYTES || strstr(name, "__"))
		return false;
	for (size_t i = 0; i < len; i++)
		if (!name_byte(name[i], i == 0))
			return false;
	return true;
}

char *server_name_from(const char *text)
{
	char *name = mem_new(SERVER_NAME_MAX_BYTES + 1);
	size_t len = 0;

	for (; *text && len < SERVER_NAME_MAX_BYTES; text++) {
		char byte = name_byte(*text, len == 0) ? *text : '-';

		if (byte == '-' && (len == 0 || name[len - 1] == '-'))
			continue;
		if (byte == '_' && name[len - 1] == '_')
			continue;
		name[len++] = byte;
	}
	while (len > 0 && name[len - 1] == '-')
		len--;
	name[len] = '\0';
	if (len == 0)
		memcpy(name, "server", sizeof("server"));
	return name;
}

/* The environment */

static const char *const passed_always[] = {
	"HOME",		  "LOGNAME",	    "PATH",   "SHELL",		 "TERM",
	"USER",		  "LANG",	    "TMPDIR", "XDG_CONFIG_HOME", "XDG_DATA_HOME",
	"XDG_STATE_HOME", "XDG_CACHE_HOME", NULL,
};

static const char *const passed_with_session[] = {
	"DISPLAY",
	"WAYLAND_DISPLAY",
	"XAUTHORITY",
	"DBUS_SESSION_BUS_ADDRESS",
	"XDG_RUNTIME_DIR",
	"XDG_SESSION_TYPE",
	"XDG_CURRENT_DESKTOP",
	"SWAYSOCK",
	"I3SOCK",
	"HYPRLAND_INSTANCE_SIGNATURE",
	"AT_SPI_BUS_ADDRESS",
	NULL,
};

static bool same_variable(const char *a, const char *b)
{
	size_t len = strcspn(a, "=");

	return len == strcspn(b, "=") && strncmp(a, b, len) == 0;
}

/* NAME=value; replaces one that is there already. */
static void set_variable(char ***environment, char *take_text)
{
	for (char **at = *environment; *at; at++) {
		if (!same_variable(*at, take_text))
			continue;
		free(*at);
		*at = take_text;
		return;
	}
	string_list_add(environment, take_text);
}

static void pass_variable(char ***environment, const char *name)
{
	const char *value = getenv(name);

	if (value)
		set_variable(environment, mem_format("%s=%s", name, value));
}

char **server_config_environment(const struct server_config *config)
{
	char **environment = empty_list();

	for (size_t i = 0; passed_always[i]; i++)
		pass_variable(&environment, passed_always[i]);
	for (char **at = environ; at && *at; at++)
		if (strncmp(*at, "LC_", 3) == 0 && strchr(*at, '='))
			set_variable(&environment, mem_string(*at));
	for (size_t i = 0; config->session && passed_with_session[i]; i++)
		pass_variable(&environment, passed_with_session[i]);
	for (char **name = config->env_vars; *name; name++)
		pass_variable(&environment, *name);
	for (char **variable = config->env; *variable; variable++)
		set_variable(&environment, mem_string(*variable));
	return environment;
}

/* Identity: what would have to change for it to be another server. */

static void hash_text(struct buf *all, const char *text)
{
	buf_append_text(all, text ? text : "");
	buf_append_char(all, '\0');
}

static void hash_list(struct buf *all, char *const *list)
{
	for (; *list; list++)
		hash_text(all, *list);
	buf_append_char(all, '\1');
}

static void hash_oauth(struct buf *all, const struct oauth_config *oauth)
{
	buf_format(all, "%d %d %ld %d", oauth->off, oauth->grant, oauth->redirect_port,
		   oauth->private_network);
	hash_text(all, oauth->client_id);
	hash_text(all, oauth->client_secret);
	hash_text(all, oauth->private_key);
	hash_text(all, oauth->idp_token_endpoint);
	hash_text(all, oauth->idp_client_id);
	hash_text(all, oauth->client_metadata_url);
	hash_text(all, oauth->issuer);
	hash_text(all, oauth->auth_method);
	hash_list(all, oauth->scopes);
}

static void hash_rules(struct server_config *config)
{
	struct buf all = BUF_INIT;

	buf_format(&all, "%d %d %ld %ld %ld %ld %ld %ld %d", config->required, config->eager,
		   config->timeout_ms, config->max_timeout_ms, config->start_timeout_ms,
		   config->idle_timeout_ms, config->sampling.requests, config->sampling.max_tokens,
		   config->policy.fallback);
	hash_text(&all, config->sampling.model);
	hash_list(&all, config->include_tools);
	hash_list(&all, config->exclude_tools);
	hash_list(&all, config->pinned_tools);
	hash_list(&all, config->policy.allow);
	hash_list(&all, config->policy.ask);
	hash_list(&all, config->policy.deny);
	hash_text(&all, config->oauth.idp_id_token); /* a new one for the next login */
	digest_sha256_hex(all.data, all.len, config->rules);
	buf_clear(&all);
}

void server_config_identify(struct server_config *config)
{
	struct buf all = BUF_INIT;

	buf_format(&all, "%d %d %d %d %d", config->sampling.on, config->type, config->session,
		   config->new_privileges, config->protocol);
	hash_text(&all, config->name);
	hash_list(&all, config->argv);
	hash_list(&all, config->env);
	hash_list(&all, config->env_vars);
	hash_text(&all, config->cwd);
	hash_text(&all, config->url);
	hash_list(&all, config->headers);
	hash_text(&all, config->tools);
	hash_text(&all, config->tools_url);
	hash_list(&all, config->roots); /* that there are any is told at the handshake */
	hash_oauth(&all, &config->oauth);
	digest_sha256_hex(all.data, all.len, config->identity);
	buf_clear(&all);
	hash_rules(config);
}

void server_config_fingerprint(const struct server_config *config, char hex[DIGEST_HEX_BYTES])
{
	const bool here = config->type == SERVER_TYPE_STDIO && !config->cwd;
	char *cwd = here ? getcwd(NULL, 0) : NULL;
	struct buf all = BUF_INIT;

	hash_text(&all, config->identity);
	hash_text(&all, config->rules);
	hash_text(&all, cwd);
	for (char **name = config->env_vars; *name; name++)
		hash_text(&all, getenv(*name));
	for (size_t i = 0; config->session && passed_with_session[i]; i++)
		hash_text(&all, getenv(passed_with_session[i]));
	digest_sha256_hex(all.data, all.len, hex);
	buf_clear(&all);
	free(cwd);
}
