/* SPDX-License-Identifier: MIT */
/*
 * Makes a new tree out of the listed one, top down: members by the table of keywords, $ref where it
 * stands. Values that stay (default, examples, enum) are shared between the trees, not copied.
 */
#include "config.h"

#include "model/schema_lower.h"

#include <json-c/json_object.h>
#include <json-c/linkhash.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/json_write.h"
#include "base/mem.h"
#include "base/sanitize.h"
#include "model/schema_lowering.h"

static const struct {
	const char *name;
	unsigned rules;
} families[SCHEMA_FAMILIES] = {
	[SCHEMA_BY_MODEL] = {"by model", 0},
	[SCHEMA_FLOOR] = {"floor", SCHEMA_RULE_KEYS | SCHEMA_RULE_CORE | SCHEMA_RULE_PLAIN},
	[SCHEMA_OPENAI] = {"openai", 0},
	[SCHEMA_ANTHROPIC] = {"anthropic", SCHEMA_RULE_KEYS},
	[SCHEMA_GOOGLE] = {"google", SCHEMA_RULE_KEYS | SCHEMA_RULE_PLAIN},
	[SCHEMA_BEDROCK] = {"bedrock", SCHEMA_RULE_KEYS | SCHEMA_RULE_CORE},
	[SCHEMA_MISTRAL] = {"mistral", 0},
	[SCHEMA_XAI] = {"xai", 0},
};

enum keyword_kind {
	KEYWORD_DROP,	/* says nothing about values, or was inlined */
	KEYWORD_SCHEMA, /* a schema, or true or false */
	KEYWORD_LIST,	/* of schemas, not empty */
	KEYWORD_MAP,	/* of schemas by name */
	KEYWORD_ITEMS,	/* a schema; up to draft 2019-09 also a list of them */
	KEYWORD_REST,	/* additionalItems: belongs to a list of items */
	KEYWORD_TYPE,
	KEYWORD_NAMES, /* a list of properties */
	KEYWORD_ENUM,  /* a list that is not empty */
	KEYWORD_TEXT,
	KEYWORD_PROSE, /* read by the model, and by nobody else */
	KEYWORD_BOUND, /* exclusive…: a number; up to draft 4 true beside the bound */
};

static const struct keyword {
	const char *name;
	enum keyword_kind kind;
} keywords[] = {
	{"$schema", KEYWORD_DROP},
	{"$id", KEYWORD_DROP},
	{"$comment", KEYWORD_DROP},
	{"$anchor", KEYWORD_DROP},
	{"$dynamicAnchor", KEYWORD_DROP},
	{"$dynamicRef", KEYWORD_DROP},
	{"$vocabulary", KEYWORD_DROP},
	{"$defs", KEYWORD_DROP},
	{"definitions", KEYWORD_DROP},
	{"$ref", KEYWORD_DROP},
	{"additionalProperties", KEYWORD_SCHEMA},
	{"unevaluatedProperties", KEYWORD_SCHEMA},
	{"propertyNames", KEYWORD_SCHEMA},
	{"contains", KEYWORD_SCHEMA},
	{"not", KEYWORD_SCHEMA},
	{"if", KEYWORD_SCHEMA},
	{"then", KEYWORD_SCHEMA},
	{"else", KEYWORD_SCHEMA},
	{"anyOf", KEYWORD_LIST},
	{"oneOf", KEYWORD_LIST},
	{"allOf", KEYWORD_LIST},
	{"prefixItems", KEYWORD_LIST},
	{"properties", KEYWORD_MAP},
	{"patternProperties", KEYWORD_MAP},
	{"dependentSchemas", KEYWORD_MAP},
	{"items", KEYWORD_ITEMS},
	{"additionalItems", KEYWORD_REST},
	{"type", KEYWORD_TYPE},
	{"required", KEYWORD_NAMES},
	{"enum", KEYWORD_ENUM},
	{"description", KEYWORD_PROSE},
	{"title", KEYWORD_PROSE},
	{"format", KEYWORD_TEXT},
	{"pattern", KEYWORD_TEXT},
	{"exclusiveMinimum", KEYWORD_BOUND},
	{"exclusiveMaximum", KEYWORD_BOUND},
};

static struct json_object *lower(struct schema_lowering *lowering, struct json_object *listed,
				 unsigned depth);

