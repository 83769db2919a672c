/* SPDX-License-Identifier: MIT */
/* The table of endpoints and the table of vendors. Nothing is asked of an endpoint here. */
#include "config.h"

#include "model/profile.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "io/http.h"

#define OPENROUTER_PATH	      "/api/v1"

#define MAX_TOKENS	      "max_tokens"
#define MAX_COMPLETION_TOKENS "max_completion_tokens"

/* The last row is what an unknown address gets. */
static const struct profile profiles[] = {
	{.name = "openrouter",
	 .parts = MEDIA_ALL,
	 .reads_files = true,
	 .title = "OpenRouter",
	 .host = "openrouter.ai",
	 .own_keys = true,
	 .needs_key = true,
	 .model_optional = true,
	 .max_tokens = MAX_TOKENS},
	{.name = "openai",
	 .parts = MEDIA_ALL,
	 .title = "OpenAI",
	 .host = "api.openai.com",
	 .needs_key = true,
	 .usage_on_asking = true,
	 .reasoning_effort = true,
	 .max_tokens = MAX_COMPLETION_TOKENS, /* its reasoning models refuse the other name */
	 .family = SCHEMA_OPENAI},
	{.name = "mistral",
	 .parts = MEDIA_IMAGE,
	 .title = "Mistral",
	 .host = "api.mistral.ai",
	 .needs_key = true,
	 .max_tokens = MAX_TOKENS,
	 .family = SCHEMA_MISTRAL},
	{.name = "groq",
	 .parts = MEDIA_IMAGE,
	 .title = "Groq",
	 .host = "api.groq.com",
	 .needs_key = true,
	 .usage_on_asking = true,
	 .reasoning_effort = true,
	 .max_tokens = MAX_TOKENS},
	{.name = "deepseek",
	 .title = "DeepSeek",
	 .host = "api.deepseek.com",
	 .needs_key = true,
	 .usage_on_asking = true,
	 .max_tokens = MAX_TOKENS},
	{.name = "ollama",
	 .parts = MEDIA_IMAGE,
	 .title = "Ollama",
	 .port = 11434,
	 .usage_on_asking = true,
	 .no_tool_choice = true,
	 .reasoning_effort = true,
	 .max_tokens = MAX_TOKENS},
	{.name = "lmstudio",
	 .parts = MEDIA_IMAGE,
	 .title = "LM Studio",
	 .port = 1234,
	 .usage_on_asking = true,
	 .max_tokens = MAX_TOKENS},
	{.name = "llamacpp",
	 .parts = MEDIA_IMAGE | MEDIA_AUDIO,
	 .title = "llama.cpp",
	 .port = 8080,
	 .usage_on_asking = true,
	 .parallel_on_asking = true,
	 .max_tokens = MAX_TOKENS},
	{.name = "vllm",
	 .parts = MEDIA_IMAGE | MEDIA_AUDIO,
	 .title = "vLLM",
	 .port = 8000,
	 .usage_on_asking = true,
	 .reasoning_effort = true,
	 .max_tokens = MAX_TOKENS},
	{.name = "litellm",
	 .parts = MEDIA_ALL,
	 .title = "LiteLLM",
	 .port = 4000,
	 .usage_on_asking = true,
	 .reasoning_effort = true,
	 .max_tokens = MAX_TOKENS},
	{.name = "compatible",
	 .parts = MEDIA_ALL,
	 .title = "an OpenAI-compatible endpoint",
	 .usage_on_asking = true,
	 .max_tokens = MAX_TOKENS},
};

#define PROFILES (sizeof(profiles) / sizeof(profiles[0]))

/* The vendor in a model's id, up to the slash; or the whole id. */
static const struct {
	const char *vendor;
	enum schema_family family;
} vendors[] = {
	{"openai", SCHEMA_OPENAI},    {"anthropic", SCHEMA_ANTHROPIC},
	{"google", SCHEMA_GOOGLE},    {"amazon", SCHEMA_BEDROCK},
	{"bedrock", SCHEMA_BEDROCK},  {"mistralai", SCHEMA_MISTRAL},
	{"mistral", SCHEMA_MISTRAL},  {"x-ai", SCHEMA_XAI},
	{"xai", SCHEMA_XAI},	      {"gemini", SCHEMA_GOOGLE},
	{"vertex_ai", SCHEMA_GOOGLE}, {"azure", SCHEMA_OPENAI},
	{"demo", SCHEMA_OPENAI}, /* the stand-in reads what it gets: the fewest changes */
};

