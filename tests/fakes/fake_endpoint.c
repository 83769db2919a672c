/* SPDX-License-Identifier: MIT */
/*
 * fake_endpoint: an OpenRouter-shaped endpoint that answers from a script and judges what it gets.
 *
 *   fake-endpoint --record FILE SCRIPT
 *
 * Prints {"base_url": …}, then gives each request the next line of the script (see
 * endpoint_script.h) until its stdin ends. Each request is a line of FILE before it is answered:
 * method, path, headers, body, and with "broken" the rule that it breaks; such a request is
 * answered with 400 and that text. GET …/key and …/models are answered without the script.
 */
#include "config.h"

#include <errno.h>
#include <json-c/json_object.h>
#include <json-c/json_object_iterator.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/json.h"
#include "base/json_write.h"
#include "base/mem.h"
#include "endpoint_rules.h"
#include "endpoint_script.h"
#include "endpoint_wire.h"

#define HOLD_POLL_MS 5

struct script {
	struct json_object **line;
	size_t lines, next;
	int64_t repeated; /* of line `next` */
};

static FILE *record;
static struct script script;
static long requests;

static void die(const char *what, const char *why)
{
	fprintf(stderr, "fake-endpoint: %s: %s\n", what, why);
	exit(1);
}

static void read_script(const char *path)
{
	FILE *file = fopen(path, "r");
	char *line = NULL;
	size_t size = 0;
	ssize_t len;
	struct err err;

	if (!file)
		die(path, strerror(errno));
	while ((len = getline(&line, &size, file)) > 0) {
		if (strspn(line, " \t\n") == (size_t)len)
			continue;
		script.line = mem_resize_array(script.line, script.lines + 1, sizeof(*script.line));
		if (json_parse(line, (size_t)len, &json_limits_default, &script.line[script.lines],
			       &err))
			die(path, err.text);
		script.lines++;
	}
	free(line);
	fclose(file);
}

static const struct json_object *next_line(void)
{
	const struct json_object *line;

	if (script.next == script.lines)
		return NULL;
	line = script.line[script.next];
	if (++script.repeated >= json_member_int(line, "repeat", 1)) {
		script.next++;
		script.repeated = 0;
	}
	return line;
}

/* Judging */

static bool ends_with(const char *text, const char *end)
{
	size_t len = strlen(text), end_len = strlen(end);

	return len >= end_len && strcmp(text + len - end_len, end) == 0;
}

/* 0, or the status that the rule's break is answered with. */
static long judge(const struct wire_request *request, const struct json_object *body,
		  struct err *err)
{
	if (!request->authorized) {
		err_set(err, ERR_PERMISSION, "Missing Authentication header");
		return 401;
	}
	if (strcmp(request->method, "POST") != 0 ||
	    !ends_with(request->path, "/chat/completions")) {
		err_set(err, ERR_PROTOCOL, "%.20s %.100s is not served", request->method,
			request->path);
		return 404;
	}
	if (!request->json) {
		err_set(err, ERR_PROTOCOL, "the Content-Type is not application/json");
		return 400;
	}
	return endpoint_rules_check(body, err) ? 400 : 0;
}

static void write_record(const struct wire_request *request, bool is_json, const char *broken)
{
	struct buf line = BUF_INIT;

	buf_append_char(&line, '{');
	json_write_member(&line, "method", request->method);
	json_write_member(&line, "path", request->path);
	json_write_member_json(&line, "headers", buf_text(&request->headers), request->headers.len);
	json_write_key(&line, "body");
	if (is_json)
		json_write_compact(&line, request->body.data, request->body.len);
	else
		json_write_string_len(&line, buf_text(&request->body), request->body.len);
	if (broken)
		json_write_member(&line, "broken", broken);
	buf_append_text(&line, "}\n");
	fwrite(line.data, 1, line.len, record);
	fflush(record);
	buf_clear(&line);
}

/* Answering */

static char *header_lines(const struct json_object *answer)
{
	struct json_object *headers = json_member_object(answer, "headers");
	struct buf text = BUF_INIT;

	if (headers) {
		struct json_object_iterator at = json_object_iter_begin(headers);
		struct json_object_iterator end = json_object_iter_end(headers);

		for (; !json_object_iter_equal(&at, &end); json_object_iter_next(&at))
			buf_format(&text, "%s: %s\r\n", json_object_iter_peek_name(&at),
				   json_string(json_object_iter_peek_value(&at), NULL));
	}
	return buf_take(&text);
}

