/* SPDX-License-Identifier: MIT */
/* Which keywords there are, and what those of both files need. */
#include "config.h"

#include <stdlib.h>

#include "base/json_schema_check.h"
#include "base/mem.h"
#include "base/sanitize.h"

#define SHOWN_MAX_BYTES 60

void schema_show(struct json_span value, struct buf *out)
{
	sanitize_line(value.at, value.len, SHOWN_MAX_BYTES, out);
}

/* Compiled once for each place in the schema. */
static const struct json_pattern *pattern_at(struct json_schema *schema, struct json_span text)
{
	struct buf pattern = BUF_INIT;

	for (size_t i = 0; i < schema->patterns; i++)
		if (schema->pattern[i].at == text.at)
			return schema->pattern[i].compiled;
	(void)!json_span_unescape(text, &pattern);
	schema->pattern =
		mem_resize_array(schema->pattern, schema->patterns + 1, sizeof(*schema->pattern));
	schema->pattern[schema->patterns] =
		(struct schema_pattern){text.at, json_pattern_new(buf_text(&pattern), pattern.len)};
	buf_clear(&pattern);
	if (!schema->pattern[schema->patterns].compiled)
		schema_warn(schema, "the pattern %.100s is not judged", text.at);
	return schema->pattern[schema->patterns++].compiled;
}

enum json_pattern_verdict schema_match(struct schema_frame *frame, struct json_span pattern_text,
				       struct json_span string)
{
	const struct json_pattern *pattern = pattern_at(frame->run->schema, pattern_text);
	enum json_pattern_verdict verdict = PATTERN_UNJUDGED;
	struct buf text = BUF_INIT;

	if (pattern && json_span_unescape(string, &text) == 0)
		verdict = json_pattern_match(pattern, buf_text(&text), text.len);
	if (pattern && verdict == PATTERN_UNJUDGED)
		schema_warn(frame->run->schema, "a pattern is too costly to be judged");
	buf_clear(&text);
	return verdict;
}

struct json_span schema_member_by_key(struct json_span object, struct json_span key)
{
	struct buf name = BUF_INIT;
	struct json_span found = {NULL, 0};

	if (json_span_unescape(key, &name) == 0)
		found = json_span_member(object, buf_text(&name));
	buf_clear(&name);
	return found;
}

bool schema_require(struct schema_frame *frame, struct json_span list)
{
	struct json_span item = {NULL, 0};

	while (json_span_kind(list) == JSON_ARRAY && json_span_next(list, &item)) {
		struct buf shown = BUF_INIT;
		bool missing = !schema_member_by_key(frame->value, item).at;

		schema_show(item, &shown);
		if (missing)
			schema_misfit(frame, "%s is missing", buf_text(&shown));
		buf_clear(&shown);
		if (missing)
			return false;
	}
	return true;
}

static schema_keyword_fn *find(const struct schema_keyword *keyword, struct json_span name,
			       bool draft7, bool late)
{
	for (; keyword->name; keyword++)
		if (keyword->late == late && json_span_equals(name, keyword->name))
			return keyword->drafts == (draft7 ? SCHEMA_NEW_DRAFT : SCHEMA_OLD_DRAFT)
				       ? NULL
				       : keyword->apply;
	return NULL;
}

schema_keyword_fn *schema_keyword(struct json_span name, bool draft7, bool late)
{
	schema_keyword_fn *apply = find(schema_validation_keywords, name, draft7, late);

	return apply ? apply : find(schema_applicator_keywords, name, draft7, late);
}