const char *schema_family_name(enum schema_family family)
{
	return families[family].name;
}

enum schema_family schema_family_of_both(enum schema_family a, enum schema_family b)
{
	return a == b ? a : SCHEMA_FLOOR;
}

/* What is told */

static void append_pointer(struct buf *out, const char *name)
{
	buf_append_char(out, '/');
	for (; *name; name++) {
		if (*name == '~' || *name == '/')
			buf_append_text(out, *name == '~' ? "~0" : "~1");
		else
			buf_append_char(out, *name);
	}
}

void schema_note(struct schema_lowering *lowering, const char *member, bool lossy,
		 const char *format, ...)
{
	struct schema_lowered *lowered = lowering->lowered;
	struct buf where = BUF_INIT, what = BUF_INIT;
	va_list args;

	if (lowered->changes == SCHEMA_CHANGES_MAX) {
		lowered->unlisted++;
		return;
	}
	buf_append(&where, buf_text(&lowering->path), lowering->path.len);
	if (member)
		append_pointer(&where, member);
	va_start(args, format);
	buf_vformat(&what, format, args);
	va_end(args);
	lowered->change =
		mem_resize_array(lowered->change, lowered->changes + 1, sizeof(*lowered->change));
	lowered->change[lowered->changes++] =
		(struct schema_change){buf_take(&where), buf_take(&what), lossy};
}

void schema_into_description(struct schema_lowering *lowering, struct json_object *schema,
			     const char *keyword)
{
	struct json_object *value = json_member(schema, keyword);
	const char *description = json_member_string(schema, "description");
	struct buf text = BUF_INIT;
	size_t before;

	buf_format(&text, "%s%s(%s: ", description ? description : "", description ? " " : "",
		   keyword);
	before = text.len;
	if (json_is_string(value))
		buf_append_text(&text, json_string(value, NULL));
	else
		json_print(value, &text);
	if (text.len - before > SCHEMA_HINT_MAX_BYTES) {
		schema_note(lowering, keyword, true, "is left out: it is too long to be said");
	} else {
		buf_append_char(&text, ')');
		schema_note(lowering, keyword, false, "went into the description");
		json_object_object_add(schema, "description",
				       json_object_new_string(buf_text(&text)));
	}
	json_object_object_del(schema, keyword);
	buf_clear(&text);
}

/* References */

/* One step of a JSON pointer: the member or element called by text up to len. */
static struct json_object *step(struct json_object *at, const char *text, size_t len)
{
	struct buf name = BUF_INIT;
	struct json_object *next = NULL;
	char *end;

	for (size_t i = 0; i < len; i++) {
		unsigned byte = (unsigned char)text[i];
		char hex[3] = {0};

		if (text[i] == '~' && i + 1 < len) {
			byte = text[++i] == '1' ? '/' : '~';
		} else if (text[i] == '%' && i + 2 < len) {
			memcpy(hex, text + i + 1, 2);
			byte = (unsigned)strtoul(hex, &end, 16);
			i += 2;
		}
		buf_append_char(&name, (char)byte);
	}
	if (json_is_object(at))
		next = json_member(at, buf_text(&name));
	else if (json_is_array(at) && name.len > 0)
		next = json_object_array_get_idx(at, strtoul(name.data, &end, 10));
	buf_clear(&name);
	return next;
}

/* "#", "#/$defs/x"; NULL: it is not in this schema. */
static struct json_object *resolve(const struct schema_lowering *lowering, const char *ref)
{
	struct json_object *at = lowering->root;

	if (*ref++ != '#' || (*ref && *ref != '/'))
		return NULL;
	while (*ref && at) {
		size_t len = strcspn(++ref, "/");

		at = step(at, ref, len);
		ref += len;
	}
	return json_is_object(at) ? at : NULL;
}

static bool is_open(const struct schema_lowering *lowering, const struct json_object *target)
{
	for (size_t i = 0; i < lowering->opened; i++)
		if (lowering->open[i] == target)
			return true;
	return target == lowering->root;
}

static void lower_members(struct schema_lowering *lowering, struct json_object *listed,
			  struct json_object *out, unsigned depth);

