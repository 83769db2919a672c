/* SPDX-License-Identifier: MIT */
/* cordpair resources: what servers have to read; one of it read, or watched (MCP, "Resources"). */
#include "config.h"

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "app/commands.h"
#include "app/completion_run.h"
#include "app/query_run.h"
#include "base/digest.h"
#include "base/json_write.h"
#include "base/mem.h"
#include "base/sanitize.h"
#include "io/file.h"

#define CONTENT_MAX_BYTES ((size_t)64 << 20)

static struct resources_options {
	const char *output;
} resources_options;

static const struct option_spec resources_option_table[] = {
	{'o', "output", OPTION_TEXT, offsetof(struct resources_options, output), "FILE",
	 "write what was read to a file"},
	{0, NULL, OPTION_FLAG, 0, NULL, NULL},
};

/* Listing */

static void append_resource(const struct query_listing *listing, struct json_span item,
			    struct buf *line)
{
	const bool template = strcmp(listing->member, "template") == 0;

	query_append_text(line, json_span_member(item, template ? "uriTemplate" : "uri"));
	buf_append_char(line, '\t');
	query_append_text(
		line,
		json_span_member(item, json_span_member(item, "title").at ? "title" : "name"));
}

static void list_server(struct query_listing *listing)
{
	static const struct {
		const char *method, *list, *member;
	} lists[] = {
		{"resources/list", "resources", "resource"},
		{"resources/templates/list", "resourceTemplates", "template"},
	};
	struct err err;

	for (size_t i = 0; i < 2 && !program_interrupted(listing->program); i++) {
		listing->member = lists[i].member;
		/* Many servers with resources have no templates, and refuse to say so. */
		if (query_run_list(listing->program, listing->server, lists[i].method,
				   lists[i].list, query_listing_item, listing, &err) &&
		    i == 0)
			query_run_fail(listing->program, &err);
	}
}

static void list_resources(struct program *program, size_t first)
{
	struct query_listing listing = {.program = program, .append_line = append_resource};

	if (query_run_servers(program, first))
		return;
	for (size_t i = 0; i < server_pool_count(program->pool); i++) {
		listing.server = server_pool_at(program->pool, i);
		if (server_has(listing.server, SERVER_RESOURCES))
			list_server(&listing);
	}
	query_listing_end(&listing);
}

/* Reading */

static int append_content(struct json_span content, struct buf *bytes, bool *binary,
			  struct err *err)
{
	struct json_span blob = json_span_member(content, "blob");
	char *text;
	int status;

	if (!blob.at) {
		if (json_span_unescape(json_span_member(content, "text"), bytes))
			return err_set(err, ERR_PROTOCOL, "a content has neither text nor blob");
		return 0;
	}
	*binary = true;
	text = json_span_text(blob, CONTENT_MAX_BYTES);
	status = text ? base64_decode(bytes, text, strlen(text)) : -1;
	free(text);
	return status ? err_set(err, ERR_PROTOCOL, "its blob is no base64, or larger than %zu MiB",
				CONTENT_MAX_BYTES >> 20)
		      : 0;
}

static int join_contents(const struct buf *result, struct buf *bytes, bool *binary, struct err *err)
{
	struct json_span contents, content = {NULL, 0};

	contents = json_span_member((struct json_span){buf_text(result), result->len}, "contents");
	if (json_span_kind(contents) != JSON_ARRAY)
		return err_set(err, ERR_PROTOCOL, "the answer has no contents");
	while (json_span_next(contents, &content))
		if (append_content(content, bytes, binary, err))
			return -1;
	return 0;
}

static void print_contents(struct program *program, const struct buf *bytes, bool binary)
{
	struct err err;

	if (resources_options.output) {
		if (file_replace(resources_options.output, buf_text(bytes), bytes->len, 0644, &err))
			program_fail(program, &err);
	} else if (!binary) {
		output_text(&program->out, buf_text(bytes), bytes->len);
		output_end_text(&program->out);
	} else if (program->out.terminal) {
		err_set(&err, ERR_USAGE,
			"this is no text: write it to a file (--output FILE) or into a pipe");
		program_fail(program, &err);
	} else {
		output_own(&program->out, buf_text(bytes), bytes->len);
	}
}

