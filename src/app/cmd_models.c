/* SPDX-License-Identifier: MIT */
/* cordpair models: what the endpoint's models cost, take and can. */
#include "config.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/commands.h"
#include "app/model_catalogue.h"
#include "base/json_write.h"
#include "base/log.h"
#include "base/sanitize.h"
#include "trust/secrets.h"

#define ID_SHOWN_BYTES 60

static struct models_options {
	bool tools, refresh;
} models_options;

static const struct option_spec models_option_table[] = {
	{0, "tools", OPTION_FLAG, offsetof(struct models_options, tools), NULL,
	 "only models that can call tools"},
	{0, "refresh", OPTION_FLAG, offsetof(struct models_options, refresh), NULL,
	 "ask the endpoint, also where a list of today is kept"},
	{0, NULL, OPTION_FLAG, 0, NULL, NULL},
};

/* As a table */

static const char *tools_word(enum model_tools tools)
{
	return tools == MODEL_TOOLS_YES ? "tools" : tools == MODEL_TOOLS_NO ? "no" : "?";
}

static void append_price(struct buf *line, const struct model_info *info, double price)
{
	char text[32] = "-";

	if (info->has_price && price < 0)
		snprintf(text, sizeof(text), "varies");
	else if (info->has_price)
		snprintf(text, sizeof(text), "%.4g", price);
	buf_format(line, " %9s", text);
}

static void print_row(struct program *program, const struct model_info *info)
{
	struct buf id = BUF_INIT, input = BUF_INIT, line = BUF_INIT;
	char context[32] = "-";

	sanitize_line(info->id, strlen(info->id), ID_SHOWN_BYTES, &id);
	if (info->input)
		sanitize_line(info->input, strlen(info->input), ID_SHOWN_BYTES, &input);
	if (info->context > 0)
		snprintf(context, sizeof(context), "%" PRId64, info->context);
	buf_format(&line, "%-48s %9s", buf_text(&id), context);
	append_price(&line, info, info->prompt_price);
	append_price(&line, info, info->completion_price);
	buf_format(&line, "  %-5s  %s\n", tools_word(info->tools),
		   input.len ? buf_text(&input) : "-");
	output_buf(&program->out, &line);
	buf_clear(&line);
	buf_clear(&input);
	buf_clear(&id);
}

/* As JSON */

/* "text,image" as an array. */
static void write_words(struct buf *out, const char *key, const char *words)
{
	if (!words)
		return;
	json_write_key(out, key);
	buf_append_char(out, '[');
	for (const char *at = words;; at++) {
		size_t len = strcspn(at, ",");

		if (at != words)
			buf_append_char(out, ',');
		json_write_string_len(out, at, len);
		at += len;
		if (!*at)
			break;
	}
	buf_append_char(out, ']');
}

static void write_price(struct buf *out, const char *key, const struct model_info *info,
			double price)
{
	if (!info->has_price || price < 0)
		return;
	json_write_key(out, key);
	buf_format(out, "%.10g", price);
}

static void write_model(struct buf *out, const struct model_info *info)
{
	buf_append_char(out, '{');
	json_write_member(out, "id", info->id);
	if (info->name)
		json_write_member(out, "name", info->name);
	if (info->context > 0)
		json_write_member_int(out, "context", info->context);
	write_price(out, "prompt_usd_per_million", info, info->prompt_price);
	write_price(out, "completion_usd_per_million", info, info->completion_price);
	write_words(out, "input", info->input);
	write_words(out, "output", info->output);
	if (info->tools != MODEL_TOOLS_UNKNOWN)
		json_write_member_bool(out, "tools", info->tools == MODEL_TOOLS_YES);
	if (info->expires)
		json_write_member(out, "expires", info->expires);
	buf_append_char(out, '}');
}

/* Choosing */

static bool wanted(const struct model_info *info, const char *pattern)
{
	return (!models_options.tools || info->tools == MODEL_TOOLS_YES) &&
	       (!pattern || model_info_matches(info, pattern));
}

static size_t print_list(struct program *program, const struct model_list *list,
			 const char *pattern)
{
	bool as_json = program->options.json;
	struct buf out = BUF_INIT;
	size_t shown = 0;

	for (size_t i = 0; i < model_list_count(list); i++) {
		const struct model_info *info = model_list_at(list, i);

		if (!wanted(info, pattern))
			continue;
		if (as_json) {
			buf_append_char(&out, shown > 0 ? ',' : '[');
			write_model(&out, info);
		} else {
			if (shown == 0)
				output_format(&program->out, "%-48s %9s %9s %9s  %-5s  %s\n",
					      "MODEL", "CONTEXT", "IN $/M", "OUT $/M", "TOOLS",
					      "INPUT");
			print_row(program, info);
		}
		shown++;
	}
	if (as_json) {
		buf_append_text(&out, shown > 0 ? "]\n" : "[]\n");
		output_buf(&program->out, &out);
	}
	buf_clear(&out);
	return shown;
}

static void tell_none(struct program *program, const struct model_list *list, const char *pattern)
{
	const char *near[MODEL_LIST_NEAR_MAX];
	bool known = false;
	struct err err;

	for (size_t i = 0; i < model_list_count(list) && !known; i++)
		known = model_list_at(list, i)->tools != MODEL_TOOLS_UNKNOWN;
	if (models_options.tools && !known)
		err_set(&err, ERR_NO_ANSWER,
			"%.100s does not tell which of its models can call tools",
			program->base_url);
	else if (pattern && model_list_near(list, pattern, near) > 0)
		err_set(&err, ERR_NO_ANSWER, "no model matches \"%.60s\"; did you mean \"%.100s\"?",
			pattern, near[0]);
	else
		err_set(&err, ERR_NO_ANSWER, "no model matches");
	program_fail(program, &err);
}

static void run_models(struct program *program)
{
	const char *pattern = program->operands.count > 0 ? program->operands.item[0] : NULL;
	struct chat_endpoint endpoint = {.base_url = program->base_url,
					 .profile = program->profile};
	struct api_key key = {0};
	struct model_list *list = NULL;
	struct err err;

	if (program->operands.count > 1)
		err_set(&err, ERR_USAGE, "models: one pattern at most: \"%.80s\"",
			program->operands.item[1]);
	else if (secrets_api_key(program->loop, &program->settings, &key, &err) == 0) {
		endpoint.api_key = key.text;
		list = model_catalogue_get(program, &endpoint, models_options.refresh, &err);
	}
	if (!list) {
		if (!program_interrupted(program))
			program_fail(program, &err);
	} else if (print_list(program, list, pattern) == 0) {
		tell_none(program, list, pattern);
	}
	model_list_free(&list);
	api_key_clear(&key);
}

const struct command command_models = {
	.name = "models",
	.operands = "[PATTERN]",
	.summary = "List the endpoint's models: price, context, modalities, tools",
	.details =
		"PATTERN is a part of the model's name, or a glob (\"openai/*mini*\"). Prices are "
		"USD for a\nmillion tokens. The list is kept for a day.",
	.options = models_option_table,
	.targets = &models_options,
	.needs_http = true,
	.run = run_models,
};