static void inline_ref(struct schema_lowering *lowering, const char *ref, struct json_object *out,
		       unsigned depth)
{
	struct json_object *target = resolve(lowering, ref);

	if (!target) {
		schema_note(lowering, "$ref", true,
			    "\"%.80s\" is not in this schema: anything is "
			    "taken",
			    ref);
	} else if (is_open(lowering, target) || lowering->opened == SCHEMA_DEPTH_MAX) {
		schema_note(lowering, "$ref", true, "the cycle \"%.80s\" is cut", ref);
		if (!json_member(out, "type") && json_member_object(target, "properties"))
			json_object_object_add(out, "type", json_object_new_string("object"));
	} else {
		schema_note(lowering, "$ref", false, "\"%.80s\" is inlined", ref);
		lowering->open[lowering->opened++] = target;
		lower_members(lowering, target, out, depth);
		lowering->opened--;
	}
}

/* The model reads what a person sees: nothing invisible, no control characters. */
static struct json_object *visible(struct schema_lowering *lowering, const char *name,
				   struct json_object *text)
{
	size_t len;
	const char *bytes = json_string(text, &len);
	struct json_object *shown = NULL;
	struct buf out = BUF_INIT;

	sanitize_text(bytes, len, &out);
	if (out.len != len || (len > 0 && memcmp(out.data, bytes, len) != 0)) {
		schema_note(lowering, name, false, "what cannot be seen in it is spelled out");
		shown = json_object_new_string_len(buf_text(&out), (int)out.len);
	}
	buf_clear(&out);
	return shown ? shown : json_object_get(text);
}

/* Members */

static void enter(struct schema_lowering *lowering, const char *name, size_t *mark)
{
	*mark = lowering->path.len;
	append_pointer(&lowering->path, name);
}

static struct json_object *lower_at(struct schema_lowering *lowering, const char *name,
				    struct json_object *listed, unsigned depth)
{
	struct json_object *out;
	size_t mark;

	enter(lowering, name, &mark);
	out = lower(lowering, listed, depth + 1);
	buf_truncate(&lowering->path, mark);
	return out;
}

static struct json_object *lower_list(struct schema_lowering *lowering, const char *name,
				      struct json_object *listed, unsigned depth)
{
	struct json_object *out = json_object_new_array();
	char index[24];
	size_t mark;

	enter(lowering, name, &mark);
	for (size_t i = 0; i < json_object_array_length(listed); i++) {
		snprintf(index, sizeof(index), "%zu", i);
		json_object_array_add(out, lower_at(lowering, index,
						    json_object_array_get_idx(listed, i), depth));
	}
	buf_truncate(&lowering->path, mark);
	return out;
}

static struct json_object *lower_map(struct schema_lowering *lowering, const char *name,
				     struct json_object *listed, unsigned depth)
{
	struct json_object *out = json_object_new_object();
	bool named = strcmp(name, "properties") == 0;
	size_t mark;

	enter(lowering, name, &mark);
	json_object_object_foreach(listed, key, value)
	{
		const char *sent = named ? schema_key_sent(lowering, key) : key;

		json_object_object_add(out, sent, lower_at(lowering, key, value, depth));
	}
	buf_truncate(&lowering->path, mark);
	return out;
}

static bool is_type(const struct json_object *value)
{
	static const char *const types[] = {"object",  "array",	  "string", "number",
					    "integer", "boolean", "null"};
	const char *name = json_string(value, NULL);

	for (size_t i = 0; name && i < sizeof(types) / sizeof(types[0]); i++)
		if (strcmp(types[i], name) == 0)
			return true;
	return false;
}

static bool is_good_type(struct json_object *value)
{
	if (!json_is_array(value))
		return is_type(value);
	for (size_t i = 0; i < json_object_array_length(value); i++)
		if (!is_type(json_object_array_get_idx(value, i)))
			return false;
	return json_object_array_length(value) > 0;
}

static struct json_object *lower_names(struct schema_lowering *lowering, struct json_object *listed)
{
	struct json_object *out = json_object_new_array();

	for (size_t i = 0; i < json_object_array_length(listed) && i < SCHEMA_NODES_MAX; i++) {
		const char *name = json_string(json_object_array_get_idx(listed, i), NULL);

		if (name)
			json_object_array_add(
				out, json_object_new_string(schema_key_sent(lowering, name)));
	}
	return out;
}

