/* SPDX-License-Identifier: MIT */
/*
 * Parameters become a JSON Schema, arguments are checked against them, replies are filled. Knows
 * nothing of messages; what travels is the business of mcp_stdio.
 */
#include "config.h"

#include "servers/mcp_tool.h"

#include <inttypes.h>
#include <json-c/json.h>
#include <math.h>
#include <string.h>
#include <time.h>

#include "base/json.h"
#include "base/json_write.h"

#define MS_PER_S     1000
#define NS_PER_MS    1000000
#define EXACT_DOUBLE 9007199254740992.0 /* integers up to 2^53 are exact in a double */

void mcp_reply_init(struct mcp_reply *reply)
{
	*reply = (struct mcp_reply){0};
	buf_init(&reply->json, MCP_REPLY_MAX_BYTES);
	buf_init(&reply->text, MCP_REPLY_MAX_BYTES);
	buf_init(&reply->note, MCP_REPLY_MAX_BYTES);
}

void mcp_reply_clear(struct mcp_reply *reply)
{
	buf_clear(&reply->json);
	buf_clear(&reply->text);
	buf_clear(&reply->note);
}

void mcp_reply_error(struct mcp_reply *reply, const char *format, ...)
{
	va_list args;

	mcp_reply_clear(reply);
	reply->is_error = true;
	va_start(args, format);
	buf_vformat(&reply->text, format, args);
	va_end(args);
}

static void write_type(const struct mcp_param *param, struct buf *out)
{
	switch (param->type) {
	case MCP_STRING:
		json_write_member(out, "type", "string");
		if (param->min > 0)
			json_write_member_int(out, "minLength", param->min);
		break;
	case MCP_INTEGER:
		json_write_member(out, "type", "integer");
		json_write_member_int(out, "minimum", param->min);
		json_write_member_int(out, "maximum", param->max);
		break;
	case MCP_BOOLEAN:
		json_write_member(out, "type", "boolean");
		break;
	case MCP_SCALARS:
		json_write_member(out, "type", "array");
		buf_append_text(out, ",\"items\":{\"type\":[\"string\",\"number\",\"boolean\","
				     "\"null\"]}");
		json_write_member_int(out, "maxItems", param->max);
		break;
	}
}

void mcp_params_schema(const struct mcp_param params[], struct buf *out)
{
	const char *separator = ",\"required\":[";
	bool any = false;

	buf_append_text(out, "{\"type\":\"object\",\"properties\":{");
	for (const struct mcp_param *param = params; param && param->name; param++) {
		json_write_key(out, param->name);
		buf_append_char(out, '{');
		write_type(param, out);
		json_write_member(out, "description", param->description);
		buf_append_char(out, '}');
	}
	buf_append_char(out, '}');
	for (const struct mcp_param *param = params; param && param->name; param++) {
		if (!param->required)
			continue;
		buf_append_text(out, separator);
		json_write_string(out, param->name);
		separator = ",";
		any = true;
	}
	buf_append_text(out, any ? "]" : "");
	buf_append_text(out, ",\"additionalProperties\":false}");
}

/* JSON Schema counts 5.0 as an integer, and some clients write it so. */
static bool integer_value(const struct json_object *value, int64_t *integer)
{
	double number;

	if (json_object_is_type(value, json_type_int)) {
		*integer = json_object_get_int64(value);
		return true;
	}
	if (!json_object_is_type(value, json_type_double))
		return false;
	number = json_object_get_double(value);
	if (!(fabs(number) <= EXACT_DOUBLE) || floor(number) != number)
		return false;
	*integer = (int64_t)number;
	return true;
}

int64_t mcp_integer(const struct json_object *arguments, const char *name, int64_t fallback)
{
	int64_t integer;

	return integer_value(json_member(arguments, name), &integer) ? integer : fallback;
}

static int wrong_type(const struct mcp_param *param, const struct json_object *value,
		      const char *wanted, struct err *err)
{
	return err_set(err, ERR_ARGUMENTS, "\"%s\" must be %s, not %s", param->name, wanted,
		       json_type_name(value));
}

