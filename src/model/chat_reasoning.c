/* SPDX-License-Identifier: MIT */
/* Joins strings by their escaped insides, so that not a byte of them changes. */
#include "config.h"

#include "model/chat_reasoning.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"

struct member {
	char *key; /* with its quotes, as it came */
	struct buf value;
};

struct chat_reasoning_entry {
	char *type; /* JSON text, or NULL */
	char *id;
	bool has_index;
	int64_t index;
	struct member member[CHAT_REASONING_MEMBERS_MAX];
	size_t members;
};

struct head { /* what decides where a piece belongs */
	struct json_span type, id;
	bool has_index;
	int64_t index;
};

void chat_reasoning_clear(struct chat_reasoning *reasoning)
{
	for (size_t i = 0; i < reasoning->count; i++) {
		struct chat_reasoning_entry *entry = &reasoning->entry[i];

		for (size_t k = 0; k < entry->members; k++) {
			free(entry->member[k].key);
			buf_clear(&entry->member[k].value);
		}
		free(entry->type);
		free(entry->id);
	}
	free(reasoning->entry);
	free(reasoning->whole);
	*reasoning = (struct chat_reasoning){0};
}

static bool span_is(struct json_span span, const char *text)
{
	return span.at && text && strlen(text) == span.len && memcmp(span.at, text, span.len) == 0;
}

static char *span_copy(struct json_span span)
{
	return span.at ? mem_string_len(span.at, span.len) : NULL;
}

static void read_head(struct json_span piece, struct head *head)
{
	static const char *const names[] = {"type", "id", "index"};
	struct json_span spans[3];

	json_span_members(piece, names, spans, 3);
	head->type = spans[0];
	head->id = json_span_kind(spans[1]) == JSON_STRING ? spans[1] : (struct json_span){NULL, 0};
	head->has_index = json_span_int64(spans[2], &head->index);
}

static bool same_type(const struct chat_reasoning_entry *entry, const struct head *head)
{
	return entry->type ? span_is(head->type, entry->type) : !head->type.at;
}

/* null, or an empty text: Claude's first piece has an empty signature, the real one comes last. */
static bool is_unset(const struct buf *value)
{
	return value->data[0] == 'n' || strcmp(value->data, "\"\"") == 0;
}

static bool is_signed(const struct chat_reasoning_entry *entry)
{
	for (size_t i = 0; i < entry->members; i++)
		if (strcmp(entry->member[i].key, "\"signature\"") == 0)
			return !is_unset(&entry->member[i].value);
	return false;
}

/* Two ids are two entries: OpenAI gives a summary and its encrypted form the same index. */
static bool ids_agree(const struct chat_reasoning_entry *entry, const struct head *head)
{
	return !entry->id || !head->id.at || span_is(head->id, entry->id);
}

static struct chat_reasoning_entry *find_entry(struct chat_reasoning *reasoning,
					       const struct head *head)
{
	struct chat_reasoning_entry *entry;

	for (size_t i = reasoning->count; head->has_index && i > 0; i--) {
		entry = &reasoning->entry[i - 1];
		if (entry->has_index && entry->index == head->index && same_type(entry, head) &&
		    ids_agree(entry, head))
			return entry;
	}
	if (head->has_index || reasoning->count == 0)
		return NULL;
	/* Without an index only a text goes on, until it is signed. */
	entry = &reasoning->entry[reasoning->count - 1];
	if (!span_is(head->type, "\"reasoning.text\"") || !same_type(entry, head) ||
	    !ids_agree(entry, head) || is_signed(entry))
		return NULL;
	return entry;
}

static struct chat_reasoning_entry *new_entry(struct chat_reasoning *reasoning,
					      const struct head *head, struct err *err)
{
	struct chat_reasoning_entry *entry;

	if (reasoning->count == CHAT_REASONING_ENTRIES_MAX) {
		err_set(err, ERR_PROTOCOL, "the model's answer has more than %d reasoning details",
			CHAT_REASONING_ENTRIES_MAX);
		return NULL;
	}
	reasoning->entry =
		mem_resize_array(reasoning->entry, reasoning->count + 1, sizeof(*reasoning->entry));
	entry = &reasoning->entry[reasoning->count++];
	memset(entry, 0, sizeof(*entry));
	entry->type = span_copy(head->type);
	entry->has_index = head->has_index;
	entry->index = head->index;
	return entry;
}

