/* SPDX-License-Identifier: MIT */
/*
 * answer_format: an answer that is JSON and fits a JSON Schema.
 *
 * The endpoint is asked for it with response_format: strictly, and where it refuses that, loosely,
 * and where it knows no such thing, in words. However it was asked for, the answer is checked here.
 */
#ifndef CORDPAIR_AGENT_ANSWER_FORMAT_H
#define CORDPAIR_AGENT_ANSWER_FORMAT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

#define ANSWER_REPAIRS_MAX 2 /* times that the model is told what does not fit */

struct answer_format;
/* schema: checked JSON, an object. NULL: it cannot be used (json_schema.h). */
struct answer_format *answer_format_new(const char *schema, size_t len, struct err *err)
	__attribute__((warn_unused_result));
void answer_format_free(struct answer_format **format);

/* The value of response_format; NULL: it is asked for in words. Borrowed until the next step. */
const char *answer_format_json(const struct answer_format *format);
/* The endpoint refused it. True: there is another way to ask. */
bool answer_format_step_down(struct answer_format *format);
/* Is this refusal about the format of the answer? */
bool answer_format_is_refused(const char *refusal);
/* How it is asked for in words. To be freed. */
char *answer_format_words(const struct answer_format *format);

/*
 * The JSON of an answer, without blanks and the fence that models like to put around it: to be
 * freed. NULL: one sentence that says what does not fit (ERR_NO_ANSWER).
 */
char *answer_format_take(const struct answer_format *format, const char *text, size_t len,
			 struct err *err) __attribute__((warn_unused_result));

#endif
