/* SPDX-License-Identifier: MIT */
/* Members that are missing or of another type are "not said": nothing here refuses a model. */
#include "config.h"

#include "model/model_list.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/options.h"
#include "model/span_text.h"

#define TOKENS_PER_PRICE 1e6
#define MODEL_ID_MAX	 200 /* bytes of an id; longer ones are none */

struct model_list {
	struct model_info *item;
	size_t count;
};

/* Reading */

static bool read_price(struct json_span pricing, const char *name, double *price)
{
	struct json_span span = json_span_member(pricing, name);
	char *text = span_text_filled(span), *end = NULL;
	bool good = false;

	if (text) {
		*price = strtod(text, &end);
		good = !*end;
	} else {
		good = span_double(span, price);
	}
	free(text);
	*price *= TOKENS_PER_PRICE;
	return good;
}

/* The strings of an array, with commas; NULL: there are none. */
static char *join(struct json_span array)
{
	struct json_span item = {NULL, 0};
	struct buf text = BUF_INIT;

	if (json_span_kind(array) != JSON_ARRAY)
		return NULL;
	while (json_span_next(array, &item)) {
		char *word = span_text_filled(item);

		if (word)
			buf_format(&text, "%s%s", text.len > 0 ? "," : "", word);
		free(word);
	}
	if (text.len == 0) {
		buf_clear(&text);
		return NULL;
	}
	return buf_take(&text);
}

static enum model_tools read_tools(struct json_span parameters)
{
	struct json_span item = {NULL, 0};

	if (json_span_kind(parameters) != JSON_ARRAY)
		return MODEL_TOOLS_UNKNOWN;
	while (json_span_next(parameters, &item))
		if (json_span_kind(item) == JSON_STRING && json_span_equals(item, "tools"))
			return MODEL_TOOLS_YES;
	return MODEL_TOOLS_NO;
}

static void read_model(struct model_info *info, struct json_span model)
{
	enum { NAME, CONTEXT, ARCHITECTURE, PRICING, PROVIDER, PARAMETERS, EXPIRES, COUNT };
	static const char *const names[COUNT] = {
		"name",		"context_length",	"architecture",	  "pricing",
		"top_provider", "supported_parameters", "expiration_date"};
	struct json_span spans[COUNT];
	int64_t of_provider;

	json_span_members(model, names, spans, COUNT);
	info->name = span_text_filled(spans[NAME]);
	info->context = span_int(spans[CONTEXT], 0);
	/* The provider that answers first may take less than the model could. */
	of_provider = span_int(json_span_member(spans[PROVIDER], "context_length"), 0);
	if (of_provider > 0 && of_provider < info->context)
		info->context = of_provider;
	info->has_price = read_price(spans[PRICING], "prompt", &info->prompt_price) &&
			  read_price(spans[PRICING], "completion", &info->completion_price);
	info->input = join(json_span_member(spans[ARCHITECTURE], "input_modalities"));
	info->output = join(json_span_member(spans[ARCHITECTURE], "output_modalities"));
	info->tools = read_tools(spans[PARAMETERS]);
	info->expires = span_text_filled(spans[EXPIRES]);
}

static int by_id(const void *a, const void *b)
{
	const struct model_info *left = a, *right = b;

	return strcmp(left->id, right->id);
}

struct model_list *model_list_parse(const char *json, size_t len, const char *base_url,
				    struct err *err)
{
	struct json_span root, data = {NULL, 0}, model = {NULL, 0};
	struct model_list *list;
	size_t room = 0;

	if (span_of_json(json, len, &root))
		data = json_span_kind(root) == JSON_ARRAY ? root : json_span_member(root, "data");
	if (json_span_kind(data) != JSON_ARRAY) {
		err_set(err, ERR_PROTOCOL, "%.150s/models: this is no list of models", base_url);
		return NULL;
	}
	list = mem_new(sizeof(*list));
	while (json_span_next(data, &model) && list->count < MODEL_LIST_MAX) {
		char *id = span_text_filled(json_span_member(model, "id"));

		if (!id || strlen(id) > MODEL_ID_MAX) {
			free(id);
			continue;
		}
		if (list->count == room) {
			room = room ? room * 2 : 64;
			list->item = mem_resize_array(list->item, room, sizeof(*list->item));
		}
		list->item[list->count] = (struct model_info){.id = id};
		read_model(&list->item[list->count++], model);
	}
	if (list->count > 0)
		qsort(list->item, list->count, sizeof(*list->item), by_id);
	return list;
}

