/* SPDX-License-Identifier: MIT */
/*
 * The smallest C programs that do what cordpair does, without any of its care: the yardstick.
 *
 *   bench-bare calls COUNT WINDOW SERVER…   COUNT tools/call, WINDOW of them in flight
 *   bench-bare start COUNT SERVER…          COUNT servers, each initialised and its tools listed
 *   bench-bare big SERVER…                  one call of `big`, its line read to the end
 *   bench-bare ask PORT SERVER…             one tool round against a loopback endpoint
 *
 * Prints one JSON object. No deadlines, no checks, blocking reads, every answer believed.
 */
#include "config.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "bench_clock.h"

extern char **environ;

static const char initialize[] =
	"{\"jsonrpc\":\"2.0\",\"id\":0,\"method\":\"initialize\",\"params\":{\"protocolVersion\":"
	"\"2025-11-25\",\"capabilities\":{},\"clientInfo\":{\"name\":\"bare\",\"version\":\"1\"}}}\n";
static const char initialized[] =
	"{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}\n";
static const char list[] = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\"}\n";

struct peer {
	int in, out;
	pid_t pid;
	char *line;
	size_t have, scanned, cap;
};

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static struct peer peer_start(char **argv)
{
	struct peer peer = {.cap = (size_t)1 << 16};
	posix_spawn_file_actions_t actions;
	int to[2], from[2];

	/* Or each server would hold its elders' stdin open, and none would end. */
	if (pipe2(to, O_CLOEXEC) || pipe2(from, O_CLOEXEC))
		die("pipe");
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, to[0], 0);
	posix_spawn_file_actions_adddup2(&actions, from[1], 1);
	errno = posix_spawnp(&peer.pid, argv[0], &actions, NULL, argv, environ);
	if (errno)
		die(argv[0]);
	posix_spawn_file_actions_destroy(&actions);
	close(to[0]);
	close(from[1]);
	peer.in = to[1];
	peer.out = from[0];
	peer.line = malloc(peer.cap);
	return peer;
}

static void peer_write(struct peer *peer, const char *bytes, size_t len)
{
	if (write(peer->in, bytes, len) != (ssize_t)len)
		die("write");
}

/* Reads until at least one line is there; gives its length with the newline. */
static size_t peer_line(struct peer *peer)
{
	for (;;) {
		char *end = memchr(peer->line + peer->scanned, '\n', peer->have - peer->scanned);
		ssize_t n;

		if (end)
			return (size_t)(end - peer->line) + 1;
		peer->scanned = peer->have;
		if (peer->have == peer->cap) {
			peer->cap *= 2;
			peer->line = realloc(peer->line, peer->cap);
			if (!peer->line)
				die("realloc");
		}
		n = read(peer->out, peer->line + peer->have, peer->cap - peer->have);
		if (n <= 0)
			die("read");
		peer->have += (size_t)n;
	}
}

static void peer_drop_line(struct peer *peer, size_t len)
{
	peer->have -= len;
	memmove(peer->line, peer->line + len, peer->have);
	peer->scanned = 0;
}

static void peer_stop(struct peer *peer)
{
	close(peer->in);
	close(peer->out);
	waitpid(peer->pid, NULL, 0);
	free(peer->line);
}

static void handshake_send(struct peer *peer)
{
	peer_write(peer, initialize, sizeof(initialize) - 1);
	peer_write(peer, initialized, sizeof(initialized) - 1);
	peer_write(peer, list, sizeof(list) - 1);
}

static void handshake_receive(struct peer *peer)
{
	peer_drop_line(peer, peer_line(peer));
	peer_drop_line(peer, peer_line(peer));
}

static void write_call(struct peer *peer, long id, const char *tool)
{
	char line[512];
	int n = snprintf(line, sizeof(line),
			 "{\"jsonrpc\":\"2.0\",\"id\":%ld,\"method\":\"tools/call\",\"params\":{"
			 "\"name\":\"%s\",\"arguments\":{\"text\":\"hello\"},\"_meta\":{"
			 "\"progressToken\":%ld}}}\n",
			 id, tool, id);

	peer_write(peer, line, (size_t)n);
}

static int run_calls(long count, long window, char **server)
{
	struct peer peer = peer_start(server);
	int64_t *took = malloc(sizeof(*took) * (size_t)count);
	int64_t start, cpu;
	long sent = 0, done = 0;

	handshake_send(&peer);
	handshake_receive(&peer);
	start = bench_now_ns();
	cpu = bench_cpu_ns();
	while (done < count) {
		int64_t before = bench_now_ns();

		while (sent < count && sent - done < window)
			write_call(&peer, 2 + sent++, "echo");
		peer_drop_line(&peer, peer_line(&peer));
		took[done++] = bench_now_ns() - before;
	}
	bench_print_calls(count, took, bench_now_ns() - start, bench_cpu_ns() - cpu);
	peer_stop(&peer);
	free(took);
	return 0;
}

