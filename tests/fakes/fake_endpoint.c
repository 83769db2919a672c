/* SPDX-License-Identifier: MIT */
/*
 * fake_endpoint: an OpenRouter-shaped endpoint that answers from a script and judges what it gets.
 *
 *   fake-endpoint --record FILE SCRIPT
 *
 * Prints {"base_url": …}, then gives each request the next line of the script (see
 * endpoint_script.h) until its stdin ends. Each request is a line of FILE before it is answered:
 * method, path, headers, body, and with "broken" the rule that it breaks; such a request is
 * answered with 400 and that text. GET …/key and …/models are answered without the script, unless
 * its next line has "probe": true. A request whose max_tokens is at most 16 asks whether its tools
 * are taken: a line stays for the request after it.
 */
#include "config.h"

#include <ctype.h>
#include <errno.h>
#include <json-c/json_object.h>
#include <json-c/json_object_iterator.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/json.h"
#include "base/json_write.h"
#include "base/mem.h"
#include "demo/http_server.h"
#include "endpoint_family.h"
#include "endpoint_media.h"
#include "endpoint_rules.h"
#include "endpoint_script.h"

#define HOLD_POLL_MS 5
#define PROBE_TOKENS 16

struct service { /* one request that is being answered */
	struct service *next, **previous;
	struct loop *loop;
	struct http_reply *reply;
	const struct json_object *line;
	struct endpoint_answer answer;
	size_t sent; /* pieces */
	bool waited; /* before the next piece */
	struct loop_timer timer;
};

struct endpoint {
	struct loop *loop;
	FILE *record;
	struct json_object **line; /* of the script */
	size_t lines, next;
	int64_t repeated; /* of line `next` */
	long requests;
	struct service *first;
};

static void die(const char *what, const char *why)
{
	fprintf(stderr, "fake-endpoint: %s: %s\n", what, why);
	exit(1);
}

/* The script */

static void read_script(struct endpoint *endpoint, const char *path)
{
	FILE *file = fopen(path, "r");
	char *line = NULL;
	size_t size = 0;
	ssize_t len;
	struct err err;

	if (!file)
		die(path, strerror(errno));
	while ((len = getline(&line, &size, file)) > 0) {
		endpoint->line = mem_resize_array(endpoint->line, endpoint->lines + 1,
						  sizeof(*endpoint->line));
		if (json_parse(line, (size_t)len, &json_limits_default,
			       &endpoint->line[endpoint->lines], &err))
			die(path, err.text);
		endpoint->lines++;
	}
	free(line);
	fclose(file);
}

static const struct json_object *next_line(struct endpoint *endpoint)
{
	const struct json_object *line;

	if (endpoint->next == endpoint->lines)
		return NULL;
	line = endpoint->line[endpoint->next];
	if (++endpoint->repeated >= json_member_int(line, "repeat", 1)) {
		endpoint->next++;
		endpoint->repeated = 0;
	}
	return line;
}

/* Judging */

static bool ends_with(const char *text, const char *end)
{
	size_t len = strlen(text), end_len = strlen(end);

	return len >= end_len && strcmp(text + len - end_len, end) == 0;
}

static bool is_authorized(const struct http_server_request *request)
{
	const char *value = http_server_request_header(request, "Authorization");

	return value && strncmp(value, "Bearer ", 7) == 0 && value[7];
}

/* 0, or the status that the rule's break is answered with. */
static int judge(const struct http_server_request *request, const struct json_object *body,
		 struct err *err)
{
	const char *type = http_server_request_header(request, "Content-Type");

	if (!is_authorized(request)) {
		err_set(err, ERR_PERMISSION, "Missing Authentication header");
		return 401;
	}
	if (strcmp(request->method, "POST") != 0 ||
	    !ends_with(request->path, "/chat/completions")) {
		err_set(err, ERR_PROTOCOL, "%.20s %.100s is not served", request->method,
			request->path);
		return 404;
	}
	if (!type || strncasecmp(type, "application/json", strlen("application/json")) != 0) {
		err_set(err, ERR_PROTOCOL, "the Content-Type is not application/json");
		return 400;
	}
	return endpoint_rules_check(body, err) ? 400 : 0;
}

