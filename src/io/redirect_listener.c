/* SPDX-License-Identifier: MIT */
/*
 * Each connection has one request, of which only the first line counts, and is closed after its
 * answer. What is no GET of our path gets 404 and is forgotten: other programs try ports too.
 */
#include "config.h"

#include "io/redirect_listener.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"

#define LISTEN_BACKLOG 8
#define READ_BYTES     4096

struct connection {
	struct redirect_listener *listener; /* NULL: free */
	int fd;
	struct loop_watch watch;
	struct loop_timer timer;
	struct buf head;
};

struct redirect_listener {
	struct loop *loop;
	redirect_fn *fn;
	void *arg;
	int fd;
	long port;
	struct loop_watch watch;
	struct connection connection[REDIRECT_CONNECTIONS_MAX];
	bool freed;
};

static const char page_done[] =
	"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nConnection: close\r\n"
	"Cache-Control: no-store\r\nReferrer-Policy: no-referrer\r\n\r\n"
	"<!DOCTYPE html><html lang=\"en\"><title>cordpair</title>"
	"<p>cordpair has the answer. You may close this window.</p></html>\n";
static const char page_none[] = "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n"
				"Connection: close\r\n\r\n";

static void update_accepting(struct redirect_listener *listener);

static void drop(struct connection *connection)
{
	if (!connection->listener)
		return;
	loop_watch_stop(&connection->watch);
	loop_timer_stop(&connection->timer);
	close(connection->fd);
	buf_clear(&connection->head);
	connection->listener = NULL;
}

static void silent_too_long(void *arg)
{
	struct connection *connection = arg;
	struct redirect_listener *listener = connection->listener;

	drop(connection);
	update_accepting(listener);
}

/* The query of the request line, or NULL. The caller frees. */
static char *query_of(const char *head)
{
	static const char start[] = "GET " REDIRECT_PATH;
	const char *at = head + strlen(start);

	if (strncmp(head, start, strlen(start)) != 0 || (*at != '?' && *at != ' '))
		return NULL;
	at += *at == '?';
	return mem_string_len(at, strcspn(at, " #\r\n"));
}

static void answer(struct connection *connection)
{
	struct redirect_listener *listener = connection->listener;
	char *query = query_of(buf_text(&connection->head));
	const char *page = query ? page_done : page_none;

	/* A few hundred bytes into an empty socket buffer: it takes them or the browser is gone. */
	(void)!send(connection->fd, page, strlen(page), MSG_NOSIGNAL | MSG_DONTWAIT);
	shutdown(connection->fd, SHUT_WR);
	drop(connection);
	if (query)
		listener->fn(listener->arg, query);
	free(query);
	if (!listener->freed)
		update_accepting(listener);
}

static void readable(void *arg, short revents)
{
	struct connection *connection = arg;
	struct redirect_listener *listener = connection->listener;
	char *space = buf_reserve(&connection->head, READ_BYTES);
	ssize_t n = space ? read(connection->fd, space, READ_BYTES) : 0;

	(void)revents;
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		drop(connection);
		update_accepting(listener);
		return;
	}
	connection->head.len += (size_t)n;
	connection->head.data[connection->head.len] = '\0';
	if (strstr(connection->head.data, "\r\n\r\n"))
		answer(connection);
}

static struct connection *free_connection(struct redirect_listener *listener)
{
	for (size_t i = 0; i < REDIRECT_CONNECTIONS_MAX; i++)
		if (!listener->connection[i].listener)
			return &listener->connection[i];
	return NULL;
}

static void acceptable(void *arg, short revents)
{
	struct redirect_listener *listener = arg;
	struct connection *connection = free_connection(listener);
	int fd = connection ? accept4(listener->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK) : -1;

	(void)revents;
	if (fd < 0)
		return;
	*connection = (struct connection){.listener = listener, .fd = fd};
	buf_init(&connection->head, REDIRECT_HEAD_MAX_BYTES);
	loop_watch_start(listener->loop, &connection->watch, fd, POLLIN, readable, connection);
	loop_timer_start(listener->loop, &connection->timer, REDIRECT_SILENCE_MS, silent_too_long,
			 connection);
	update_accepting(listener);
}

static void update_accepting(struct redirect_listener *listener)
{
	if (free_connection(listener))
		loop_watch_change(&listener->watch, POLLIN);
	else
		loop_watch_pause(&listener->watch);
}

static int listen_on(long port, struct sockaddr_in *address, struct err *err)
{
	socklen_t len = sizeof(*address);
	const int yes = 1;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	*address = (struct sockaddr_in){
		.sin_family = AF_INET,
		.sin_port = htons((uint16_t)port),
		.sin_addr = {htonl(INADDR_LOOPBACK)},
	};
	if (fd >= 0)
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
	if (fd < 0 || bind(fd, (struct sockaddr *)address, len) || listen(fd, LISTEN_BACKLOG) ||
	    getsockname(fd, (struct sockaddr *)address, &len)) {
		err_set_os(err, ERR_UNAVAILABLE, errno, "cannot listen on 127.0.0.1, port %ld",
			   port);
		if (fd >= 0)
			close(fd);
		return -1;
	}
	return fd;
}

struct redirect_listener *redirect_listener_new(struct loop *loop, long port, redirect_fn *fn,
						void *arg, struct err *err)
{
	struct redirect_listener *listener;
	struct sockaddr_in address;
	int fd = listen_on(port, &address, err);

	if (fd < 0)
		return NULL;
	listener = mem_new(sizeof(*listener));
	listener->loop = loop;
	listener->fn = fn;
	listener->arg = arg;
	listener->fd = fd;
	listener->port = ntohs(address.sin_port);
	loop_watch_start(loop, &listener->watch, fd, POLLIN, acceptable, listener);
	return listener;
}

long redirect_listener_port(const struct redirect_listener *listener)
{
	return listener->port;
}

void redirect_listener_free(struct redirect_listener **listener_p)
{
	struct redirect_listener *listener = *listener_p;

	*listener_p = NULL;
	if (!listener)
		return;
	listener->freed = true;
	loop_watch_stop(&listener->watch);
	close(listener->fd);
	for (size_t i = 0; i < REDIRECT_CONNECTIONS_MAX; i++)
		drop(&listener->connection[i]);
	loop_free_later(listener->loop, listener, free);
}
