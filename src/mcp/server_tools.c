/* SPDX-License-Identifier: MIT */
/*
 * tools/list, page by page, at the start and whenever the list has changed or is too old. While the
 * server is ready, the tools of before stay until the new ones are whole.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/json_write.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/sanitize.h"
#include "mcp/server_internal.h"
#include "trust/policy.h"

#define MESSAGE_SHOWN_BYTES  300
#define TOOL_FAULTS_TOLD_MAX 10 /* of one listing, one by one */

static void tell_fault(struct server *server, const char *text)
{
	struct buf shown = BUF_INIT;

	if (++server->listing_faults > TOOL_FAULTS_TOLD_MAX)
		return;
	sanitize_line(text, strlen(text), MESSAGE_SHOWN_BYTES, &shown);
	log_warning("server \"%s\": %s", server->config->name, buf_text(&shown));
	buf_clear(&shown);
}

static void tool_fault(void *arg, const char *text)
{
	struct server *server = arg;

	deviation_note(&server->deviations, RULE_TOOL_SHAPE, "%s", text);
	tell_fault(server, text);
}

/* 2026-07-28 over HTTP: a tool whose annotations cannot become headers is not offered. */
static bool headers_forbid(struct server *server, const struct tool *tool)
{
	char *text;

	if (!tool->headers.fault || server->config->type != SERVER_TYPE_HTTP ||
	    server->era != SERVER_ERA_MODERN)
		return false;
	deviation_note(&server->deviations, RULE_TOOL_HEADERS, "tool \"%s\": %s", tool->name,
		       tool->headers.fault);
	text = mem_format("tool \"%s\" is left out: %s", tool->name, tool->headers.fault);
	tell_fault(server, text);
	free(text);
	return true;
}

static bool is_chosen(const struct server_config *config, const char *name)
{
	bool chosen = config->include_tools[0] == NULL;

	for (char **glob = config->include_tools; *glob && !chosen; glob++)
		chosen = glob_match(*glob, name);
	for (char **glob = config->exclude_tools; *glob && chosen; glob++)
		chosen = !glob_match(*glob, name);
	return chosen;
}

static void drop_excluded(struct server *server, struct tool_list *list)
{
	struct tool_list kept = {0};

	kept.tool = mem_new_array(list->count + 1, sizeof(*kept.tool));
	for (size_t i = 0; i < list->count; i++) {
		struct tool_list one = {&list->tool[i], 1};

		if (is_chosen(server->config, list->tool[i].name) &&
		    !headers_forbid(server, &list->tool[i])) {
			kept.tool[kept.count++] = list->tool[i];
			continue;
		}
		one.tool = mem_new(sizeof(*one.tool));
		*one.tool = list->tool[i];
		tool_list_clear(&one);
	}
	free(list->tool);
	*list = kept;
}

/* What is excluded now is gone at once; what is included now has to be read again. */
void server_choose_tools(struct server *server)
{
	drop_excluded(server, &server->tools);
	if (server->listener && server->listener->on_tools_changed)
		server->listener->on_tools_changed(server->arg, server);
	if (server->freed)
		return;
	if (server_is_up(server))
		server_list_tools(server);
	else if (server->state == SERVER_IDLE && !server->waking)
		(void)!server_recall(server);
}

static void tell_more_faults(const struct server *server)
{
	if (server->listing_faults > TOOL_FAULTS_TOLD_MAX)
		log_warning("server \"%s\": %u more tools are left out", server->config->name,
			    server->listing_faults - TOOL_FAULTS_TOLD_MAX);
}

static void note_names(struct server *server)
{
	static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				      "0123456789_-.";

	for (size_t i = 0; i < server->listing.count; i++) {
		const char *name = server->listing.tool[i].name;

		if (name[strspn(name, allowed)])
			deviation_note(&server->deviations, RULE_TOOL_NAME, "tool \"%s\"", name);
	}
}

void server_take_listing(struct server *server)
{
	drop_excluded(server, &server->listing);
	server_calls_compare(server, &server->listing);
	tool_list_clear(&server->tools);
	server->tools = server->listing;
	server->listing = (struct tool_list){0};
}

