/* SPDX-License-Identifier: MIT */
/*
 * model_catalogue: the endpoint's list of models, kept in $XDG_CACHE_HOME/cordpair, and what to say
 * of the chosen one.
 */
#ifndef CORDPAIR_APP_MODEL_CATALOGUE_H
#define CORDPAIR_APP_MODEL_CATALOGUE_H

#include "app/program.h"
#include "model/chat_endpoint.h"
#include "model/content_part.h"
#include "model/model_list.h"

#define MODEL_CATALOGUE_MAX_AGE_S 86400

/* The list that is kept, if it is younger than the limit; else NULL. Asks nobody. */
struct model_list *model_catalogue_kept(const struct chat_endpoint *endpoint);
/*
 * The same, or the endpoint's own (refresh: always), which is then kept. Where that cannot be had,
 * an older one is used, and said. NULL: err.
 */
struct model_list *model_catalogue_get(struct program *program,
				       const struct chat_endpoint *endpoint, bool refresh,
				       struct err *err) __attribute__((warn_unused_result));

struct model_facts {
	int64_t context; /* in tokens; 0: not known */
	struct model_media media;
};

/*
 * Before a run, by the kept list: warns of a model that cannot call tools (when there are some) or
 * will be gone soon. Sentences go to warn. model may be NULL.
 */
typedef void model_catalogue_fn(void *arg, const char *sentence);
struct model_facts model_catalogue_check(const struct chat_endpoint *endpoint, const char *model,
					 bool tools, model_catalogue_fn *warn, void *arg);
/* The model's context alone. model may be NULL. */
int64_t model_catalogue_context(const struct chat_endpoint *endpoint, const char *model);
/* After an endpoint refused the model: which may have been meant, or can call tools. To be freed;
 * NULL: nothing is known. May ask the endpoint. */
char *model_catalogue_advice(struct program *program, const struct chat_endpoint *endpoint,
			     const char *model, bool tools);

#endif