static struct member *find_member(struct chat_reasoning_entry *entry, struct json_span key)
{
	for (size_t i = 0; i < entry->members; i++)
		if (span_is(key, entry->member[i].key))
			return &entry->member[i];
	return NULL;
}

static bool grows(struct json_span key)
{
	return span_is(key, "\"text\"") || span_is(key, "\"summary\"") || span_is(key, "\"data\"");
}

static void merge_value(struct buf *value, struct json_span key, struct json_span piece)
{
	enum json_kind kind = json_span_kind(piece);

	if (is_unset(value) && kind != JSON_NULL) {
		buf_truncate(value, 0);
		buf_append(value, piece.at, piece.len);
	} else if (grows(key) && value->data[0] == '"' && kind == JSON_STRING) {
		buf_truncate(value, value->len - 1); /* the closing quote */
		buf_append(value, piece.at + 1, piece.len - 1);
	}
}

static int add_member(struct chat_reasoning_entry *entry, struct json_span key,
		      struct json_span value, struct err *err)
{
	struct member *member = find_member(entry, key);

	if (member) {
		merge_value(&member->value, key, value);
		return 0;
	}
	if (entry->members == CHAT_REASONING_MEMBERS_MAX)
		return err_set(err, ERR_PROTOCOL, "a reasoning detail has more than %d members",
			       CHAT_REASONING_MEMBERS_MAX);
	member = &entry->member[entry->members++];
	member->key = span_copy(key);
	buf_init(&member->value, BUF_MAX_BYTES);
	buf_append(&member->value, value.at, value.len);
	return 0;
}

static int add_piece(struct chat_reasoning *reasoning, struct json_span piece, struct err *err)
{
	struct json_span key = {NULL, 0}, value = {NULL, 0};
	struct chat_reasoning_entry *entry;
	struct head head;

	read_head(piece, &head);
	entry = find_entry(reasoning, &head);
	if (!entry)
		entry = new_entry(reasoning, &head, err);
	if (!entry)
		return -1;
	if (!entry->id)
		entry->id = span_copy(head.id);
	while (json_span_next_member(piece, &key, &value))
		if (add_member(entry, key, value, err))
			return -1;
	reasoning->bytes += piece.len;
	return 0;
}

int chat_reasoning_add(struct chat_reasoning *reasoning, struct json_span list, bool whole,
		       struct err *err)
{
	struct json_span piece = {NULL, 0};

	if (json_span_kind(list) != JSON_ARRAY)
		return 0;
	reasoning->present = true;
	if (whole) {
		free(reasoning->whole);
		reasoning->whole = span_copy(list);
		reasoning->bytes = list.len;
		return 0;
	}
	while (json_span_next(list, &piece))
		if (json_span_kind(piece) == JSON_OBJECT && add_piece(reasoning, piece, err))
			return -1;
	return 0;
}

static void write_entry(const struct chat_reasoning_entry *entry, struct buf *out)
{
	buf_append_char(out, '{');
	for (size_t i = 0; i < entry->members; i++) {
		const struct member *member = &entry->member[i];

		if (i > 0)
			buf_append_char(out, ',');
		buf_append_text(out, member->key);
		buf_append_char(out, ':');
		buf_append(out, member->value.data, member->value.len);
	}
	buf_append_char(out, '}');
}

char *chat_reasoning_take(struct chat_reasoning *reasoning)
{
	struct buf out = BUF_INIT;
	char *whole = reasoning->whole;

	if (!reasoning->present)
		return NULL;
	reasoning->whole = NULL;
	if (whole)
		return whole;
	buf_append_char(&out, '[');
	for (size_t i = 0; i < reasoning->count; i++) {
		if (i > 0)
			buf_append_char(&out, ',');
		write_entry(&reasoning->entry[i], &out);
	}
	buf_append_char(&out, ']');
	return buf_take(&out);
}