static void listing_complete(struct server *server)
{
	note_names(server);
	server_remember(server);
	server_take_listing(server);
	tell_more_faults(server);
	server->listing_tools = false;
	server->tools_stale_us = server->listing_ttl_ms ? loop_now_us(server->context->loop) +
								  server->listing_ttl_ms * 1000
							: 0;
	if (!server_is_up(server))
		server_ready(server);
	else if (server->listener && server->listener->on_tools_changed)
		server->listener->on_tools_changed(server->arg, server);
	if (!server->freed)
		server_calls_tools_listed(server);
	if (!server->freed && server->list_again && server_is_up(server))
		server_list_tools(server);
}

/* While ready, the tools of before stay; at the start there are none to stay. */
static void listing_failed(struct server *server, const char *why)
{
	tell_more_faults(server);
	tool_list_clear(&server->listing);
	server->listing_tools = false;
	if (!server_is_up(server)) {
		server_fail(server, "server \"%s\": tools/list: %s", server->config->name, why);
		return;
	}
	log_warning("server \"%s\": its tools cannot be listed anew: %s", server->config->name,
		    why);
	server_calls_tools_listed(server);
}

/* Both are required of lists and of server/discover (2026-07-28, "Caching"). */
void server_check_cache_hints(struct server *server, const char *method, struct json_span result)
{
	if (server->era == SERVER_ERA_LEGACY)
		return;
	if (json_span_kind(json_span_member(result, "ttlMs")) != JSON_NUMBER ||
	    json_span_kind(json_span_member(result, "cacheScope")) != JSON_STRING)
		deviation_note(&server->deviations, RULE_CACHE_HINTS, "its answer to %s", method);
}

/* It declared tools and cannot list them: what else it has may be used. */
static bool is_unknown_method(struct json_span error)
{
	int64_t code;

	return json_span_int64(json_span_member(error, "code"), &code) &&
	       code == JSONRPC_METHOD_NOT_FOUND;
}

/* ttlMs of 0, or none, says nothing: list_changed does (2026-07-28, "Caching"). */
static void keep_ttl(struct server *server, struct json_span result)
{
	int64_t ms;

	if (server->era != SERVER_ERA_MODERN ||
	    !json_span_int64(json_span_member(result, "ttlMs"), &ms) || ms <= 0)
		return;
	if (ms < SERVER_TOOLS_TTL_MIN_MS)
		ms = SERVER_TOOLS_TTL_MIN_MS;
	if (ms > SERVER_TOOLS_TTL_MAX_MS)
		ms = SERVER_TOOLS_TTL_MAX_MS;
	if (server->listing_ttl_ms == 0 || ms < server->listing_ttl_ms)
		server->listing_ttl_ms = ms;
}

/* Its list changed between two pages (2026-07-28, "Pagination"): once, from the first page. */
static bool cursor_expired(struct server *server, struct json_span error)
{
	int64_t code;

	if (server->pages == 0 || server->listed_from_start ||
	    !json_span_int64(json_span_member(error, "code"), &code) ||
	    code != JSONRPC_INVALID_PARAMS)
		return false;
	server->listed_from_start = true;
	return true;
}

static void ask_page(struct server *server, const char *cursor);

/* Forgets the pages so far. */
static void list_anew(struct server *server)
{
	server->pages = server->listing_faults = 0;
	server->listing_ttl_ms = 0;
	tool_list_clear(&server->listing);
	ask_page(server, NULL);
}

/* A page, read here or by a worker */

struct listing_page {
	struct server *server;
	char *block; /* that `result` points into, or NULL */
	struct json_span result;
	struct tool_list list; /* the pages of before, then this one too */
	char *cursor;
	char **faults;
	int status;
	struct err err;
};

static void note_fault(void *arg, const char *text)
{
	struct listing_page *page = arg;

	string_list_add(&page->faults, mem_string(text));
}

static void read_page(void *arg)
{
	struct listing_page *page = arg;

	page->status = tool_list_add_page(&page->list, page->result.at, page->result.len,
					  &page->cursor, note_fault, page, &page->err);
}

