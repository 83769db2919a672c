/* SPDX-License-Identifier: MIT */
/*
 * json_schema_check: what the files of the validator share: json_schema.c applies schemas,
 * json_schema_validation.c and json_schema_applicator.c know what each keyword means,
 * json_schema_keywords.c finds it. Internal to base/.
 */
#ifndef CORDPAIR_BASE_JSON_SCHEMA_CHECK_H
#define CORDPAIR_BASE_JSON_SCHEMA_CHECK_H

#include "base/json_pattern.h"
#include "base/json_schema.h"
#include "base/json_schema_names.h"

struct schema_pattern {
	const char *at; /* of the keyword's text: which pattern it is */
	struct json_pattern *compiled;
};

struct json_schema {
	char *text;
	struct json_span root;
	struct schema_names names;
	bool draft7;
	bool tracks; /* some unevaluated… asks what was looked at */
	struct schema_pattern *pattern;
	size_t patterns;
	char *warning;
};

struct schema_run { /* one json_schema_check() */
	struct json_schema *schema;
	const char *what;
	struct err *err;
	bool told;
	unsigned quiet; /* inside something whose misfit decides nothing by itself */
	size_t steps;
	unsigned depth;
};

struct schema_place { /* where in the value */
	const struct schema_place *parent;
	struct json_span key; /* of a member; else */
	long index;
};

struct schema_scope { /* the resources that led here: for $dynamicRef */
	const struct schema_scope *outer;
	const char *base;
};

struct schema_marks { /* which members or elements were looked at */
	bool *seen;
	size_t count;
};

struct schema_frame { /* one schema applied to one value */
	struct schema_run *run;
	struct json_span schema, value;
	enum json_kind kind;
	const struct schema_place *place;
	const struct schema_scope *scope;
	struct schema_scope own_scope; /* in use where the schema has a name */
	struct schema_marks *marks;    /* NULL where nobody asks */
};

/* Applies a keyword of the frame's schema. found: there is such a keyword. */
typedef bool schema_keyword_fn(struct schema_frame *frame, struct json_span argument);
schema_keyword_fn *schema_keyword(struct json_span name, bool draft7, bool late);

enum schema_drafts { SCHEMA_BOTH_DRAFTS, SCHEMA_NEW_DRAFT, SCHEMA_OLD_DRAFT };

struct schema_keyword {
	const char *name;
	schema_keyword_fn *apply;
	enum schema_drafts drafts;
	bool late; /* after what the others have looked at */
};
/* Each ends with a NULL name. */
extern const struct schema_keyword schema_validation_keywords[], schema_applicator_keywords[];

/* Appends a value as it is told in a misfit: one line, cut. */
void schema_show(struct json_span value, struct buf *out);
/* Each pattern is compiled once. */
enum json_pattern_verdict schema_match(struct schema_frame *frame, struct json_span pattern,
				       struct json_span string);
/* The member that a key, which is as it is written in JSON, names. */
struct json_span schema_member_by_key(struct json_span object, struct json_span key);
/* The value has all these members; else the misfit is told. */
bool schema_require(struct schema_frame *frame, struct json_span list);

/* A subschema to the same value; what it looked at counts when it fits. */
bool schema_apply_here(struct schema_frame *frame, struct json_span schema);
/* The same where a misfit is no misfit of the whole. */
bool schema_try_here(struct schema_frame *frame, struct json_span schema);
/* A subschema to a member or an element. */
bool schema_apply_at(struct schema_frame *frame, struct json_span schema, struct json_span value,
		     struct json_span key, long index);
bool schema_apply_reference(struct schema_frame *frame, struct json_span argument, bool dynamic);

/* Says, once, why the value does not fit: "PLACE: expected …". Returns false. */
bool schema_misfit(struct schema_frame *frame, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void schema_warn(struct json_schema *schema, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void schema_mark(struct schema_frame *frame, size_t index);

#endif
