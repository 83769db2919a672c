/* SPDX-License-Identifier: MIT */
/*
 * A chat endpoint for one tool round, streamed as OpenRouter streams: the first request gets a call
 * of echo__echo, a request that brings a tool's result gets the answer. Nothing is parsed.
 *
 * Serves on loopback until its stdin ends; its first line of output is its port.
 */
#include "config.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "demo/http_server.h"

static const char call[] =
	"data: {\"id\":\"gen-1\",\"object\":\"chat.completion.chunk\",\"model\":\"bench\","
	"\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":null,"
	"\"tool_calls\":[{\"index\":0,\"id\":\"call_1\",\"type\":\"function\",\"function\":{"
	"\"name\":\"echo__echo\",\"arguments\":\"{\\\"text\\\":\\\"hello\\\"}\"}}]},"
	"\"finish_reason\":null}]}\n\n"
	"data: {\"id\":\"gen-1\",\"object\":\"chat.completion.chunk\",\"model\":\"bench\","
	"\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"tool_calls\"}]}\n\n"
	"data: [DONE]\n\n";

static const char answer[] =
	"data: {\"id\":\"gen-2\",\"object\":\"chat.completion.chunk\",\"model\":\"bench\","
	"\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"hello\"},"
	"\"finish_reason\":null}]}\n\n"
	"data: {\"id\":\"gen-2\",\"object\":\"chat.completion.chunk\",\"model\":\"bench\","
	"\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n"
	"data: [DONE]\n\n";

static void on_request(void *arg, struct http_reply *reply,
		       const struct http_server_request *request)
{
	static const char *const headers[] = {"Content-Type: text/event-stream", NULL};
	const char *text = strstr(request->body, "\"tool_call_id\"") ? answer : call;

	(void)arg;
	http_reply_send(reply, 200, headers, text, strlen(text));
}

static void stdin_ready(void *arg, short revents)
{
	char byte;

	(void)revents;
	if (read(STDIN_FILENO, &byte, 1) <= 0)
		loop_stop(arg);
}

int main(void)
{
	static const struct http_server_listener listener = {.on_request = on_request};
	struct err err;
	struct loop_watch watch = {0};
	struct loop *loop = loop_new(&err);
	struct http_server *server = loop ? http_server_new(loop, &listener, NULL, &err) : NULL;

	if (!server) {
		fprintf(stderr, "bench-endpoint: %s\n", err.text);
		return 1;
	}
	printf("%u\n", http_server_port(server));
	fflush(stdout);
	loop_watch_start(loop, &watch, STDIN_FILENO, POLLIN, stdin_ready, loop);
	loop_run(loop);
	loop_watch_stop(&watch);
	http_server_free(&server);
	loop_free(&loop);
	return 0;
}