static int check_string(const struct mcp_param *param, const struct json_object *value,
			struct err *err)
{
	size_t len;
	const char *text = json_string(value, &len);

	if (!text)
		return wrong_type(param, value, "a string", err);
	if (memchr(text, '\0', len))
		return err_set(err, ERR_ARGUMENTS, "\"%s\" must not hold U+0000", param->name);
	if (len < (size_t)param->min)
		return err_set(err, ERR_ARGUMENTS, "\"%s\" must not be empty", param->name);
	return 0;
}

static int check_integer(const struct mcp_param *param, const struct json_object *value,
			 struct err *err)
{
	int64_t integer;

	if (!integer_value(value, &integer))
		return wrong_type(param, value, "an integer", err);
	if (integer < param->min || integer > param->max)
		return err_set(err, ERR_ARGUMENTS,
			       "\"%s\" must be from %" PRId64 " to %" PRId64 ", not %" PRId64,
			       param->name, param->min, param->max, integer);
	return 0;
}

static int check_scalars(const struct mcp_param *param, const struct json_object *value,
			 struct err *err)
{
	size_t count;

	if (!json_is_array(value))
		return wrong_type(param, value, "an array", err);
	count = json_object_array_length(value);
	if (count > (size_t)param->max)
		return err_set(err, ERR_ARGUMENTS, "\"%s\" has %zu elements; at most %" PRId64,
			       param->name, count, param->max);
	for (size_t i = 0; i < count; i++) {
		const struct json_object *element = json_object_array_get_idx(value, i);

		if (json_is_object(element) || json_is_array(element))
			return err_set(err, ERR_ARGUMENTS,
				       "\"%s\"[%zu] must be a string, number, boolean or null",
				       param->name, i);
	}
	return 0;
}

static int check_value(const struct mcp_param *param, const struct json_object *value,
		       struct err *err)
{
	switch (param->type) {
	case MCP_STRING:
		return check_string(param, value, err);
	case MCP_INTEGER:
		return check_integer(param, value, err);
	case MCP_BOOLEAN:
		if (!json_object_is_type(value, json_type_boolean))
			return wrong_type(param, value, "true or false", err);
		return 0;
	case MCP_SCALARS:
		return check_scalars(param, value, err);
	}
	return -1;
}

static int check_names(const struct mcp_param params[], struct json_span arguments, struct err *err)
{
	struct json_span key, value = {NULL, 0};

	while (json_span_next_member(arguments, &key, &value)) {
		const struct mcp_param *param = params;

		while (param && param->name && !json_span_equals(key, param->name))
			param++;
		if (!param || !param->name)
			return err_set(err, ERR_ARGUMENTS, "%.*s is not an argument of this tool",
				       (int)(key.len < 64 ? key.len : 64), key.at);
	}
	return 0;
}

int mcp_arguments(const struct mcp_param params[], struct json_span arguments,
		  struct json_object **tree, struct err *err)
{
	*tree = NULL;
	if (json_span_kind(arguments) == JSON_ABSENT || json_span_kind(arguments) == JSON_NULL)
		arguments = (struct json_span){"{}", 2};
	if (json_span_kind(arguments) != JSON_OBJECT)
		return err_set(err, ERR_ARGUMENTS, "the arguments are not an object");
	if (check_names(params, arguments, err) ||
	    json_parse(arguments.at, arguments.len, &json_limits_default, tree, err))
		return -1;
	for (const struct mcp_param *param = params; param && param->name; param++) {
		const struct json_object *value = json_member(*tree, param->name);
		int status = 0;

		if (value)
			status = check_value(param, value, err);
		else if (param->required)
			status = err_set(err, ERR_ARGUMENTS, "\"%s\" is missing", param->name);
		if (status) {
			json_put(tree);
			return -1;
		}
	}
	return 0;
}

int64_t mcp_clock_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * MS_PER_S + now.tv_nsec / NS_PER_MS;
}
