/* SPDX-License-Identifier: MIT */
/*
 * Messages as the bytes that go out. An added message only extends the array, so the provider's
 * prompt cache sees the same prefix in every request; only conversation_replace() and
 * conversation_rewrite() change it.
 */
#include "config.h"

#include "agent/conversation.h"

#include <stdlib.h>
#include <string.h>

#include "base/json_check.h"
#include "base/json_write.h"
#include "base/mem.h"
#include "config/server_config.h"

#define CALL_ID_MAX_BYTES ((size_t)64 << 10)
#define NO_RESULT                                                                             \
	"Error: the run was ended before this result was kept; whether the call was made is " \
	"not known"
#define NO_RESULT_WHY "a call without a result"
#define NO_ANSWER     "(The run was ended before there was an answer.)"
#define NO_REASONING  "the provider does not take the reasoning"

/* The results of the last calls, as a file is read: a run keeps them in the order they come in. */
struct arrivals {
	char **call_id; /* NULL-terminated; or NULL */
	struct {
		size_t call, start; /* start: in the conversation's json */
	} result[CHAT_TOOL_CALLS_MAX];
	size_t results; /* in the order of the calls */
};

struct conversation {
	struct buf
		json;	/* "[message,message": the closing bracket comes with conversation_json() */
	size_t count;	/* of messages */
	size_t start;	/* of the one that is being added, in json */
	char **call_id; /* of all tool calls, owned */
	size_t call_ids;
	bool has_parts;
	struct session *session; /* or NULL */
	char **kept;		 /* ids of calls whose results the session has already */
	struct arrivals arrivals;
};

struct conversation *conversation_new(void)
{
	struct conversation *conversation = mem_new(sizeof(*conversation));

	buf_init(&conversation->json, CONVERSATION_MAX_BYTES);
	buf_append_char(&conversation->json, '[');
	conversation->kept = mem_new_array(1, sizeof(char *));
	return conversation;
}

void conversation_free(struct conversation **conversation)
{
	if (!*conversation)
		return;
	buf_clear(&(*conversation)->json);
	for (size_t i = 0; i < (*conversation)->call_ids; i++)
		free((*conversation)->call_id[i]);
	free((*conversation)->call_id);
	string_list_free(&(*conversation)->kept);
	string_list_free(&(*conversation)->arrivals.call_id);
	free(*conversation);
	*conversation = NULL;
}

void conversation_keep_in(struct conversation *conversation, struct session *session)
{
	conversation->session = session;
}

size_t conversation_count(const struct conversation *conversation)
{
	return conversation->count;
}

bool conversation_has_calls(const struct conversation *conversation)
{
	return conversation->call_ids > 0;
}

static struct buf *begin_message(struct conversation *conversation)
{
	if (conversation->json.len > 1)
		buf_append_char(&conversation->json, ',');
	conversation->start = conversation->json.len;
	return &conversation->json;
}

static void end_kept_message(struct conversation *conversation)
{
	conversation->count++;
}

static void end_message(struct conversation *conversation)
{
	const struct buf *json = &conversation->json;

	end_kept_message(conversation);
	if (conversation->session && !json->overflowed)
		session_add_message(conversation->session, json->data + conversation->start,
				    json->len - conversation->start);
}

static void add_text_message(struct conversation *conversation, const char *role, const char *text,
			     size_t len)
{
	struct buf *out = begin_message(conversation);

	buf_append_char(out, '{');
	json_write_member(out, "role", role);
	json_write_key(out, "content");
	json_write_string_len(out, text, len);
	buf_append_char(out, '}');
	end_message(conversation);
}

void conversation_add_system(struct conversation *conversation, const char *text)
{
	add_text_message(conversation, "system", text, strlen(text));
}

void conversation_add_user(struct conversation *conversation, const char *text, size_t len)
{
	add_text_message(conversation, "user", text, len);
}

void conversation_add_parts(struct conversation *conversation, const char *parts, size_t len)
{
	struct buf *out = begin_message(conversation);

	buf_append_text(out, "{\"role\":\"user\",\"content\":[");
	buf_append(out, parts, len);
	buf_append_text(out, "]}");
	end_message(conversation);
	conversation->has_parts = true;
}

bool conversation_has_parts(const struct conversation *conversation)
{
	return conversation->has_parts;
}

void conversation_add_assistant(struct conversation *conversation, const char *text, size_t len)
{
	add_text_message(conversation, "assistant", text, len);
}