static void write_headers(const struct http_server_request *request, struct buf *out)
{
	json_write_key(out, "headers");
	buf_append_char(out, '{');
	for (size_t i = 0; i < request->headers; i++) {
		char *name = mem_string(request->header[i].name);

		for (char *at = name; *at; at++)
			*at = (char)tolower((unsigned char)*at);
		json_write_member(out, name, request->header[i].value);
		free(name);
	}
	buf_append_char(out, '}');
}

static void write_record(const struct endpoint *endpoint, const struct http_server_request *request,
			 bool is_json, const char *broken)
{
	struct buf line = BUF_INIT;

	buf_append_char(&line, '{');
	json_write_member(&line, "method", request->method);
	json_write_member(&line, "path", request->path);
	write_headers(request, &line);
	json_write_key(&line, "body");
	if (is_json)
		json_write_compact(&line, request->body, request->body_len);
	else
		json_write_string_len(&line, request->body, request->body_len);
	if (broken)
		json_write_member(&line, "broken", broken);
	buf_append_text(&line, "}\n");
	fwrite(line.data, 1, line.len, endpoint->record);
	fflush(endpoint->record);
	buf_clear(&line);
}

/* Answering */

static void service_free(struct service *service)
{
	loop_timer_stop(&service->timer);
	*service->previous = service->next;
	if (service->next)
		service->next->previous = service->previous;
	endpoint_answer_clear(&service->answer);
	free(service);
}

static void send_pieces(void *arg);

/* True when the next piece may go now; else it is tried again later. */
static bool is_due(struct service *service)
{
	const struct endpoint_piece *piece = &service->answer.piece[service->sent];
	long wait_ms =
		service->sent == 0 ? 0 : (long)json_member_int(service->line, "between_ms", 0);

	if (piece->held && access(service->answer.hold, F_OK) != 0)
		wait_ms = HOLD_POLL_MS;
	else if (service->waited || wait_ms == 0)
		return true;
	else
		service->waited = true;
	loop_timer_start(service->loop, &service->timer, wait_ms, send_pieces, service);
	return false;
}

static void send_pieces(void *arg)
{
	struct service *service = arg;
	const struct json_object *line = service->line;
	struct http_reply *reply = service->reply;

	while (service->sent < service->answer.pieces) {
		const struct endpoint_piece *piece = &service->answer.piece[service->sent];

		if (!is_due(service))
			return;
		service->waited = false;
		service->sent++;
		http_reply_write(reply, piece->bytes, piece->len);
	}
	if (json_member_bool(line, "hang", false))
		return;
	service_free(service);
	if (json_member_bool(line, "cut", false))
		http_reply_abort(reply);
	else
		http_reply_end(reply);
}

static void begin(void *arg)
{
	struct service *service = arg;
	struct json_object *headers = json_member_object(service->line, "headers");
	size_t count = headers ? (size_t)json_object_object_length(headers) : 0, n = 0;
	char **lines = mem_new_array(count + 2, sizeof(*lines));

	lines[n++] = mem_format("Content-Type: %s", service->answer.content_type);
	if (headers) {
		struct json_object_iterator at = json_object_iter_begin(headers);
		struct json_object_iterator end = json_object_iter_end(headers);

		for (; !json_object_iter_equal(&at, &end); json_object_iter_next(&at))
			lines[n++] =
				mem_format("%s: %s", json_object_iter_peek_name(&at),
					   json_string(json_object_iter_peek_value(&at), NULL));
	}
	http_reply_begin(service->reply, (int)json_member_int(service->line, "status", 200),
			 (const char *const *)lines);
	while (n > 0)
		free(lines[--n]);
	free(lines);
	send_pieces(service);
}

