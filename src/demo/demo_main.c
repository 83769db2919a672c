/* SPDX-License-Identifier: MIT */
/*
 * demo-endpoint: a stand-in for a language model, for `cordpair demo` and --model demo.
 *
 * Serves what OpenRouter serves below /api/v1, on loopback, until its stdin ends. The first line
 * of its stdout says where: {"base_url":"http://127.0.0.1:PORT/api/v1"}.
 */
#include "config.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/json.h"
#include "base/json_write.h"
#include "demo/demo_answer.h"
#include "demo/demo_reply.h"
#include "demo/http_server.h"

#define BASE_PATH "/api/v1"

struct demo {
	struct loop *loop;
	struct loop_watch stdin_watch;
	long requests;
};

static const char *const json_headers[] = {"Content-Type: application/json", NULL};

static void reply_error(struct http_reply *reply, int status, const char *message)
{
	struct buf out = BUF_INIT;

	buf_format(&out, "{\"error\":{\"code\":%d", status);
	json_write_member(&out, "message", message);
	buf_append_text(&out, "}}");
	http_reply_send(reply, status, json_headers, buf_text(&out), out.len);
	buf_clear(&out);
}

static void complete(struct demo *demo, struct http_reply *reply,
		     const struct http_server_request *request)
{
	struct json_object *body = NULL;
	struct demo_reply_facts facts = {.number = ++demo->requests,
					 .request_bytes = request->body_len};
	struct demo_answer answer;
	struct err err;

	if (json_parse(request->body, request->body_len, &json_limits_default, &body, &err)) {
		reply_error(reply, 400, err.text);
		return;
	}
	if (!json_member_array(body, "messages")) {
		reply_error(reply, 400, "\"messages\" is missing");
		json_put(&body);
		return;
	}
	facts.model = json_member_string(body, "model");
	if (!facts.model)
		facts.model = "demo";
	demo_answer_make(&answer, body);
	if (json_member_bool(body, "stream", false))
		demo_reply_stream(reply, &answer, &facts);
	else
		demo_reply_body(reply, &answer, &facts);
	demo_answer_clear(&answer);
	json_put(&body);
}

static void tell_models(struct demo *demo, struct http_reply *reply,
			const struct http_server_request *request)
{
	static const char models[] =
		"{\"data\":[{\"id\":\"demo\",\"name\":\"The stand-in of cordpair demo (no language "
		"model)\",\"supported_parameters\":[\"tools\",\"tool_choice\"]}]}";

	(void)demo;
	(void)request;
	http_reply_send(reply, 200, json_headers, models, strlen(models));
}

static void tell_key(struct demo *demo, struct http_reply *reply,
		     const struct http_server_request *request)
{
	static const char key[] = "{\"data\":{\"label\":\"demo\",\"limit\":null,\"usage\":0,"
				  "\"is_free_tier\":true}}";

	(void)demo;
	(void)request;
	http_reply_send(reply, 200, json_headers, key, strlen(key));
}

static const struct route {
	const char *method, *path;
	void (*answer)(struct demo *demo, struct http_reply *reply,
		       const struct http_server_request *request);
} routes[] = {
	{"POST", BASE_PATH "/chat/completions", complete},
	{"GET", BASE_PATH "/models", tell_models},
	{"GET", BASE_PATH "/key", tell_key},
};

static void on_request(void *arg, struct http_reply *reply,
		       const struct http_server_request *request)
{
	bool known = false;

	for (size_t i = 0; i < sizeof(routes) / sizeof(routes[0]); i++) {
		if (strcmp(routes[i].path, request->path) != 0)
			continue;
		known = true;
		if (strcmp(routes[i].method, request->method) == 0) {
			routes[i].answer(arg, reply, request);
			return;
		}
	}
	reply_error(reply, known ? 405 : 404, "the stand-in does not serve this");
}

static const struct http_server_listener listener = {.on_request = on_request};

/* Whoever started us is gone, or wants us to end. */
static void stdin_ready(void *arg, short revents)
{
	struct demo *demo = arg;
	char bytes[256];
	ssize_t n = read(STDIN_FILENO, bytes, sizeof(bytes));

	(void)revents;
	if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
		loop_stop(demo->loop);
}

int main(void)
{
	struct demo demo = {0};
	struct http_server *server;
	struct err err;

	signal(SIGPIPE, SIG_IGN);
	demo.loop = loop_new(&err);
	server = demo.loop ? http_server_new(demo.loop, &listener, &demo, &err) : NULL;
	if (!server) {
		fprintf(stderr, "demo-endpoint: %s\n", err.text);
		return err_exit_code(err.kind);
	}
	printf("{\"base_url\":\"http://127.0.0.1:%u" BASE_PATH "\"}\n", http_server_port(server));
	fflush(stdout);
	loop_watch_start(demo.loop, &demo.stdin_watch, STDIN_FILENO, POLLIN, stdin_ready, &demo);
	loop_run(demo.loop);
	loop_watch_stop(&demo.stdin_watch);
	http_server_free(&server);
	loop_free(&demo.loop);
	return 0;
}