static void free_page(void *arg)
{
	struct listing_page *page = arg;

	tool_list_clear(&page->list);
	string_list_free(&page->faults);
	free(page->cursor);
	free(page->block);
	free(page);
}

static void page_read(void *arg)
{
	struct listing_page *page = arg;
	struct server *server = page->server;

	server->page_job = NULL;
	server->listing = page->list;
	page->list = (struct tool_list){0};
	for (char **fault = page->faults; *fault; fault++)
		tool_fault(server, *fault);
	/* Pages are counted; a cursor is opaque and may come twice, so cursors are not compared. */
	if (page->status)
		listing_failed(server, page->err.text);
	else if (page->cursor && ++server->pages >= TOOLS_PAGES_MAX)
		listing_failed(server, "there is no end to its pages");
	else if (page->cursor)
		ask_page(server, page->cursor);
	else
		listing_complete(server);
	free_page(page);
}

static void take_page(struct server *server, struct json_span result, char **block)
{
	struct listing_page *page = mem_new(sizeof(*page));

	page->server = server;
	page->result = result;
	page->faults = mem_new_array(1, sizeof(char *));
	page->list = server->listing;
	server->listing = (struct tool_list){0};
	if (result.len <= WORKER_JSON_MIN_BYTES) {
		read_page(page);
		page_read(page);
		return;
	}
	if (*block) {
		page->block = *block;
		*block = NULL;
	} else {
		page->block = mem_string_len(result.at, result.len);
		page->result.at = page->block;
	}
	server->page_job = worker_submit(server->context->workers, read_page, page_read, page);
}

void server_listing_drop(struct server *server)
{
	if (server->page_job)
		worker_cancel(server->page_job, free_page);
	server->page_job = NULL;
	tool_list_clear(&server->listing);
	server->listing_tools = server->list_again = false;
}

static void page_came(void *arg, const struct jsonrpc_message *reply, char **block,
		      const struct err *err)
{
	struct server *server = arg;

	if (!reply) {
		if (err->kind != ERR_UNAVAILABLE) { /* that is server_closed()'s to tell */
			server_note_kind(server, err);
			listing_failed(server, err->text);
		}
		return;
	}
	if (reply->kind == JSONRPC_ERROR) {
		if (cursor_expired(server, reply->error)) {
			list_anew(server);
		} else if (is_unknown_method(reply->error)) {
			log_warning("server \"%s\" has no tools/list, so it has no tools",
				    server->config->name);
			listing_complete(server);
		} else if (!server_is_up(server)) {
			server_fail_refused(server, "tools/list", reply->error);
		} else {
			listing_failed(server, "it refused");
		}
		return;
	}
	server_check_cache_hints(server, "tools/list", reply->result);
	keep_ttl(server, reply->result);
	take_page(server, reply->result, block);
}

static void ask_page(struct server *server, const char *cursor)
{
	const struct rpc_request request = {
		.method = "tools/list",
		.timeout_ms = server->config->start_timeout_ms,
		.on_reply = page_came,
		.arg = server,
	};
	struct buf *params = rpc_params(server->rpc, &request);
	struct err err;

	if (cursor)
		json_write_member(params, "cursor", cursor);
	if (rpc_send(server->rpc, &request, &err) < 0)
		listing_failed(server, err.text);
}

void server_check_result(struct server *server, struct json_span result)
{
	if (server->era == SERVER_ERA_MODERN && !json_span_member(result, "resultType").at)
		deviation_note(&server->deviations, RULE_RESULT_TYPE, "a result without one");
}

void server_list_tools(struct server *server)
{
	if (server->listing_tools) {
		server->list_again = true;
		return;
	}
	server->listing_tools = true;
	server->list_again = server->listed_from_start = false;
	if (server_has(server, SERVER_TOOLS))
		list_anew(server);
	else
		listing_complete(server);
}

void server_refresh_tools(struct server *server)
{
	if (server_is_up(server) && server->tools_stale_us &&
	    loop_now_us(server->context->loop) >= server->tools_stale_us)
		server_list_tools(server);
}
