/* SPDX-License-Identifier: MIT */
/* The headers of one POST or GET (MCP 2026-07-28 and 2025-11-25, "Transports"). */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "base/mem.h"
#include "mcp/transport_http.h"

#define SENTINEL_START "=?base64?"
#define SENTINEL_END   "?="

struct list {
	char **item;
	size_t count;
};

static void add(struct list *list, char *take_header)
{
	list->item = mem_resize_array(list->item, list->count + 2, sizeof(*list->item));
	list->item[list->count++] = take_header;
	list->item[list->count] = NULL;
}

static bool is_plain(const char *value)
{
	size_t len = strlen(value);

	for (size_t i = 0; i < len; i++)
		if ((unsigned char)value[i] > '~' || (value[i] < ' ' && value[i] != '\t'))
			return false;
	if (len > 0 && (strchr(" \t", value[0]) || strchr(" \t", value[len - 1])))
		return false;
	/* What looks like the encoding would be decoded. */
	return strncmp(value, SENTINEL_START, strlen(SENTINEL_START)) != 0;
}

void http_header_append_value(struct buf *out, const char *value)
{
	if (is_plain(value)) {
		buf_append_text(out, value);
		return;
	}
	buf_append_text(out, SENTINEL_START);
	base64_append(out, value, strlen(value));
	buf_append_text(out, SENTINEL_END);
}

static void add_value(struct list *list, const char *name, const char *value)
{
	struct buf header = BUF_INIT;

	buf_format(&header, "%s: ", name);
	http_header_append_value(&header, value);
	add(list, buf_take(&header));
}

static void add_authorization(struct list *list, const struct transport_http *owner)
{
	struct authorizer *authorizer = owner->context->authorizer;
	const char *value =
		authorizer ? authorizer->authorization(authorizer, owner->config) : NULL;

	if (value)
		add(list, mem_format("Authorization: %s", value));
}

static void add_session(struct list *list, const struct transport_http *owner)
{
	if (owner->version)
		add(list, mem_format("MCP-Protocol-Version: %s", owner->version));
	if (owner->session_id)
		add(list, mem_format("Mcp-Session-Id: %s", owner->session_id));
}

static void add_modern(struct list *list, const struct http_message *message)
{
	add(list, mem_string("MCP-Protocol-Version: 2026-07-28"));
	add_value(list, "Mcp-Method", message->method);
	if (message->target)
		add_value(list, "Mcp-Name", message->target);
	for (char **header = message->headers; header && *header; header++)
		add(list, mem_string(*header));
}

char **http_headers_for(const struct transport_http *owner, const struct http_message *message,
			const char *last_event_id)
{
	const bool posts = message && !last_event_id;
	struct list list = {0};

	for (char **header = owner->config->headers; *header; header++)
		add(&list, mem_string(*header));
	if (posts)
		add(&list, mem_string("Content-Type: application/json"));
	add(&list, mem_string(posts ? "Accept: application/json, text/event-stream"
				    : "Accept: text/event-stream"));
	add_authorization(&list, owner);
	if (message && message->modern)
		add_modern(&list, message);
	else if (!message || !message->initialize)
		add_session(&list, owner);
	if (last_event_id)
		add(&list, mem_format("Last-Event-ID: %s", last_event_id));
	return list.item;
}
