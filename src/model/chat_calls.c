/* SPDX-License-Identifier: MIT */
/*
 * Gathers, then judges once at the end. Nothing is repaired: what is no JSON object is told to the
 * model, which can do better than a guess here.
 */
#include "config.h"

#include "model/chat_calls.h"

#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "base/mem.h"
#include "model/span_text.h"

#define NO_INDEX     (-1)
#define NEW_ID_BYTES 9 /* letters and digits: Mistral takes no other form */

struct chat_call_part {
	int64_t index;
	char *id, *name;
	struct buf arguments;
	unsigned depth; /* of brackets, outside strings */
	bool in_string, escaped;
	bool complete; /* the outermost bracket was closed */
};

struct piece { /* one element of "tool_calls" */
	int64_t index;
	char *id, *name; /* NULL when absent or empty */
	struct json_span arguments;
};

void chat_calls_clear(struct chat_calls *calls)
{
	for (size_t i = 0; i < calls->count; i++) {
		free(calls->part[i].id);
		free(calls->part[i].name);
		buf_clear(&calls->part[i].arguments);
	}
	free(calls->part);
	*calls = (struct chat_calls){0};
}

/* Gathering */

static void read_piece(struct json_span element, struct piece *piece)
{
	static const char *const names[] = {"index", "id", "function"};
	static const char *const inner_names[] = {"name", "arguments"};
	struct json_span spans[3], inner[2];

	json_span_members(element, names, spans, 3);
	json_span_members(spans[2], inner_names, inner, 2);
	piece->index = span_int(spans[0], NO_INDEX);
	piece->id = span_text_filled(spans[1]);
	piece->name = span_text_filled(inner[0]);
	piece->arguments = inner[1];
}

static bool is_blank_piece(struct json_span arguments)
{
	struct buf text = BUF_INIT;
	bool blank = true;

	if (json_span_kind(arguments) == JSON_OBJECT)
		return false;
	if (json_span_kind(arguments) == JSON_STRING && json_span_unescape(arguments, &text) == 0)
		blank = strspn(buf_text(&text), " \t\r\n") == text.len;
	buf_clear(&text);
	return blank;
}

/* Does this piece, whose index is the call's or absent, begin another call? */
static bool begins_another(const struct chat_call_part *part, const struct piece *piece)
{
	if (piece->id && part->id)
		return strcmp(piece->id, part->id) != 0;
	if (!piece->name || !part->name)
		return false;
	if (strcmp(piece->name, part->name) != 0)
		return true;
	/* Some repeat the name in every piece; others send each call whole, all with one index. */
	return part->complete && !is_blank_piece(piece->arguments);
}

static struct chat_call_part *find_part(struct chat_calls *calls, const struct piece *piece)
{
	for (size_t i = calls->count; i > 0; i--) {
		struct chat_call_part *part = &calls->part[i - 1];

		if (piece->index != NO_INDEX
			    ? part->index == piece->index
			    : !piece->id || !part->id || strcmp(piece->id, part->id) == 0)
			return begins_another(part, piece) ? NULL : part;
	}
	return NULL;
}

static struct chat_call_part *new_part(struct chat_calls *calls, int64_t index, struct err *err)
{
	struct chat_call_part *part;

	if (calls->count == CHAT_TOOL_CALLS_MAX) {
		err_set(err, ERR_PROTOCOL, "the model's answer has more than %d tool calls",
			CHAT_TOOL_CALLS_MAX);
		return NULL;
	}
	calls->part = mem_resize_array(calls->part, calls->count + 1, sizeof(*calls->part));
	part = &calls->part[calls->count++];
	*part = (struct chat_call_part){.index = index};
	buf_init(&part->arguments, CHAT_ARGUMENTS_MAX_BYTES);
	return part;
}

/* Follows the brackets, to see where the arguments' object ends. */
static void scan(struct chat_call_part *part, const char *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (part->escaped)
			part->escaped = false;
		else if (part->in_string && bytes[i] == '\\')
			part->escaped = true;
		else if (bytes[i] == '"')
			part->in_string = !part->in_string;
		else if (part->in_string)
			continue;
		else if (bytes[i] == '{' || bytes[i] == '[')
			part->depth++;
		else if ((bytes[i] == '}' || bytes[i] == ']') && part->depth > 0)
			part->complete = --part->depth == 0;
	}
}

static void add_arguments(struct chat_calls *calls, struct chat_call_part *part,
			  struct json_span arguments)
{
	enum json_kind kind = json_span_kind(arguments);
	struct buf *text = &part->arguments;
	size_t before = text->len;