/* The parts of "scheme://[user@]host[:port]/path" that the choice needs; all borrowed. */
struct address {
	const char *host, *path;
	size_t host_len;
	unsigned long port; /* 0: not said */
	bool plain;	    /* http */
};

static bool read_address(const char *url, struct address *address)
{
	const char *authority = strstr(url, "://"), *at;
	size_t len;

	if (!authority)
		return false;
	*address = (struct address){.plain = strncasecmp(url, "http:", 5) == 0};
	authority += strlen("://");
	len = strcspn(authority, "/?#");
	address->path = authority + len;
	at = memchr(authority, '@', len);
	if (at) {
		len -= (size_t)(at + 1 - authority);
		authority = at + 1;
	}
	address->host = authority;
	address->host_len =
		*authority == '[' ? strcspn(authority, "]/") + 1 : strcspn(authority, ":/?#");
	if (address->host_len > len)
		address->host_len = len;
	if (authority[address->host_len] == ':')
		address->port = strtoul(authority + address->host_len + 1, NULL, 10);
	return true;
}

static bool is_at_or_below(const struct address *address, const char *host)
{
	const size_t len = strlen(host);

	if (address->host_len < len ||
	    strncasecmp(address->host + address->host_len - len, host, len) != 0)
		return false;
	return address->host_len == len || address->host[address->host_len - len - 1] == '.';
}

static bool matches(const struct profile *profile, const struct address *address)
{
	if (profile->host)
		return is_at_or_below(address, profile->host);
	return profile->port && address->plain && address->port == profile->port;
}

const struct profile *profile_for_url(const char *base_url)
{
	struct address address;

	if (!read_address(base_url, &address))
		return &profiles[PROFILES - 1];
	/* A stand-in for OpenRouter on this machine, as the demo's, has OpenRouter's path. */
	if (http_url_is_loopback(base_url) &&
	    strncmp(address.path, OPENROUTER_PATH, strlen(OPENROUTER_PATH)) == 0)
		return &profiles[0];
	for (size_t i = 0; i + 1 < PROFILES; i++)
		if (matches(&profiles[i], &address))
			return &profiles[i];
	return &profiles[PROFILES - 1];
}

const struct profile *profile_find(const char *name)
{
	for (size_t i = 0; i < PROFILES; i++)
		if (strcmp(profiles[i].name, name) == 0)
			return &profiles[i];
	return NULL;
}

const struct profile *profile_at(size_t i)
{
	return i < PROFILES ? &profiles[i] : NULL;
}

/* "~anthropic/claude-latest", an alias, is Anthropic's too. *len is the vendor's. */
static const char *vendor_of(const char *model, size_t *len)
{
	model += *model == '~';
	*len = strcspn(model, "/");
	return model;
}

enum schema_family profile_family(const struct profile *profile, const char *model)
{
	size_t len;

	if (profile->family != SCHEMA_BY_MODEL)
		return profile->family;
	if (!model)
		return SCHEMA_FLOOR;
	model = vendor_of(model, &len);
	for (size_t i = 0; i < sizeof(vendors) / sizeof(vendors[0]); i++)
		if (strlen(vendors[i].vendor) == len &&
		    strncasecmp(vendors[i].vendor, model, len) == 0)
			return vendors[i].family;
	return SCHEMA_FLOOR;
}

bool profile_needs_cache_marks(const struct profile *profile, const char *model)
{
	return profile->own_keys && profile_family(profile, model) == SCHEMA_ANTHROPIC;
}

char *profile_provider(const struct profile *profile, const char *model)
{
	enum schema_family family = profile_family(profile, model);
	size_t len;

	if (family != SCHEMA_FLOOR || !model)
		return mem_string(schema_family_name(family));
	model = vendor_of(model, &len);
	return mem_string_len(model, len);
}