/* Draft 4: "minimum": 3, "exclusiveMinimum": true. */
static void lower_bound(struct schema_lowering *lowering, const char *name,
			struct json_object *listed, struct json_object *value,
			struct json_object *out)
{
	const char *plain = strcmp(name, "exclusiveMinimum") == 0 ? "minimum" : "maximum";

	if (!json_object_is_type(value, json_type_boolean)) {
		json_object_object_add(out, name, json_object_get(value));
		return;
	}
	schema_note(lowering, name, false, "is a number, as in later drafts");
	if (!json_object_get_boolean(value) || !json_member(listed, plain))
		return;
	json_object_object_add(out, name, json_object_get(json_member(listed, plain)));
	json_object_object_del(out, plain);
}

static void lower_items(struct schema_lowering *lowering, struct json_object *value,
			struct json_object *out, unsigned depth)
{
	if (!json_is_array(value)) {
		json_object_object_add(out, "items", lower_at(lowering, "items", value, depth));
		return;
	}
	schema_note(lowering, "items", false, "is \"prefixItems\", as in draft 2020-12");
	if (json_object_array_length(value) > 0)
		json_object_object_add(out, "prefixItems",
				       lower_list(lowering, "items", value, depth));
}

static const struct keyword *find_keyword(const char *name)
{
	for (size_t i = 0; i < sizeof(keywords) / sizeof(keywords[0]); i++)
		if (strcmp(keywords[i].name, name) == 0)
			return &keywords[i];
	return NULL;
}

/* False: the value is not what the keyword takes. */
static bool lower_keyword(struct schema_lowering *lowering, const struct keyword *keyword,
			  struct json_object *listed, struct json_object *value,
			  struct json_object *out, unsigned depth)
{
	const char *name = keyword->name;
	bool filled = json_is_array(value) && json_object_array_length(value) > 0;

	switch (keyword->kind) {
	case KEYWORD_DROP:
		return true;
	case KEYWORD_SCHEMA:
		if (json_object_is_type(value, json_type_boolean))
			json_object_object_add(out, name, json_object_get(value));
		else
			json_object_object_add(out, name, lower_at(lowering, name, value, depth));
		return true;
	case KEYWORD_LIST:
		if (filled)
			json_object_object_add(out, name, lower_list(lowering, name, value, depth));
		return filled;
	case KEYWORD_MAP:
		if (!json_is_object(value))
			return false;
		json_object_object_add(out, name, lower_map(lowering, name, value, depth));
		return true;
	case KEYWORD_ITEMS:
		lower_items(lowering, value, out, depth);
		return true;
	case KEYWORD_REST:
		if (json_member_array(listed, "items"))
			json_object_object_add(out, "items",
					       lower_at(lowering, name, value, depth));
		return true;
	case KEYWORD_TYPE:
		if (is_good_type(value))
			json_object_object_add(out, name, json_object_get(value));
		return is_good_type(value);
	case KEYWORD_NAMES:
		if (json_is_array(value))
			json_object_object_add(out, name, lower_names(lowering, value));
		return json_is_array(value);
	case KEYWORD_ENUM:
		if (filled)
			json_object_object_add(out, name, json_object_get(value));
		return filled;
	case KEYWORD_TEXT:
		if (json_is_string(value))
			json_object_object_add(out, name, json_object_get(value));
		return json_is_string(value);
	case KEYWORD_PROSE:
		if (json_is_string(value))
			json_object_object_add(out, name, visible(lowering, name, value));
		return json_is_string(value);
	case KEYWORD_BOUND:
		lower_bound(lowering, name, listed, value, out);
		return true;
	}
	return false;
}

/* What is beside a $ref wins over what it refers to. */
static void lower_members(struct schema_lowering *lowering, struct json_object *listed,
			  struct json_object *out, unsigned depth)
{
	const char *ref = json_member_string(listed, "$ref");

	json_object_object_foreach(listed, name, value)
	{
		const struct keyword *keyword = find_keyword(name);

		if (json_object_object_get_ex(out, name, NULL) || strncmp(name, "x-", 2) == 0)
			continue;
		if (!keyword)
			json_object_object_add(out, name, json_object_get(value));
		else if (!lower_keyword(lowering, keyword, listed, value, out, depth))
			schema_note(lowering, name, true, "is left out: it is not valid");
	}
	if (ref)
		inline_ref(lowering, ref, out, depth);
}