static bool has_call_id(const struct conversation *conversation, const char *id)
{
	for (size_t i = 0; i < conversation->call_ids; i++)
		if (strcmp(conversation->call_id[i], id) == 0)
			return true;
	return false;
}

static void keep_call_id(struct conversation *conversation, const char *id)
{
	conversation->call_id = mem_resize_array(conversation->call_id, conversation->call_ids + 1,
						 sizeof(*conversation->call_id));
	conversation->call_id[conversation->call_ids++] = mem_string(id);
}

void conversation_add_answer(struct conversation *conversation, struct chat_answer *answer)
{
	for (size_t i = 0; i < answer->calls; i++) {
		if (has_call_id(conversation, answer->call[i].id))
			chat_answer_renew_call_id(answer, i);
		keep_call_id(conversation, answer->call[i].id);
	}
	string_list_free(&conversation->kept); /* all of them were added */
	conversation->kept = mem_new_array(1, sizeof(char *));
	chat_answer_write_message(answer, begin_message(conversation));
	end_message(conversation);
}

static void write_tool(struct buf *out, const char *call_id, const char *text, size_t len)
{
	buf_append_char(out, '{');
	json_write_member(out, "role", "tool");
	json_write_member(out, "tool_call_id", call_id);
	json_write_key(out, "content");
	json_write_string_len(out, text, len);
	buf_append_char(out, '}');
}

static bool is_in(char *const *ids, const char *id)
{
	for (; ids && *ids; ids++)
		if (strcmp(*ids, id) == 0)
			return true;
	return false;
}

void conversation_add_tool(struct conversation *conversation, const char *call_id, const char *text,
			   size_t len)
{
	write_tool(begin_message(conversation), call_id, text, len);
	if (is_in(conversation->kept, call_id))
		end_kept_message(conversation);
	else
		end_message(conversation);
}

void conversation_keep_tool(struct conversation *conversation, const char *call_id,
			    const char *text, size_t len)
{
	struct buf message;

	if (!conversation->session || is_in(conversation->kept, call_id))
		return;
	string_list_add(&conversation->kept, mem_string(call_id));
	buf_init(&message, CONVERSATION_MAX_BYTES);
	write_tool(&message, call_id, text, len);
	if (!message.overflowed)
		session_add_message(conversation->session, message.data, message.len);
	buf_clear(&message);
}

const char *conversation_json(struct conversation *conversation, size_t *len)
{
	struct buf *json = &conversation->json;

	if (json->overflowed || buf_append_char(json, ']'))
		return NULL;
	*len = json->len;
	/* The bracket stays in memory behind len: the next message overwrites it. */
	json->len--;
	return json->data;
}

/* Rewriting */

static void append_message(struct buf *json, struct json_span message)
{
	buf_append_char(json, json->len == 0 ? '[' : ',');
	buf_append(json, message.at, message.len);
}

static void take_messages(struct conversation *conversation, struct buf *json)
{
	buf_clear(&conversation->json);
	conversation->json = *json;
}

int conversation_replace(struct conversation *conversation, size_t at, size_t count,
			 struct json_span messages, const char *why)
{
	struct json_span all, message = {NULL, 0}, made = {NULL, 0};
	size_t i = 0;
	struct buf json;

	if (at > conversation->count || count > conversation->count - at)
		return -1;
	all.at = conversation_json(conversation, &all.len);
	if (!all.at)
		return -1;
	buf_init(&json, CONVERSATION_MAX_BYTES);
	for (; i < at && json_span_next(all, &message); i++)
		append_message(&json, message);
	for (; json_span_next(messages, &made); conversation->count++)
		append_message(&json, made);
	for (; json_span_next(all, &message); i++)
		if (i >= at + count)
			append_message(&json, message);
	if (json.len == 0)
		buf_append_char(&json, '[');
	take_messages(conversation, &json);
	conversation->arrivals.results = 0;
	string_list_free(&conversation->arrivals.call_id);
	conversation->count -= count;
	if (conversation->session)
		session_add_replaced(conversation->session, at, count, messages, why);
	return 0;
}

static void keep_replaced(const struct conversation *conversation, size_t at, const char *message,
			  size_t len, const char *why)
{
	struct buf array = BUF_INIT;

	if (!conversation->session)
		return;
	buf_append_char(&array, '[');
	buf_append(&array, message, len);
	buf_append_char(&array, ']');
	session_add_replaced(conversation->session, at, 1,
			     (struct json_span){array.data, array.len}, why);
	buf_clear(&array);
}