static int run_start(long count, char **server)
{
	struct peer *peers = calloc((size_t)count, sizeof(*peers));
	int64_t start = bench_now_ns();

	for (long i = 0; i < count; i++) {
		peers[i] = peer_start(server);
		handshake_send(&peers[i]);
	}
	for (long i = 0; i < count; i++)
		handshake_receive(&peers[i]);
	for (long i = 0; i < count; i++)
		peer_stop(&peers[i]);
	printf("{\"ms\":%.3f}\n", (double)(bench_now_ns() - start) / 1e6);
	free(peers);
	return 0;
}

static int run_big(char **server)
{
	struct peer peer = peer_start(server);
	int64_t start;
	size_t len;

	handshake_send(&peer);
	handshake_receive(&peer);
	start = bench_now_ns();
	write_call(&peer, 2, "big");
	len = peer_line(&peer);
	printf("{\"ms\":%.3f,\"bytes\":%zu,\"peak_kib\":%ld}\n",
	       (double)(bench_now_ns() - start) / 1e6, len, bench_peak_kib());
	peer_stop(&peer);
	return 0;
}

/* One POST on a fresh connection; reads to the end of the stream of events. */
static void post(int port, const char *body)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
	static const char done[] = "data: [DONE]";
	static char answer[1 << 16];
	char head[256];
	int fd = socket(AF_INET, SOCK_STREAM, 0), one = 1;
	int n = snprintf(head, sizeof(head),
			 "POST /api/v1/chat/completions HTTP/1.1\r\nHost: 127.0.0.1\r\n"
			 "Content-Type: application/json\r\n"
			 "Content-Length: %zu\r\n\r\n",
			 strlen(body));

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)))
		die("connect");
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	if (write(fd, head, (size_t)n) != n ||
	    write(fd, body, strlen(body)) != (ssize_t)strlen(body))
		die("write");
	for (size_t have = 0; have < sizeof(answer);) {
		ssize_t got = read(fd, answer + have, sizeof(answer) - have);

		if (got <= 0)
			break;
		have += (size_t)got;
		if (memmem(answer, have, done, sizeof(done) - 1))
			break;
	}
	close(fd);
}

static int run_ask(int port, char **server)
{
	static const char tools[] =
		"\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"echo__echo\","
		"\"parameters\":{\"type\":\"object\",\"properties\":{}}}}]";
	int64_t start = bench_now_ns();
	struct peer peer = peer_start(server);
	char body[2048];

	handshake_send(&peer);
	handshake_receive(&peer);
	snprintf(body, sizeof(body),
		 "{\"stream\":true,\"messages\":[{\"role\":\"user\",\"content\":\"hello\"}],%s}",
		 tools);
	post(port, body);
	write_call(&peer, 2, "echo");
	peer_drop_line(&peer, peer_line(&peer));
	snprintf(body, sizeof(body),
		 "{\"stream\":true,\"messages\":[{\"role\":\"user\",\"content\":\"hello\"},"
		 "{\"role\":\"assistant\",\"content\":null,\"tool_calls\":[{\"id\":\"call_1\","
		 "\"type\":\"function\",\"function\":{\"name\":\"echo__echo\",\"arguments\":"
		 "\"{\\\"text\\\":\\\"hello\\\"}\"}}]},{\"role\":\"tool\",\"tool_call_id\":"
		 "\"call_1\",\"content\":\"hello\"}],%s}",
		 tools);
	post(port, body);
	peer_stop(&peer);
	printf("{\"ms\":%.3f}\n", (double)(bench_now_ns() - start) / 1e6);
	return 0;
}

int main(int argc, char **argv)
{
	signal(SIGPIPE, SIG_IGN);
	if (argc >= 5 && strcmp(argv[1], "calls") == 0)
		return run_calls(strtol(argv[2], NULL, 10), strtol(argv[3], NULL, 10), argv + 4);
	if (argc >= 4 && strcmp(argv[1], "start") == 0)
		return run_start(strtol(argv[2], NULL, 10), argv + 3);
	if (argc >= 3 && strcmp(argv[1], "big") == 0)
		return run_big(argv + 2);
	if (argc >= 4 && strcmp(argv[1], "ask") == 0)
		return run_ask((int)strtol(argv[2], NULL, 10), argv + 3);
	fprintf(stderr, "usage: bench-bare calls|start|big|ask …\n");
	return 2;
}
