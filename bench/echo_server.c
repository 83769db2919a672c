/* SPDX-License-Identifier: MIT */
/*
 * The C echo server that every side of the benchmark talks to: the least that is an MCP server.
 *
 *   bench-echo-server [BYTES]   an `echo` tool; a `big` tool whose answer is one text of BYTES
 *
 * It answers by text, without a JSON parser: it finds the id and the method in the line, which is
 * enough for clients that write ordinary JSON-RPC, and keeps its own cost out of the measurement.
 */
#include "config.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define READ_BYTES ((size_t)1 << 16)

static char *out;
static size_t out_len, out_cap;

static void put(const char *bytes, size_t len)
{
	if (out_len + len > out_cap) {
		out_cap = (out_len + len) * 2;
		out = realloc(out, out_cap);
		if (!out)
			exit(70);
	}
	memcpy(out + out_len, bytes, len);
	out_len += len;
}

static void put_text(const char *text)
{
	put(text, strlen(text));
}

static void flush(void)
{
	size_t done = 0;

	while (done < out_len) {
		ssize_t n = write(STDOUT_FILENO, out + done, out_len - done);

		if (n < 0 && errno != EINTR)
			exit(0);
		done += n > 0 ? (size_t)n : 0;
	}
	out_len = 0;
}

/* The value of a top-level "id" as it was written, or NULL: a notification. */
static const char *find_id(const char *line, size_t *len)
{
	const char *at = strstr(line, "\"id\":");
	size_t n;

	if (!at)
		return NULL;
	at += strlen("\"id\":");
	n = *at == '"' ? (size_t)(strchr(at + 1, '"') - at) + 1 : strspn(at, "-0123456789");
	*len = n;
	return at;
}

static void put_big(size_t bytes)
{
	static const char chunk[] = "The quick brown fox jumps over the lazy dog, and then again. ";

	put_text("{\"content\":[{\"type\":\"text\",\"text\":\"");
	for (size_t left = bytes; left > 0;) {
		size_t n = left < sizeof(chunk) - 1 ? left : sizeof(chunk) - 1;

		put(chunk, n);
		left -= n;
	}
	put_text("\"}]}");
}

static bool has(const char *line, const char *what)
{
	return strstr(line, what) != NULL;
}

static void put_result(const char *line, size_t big_bytes)
{
	if (has(line, "\"method\":\"tools/call\""))
		if (big_bytes > 0 && has(line, "\"name\":\"big\""))
			put_big(big_bytes);
		else
			put_text("{\"content\":[{\"type\":\"text\",\"text\":\"hello\"}]}");
	else if (has(line, "\"method\":\"initialize\""))
		put_text("{\"protocolVersion\":\"2025-11-25\",\"capabilities\":{\"tools\":{}},"
			 "\"serverInfo\":{\"name\":\"bench-echo\",\"version\":\"1\"}}");
	else if (has(line, "\"method\":\"tools/list\""))
		put_text("{\"tools\":[{\"name\":\"echo\",\"description\":\"Says it again\","
			 "\"inputSchema\":{\"type\":\"object\",\"properties\":{\"text\":{"
			 "\"type\":\"string\"}}}},{\"name\":\"big\",\"inputSchema\":{\"type\":"
			 "\"object\"}}]}");
	else
		put_text("{}");
}

static void answer(const char *line, size_t big_bytes)
{
	size_t id_len = 0;
	const char *id = find_id(line, &id_len);

	if (!id)
		return;
	put_text("{\"jsonrpc\":\"2.0\",\"id\":");
	put(id, id_len);
	if (has(line, "\"method\":\"server/discover\"")) {
		put_text(",\"error\":{\"code\":-32601,\"message\":\"Method not found\"}}\n");
		return;
	}
	put_text(",\"result\":");
	put_result(line, big_bytes);
	put_text("}\n");
}

int main(int argc, char **argv)
{
	size_t big_bytes = argc > 1 ? strtoul(argv[1], NULL, 10) : 0;
	static char in[READ_BYTES * 2 + 1];
	size_t have = 0;

	for (;;) {
		ssize_t n = read(STDIN_FILENO, in + have, sizeof(in) - 1 - have);
		char *start = in, *end;

		if (n <= 0)
			return 0;
		have += (size_t)n;
		in[have] = '\0';
		while ((end = memchr(start, '\n', have - (size_t)(start - in)))) {
			*end = '\0';
			answer(start, big_bytes);
			start = end + 1;
		}
		have -= (size_t)(start - in);
		memmove(in, start, have);
		flush();
	}
}