static bool copy_without_reasoning(void *arg, size_t at, struct json_span message, struct buf *out)
{
	struct json_span name = {NULL, 0}, value = {NULL, 0};

	(void)arg;
	(void)at;
	if (json_span_member(message, "reasoning_details").at == NULL)
		return false;
	buf_append_char(out, '{');
	while (json_span_next_member(message, &name, &value)) {
		if (json_span_equals(name, "reasoning_details"))
			continue;
		if (out->data[out->len - 1] != '{')
			buf_append_char(out, ',');
		buf_append(out, name.at, name.len);
		buf_append_char(out, ':');
		buf_append(out, value.at, value.len);
	}
	buf_append_char(out, '}');
	return true;
}

size_t conversation_rewrite(struct conversation *conversation, conversation_rewrite_fn *rewrite,
			    void *arg, const char *why)
{
	struct json_span all, message = {NULL, 0};
	size_t rewritten = 0;
	struct buf json;

	all.at = conversation_json(conversation, &all.len);
	if (!all.at)
		return 0;
	buf_init(&json, CONVERSATION_MAX_BYTES);
	buf_append_char(&json, '[');
	for (size_t at = 0; json_span_next(all, &message); at++) {
		size_t start;

		if (json.len > 1)
			buf_append_char(&json, ',');
		start = json.len;
		if (!rewrite(arg, at, message, &json)) {
			buf_append(&json, message.at, message.len);
			continue;
		}
		rewritten++;
		keep_replaced(conversation, at, json.data + start, json.len - start, why);
	}
	take_messages(conversation, &json);
	return rewritten;
}

size_t conversation_drop_reasoning(struct conversation *conversation)
{
	return conversation_rewrite(conversation, copy_without_reasoning, NULL, NO_REASONING);
}

/* What was kept */

/* Calls of an answer that comes from a file: later ids must be different. */
static void keep_call_ids(struct conversation *conversation, struct json_span message)
{
	struct json_span calls = json_span_member(message, "tool_calls"), call = {NULL, 0};

	while (json_span_kind(calls) == JSON_ARRAY && json_span_next(calls, &call)) {
		char *id = json_span_text(json_span_member(call, "id"), CALL_ID_MAX_BYTES);

		if (id && !has_call_id(conversation, id))
			keep_call_id(conversation, id);
		free(id);
	}
}

static char **ids_of_calls(struct json_span message)
{
	struct json_span calls = json_span_member(message, "tool_calls"), call = {NULL, 0};
	char **ids = mem_new_array(1, sizeof(*ids));

	while (json_span_kind(calls) == JSON_ARRAY && json_span_next(calls, &call)) {
		char *id = json_span_text(json_span_member(call, "id"), CALL_ID_MAX_BYTES);

		string_list_add(&ids, id ? id : mem_string(""));
	}
	return ids;
}

/* Which of the calls a result is of; how many there are: of none. */
static size_t call_of(char *const *call_id, struct json_span message)
{
	struct json_span member = json_span_member(message, "tool_call_id");
	size_t call = 0;

	while (call_id && call_id[call] && !json_span_equals(member, call_id[call]))
		call++;
	return call;
}

static void insert_message(struct conversation *conversation, size_t start,
			   struct json_span message)
{
	struct buf *json = &conversation->json, rest = BUF_INIT;

	buf_append(&rest, json->data + start, json->len - start);
	buf_truncate(json, start);
	buf_append(json, message.at, message.len);
	buf_append_char(json, ',');
	buf_append(json, rest.data, rest.len);
	buf_clear(&rest);
}

/* False: it is no result of the last calls. */
static bool place_result(struct conversation *conversation, struct json_span message)
{
	struct arrivals *arrivals = &conversation->arrivals;
	size_t call = call_of(arrivals->call_id, message), i = 0;

	if (!arrivals->call_id || !arrivals->call_id[call] || call >= CHAT_TOOL_CALLS_MAX)
		return false;
	while (i < arrivals->results && arrivals->result[i].call < call)
		i++;
	if (i < arrivals->results && arrivals->result[i].call == call)
		return true; /* it has one */
	if (i == arrivals->results) {
		buf_append(begin_message(conversation), message.at, message.len);
	} else {
		conversation->start = arrivals->result[i].start;
		insert_message(conversation, conversation->start, message);
	}
	memmove(&arrivals->result[i + 1], &arrivals->result[i],
		(arrivals->results - i) * sizeof(arrivals->result[0]));
	arrivals->result[i].call = call;
	arrivals->result[i].start = conversation->start;
	for (size_t later = ++arrivals->results; later > i + 1; later--)
		arrivals->result[later - 1].start += message.len + 1;
	end_message(conversation);
	return true;
}

