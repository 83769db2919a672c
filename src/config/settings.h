/* SPDX-License-Identifier: MIT */
/*
 * settings: $XDG_CONFIG_HOME/cordpair/settings.json, checked, with the environment on top.
 *
 * Keys: base_url, profile, model, api_key_command (array), max_tokens, system_prompt,
 * server_instructions, resource_tools, prompt_cache, tools_max, tools_percent, pinned_tools
 * (array), sessions, server_logs, and for OpenRouter's routing models (array), provider (object),
 * service_tier and session_id; reasoning; limits {turns, calls, parallel, result_bytes, cost,
 * cost_per_day, tokens, seconds, sessions, session_days, session_bytes}. Comments and trailing
 * commas are allowed. A key that is not known is an error that suggests the nearest.
 */
#ifndef CORDPAIR_CONFIG_SETTINGS_H
#define CORDPAIR_CONFIG_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "config/provider_choice.h"

#define SETTINGS_BASE_URL	"https://openrouter.ai/api/v1"
#define SETTINGS_TURNS		25
#define SETTINGS_CALLS		100
#define SETTINGS_PARALLEL	8
#define SETTINGS_RESULT_BYTES	100000	   /* of one tool result that the model gets */
#define SETTINGS_COST_USD	1.0	   /* of a run */
#define SETTINGS_SESSIONS	1000	   /* that are kept */
#define SETTINGS_SESSION_DAYS	90	   /* since the last use */
#define SETTINGS_SESSION_BYTES	(1L << 30) /* of all together */
#define SETTINGS_TOOLS_MAX	40	   /* that the model gets at first */
#define SETTINGS_TOOLS_LIMIT	128	   /* the most that can be said */
#define SETTINGS_TOOLS_PERCENT	15 /* of the model's context that their definitions may take */
#define SETTINGS_FILE_MAX_BYTES ((size_t)256 << 10)

struct settings {
	char *base_url; /* without a slash at the end; never NULL */
	char *profile;	/* what kind of endpoint base_url is; or NULL: by its address */
	char *model;	/* or NULL */
	char **models;	/* to be tried when that fails; NULL-terminated */
	struct provider_choice *provider;
	char *service_tier, *session_id; /* or NULL */
	char *reasoning;		 /* an effort ("high"), or a number of tokens; or NULL */
	char **api_key_command;		 /* NULL-terminated; empty: none */
	char *system_prompt;		 /* or NULL */
	bool server_instructions;	 /* go into the system message */
	bool resource_tools;		 /* resource_list and resource_read are offered */
	bool prompt_cache;		 /* providers that must be told what to cache are told */
	bool keep_sessions;
	bool server_logs;	       /* what servers write to stderr is kept */
	long tools_max, tools_percent; /* that a request has at first; % of the model's context */
	char **pinned_tools;	       /* "SERVER:TOOL" globs; NULL-terminated */
	long max_tokens;	       /* 0: not sent */
	long turns, calls, parallel;
	long result_bytes;
	double cost;	      /* USD */
	double cost_per_day;  /* USD; 0: no limit */
	bool cost_chosen;     /* by a person, not by default */
	long tokens, seconds; /* 0: no limit */
	long sessions, session_days, session_bytes;
	char *file; /* the file that was read, or NULL */
};

/* OPENROUTER_BASE_URL and CORDPAIR_MODEL of the environment win over the file. */
int settings_load(struct settings *settings, struct err *err) __attribute__((warn_unused_result));
void settings_clear(struct settings *settings);

#endif