static void read_resource(struct program *program, struct server *server, const char *uri)
{
	struct buf params = BUF_INIT, result, bytes;
	bool binary = false;
	struct err err;

	buf_init(&result, 2 * CONTENT_MAX_BYTES);
	buf_init(&bytes, CONTENT_MAX_BYTES);
	json_write_member(&params, "uri", uri);
	if (query_run(program, server, "resources/read", params.data, &result, &err) ||
	    (!program->options.json && join_contents(&result, &bytes, &binary, &err))) {
		query_run_fail(program, &err);
	} else if (program->options.json) {
		output_own(&program->out, buf_text(&result), result.len);
		output_own(&program->out, "\n", 1);
	} else {
		print_contents(program, &bytes, binary);
	}
	buf_clear(&params);
	buf_clear(&result);
	buf_clear(&bytes);
}

/* Watching */

struct watch {
	struct program *program;
	bool done;
};

static void updated(struct program *program, const char *server, const char *uri)
{
	struct buf line = BUF_INIT;

	if (program->options.json) {
		buf_append_char(&line, '{');
		json_write_member(&line, "server", server);
		json_write_member(&line, "uri", uri);
		buf_append_char(&line, '}');
	} else {
		sanitize_line(uri, strlen(uri), SIZE_MAX, &line);
	}
	buf_append_char(&line, '\n');
	output_buf(&program->out, &line);
	buf_clear(&line);
}

static void watch_refused(void *arg, const struct err *err)
{
	struct watch *watch = arg;

	program_fail(watch->program, err);
	program_stage_done(watch->program, &watch->done);
}

/* Until somebody ends it, or the server does. */
static void watch_resource(struct program *program, struct server *server, const char *uri)
{
	struct watch watch = {.program = program};

	program->on_resource_updated = updated;
	server_watch(server, uri, watch_refused, &watch);
	(void)!program_wait(program, &watch.done);
}

/* read or watch: SERVER URI */
static void use_one(struct program *program,
		    void (*use)(struct program *program, struct server *server, const char *uri))
{
	const struct strings *operands = &program->operands;
	struct server *server;
	struct err err;

	if (operands->count != 3) {
		err_set(&err, ERR_USAGE,
			"which resource? cordpair resources %s SERVER URI; `cordpair resources` "
			"lists them",
			operands->item[0]);
		program_fail(program, &err);
		return;
	}
	server = query_run_server(program);
	if (server)
		use(program, server, operands->item[2]);
}

static void run_resources(struct program *program)
{
	const struct strings *operands = &program->operands;
	const char *action = operands->count > 0 ? operands->item[0] : "list";
	struct err err;

	if (strcmp(action, "list") == 0) {
		list_resources(program, 1);
	} else if (strcmp(action, "read") == 0) {
		use_one(program, read_resource);
	} else if (strcmp(action, "watch") == 0) {
		use_one(program, watch_resource);
	} else if (strcmp(action, "complete") == 0) {
		completion_run(program, "ref/resource", "uri");
	} else {
		err_set(&err, ERR_USAGE,
			"resources: \"%.80s\" is none of list, read, watch and complete", action);
		program_fail(program, &err);
	}
}

const struct command command_resources = {
	.name = "resources",
	.operands = "[list [SERVER]... | read SERVER URI | watch SERVER URI |\n"
		    "        complete SERVER TEMPLATE ARGUMENT=PREFIX [KEY=VALUE]...]",
	.summary = "List what servers have to read, or read it",
	.details = "A line of the list is SERVER TAB URI TAB NAME; a URI with {braces} is a "
		   "template, to be\nfilled in. Text goes to stdout as it is; --json prints the "
		   "server's answer as it came.\nwatch prints a line each time the resource "
		   "changes, until it is ended.",
	.options = resources_option_table,
	.targets = &resources_options,
	.run = run_resources,
};