	/* Past its maximum the buffer says so for good, and the call will be broken. */
	if (kind == JSON_STRING)
		(void)json_span_unescape(arguments, text);
	else if (kind != JSON_ABSENT && kind != JSON_NULL)
		buf_append(text, arguments.at, arguments.len);
	if (text->len == before)
		return;
	calls->bytes += text->len - before;
	scan(part, text->data + before, text->len - before);
}

static int add_piece(struct chat_calls *calls, struct piece *piece, bool whole, struct err *err)
{
	struct chat_call_part *part = whole ? NULL : find_part(calls, piece);

	if (!part)
		part = new_part(calls, piece->index, err);
	if (!part)
		return -1;
	if (!part->id) {
		part->id = piece->id;
		piece->id = NULL;
	}
	if (!part->name) {
		part->name = piece->name;
		piece->name = NULL;
	}
	add_arguments(calls, part, piece->arguments);
	return 0;
}

int chat_calls_add(struct chat_calls *calls, struct json_span list, bool whole, struct err *err)
{
	struct json_span element = {NULL, 0};
	int status = 0;

	if (json_span_kind(list) != JSON_ARRAY)
		return 0;
	while (status == 0 && json_span_next(list, &element)) {
		struct piece piece;

		if (json_span_kind(element) != JSON_OBJECT)
			continue;
		read_piece(element, &piece);
		status = add_piece(calls, &piece, whole, err);
		free(piece.id);
		free(piece.name);
	}
	return status;
}

/* Judging */

char *chat_calls_new_id(void)
{
	static const char digits[] = "0123456789abcdefghijklmnopqrstuvwxyz";
	unsigned char bytes[NEW_ID_BYTES];
	char id[NEW_ID_BYTES];

	random_bytes(bytes, sizeof(bytes));
	for (size_t i = 0; i < sizeof(bytes); i++)
		id[i] = digits[bytes[i] % (sizeof(digits) - 1)];
	return mem_string_len(id, sizeof(id));
}

static char *fault_text(const char *text, const struct json_fault *fault)
{
	unsigned line, column;

	json_position(text, fault->offset, &line, &column);
	return mem_format("the arguments are not valid JSON (line %u, column %u: %s); make the "
			  "call again with one JSON object",
			  line, column, fault->what);
}

/* Sets either call->arguments or call->broken. */
static void judge(struct chat_call_part *part, bool cut_off, struct chat_tool_call *call)
{
	const char *text = buf_text(&part->arguments);
	size_t len = part->arguments.len, start = strspn(text, " \t\r\n");
	struct json_fault fault;

	if (!part->name)
		call->broken = mem_string("the call names no tool; make it again with a name");
	else if (part->arguments.overflowed)
		call->broken = mem_format("the arguments are larger than %zu MiB",
					  CHAT_ARGUMENTS_MAX_BYTES >> 20);
	else if (start == len || strcmp(text + start, "null") == 0)
		call->arguments = cut_off ? NULL : mem_string("{}");
	else if (json_check(text, len, &json_limits_default, NULL, &fault))
		call->broken = cut_off ? NULL : fault_text(text, &fault);
	else if (text[start] != '{')
		call->broken = mem_string("the arguments are not a JSON object; make the call "
					  "again with one JSON object");
	else
		call->arguments = buf_take(&part->arguments);
	if (!call->arguments && !call->broken)
		call->broken = mem_string("the call was cut off because the answer ended early, at "
					  "a limit or a filter; make it again with shorter "
					  "arguments");
}

static bool id_is_taken(const struct chat_answer *answer, const char *id)
{
	for (size_t i = 0; i < answer->calls; i++)
		if (strcmp(answer->call[i].id, id) == 0)
			return true;
	return false;
}

void chat_calls_finish(struct chat_calls *calls, bool cut_off, struct chat_answer *answer)
{
	if (calls->count == 0)
		return;
	answer->call = mem_new_array(calls->count, sizeof(*answer->call));
	for (size_t i = 0; i < calls->count; i++) {
		struct chat_call_part *part = &calls->part[i];
		struct chat_tool_call *call = &answer->call[i];

		judge(part, cut_off && i + 1 == calls->count, call);
		if (!part->id || id_is_taken(answer, part->id)) {
			call->id = chat_calls_new_id();
		} else {
			call->id = part->id;
			part->id = NULL;
		}
		call->name = part->name ? part->name : mem_string("");
		part->name = NULL;
		answer->calls++;
	}
	chat_calls_clear(calls);
}
