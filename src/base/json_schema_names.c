/* SPDX-License-Identifier: MIT */
/* The walk follows the keywords that hold schemas, and no others, with a stack of its own. */
#include "config.h"

#include "base/json_schema_names.h"

#include <stdlib.h>
#include <string.h>

#include "base/form.h"
#include "base/json_schema.h"
#include "base/mem.h"

#define URI_MAX_BYTES ((size_t)4 << 10)

/* URIs (RFC 3986, 5.2), as far as schemas use them */

static size_t scheme_len(const char *uri)
{
	size_t len =
		strspn(uri, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-.");

	return len > 0 && uri[len] == ':' ? len + 1 : 0;
}

/* "scheme://authority" of a URI, in bytes. */
static size_t origin_len(const char *uri)
{
	size_t len = scheme_len(uri);

	if (strncmp(uri + len, "//", 2) == 0)
		len += 2 + strcspn(uri + len + 2, "/?#");
	return len;
}

/* Takes "." and ".." out of the path that begins at `from`. */
static void remove_dots(char *uri, size_t from)
{
	char *out = uri + from, *in = uri + from, *start = out;

	while (*in && *in != '?' && *in != '#') {
		size_t segment = strcspn(in + 1, "/?#") + 1;

		if (segment == 2 && in[1] == '.') {
			in += segment;
		} else if (segment == 3 && in[1] == '.' && in[2] == '.') {
			in += segment;
			while (out > start && *--out != '/')
				;
		} else {
			memmove(out, in, segment);
			out += segment;
			in += segment;
		}
	}
	memmove(out, in, strlen(in) + 1);
}

static char *resolve_uri(const char *base, const char *reference)
{
	size_t base_len = strcspn(base, "#"), origin = origin_len(base), keep;
	char *uri;

	if (scheme_len(reference))
		return mem_string(reference);
	if (*reference == '#' || !*reference)
		return mem_format("%.*s%s", (int)base_len, base, reference);
	if (strncmp(reference, "//", 2) == 0)
		return mem_format("%.*s%s", (int)scheme_len(base), base, reference);
	keep = origin;
	if (*reference != '/') {
		for (size_t i = origin; i < base_len && base[i] != '?'; i++)
			if (base[i] == '/')
				keep = i + 1;
	}
	uri = mem_format("%.*s%s%s", (int)keep, base,
			 keep == origin && origin > 0 && *reference != '/' ? "/" : "", reference);
	if (uri[origin] == '/')
		remove_dots(uri, origin);
	return uri;
}

/* Building */

static const struct schema_name *add_name(struct schema_names *names, char *take_uri,
					  struct json_span schema, bool anchor, bool dynamic)
{
	size_t len = strlen(take_uri);

	if (len > 0 && take_uri[len - 1] == '#')
		take_uri[len - 1] = '\0';
	if (names->count >= JSON_SCHEMA_NAMES_MAX) {
		free(take_uri);
		return &names->item[0];
	}
	names->item = mem_resize_array(names->item, names->count + 1, sizeof(*names->item));
	names->item[names->count] = (struct schema_name){take_uri, schema, dynamic, anchor};
	return &names->item[names->count++];
}

struct visit {
	struct json_span schema;
	char *base;
};

struct walk {
	struct visit *visit;
	size_t count;
	struct schema_names *names;
};

static void push(struct walk *walk, struct json_span schema, const char *base)
{
	enum json_kind kind = json_span_kind(schema);

	if (kind != JSON_OBJECT)
		return;
	walk->visit = mem_resize_array(walk->visit, walk->count + 1, sizeof(*walk->visit));
	walk->visit[walk->count++] = (struct visit){schema, mem_string(base)};
}

static const char *const schema_keywords[] = {
	"not",
	"if",
	"then",
	"else",
	"items",
	"allOf",
	"anyOf",
	"oneOf",
	"prefixItems",
	"contains",
	"propertyNames",
	"additionalItems",
	"additionalProperties",
	"unevaluatedItems",
	"unevaluatedProperties",
	"contentSchema",
};

static const char *const map_keywords[] = {"properties",  "patternProperties", "$defs",
					   "definitions", "dependentSchemas",  "dependencies"};

static bool is_one_of(struct json_span key, const char *const names[], size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (json_span_equals(key, names[i]))
			return true;
	return false;
}

static void push_children(struct walk *walk, struct json_span schema, const char *base)
{
	struct json_span key = {NULL, 0}, value = {NULL, 0};

	while (json_span_next_member(schema, &key, &value)) {
		struct json_span name = {NULL, 0}, item = {NULL, 0};

		if (is_one_of(key, schema_keywords,
			      sizeof(schema_keywords) / sizeof(schema_keywords[0]))) {
			push(walk, value, base);
			while (json_span_kind(value) == JSON_ARRAY && json_span_next(value, &item))
				push(walk, item, base);
		} else if (is_one_of(key, map_keywords,
				     sizeof(map_keywords) / sizeof(map_keywords[0]))) {
			while (json_span_next_member(value, &name, &item))
				push(walk, item, base);
		}
	}
}

static void add_anchor(struct schema_names *names, const char *base, struct json_span schema,
		       const char *keyword)
{
	char *anchor = json_span_text(json_span_member(schema, keyword), URI_MAX_BYTES);

	if (anchor)
		add_name(names, mem_format("%s#%s", base, anchor), schema, true,
			 strcmp(keyword, "$dynamicAnchor") == 0);
	free(anchor);
}

/* The names of one schema; *base becomes its own. */
static void read_names(struct schema_names *names, struct json_span schema, char **base)
{
	char *id = json_span_text(json_span_member(schema, "$id"), URI_MAX_BYTES), *uri;

	if (id && *id == '#' && id[1]) { /* draft 7's anchor */
		add_name(names, mem_format("%s%s", *base, id), schema, true, false);
	} else if (id) {
		uri = resolve_uri(*base, id);
		free(*base);
		*base = uri;
		(*base)[strcspn(*base, "#")] = '\0';
		if (names->count == 1 && names->item[0].schema.at == schema.at) {
			free(names->item[0].uri);
			names->item[0].uri = mem_string(*base);
		} else {
			add_name(names, mem_string(*base), schema, false, false);
		}
	}
	free(id);
	add_anchor(names, *base, schema, "$anchor");
	add_anchor(names, *base, schema, "$dynamicAnchor");
}

void schema_names_read(struct json_span root, bool draft7, struct schema_names *names)
{
	struct walk walk = {.names = names};

	*names = (struct schema_names){.draft7 = draft7};
	add_name(names, mem_string(""), root, false, false);
	push(&walk, root, "");
	while (walk.count > 0) {
		struct visit visit = walk.visit[--walk.count];

		/* In draft 7 nothing beside a $ref counts. */
		if (!draft7 || !json_span_member(visit.schema, "$ref").at)
			read_names(names, visit.schema, &visit.base);
		push_children(&walk, visit.schema, visit.base);
		free(visit.base);
	}
	free(walk.visit);
}

void schema_names_clear(struct schema_names *names)
{
	for (size_t i = 0; i < names->count; i++)
		free(names->item[i].uri);
	free(names->item);
	*names = (struct schema_names){0};
}

/* Finding */

const struct schema_name *schema_names_at(const struct schema_names *names, struct json_span schema)
{
	for (size_t i = 0; i < names->count; i++)
		if (!names->item[i].anchor && names->item[i].schema.at == schema.at)
			return &names->item[i];
	return NULL;
}

const struct schema_name *schema_names_find(const struct schema_names *names, const char *uri)
{
	for (size_t i = 0; i < names->count; i++)
		if (strcmp(names->item[i].uri, uri) == 0)
			return &names->item[i];
	return NULL;
}

/* Percent-encoding of a fragment, and ~0 and ~1 of a pointer's token, in place. */
static void decode_percent(char *text)
{
	char *out = text;

	for (; *text; text++) {
		char byte = *text;

		if (percent_byte(text, &byte))
			text += 2;
		*out++ = byte;
	}
	*out = '\0';
}

static void decode_token(char *token)
{
	char *out = token;

	for (; *token; token++) {
		if (*token == '~' && (token[1] == '0' || token[1] == '1'))
			*out++ = *++token == '0' ? '~' : '/';
		else
			*out++ = *token;
	}
	*out = '\0';
}

static struct json_span step_into(struct json_span at, const char *token)
{
	struct json_span item = {NULL, 0};
	unsigned long index;
	char *end;

	if (json_span_kind(at) == JSON_OBJECT)
		return json_span_member(at, token);
	index = strtoul(token, &end, 10);
	if (json_span_kind(at) != JSON_ARRAY || *end || end == token)
		return item;
	do
		if (!json_span_next(at, &item))
			return (struct json_span){NULL, 0};
	while (index-- > 0);
	return item;
}

static int follow_pointer(const struct schema_names *names, char *pointer,
			  struct schema_target *target)
{
	char *rest = pointer;

	while (rest && *rest == '/') {
		char *token = rest + 1;
		const struct schema_name *resource;

		rest = strchr(token, '/');
		if (rest)
			*rest = '\0';
		decode_token(token);
		target->schema = step_into(target->schema, token);
		if (rest)
			*rest = '/';
		if (!target->schema.at)
			return -1;
		resource = schema_names_at(names, target->schema);
		if (resource)
			target->base = resource->uri;
	}
	return 0;
}

static int follow(const struct schema_names *names, char *uri, struct schema_target *target)
{
	char *fragment = strchr(uri, '#');
	const struct schema_name *name = NULL;

	if (fragment && fragment[1] != '/' && fragment[1] != '\0')
		name = schema_names_find(names, uri);
	if (fragment)
		*fragment++ = '\0';
	target->dynamic = name && name->dynamic;
	if (name) {
		const struct schema_name *resource = schema_names_find(names, uri);

		target->schema = name->schema;
		target->base = resource ? resource->uri : names->item[0].uri;
		return 0;
	}
	name = schema_names_find(names, uri);
	if (!name || (fragment && *fragment && *fragment != '/'))
		return -1;
	target->schema = name->schema;
	target->base = name->uri;
	if (!fragment)
		return 0;
	decode_percent(fragment);
	return follow_pointer(names, fragment, target);
}

int schema_names_resolve(const struct schema_names *names, const char *base, const char *reference,
			 struct schema_target *target)
{
	char *uri = resolve_uri(base, reference);
	int status = follow(names, uri, target);

	free(uri);
	return status;
}
