/* SPDX-License-Identifier: MIT */
/* Walks the tools, then the messages once, with the list of results that are still owed. */
#include "config.h"

#include "endpoint_rules.h"

#include <json-c/json_object.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/json_check.h"
#include "base/options.h"

#define NAME_MAX_BYTES 64
#define ID_MAX_BYTES   64

struct walk {
	struct strings ids;   /* of all tool calls so far */
	size_t first_owed;    /* the next tool message must answer ids.item[first_owed] */
	bool has_calls;	      /* some message has tool calls */
	struct strings names; /* of the tools */
	struct err *err;
};

static int broken(struct walk *walk, const char *where, size_t i, const char *what)
{
	return err_set(walk->err, ERR_PROTOCOL, "%s[%zu]: %s", where, i, what);
}

static bool has(const struct strings *list, const char *text)
{
	for (size_t i = 0; i < list->count; i++)
		if (strcmp(list->item[i], text) == 0)
			return true;
	return false;
}

static bool name_is_good(const char *name)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_";
	static const char others[] = "0123456789-";

	if (!name || !*name || !strchr(letters, *name) || strlen(name) > NAME_MAX_BYTES)
		return false;
	for (; *name; name++)
		if (!strchr(letters, *name) && !strchr(others, *name))
			return false;
	return true;
}

/* Tools */

static int check_tool(struct walk *walk, const struct json_object *tool, size_t i)
{
	const struct json_object *function = json_member_object(tool, "function");
	const struct json_object *parameters = json_member_object(function, "parameters");
	const char *type = json_member_string(tool, "type");
	const char *name = json_member_string(function, "name");
	const char *description = json_member_string(function, "description");
	const char *root = json_member_string(parameters, "type");

	if (!type || strcmp(type, "function") != 0)
		return broken(walk, "tools", i, "its type is not \"function\"");
	if (!name_is_good(name))
		return broken(walk, "tools", i, "its name is not [A-Za-z_][A-Za-z0-9_-]{0,63}");
	if (has(&walk->names, name))
		return broken(walk, "tools", i, "its name is there already");
	strings_add(&walk->names, name);
	if (description && !*description)
		return broken(walk, "tools", i, "its description is empty");
	if (!root || strcmp(root, "object") != 0 || !json_member_object(parameters, "properties"))
		return broken(walk, "tools", i, "its parameters are no object with properties");
	if (json_member(parameters, "$schema"))
		return broken(walk, "tools", i, "its parameters name a $schema");
	return 0;
}

static int check_tools(struct walk *walk, const struct json_object *body)
{
	const struct json_object *tools = json_member(body, "tools");

	if (!tools)
		return json_member(body, "tool_choice")
			       ? err_set(walk->err, ERR_PROTOCOL, "tool_choice without tools")
			       : 0;
	if (!json_is_array(tools) || json_object_array_length(tools) == 0)
		return err_set(walk->err, ERR_PROTOCOL, "tools is not a filled array");
	for (size_t i = 0; i < json_object_array_length(tools); i++)
		if (check_tool(walk, json_object_array_get_idx(tools, i), i))
			return -1;
	return 0;
}

/* Messages */

/* A number may be larger than any that is computed with: it is only passed on. */
static bool is_json_object(const char *text)
{
	struct json_fault fault;

	return text && json_check(text, strlen(text), &json_limits_splice, NULL, &fault) == 0 &&
	       json_span_kind((struct json_span){text, strlen(text)}) == JSON_OBJECT;
}

static int check_call(struct walk *walk, const struct json_object *call, size_t i)
{
	const struct json_object *function = json_member_object(call, "function");
	const char *id = json_member_string(call, "id");
	const char *type = json_member_string(call, "type");

	if (!id || !*id || strlen(id) > ID_MAX_BYTES)
		return broken(walk, "messages", i, "a tool call's id is not of 1 to 64 bytes");
	if (has(&walk->ids, id))
		return broken(walk, "messages", i, "a tool call's id was there before");
	strings_add(&walk->ids, id);
	if (!type || strcmp(type, "function") != 0)
		return broken(walk, "messages", i, "a tool call's type is not \"function\"");
	if (!name_is_good(json_member_string(function, "name")))
		return broken(walk, "messages", i, "a tool call's name is not valid");
	if (!is_json_object(json_member_string(function, "arguments")))
		return broken(walk, "messages", i,
			      "a tool call's arguments are not the text of a JSON object");
	return 0;
}

