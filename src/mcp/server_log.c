/* SPDX-License-Identifier: MIT */
/*
 * What a server logs (MCP, "Logging"), for a person who wants details: asked for by a request of
 * its own up to 2025-11-25, by each request's _meta in 2026-07-28, shown as one line.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/json_write.h"
#include "base/log.h"
#include "base/sanitize.h"
#include "mcp/server_internal.h"

#define NAME_MAX_BYTES	 ((size_t)1000)
#define DATA_MAX_BYTES	 ((size_t)64 << 10)
#define DATA_SHOWN_BYTES 300
#define LEVEL_TIMEOUT_MS 10000

static void level_set(void *arg, const struct jsonrpc_message *reply, char **block,
		      const struct err *err)
{
	struct server *server = arg;

	(void)block;
	if (err || reply->kind == JSONRPC_ERROR)
		log_detail("server \"%s\" did not take the level of its log: %s",
			   server->config->name, err ? err->text : "it refused");
}

void server_log_ask(struct server *server)
{
	const struct rpc_request request = {
		.method = "logging/setLevel",
		.timeout_ms = LEVEL_TIMEOUT_MS,
		.on_reply = level_set,
		.arg = server,
	};
	struct err err;

	if (!server->context->log_level || server->era != SERVER_ERA_LEGACY ||
	    !server_has(server, SERVER_LOGGING))
		return;
	json_write_member(rpc_params(server->rpc, &request), "level", server->context->log_level);
	if (rpc_send(server->rpc, &request, &err) < 0)
		log_detail("%s", err.text);
}

/* data may be any JSON; a text is shown without its quotes. */
static void append_data(struct buf *line, struct json_span data)
{
	char *text = json_span_text(data, DATA_MAX_BYTES);

	if (text)
		sanitize_line(text, strlen(text), DATA_SHOWN_BYTES, line);
	else if (data.at)
		sanitize_line(data.at, data.len, DATA_SHOWN_BYTES, line);
	free(text);
}

void server_log_take(struct server *server, struct json_span params)
{
	char *level = json_span_text(json_span_member(params, "level"), NAME_MAX_BYTES);
	char *logger = json_span_text(json_span_member(params, "logger"), NAME_MAX_BYTES);
	struct buf line = BUF_INIT;

	if (log_get_level() >= LOG_LEVEL_DETAIL) {
		sanitize_line(level ? level : "log", strlen(level ? level : "log"), 20, &line);
		if (logger) {
			buf_append_char(&line, ' ');
			sanitize_line(logger, strlen(logger), 60, &line);
		}
		buf_append_text(&line, ": ");
		append_data(&line, json_span_member(params, "data"));
		log_detail("server \"%s\" says: %s", server->config->name, buf_text(&line));
	}
	buf_clear(&line);
	free(level);
	free(logger);
}
