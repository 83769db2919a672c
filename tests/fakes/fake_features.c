/* SPDX-License-Identifier: MIT */
/* The server features besides tools, of the fake server's mode `features`. */
#include "config.h"

#include "fake_features.h"

#include <stdlib.h>
#include <string.h>

#include "base/json_write.h"

/* Two pages of resources, one of templates and prompts; the names are a person's, not ours. */
static const struct {
	const char *method, *cursor, *result;
} lists[] = {
	{"resources/list", NULL,
	 "{\"resources\":[{\"uri\":\"note://one\",\"name\":\"one\",\"title\":\"The \\u001b[31mfirst\"},"
	 "{\"uri\":\"note://two\",\"name\":\"two\"}],\"nextCursor\":\"second page\"}"},
	{"resources/list", "second page",
	 "{\"resources\":[{\"uri\":\"note://pixel\",\"name\":\"pixel\",\"mimeType\":\"image/png\"}]}"},
	{"resources/templates/list", NULL,
	 "{\"resourceTemplates\":[{\"uriTemplate\":\"note://{name}\",\"name\":\"any note\"}]}"},
	{"prompts/list", NULL,
	 "{\"prompts\":[{\"name\":\"greet\",\"description\":\"Greets somebody.\",\"arguments\":["
	 "{\"name\":\"who\",\"required\":true},{\"name\":\"how\"}]},{\"name\":\"talk\"}]}"},
};

static const struct {
	const char *uri, *contents;
} resources[] = {
	{"note://one", "{\"uri\":\"note://one\",\"text\":\"First line.\\n\"},"
		       "{\"uri\":\"note://one#2\",\"text\":\"Second \\u001b[31mline.\"}"},
	{"note://pixel", "{\"uri\":\"note://pixel\",\"blob\":\"AAEC/w==\"}"},
	{"note://odd", "{\"uri\":\"note://odd\",\"blob\":\"not base64!\"}"},
	{"note://empty", "{\"uri\":\"note://empty\"}"},
};

static void read_resource(struct json_span params, struct buf *result)
{
	for (size_t i = 0; i < sizeof(resources) / sizeof(resources[0]); i++)
		if (json_span_equals(json_span_member(params, "uri"), resources[i].uri))
			buf_format(result, "{\"contents\":[%s]}", resources[i].contents);
}

static void get_prompt(struct json_span params, struct buf *result)
{
	struct json_span arguments = json_span_member(params, "arguments");
	char *who = json_span_text(json_span_member(arguments, "who"), 1000);
	struct buf text = BUF_INIT;

	if (json_span_equals(json_span_member(params, "name"), "talk")) {
		buf_append_text(result,
				"{\"messages\":[{\"role\":\"user\",\"content\":{\"type\":\"text\","
				"\"text\":\"Hello.\"}},{\"role\":\"assistant\",\"content\":{"
				"\"type\":\"text\",\"text\":\"Good day.\"}},{\"role\":\"user\","
				"\"content\":{\"type\":\"image\",\"mimeType\":\"image/png\","
				"\"data\":\"AAEC\"}}]}");
	} else if (who && json_span_equals(json_span_member(params, "name"), "greet")) {
		buf_format(&text, "Greet %s.", who);
		buf_append_text(result, "{\"messages\":[{\"role\":\"user\",\"content\":{"
					"\"type\":\"text\",\"text\":");
		json_write_string(result, text.data);
		buf_append_text(result, "}}]}");
	}
	buf_clear(&text);
	free(who);
}

bool fake_features_answer(struct json_span method, struct json_span params, struct buf *result)
{
	struct json_span cursor = json_span_member(params, "cursor");

	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
		if (json_span_equals(method, lists[i].method) &&
		    (lists[i].cursor ? json_span_equals(cursor, lists[i].cursor) : !cursor.at)) {
			buf_append_text(result, lists[i].result);
			return true;
		}
	if (json_span_equals(method, "resources/read"))
		read_resource(params, result);
	else if (json_span_equals(method, "prompts/get"))
		get_prompt(params, result);
	else
		return false;
	return true;
}
