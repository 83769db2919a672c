/* SPDX-License-Identifier: MIT */
/*
 * The endpoint's answer is kept as it came, one file for each address; the file's time is its age.
 * A run never waits for it: only `models`, and the advice after a failure, ask the endpoint.
 */
#include "config.h"

#include "app/model_catalogue.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "base/digest.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/paths.h"
#include "io/file.h"
#include "model/endpoint_get.h"

#define NAME_HEX_DIGITS 16

struct fetch {
	struct program *program;
	const struct chat_endpoint *endpoint;
	struct model_list *list;
	struct err err;
	bool done;
};

static char *path_of(const struct chat_endpoint *endpoint)
{
	char hex[DIGEST_HEX_BYTES], *name, *path;

	digest_sha256_hex(endpoint->base_url, strlen(endpoint->base_url), hex);
	name = mem_format("models-%.*s.json", NAME_HEX_DIGITS, hex);
	path = paths_cache(name);
	free(name);
	return path;
}

/* max_age_s < 0: of any age. */
static struct model_list *read_kept(const struct chat_endpoint *endpoint, int64_t max_age_s)
{
	char *path = path_of(endpoint);
	struct model_list *list = NULL;
	enum file_kind kind;
	struct stat info;
	struct buf text;
	struct err err;
	int64_t age_s;

	if (!path)
		return NULL;
	buf_init(&text, ENDPOINT_GET_MAX_BYTES);
	if (stat(path, &info) == 0) {
		age_s = time(NULL) - info.st_mtime;
		if ((max_age_s < 0 || (age_s >= 0 && age_s <= max_age_s)) &&
		    file_read(path, FILE_TRUSTED, &text, &kind, &err) == 0)
			list = model_list_parse(buf_text(&text), text.len, endpoint->base_url,
						&err);
	}
	buf_clear(&text);
	free(path);
	return list;
}

static void keep(const struct chat_endpoint *endpoint, const char *json, size_t len)
{
	char *path = path_of(endpoint);
	struct err err;

	if (path && file_replace(path, json, len, 0600, &err))
		log_detail("%s", err.text);
	free(path);
}

static void fetched(void *arg, const char *json, size_t len, const struct err *err)
{
	struct fetch *fetch = arg;

	if (json) {
		fetch->list = model_list_parse(json, len, fetch->endpoint->base_url, &fetch->err);
		if (fetch->list)
			keep(fetch->endpoint, json, len);
	} else {
		fetch->err = *err;
	}
	program_stage_done(fetch->program, &fetch->done);
}

struct model_list *model_catalogue_kept(const struct chat_endpoint *endpoint)
{
	return read_kept(endpoint, MODEL_CATALOGUE_MAX_AGE_S);
}

struct model_list *model_catalogue_get(struct program *program,
				       const struct chat_endpoint *endpoint, bool refresh,
				       struct err *err)
{
	struct fetch fetch = {.program = program, .endpoint = endpoint};
	struct model_list *list = refresh ? NULL : model_catalogue_kept(endpoint);
	struct endpoint_get *get;

	if (list)
		return list;
	get = endpoint_get_start(program->loop, program->http, endpoint, "/models", fetched, &fetch,
				 &fetch.err);
	if (get && program_wait(program, &fetch.done))
		err_set(&fetch.err, ERR_TIMEOUT, "interrupted while the models are listed");
	endpoint_get_free(&get);
	if (fetch.list)
		return fetch.list;
	*err = fetch.err;
	list = program_interrupted(program) ? NULL : read_kept(endpoint, -1);
	if (list)
		log_warning("%s; this is an older list", fetch.err.text);
	return list;
}

/* What is said of a model */

static void append_ids(struct buf *text, const char *const ids[], size_t count)
{
	for (size_t i = 0; i < count; i++)
		buf_format(text, "%s%s", i == 0 ? "" : i + 1 < count ? ", " : " or ", ids[i]);
}

static void append_with_tools(struct buf *text, const struct model_list *list, const char *model)
{
	const char *ids[MODEL_LIST_NEAR_MAX];
	size_t count = model_list_with_tools(list, model, ids);

	if (count > 0) {
		buf_append_text(text, "; these can: ");
		append_ids(text, ids, count);
	}
	buf_append_text(text, " (`cordpair models --tools` lists all)");
}

static void warn_of_model(const struct model_list *list, const struct model_info *info,
			  const char *model, bool tools, model_catalogue_fn *warn, void *arg)
{
	struct buf text = BUF_INIT;

	if (tools && info->tools == MODEL_TOOLS_NO) {
		buf_format(&text, "the model %s cannot call tools", model);
		append_with_tools(&text, list, model);
		warn(arg, buf_text(&text));
	}
	if (info->expires) {
		buf_truncate(&text, 0);
		buf_format(&text, "the model %s will be gone on %.20s", model, info->expires);
		warn(arg, buf_text(&text));
	}
	buf_clear(&text);
}

struct model_facts model_catalogue_check(const struct chat_endpoint *endpoint, const char *model,
					 bool tools, model_catalogue_fn *warn, void *arg)
{
	struct model_list *list = model ? model_catalogue_kept(endpoint) : NULL;
	const struct model_info *info = list ? model_list_find(list, model) : NULL;
	const struct model_facts facts = {
		.context = info ? info->context : 0,
		.media = content_part_media(endpoint->profile, info),
	};

	if (info)
		warn_of_model(list, info, model, tools, warn, arg);
	model_list_free(&list);
	return facts;
}

int64_t model_catalogue_context(const struct chat_endpoint *endpoint, const char *model)
{
	struct model_list *list = model ? model_catalogue_kept(endpoint) : NULL;
	const struct model_info *info = list ? model_list_find(list, model) : NULL;
	const int64_t context = info ? info->context : 0;

	model_list_free(&list);
	return context;
}

char *model_catalogue_advice(struct program *program, const struct chat_endpoint *endpoint,
			     const char *model, bool tools)
{
	struct err err;
	struct model_list *list = model_catalogue_get(program, endpoint, false, &err);
	const char *near[MODEL_LIST_NEAR_MAX];
	const struct model_info *info;
	struct buf text = BUF_INIT;
	size_t count;

	if (!list || model_list_count(list) == 0) {
		model_list_free(&list);
		return NULL;
	}
	info = model_list_find(list, model);
	if (info && tools && info->tools == MODEL_TOOLS_NO) {
		buf_format(&text, "the model %s cannot call tools", model);
		append_with_tools(&text, list, model);
	} else if (!info) {
		count = model_list_near(list, model, near);
		buf_format(&text, "there is no model \"%s\"", model);
		if (count > 0) {
			buf_append_text(&text, "; did you mean ");
			append_ids(&text, near, count);
			buf_append_char(&text, '?');
		} else {
			buf_append_text(&text, "; `cordpair models` lists all");
		}
	}
	model_list_free(&list);
	return text.len > 0 ? buf_take(&text) : NULL;
}