static void take_message(struct conversation *conversation, struct json_span message)
{
	struct arrivals *arrivals = &conversation->arrivals;

	if (json_span_equals(json_span_member(message, "role"), "tool") &&
	    place_result(conversation, message))
		return;
	buf_append(begin_message(conversation), message.at, message.len);
	end_message(conversation);
	keep_call_ids(conversation, message);
	if (json_span_kind(json_span_member(message, "content")) == JSON_ARRAY)
		conversation->has_parts = true;
	string_list_free(&arrivals->call_id);
	arrivals->call_id = ids_of_calls(message);
	arrivals->results = 0;
}

int conversation_take_record(void *arg, const struct session_record *record, struct err *err)
{
	struct conversation *conversation = arg;
	struct json_span at, count;
	int64_t first, replaced;

	if (record->type == SESSION_MESSAGE) {
		take_message(conversation, json_span_member(record->json, "message"));
	} else if (record->type == SESSION_REPLACED) {
		at = json_span_member(record->json, "at");
		count = json_span_member(record->json, "count");
		if (!json_span_int64(at, &first) || !json_span_int64(count, &replaced) ||
		    conversation_replace(conversation, (size_t)first, (size_t)replaced,
					 json_span_member(record->json, "messages"), ""))
			return err_set(err, ERR_CONFIG, "messages are replaced that are not there");
	}
	if (conversation->json.overflowed)
		return err_set(err, ERR_CONFIG, "the conversation is larger than %zu MiB",
			       CONVERSATION_MAX_BYTES >> 20);
	return 0;
}

struct unanswered {	/* at the end of a conversation */
	char **call_id; /* "": it has a result */
	size_t first;	/* where the result of the first call belongs */
	bool question;	/* the last message is one that an answer follows */
};

static void look_at(struct unanswered *open, size_t at, struct json_span message)
{
	struct json_span role = json_span_member(message, "role");
	size_t call;

	open->question = json_span_equals(role, "user") || json_span_equals(role, "tool");
	if (json_span_equals(role, "tool")) {
		call = call_of(open->call_id, message);
		if (open->call_id[call])
			open->call_id[call][0] = '\0';
		return;
	}
	string_list_free(&open->call_id);
	open->call_id = ids_of_calls(message);
	open->first = at + 1;
}

/* Its place among the results of the other calls. */
static void add_missing(struct conversation *conversation, size_t at, const char *call_id)
{
	struct buf message = BUF_INIT;

	buf_append_char(&message, '[');
	write_tool(&message, call_id, NO_RESULT, strlen(NO_RESULT));
	buf_append_char(&message, ']');
	if (conversation_replace(conversation, at, 0, (struct json_span){message.data, message.len},
				 NO_RESULT_WHY))
		conversation_add_tool(conversation, call_id, NO_RESULT, strlen(NO_RESULT));
	buf_clear(&message);
}

void conversation_mend(struct conversation *conversation)
{
	struct unanswered open = {.call_id = mem_new_array(1, sizeof(char *))};
	struct json_span all, message = {NULL, 0};
	bool missing = false;

	all.at = conversation_json(conversation, &all.len);
	for (size_t at = 0; all.at && json_span_next(all, &message); at++)
		look_at(&open, at, message);
	for (size_t i = 0; open.call_id[i]; i++) {
		if (!*open.call_id[i])
			continue;
		add_missing(conversation, open.first + i, open.call_id[i]);
		missing = true;
	}
	if (open.question || missing)
		conversation_add_assistant(conversation, NO_ANSWER, strlen(NO_ANSWER));
	string_list_free(&open.call_id);
}

/* The calls so far */

static void take_names(struct json_span calls, void (*take)(void *arg, const char *name), void *arg)
{
	struct json_span call = {NULL, 0};

	while (json_span_kind(calls) == JSON_ARRAY && json_span_next(calls, &call)) {
		struct json_span function = json_span_member(call, "function");
		char *name = json_span_text(json_span_member(function, "name"), CALL_ID_MAX_BYTES);

		if (name)
			take(arg, name);
		free(name);
	}
}

void conversation_each_call(struct conversation *conversation,
			    void (*take)(void *arg, const char *name), void *arg)
{
	struct json_span all, message = {NULL, 0};

	all.at = conversation_json(conversation, &all.len);
	while (all.at && json_span_next(all, &message))
		take_names(json_span_member(message, "tool_calls"), take, arg);
}