static void serve(struct endpoint *endpoint, struct http_reply *reply,
		  const struct json_object *line, bool stream)
{
	struct service *service = mem_new(sizeof(*service));

	service->loop = endpoint->loop;
	service->reply = reply;
	service->line = line;
	service->next = endpoint->first;
	service->previous = &endpoint->first;
	if (service->next)
		service->next->previous = &service->next;
	endpoint->first = service;
	endpoint_answer_init(&service->answer, line, stream, endpoint->requests);
	loop_timer_start(endpoint->loop, &service->timer,
			 (long)json_member_int(line, "delay_ms", 0), begin, service);
}

static void send_json(struct http_reply *reply, int status, const char *json, size_t len)
{
	static const char *const headers[] = {"Content-Type: application/json", NULL};

	http_reply_send(reply, status, headers, json, len);
}

static void refuse(struct http_reply *reply, int status, const char *why)
{
	struct buf body = BUF_INIT;

	buf_format(&body, "{\"error\":{\"code\":%d", status);
	json_write_member(&body, "message", why);
	buf_append_text(&body, "}}");
	send_json(reply, status, body.data, body.len);
	buf_clear(&body);
}

/* What a client may look up besides; NULL: nothing is there. */
static const char *probe_answer(const struct http_server_request *request)
{
	if (strcmp(request->method, "GET") != 0)
		return NULL;
	if (ends_with(request->path, "/key"))
		return "{\"data\":{\"label\":\"sk-or-v1-tes...789\",\"limit\":null,\"usage\":0}}";
	if (ends_with(request->path, "/models"))
		return "{\"data\":[{\"id\":\"test/model\"}]}";
	return NULL;
}

static bool has_tool(const struct json_object *body, const char *wanted)
{
	struct json_object *tools = json_member_array(body, "tools");

	for (size_t i = 0; tools && i < json_object_array_length(tools); i++) {
		const struct json_object *function =
			json_member_object(json_object_array_get_idx(tools, i), "function");
		const char *name = json_member_string(function, "name");

		if (name && strcmp(name, wanted) == 0)
			return true;
	}
	return false;
}

/* What the line's provider refuses of the tools: -1 and its words. */
static int check_tools_taken(const struct json_object *line, const struct json_object *body,
			     struct err *err)
{
	const char *family = json_member_string(line, "family");
	const char *refusal = json_member_string(line, "refusal");
	struct json_object *refused = json_member_array(line, "refuse");

	if (family &&
	    (endpoint_family_check(body, family, err) || endpoint_media_check(body, family, err)))
		return -1;
	for (size_t i = 0; refused && i < json_object_array_length(refused); i++) {
		const char *name = json_string(json_object_array_get_idx(refused, i), NULL);

		if (strcmp(name, "*") != 0 && !has_tool(body, name))
			continue;
		return refusal ? err_set(err, ERR_PROTOCOL, "%s", refusal)
			       : err_set(err, ERR_PROTOCOL, "Invalid schema for function '%s'",
					 name);
	}
	return 0;
}

static bool asks_only(const struct json_object *body)
{
	int64_t max_tokens = json_member_int(body, "max_tokens", 0);

	return max_tokens > 0 && max_tokens <= PROBE_TOKENS;
}

static const char probe_reply[] =
	"{\"id\":\"gen-0\",\"object\":\"chat.completion\",\"created\":1790000000,\"choices\":[{"
	"\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\"OK\"},\"finish_reason\":"
	"\"stop\"}],\"usage\":{\"prompt_tokens\":5,\"completion_tokens\":1,\"total_tokens\":6,"
	"\"cost\":0.0001}}";