static int check_assistant(struct walk *walk, const struct json_object *message, size_t i)
{
	const struct json_object *calls = json_member(message, "tool_calls");
	const struct json_object *content = json_member(message, "content");
	const struct json_object *details = json_member(message, "reasoning_details");
	const char *text = json_string(content, NULL);

	if (details && !json_is_array(details))
		return broken(walk, "messages", i, "reasoning_details is not an array");
	if (!calls)
		return text ? 0 : broken(walk, "messages", i, "no content and no tool calls");
	if (!json_is_array(calls) || json_object_array_length(calls) == 0)
		return broken(walk, "messages", i, "tool_calls is not a filled array");
	if (content && (!text || !*text))
		return broken(walk, "messages", i, "the content beside tool calls is empty");
	walk->has_calls = true;
	for (size_t c = 0; c < json_object_array_length(calls); c++)
		if (check_call(walk, json_object_array_get_idx(calls, c), i))
			return -1;
	return 0;
}

/* An array of parts, each with a type. */
static bool has_parts(const struct json_object *message)
{
	const struct json_object *parts = json_member_array(message, "content");
	const size_t count = parts ? json_object_array_length(parts) : 0;

	for (size_t i = 0; i < count; i++)
		if (!json_member_string(json_object_array_get_idx(parts, i), "type"))
			return false;
	return count > 0;
}

/* A text, or parts: what is marked for a prompt cache is parts. */
static bool has_content(const struct json_object *message)
{
	const char *content = json_member_string(message, "content");

	return (content && *content) || has_parts(message);
}

static int check_result(struct walk *walk, const struct json_object *message, size_t i)
{
	const char *id = json_member_string(message, "tool_call_id");

	if (walk->first_owed == walk->ids.count)
		return broken(walk, "messages", i, "a tool message that answers no call");
	if (!id || strcmp(id, walk->ids.item[walk->first_owed]) != 0)
		return broken(walk, "messages", i, "tool messages are not in the calls' order");
	if (!has_content(message))
		return broken(walk, "messages", i, "a tool message without a text");
	walk->first_owed++;
	return 0;
}

static int check_message(struct walk *walk, const struct json_object *message, size_t i)
{
	const char *role = json_member_string(message, "role");

	if (!role)
		return broken(walk, "messages", i, "it has no role");
	if (strcmp(role, "tool") == 0)
		return check_result(walk, message, i);
	if (walk->first_owed < walk->ids.count)
		return broken(walk, "messages", i, "a tool call before it has no tool message");
	if (strcmp(role, "assistant") == 0)
		return check_assistant(walk, message, i);
	if (strcmp(role, "system") == 0 && i > 0)
		return broken(walk, "messages", i, "a system message that is not the first");
	if (strcmp(role, "system") != 0 && strcmp(role, "user") != 0)
		return broken(walk, "messages", i, "its role is unknown");
	return has_content(message) ? 0 : broken(walk, "messages", i, "it has no text");
}

static int check_messages(struct walk *walk, const struct json_object *body)
{
	const struct json_object *messages = json_member_array(body, "messages");

	if (!messages || json_object_array_length(messages) == 0)
		return err_set(walk->err, ERR_PROTOCOL, "messages is not a filled array");
	for (size_t i = 0; i < json_object_array_length(messages); i++)
		if (check_message(walk, json_object_array_get_idx(messages, i), i))
			return -1;
	if (walk->first_owed < walk->ids.count)
		return err_set(walk->err, ERR_PROTOCOL, "the last tool call has no tool message");
	if (walk->has_calls && !json_member(body, "tools"))
		return err_set(walk->err, ERR_PROTOCOL,
			       "there are tool calls but the request has no tools");
	return 0;
}

int endpoint_rules_check(const struct json_object *body, struct err *err)
{
	struct walk walk = {.err = err};
	int status;

	if (!json_is_object(body))
		return err_set(err, ERR_PROTOCOL, "the body is not a JSON object");
	status = check_tools(&walk, body) || check_messages(&walk, body) ? -1 : 0;
	strings_clear(&walk.ids);
	strings_clear(&walk.names);
	return status;
}
