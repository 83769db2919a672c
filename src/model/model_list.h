/* SPDX-License-Identifier: MIT */
/*
 * model_list: what GET {base-url}/models says of an endpoint's models. OpenRouter tells all of
 * this; most others tell the ids.
 */
#ifndef CORDPAIR_MODEL_MODEL_LIST_H
#define CORDPAIR_MODEL_MODEL_LIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

#define MODEL_LIST_MAX	    10000 /* models; more are not read */
#define MODEL_LIST_NEAR_MAX 3

enum model_tools { MODEL_TOOLS_UNKNOWN, MODEL_TOOLS_NO, MODEL_TOOLS_YES };

struct model_info {
	char *id;
	char *name;	 /* for people; or NULL */
	int64_t context; /* tokens; 0: not said */
	/* USD for a million tokens; meaningful with has_price. Below 0: it varies. */
	double prompt_price, completion_price;
	bool has_price;
	char *input, *output; /* "text,image"; or NULL: not said */
	char *expires;	      /* "2026-12-31"; or NULL */
	enum model_tools tools;
};

struct model_list;
/* Sorted by id. NULL: this is no list of models. */
struct model_list *model_list_parse(const char *json, size_t len, const char *base_url,
				    struct err *err) __attribute__((warn_unused_result));
void model_list_free(struct model_list **list);

size_t model_list_count(const struct model_list *list);
const struct model_info *model_list_at(const struct model_list *list, size_t i);
/* By its id; also a variant of it ("…:nitro"). NULL: there is none. */
const struct model_info *model_list_find(const struct model_list *list, const char *id);
/* Up to MODEL_LIST_NEAR_MAX ids that may have been meant, the likeliest first. */
size_t model_list_near(const struct model_list *list, const char *word,
		       const char *near[MODEL_LIST_NEAR_MAX]);
/* Up to as many, of the same vendor if there are, that can call tools, the cheapest first. */
size_t model_list_with_tools(const struct model_list *list, const char *like,
			     const char *ids[MODEL_LIST_NEAR_MAX]);
/* A glob, or a part of the id or the name; upper and lower case are the same. */
bool model_info_matches(const struct model_info *info, const char *pattern);

#endif