/* True when the next line's provider says no, or only was to say whether it does. */
static bool answer_about_tools(struct endpoint *endpoint, struct http_reply *reply,
			       const struct http_server_request *request,
			       const struct json_object *body)
{
	struct err err;

	if (endpoint->next == endpoint->lines || judge(request, body, &err))
		return false;
	if (check_tools_taken(endpoint->line[endpoint->next], body, &err)) {
		write_record(endpoint, request, true, NULL);
		refuse(reply, 400, err.text);
		return true;
	}
	if (!asks_only(body))
		return false;
	write_record(endpoint, request, true, NULL);
	send_json(reply, 200, probe_reply, strlen(probe_reply));
	return true;
}

static void answer_chat(struct endpoint *endpoint, struct http_reply *reply,
			const struct http_server_request *request)
{
	const struct json_object *line;
	struct json_object *body = NULL;
	struct err err;
	bool is_json = json_parse(request->body, request->body_len, &json_limits_default, &body,
				  &err) == 0;
	int status;

	if (answer_about_tools(endpoint, reply, request, body)) {
		json_put(&body);
		return;
	}
	status = judge(request, body, &err);
	line = next_line(endpoint);
	endpoint->requests++;
	if (line && json_member_bool(line, "unchecked", false))
		status = 0;
	write_record(endpoint, request, is_json, status ? err.text : NULL);
	if (status)
		refuse(reply, status, err.text);
	else if (!line)
		refuse(reply, 400, "the script has no answer left");
	else
		serve(endpoint, reply, line, json_member_bool(body, "stream", false));
	json_put(&body);
}

/* The next line says that it is for GET …/key or …/models. */
static bool script_has_probe(const struct endpoint *endpoint)
{
	return endpoint->next < endpoint->lines &&
	       json_member_bool(endpoint->line[endpoint->next], "probe", false);
}

static void on_request(void *arg, struct http_reply *reply,
		       const struct http_server_request *request)
{
	const char *probe = probe_answer(request);

	if (!probe || script_has_probe(arg))
		answer_chat(arg, reply, request);
	else if (!is_authorized(request))
		refuse(reply, 401, "Missing Authentication header");
	else
		send_json(reply, 200, probe, strlen(probe));
}

static void on_gone(void *arg, struct http_reply *reply)
{
	struct endpoint *endpoint = arg;

	for (struct service *service = endpoint->first; service; service = service->next) {
		if (service->reply != reply)
			continue;
		service_free(service);
		return;
	}
}

static const struct http_server_listener listener = {
	.on_request = on_request,
	.on_gone = on_gone,
};

/* Running */

static void stdin_readable(void *arg, short revents)
{
	char bytes[256];

	(void)revents;
	if (read(STDIN_FILENO, bytes, sizeof(bytes)) <= 0)
		loop_stop(arg);
}

int main(int argc, char **argv)
{
	struct endpoint endpoint = {0};
	struct loop_watch watch = {0};
	struct http_server *server;
	struct err err;

	if (argc != 4 || strcmp(argv[1], "--record") != 0)
		die("usage", "fake-endpoint --record FILE SCRIPT");
	read_script(&endpoint, argv[3]);
	endpoint.record = fopen(argv[2], "a");
	if (!endpoint.record)
		die(argv[2], strerror(errno));
	signal(SIGPIPE, SIG_IGN);
	endpoint.loop = loop_new(&err);
	if (!endpoint.loop)
		die("loop", err.text);
	server = http_server_new(endpoint.loop, &listener, &endpoint, &err);
	if (!server)
		die("server", err.text);
	loop_watch_start(endpoint.loop, &watch, STDIN_FILENO, POLLIN, stdin_readable,
			 endpoint.loop);
	printf("{\"base_url\":\"http://127.0.0.1:%u/api/v1\"}\n", http_server_port(server));
	fflush(stdout);
	loop_run(endpoint.loop);
	loop_watch_stop(&watch);
	while (endpoint.first)
		service_free(endpoint.first);
	http_server_free(&server);
	loop_free(&endpoint.loop);
	for (size_t i = 0; i < endpoint.lines; i++)
		json_put(&endpoint.line[i]);
	free(endpoint.line);
	fclose(endpoint.record);
	return 0;
}