/* One schema whose members are lowered */

static bool has_type(const struct json_object *schema, const char *type)
{
	struct json_object *value = json_member(schema, "type");

	if (json_is_string(value))
		return strcmp(json_string(value, NULL), type) == 0;
	for (size_t i = 0; json_is_array(value) && i < json_object_array_length(value); i++)
		if (strcmp(json_string(json_object_array_get_idx(value, i), NULL), type) == 0)
			return true;
	return false;
}

/* "required" names only what there is. */
static void finish_required(struct schema_lowering *lowering, struct json_object *schema)
{
	struct json_object *listed = json_member_array(schema, "required");
	struct json_object *properties = json_member_object(schema, "properties");
	struct json_object *kept;

	if (!listed || (!properties && json_object_array_length(listed) > 0))
		return;
	kept = json_object_new_array();
	for (size_t i = 0; i < json_object_array_length(listed); i++) {
		struct json_object *name = json_object_array_get_idx(listed, i);

		if (json_object_object_get_ex(properties, json_string(name, NULL), NULL))
			json_object_array_add(kept, json_object_get(name));
		else
			schema_note(lowering, "required", false, "no property is called \"%.60s\"",
				    json_string(name, NULL));
	}
	if (json_object_array_length(kept) > 0)
		json_object_object_add(schema, "required", kept);
	else
		json_object_object_del(schema, "required");
	if (json_object_array_length(kept) == 0)
		json_put(&kept);
}

static void finish(struct schema_lowering *lowering, struct json_object *schema, bool root)
{
	if (root)
		schema_finish_root(lowering, schema);
	finish_required(lowering, schema);
	if (has_type(schema, "array") && !json_member(schema, "items") &&
	    !json_member(schema, "prefixItems")) {
		schema_note(lowering, NULL, false, "an array gets \"items\"");
		json_object_object_add(schema, "items", json_object_new_object());
	}
	if (lowering->rules & SCHEMA_RULE_PLAIN)
		schema_make_plain(lowering, schema, root);
}

static struct json_object *lower(struct schema_lowering *lowering, struct json_object *listed,
				 unsigned depth)
{
	struct json_object *out = json_object_new_object();

	if (depth > SCHEMA_DEPTH_MAX || ++lowering->nodes > SCHEMA_NODES_MAX) {
		schema_note(lowering, NULL, true, "too deep or too large: anything is taken");
		return out;
	}
	if (json_is_object(listed)) {
		lower_members(lowering, listed, out, depth);
		finish(lowering, out, depth == 0);
	} else if (json_object_is_type(listed, json_type_boolean)) {
		if (!json_object_get_boolean(listed))
			schema_note(lowering, NULL, true, "\"false\" becomes: anything is taken");
	} else {
		schema_note(lowering, NULL, true, "is no schema: anything is taken");
	}
	return out;
}

void schema_lower(const char *schema, enum schema_family family, struct schema_lowered *lowered)
{
	struct schema_lowering lowering = {
		.lowered = lowered,
		.rules = families[family].rules,
		.path = BUF_INIT,
	};
	struct json_object *out;
	struct buf text = BUF_INIT;
	struct err err;

	*lowered = (struct schema_lowered){0};
	if (json_parse(schema, strlen(schema), &json_limits_default, &lowering.root, &err) ||
	    !json_is_object(lowering.root)) {
		schema_note(&lowering, NULL, true, "is no schema: anything is taken");
		json_put(&lowering.root);
		lowering.root = json_object_new_object();
	}
	out = lower(&lowering, lowering.root, 0);
	json_print(out, &text);
	lowered->parameters = buf_take(&text);
	json_put(&out);
	json_put(&lowering.root);
	buf_clear(&lowering.path);
}

void schema_lowered_clear(struct schema_lowered *lowered)
{
	free(lowered->parameters);
	for (size_t i = 0; i < lowered->changes; i++) {
		free(lowered->change[i].where);
		free(lowered->change[i].what);
	}
	free(lowered->change);
	for (size_t i = 0; i < lowered->keys; i++) {
		free(lowered->key[i].sent);
		free(lowered->key[i].original);
	}
	free(lowered->key);
	*lowered = (struct schema_lowered){0};
}