void model_list_free(struct model_list **list_p)
{
	struct model_list *list = *list_p;

	if (!list)
		return;
	*list_p = NULL;
	for (size_t i = 0; i < list->count; i++) {
		free(list->item[i].id);
		free(list->item[i].name);
		free(list->item[i].input);
		free(list->item[i].output);
		free(list->item[i].expires);
	}
	free(list->item);
	free(list);
}

size_t model_list_count(const struct model_list *list)
{
	return list->count;
}

const struct model_info *model_list_at(const struct model_list *list, size_t i)
{
	return &list->item[i];
}

/* Finding */

static const struct model_info *find(const struct model_list *list, const char *id, size_t len)
{
	for (size_t i = 0; i < list->count; i++)
		if (strncmp(list->item[i].id, id, len) == 0 && !list->item[i].id[len])
			return &list->item[i];
	return NULL;
}

const struct model_info *model_list_find(const struct model_list *list, const char *id)
{
	const struct model_info *info = find(list, id, strlen(id));
	const char *variant = strrchr(id, ':');

	return info || !variant ? info : find(list, id, (size_t)(variant - id));
}

static const char *slug_of(const char *id)
{
	const char *slash = strchr(id, '/');

	return slash ? slash + 1 : id;
}

static void add_near(const char *near[], size_t *count, const char *id)
{
	for (size_t i = 0; i < *count; i++)
		if (strcmp(near[i], id) == 0)
			return;
	if (*count < MODEL_LIST_NEAR_MAX)
		near[(*count)++] = id;
}

/* The id that a list of texts made of ids has nearest to word; slugs: by the part behind "/". */
static const char *nearest(const struct model_list *list, const char *word, bool slugs)
{
	const char **texts = mem_new_array(list->count + 1, sizeof(*texts)), *found;
	const char *id = NULL;

	for (size_t i = 0; i < list->count; i++)
		texts[i] = slugs ? slug_of(list->item[i].id) : list->item[i].id;
	found = options_nearest(word, texts, list->count);
	for (size_t i = 0; found && i < list->count && !id; i++)
		if (texts[i] == found)
			id = list->item[i].id;
	free(texts);
	return id;
}

size_t model_list_near(const struct model_list *list, const char *word,
		       const char *near[MODEL_LIST_NEAR_MAX])
{
	size_t count = 0;
	const char *id;

	for (size_t i = 0; i < list->count; i++)
		if (strcasecmp(list->item[i].id, word) == 0 ||
		    strcasecmp(slug_of(list->item[i].id), slug_of(word)) == 0)
			add_near(near, &count, list->item[i].id);
	if ((id = nearest(list, word, false)))
		add_near(near, &count, id);
	if ((id = nearest(list, slug_of(word), true)))
		add_near(near, &count, id);
	for (size_t i = 0; i < list->count && *slug_of(word); i++)
		if (strcasestr(list->item[i].id, slug_of(word)))
			add_near(near, &count, list->item[i].id);
	return count;
}

static bool same_vendor(const char *id, const char *like)
{
	size_t len = strcspn(like, "/");

	return like[len] == '/' && strncmp(id, like, len + 1) == 0;
}

/* The cheapest that can call tools and is dearer than `above` (or behind it at the same price). */
static const struct model_info *next_cheapest(const struct model_list *list, const char *vendor_of,
					      const struct model_info *above)
{
	const struct model_info *best = NULL;

	for (size_t i = 0; i < list->count; i++) {
		const struct model_info *info = &list->item[i];

		if (info->tools != MODEL_TOOLS_YES || !info->has_price || info->prompt_price < 0 ||
		    (vendor_of && !same_vendor(info->id, vendor_of)))
			continue;
		if (above && (info->prompt_price < above->prompt_price ||
			      (info->prompt_price == above->prompt_price && info <= above)))
			continue;
		if (!best || info->prompt_price < best->prompt_price)
			best = info;
	}
	return best;
}

size_t model_list_with_tools(const struct model_list *list, const char *like,
			     const char *ids[MODEL_LIST_NEAR_MAX])
{
	const char *vendor_of = next_cheapest(list, like, NULL) ? like : NULL;
	const struct model_info *info = NULL;
	size_t count = 0;

	while (count < MODEL_LIST_NEAR_MAX && (info = next_cheapest(list, vendor_of, info)))
		ids[count++] = info->id;
	return count;
}

bool model_info_matches(const struct model_info *info, const char *pattern)
{
	if (strpbrk(pattern, "*?["))
		return fnmatch(pattern, info->id, FNM_CASEFOLD) == 0;
	return strcasestr(info->id, pattern) || (info->name && strcasestr(info->name, pattern));
}
