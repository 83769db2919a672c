/* SPDX-License-Identifier: MIT */
/* The schema goes out as it was given: what a provider's strict mode lacks, the check makes up for.
 */
#include "config.h"

#include "agent/answer_format.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/json_check.h"
#include "base/json_schema.h"
#include "base/json_write.h"
#include "base/mem.h"

#define FENCE "```"

enum way { WAY_STRICT, WAY_LOOSE, WAY_WORDS };

struct answer_format {
	char *schema_text;
	struct json_schema *schema;
	enum way way;
	char *json; /* response_format's value for this way, or NULL */
};

static void make_json(struct answer_format *format)
{
	struct buf out = BUF_INIT;

	free(format->json);
	format->json = NULL;
	if (format->way == WAY_WORDS)
		return;
	buf_append_text(&out, "{\"type\":\"json_schema\",\"json_schema\":{\"name\":\"answer\"");
	json_write_member_bool(&out, "strict", format->way == WAY_STRICT);
	json_write_member_json(&out, "schema", format->schema_text, strlen(format->schema_text));
	buf_append_text(&out, "}}");
	format->json = buf_take(&out);
}

struct answer_format *answer_format_new(const char *schema, size_t len, struct err *err)
{
	struct answer_format *format = mem_new(sizeof(*format));
	struct buf text = BUF_INIT;

	format->schema = json_schema_new(schema, len, err);
	if (!format->schema) {
		answer_format_free(&format);
		return NULL;
	}
	json_write_compact(&text, schema, len);
	format->schema_text = buf_take(&text);
	make_json(format);
	return format;
}

void answer_format_free(struct answer_format **format_p)
{
	struct answer_format *format = *format_p;

	if (!format)
		return;
	*format_p = NULL;
	json_schema_free(&format->schema);
	free(format->schema_text);
	free(format->json);
	free(format);
}

const char *answer_format_json(const struct answer_format *format)
{
	return format->json;
}

bool answer_format_step_down(struct answer_format *format)
{
	if (format->way == WAY_WORDS)
		return false;
	format->way++;
	make_json(format);
	return true;
}

bool answer_format_is_refused(const char *refusal)
{
	static const char *const phrases[] = {
		"response_format",    "response format",   "json_schema",   "response_schema",
		"response mime type", "structured output", "output_config", "output_format"};

	for (size_t i = 0; i < sizeof(phrases) / sizeof(phrases[0]); i++)
		if (strcasestr(refusal, phrases[i]))
			return true;
	return false;
}

char *answer_format_words(const struct answer_format *format)
{
	return mem_format(
		"Give the final answer as JSON alone, without any other text. It must fit "
		"this JSON Schema:\n%s",
		format->schema_text);
}

/* Checking */

static struct json_span trimmed(const char *text, size_t len)
{
	json_trim(&text, &len);
	return (struct json_span){text, len};
}

/* "```json\n{…}\n```" */
static struct json_span without_fence(struct json_span text)
{
	const size_t fence = strlen(FENCE);
	const char *line_end;

	if (text.len < 2 * fence || memcmp(text.at, FENCE, fence) != 0 ||
	    memcmp(text.at + text.len - fence, FENCE, fence) != 0)
		return text;
	line_end = memchr(text.at, '\n', text.len - fence);
	if (!line_end)
		return text;
	return trimmed(line_end, text.len - fence - (size_t)(line_end - text.at));
}

char *answer_format_take(const struct answer_format *format, const char *text, size_t len,
			 struct err *err)
{
	struct json_span json = without_fence(trimmed(text, len));
	struct json_fault fault;
	struct err misfit;
	unsigned line, column;

	if (json.len == 0) {
		err_set(err, ERR_NO_ANSWER, "the answer is empty");
		return NULL;
	}
	if (json_check(json.at, json.len, &json_limits_default, NULL, &fault)) {
		json_position(json.at, fault.offset, &line, &column);
		err_set(err, ERR_NO_ANSWER, "the answer is not JSON (line %u, column %u: %s)", line,
			column, fault.what);
		return NULL;
	}
	if (json_schema_check(format->schema, json, "answer", &misfit)) {
		err_set(err, ERR_NO_ANSWER, "the answer does not fit the schema: %s", misfit.text);
		return NULL;
	}
	return mem_string_len(json.at, json.len);
}