static int send_pieces(int fd, const struct json_object *line, const struct endpoint_answer *answer)
{
	int64_t between_ms = json_member_int(line, "between_ms", 0);

	for (size_t i = 0; i < answer->pieces; i++) {
		const struct endpoint_piece *piece = &answer->piece[i];

		while (piece->held && access(answer->hold, F_OK) != 0)
			if (wire_wait(fd, HOLD_POLL_MS))
				return -1;
		if (i > 0 && between_ms > 0 && wire_wait(fd, (long)between_ms))
			return -1;
		if (wire_chunk(fd, piece->bytes, piece->len))
			return -1;
	}
	return 0;
}

static void give(int fd, const struct json_object *line, bool stream)
{
	struct endpoint_answer answer;
	char *headers = header_lines(line);
	int64_t delay_ms = json_member_int(line, "delay_ms", 0);

	endpoint_answer_init(&answer, line, stream, requests);
	if ((delay_ms == 0 || wire_wait(fd, (long)delay_ms) == 0) &&
	    wire_begin(fd, (long)json_member_int(line, "status", 200), answer.content_type,
		       headers) == 0 &&
	    send_pieces(fd, line, &answer) == 0) {
		if (json_member_bool(line, "hang", false))
			while (wire_wait(fd, -1) == 0)
				;
		else if (!json_member_bool(line, "cut", false))
			(void)!wire_end(fd);
	}
	endpoint_answer_clear(&answer);
	free(headers);
}

static void send_json(int fd, long status, const char *json, size_t len)
{
	if (wire_begin(fd, status, "application/json", "") == 0 && wire_chunk(fd, json, len) == 0)
		(void)!wire_end(fd);
}

static void refuse(int fd, long status, const char *why)
{
	struct buf body = BUF_INIT;

	buf_format(&body, "{\"error\":{\"code\":%ld", status);
	json_write_member(&body, "message", why);
	buf_append_text(&body, "}}");
	send_json(fd, status, body.data, body.len);
	buf_clear(&body);
}

/* What a client may look up besides; NULL: nothing is there. */
static const char *probe_answer(const struct wire_request *request)
{
	if (strcmp(request->method, "GET") != 0)
		return NULL;
	if (ends_with(request->path, "/key"))
		return "{\"data\":{\"label\":\"sk-or-v1-tes...789\",\"limit\":null,\"usage\":0}}";
	if (ends_with(request->path, "/models"))
		return "{\"data\":[{\"id\":\"test/model\"}]}";
	return NULL;
}

static void answer_chat(int fd, const struct wire_request *request)
{
	const struct json_object *line = next_line();
	struct json_object *body = NULL;
	struct err err;
	bool is_json = json_parse(buf_text(&request->body), request->body.len, &json_limits_default,
				  &body, &err) == 0;
	long status = judge(request, body, &err);

	requests++;
	if (line && json_member_bool(line, "unchecked", false))
		status = 0;
	write_record(request, is_json, status ? err.text : NULL);
	if (status)
		refuse(fd, status, err.text);
	else if (!line)
		refuse(fd, 400, "the script has no answer left");
	else
		give(fd, line, json_member_bool(body, "stream", false));
	json_put(&body);
}

static void answer(int fd, const struct wire_request *request)
{
	const char *probe = probe_answer(request);

	if (!probe)
		answer_chat(fd, request);
	else if (!request->authorized)
		refuse(fd, 401, "Missing Authentication header");
	else
		send_json(fd, 200, probe, strlen(probe));
}

int main(int argc, char **argv)
{
	unsigned port;
	int listener, fd;

	if (argc != 4 || strcmp(argv[1], "--record") != 0)
		die("usage", "fake-endpoint --record FILE SCRIPT");
	read_script(argv[3]);
	record = fopen(argv[2], "a");
	if (!record)
		die(argv[2], strerror(errno));
	listener = wire_listen(&port);
	if (listener < 0)
		die("127.0.0.1", strerror(errno));
	printf("{\"base_url\":\"http://127.0.0.1:%u/api/v1\"}\n", port);
	fflush(stdout);
	while ((fd = wire_accept(listener)) >= 0) {
		struct wire_request request;

		if (wire_read_request(fd, &request) == 0)
			answer(fd, &request);
		wire_request_clear(&request);
		close(fd);
	}
	return 0;
}
