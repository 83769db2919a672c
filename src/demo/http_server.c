/* SPDX-License-Identifier: MIT */
/* A reply is its connection, seen from above: a connection has one request at a time. */
#include "config.h"

#include "demo/http_server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "io/stream.h"

#define READ_BYTES ((size_t)64 << 10)
#define BACKLOG	   64

struct http_reply { /* a connection */
	struct http_server *server;
	struct http_reply *next, **previous;
	struct stream *stream;
	struct buf in;	 /* the request so far, and what came behind it */
	size_t head_len; /* with its empty line; 0: not complete */
	size_t body_len;
	struct buf head, body; /* of the request that is being answered */
	struct http_server_header header[HTTP_SERVER_HEADERS_MAX];
	struct http_server_request request;
	bool answering; /* the listener has it */
	bool closing;	/* after what is queued */
	bool gone;
};

struct http_server {
	struct loop *loop;
	const struct http_server_listener *listener;
	void *arg;
	int fd;
	unsigned port;
	struct loop_watch watch;
	struct http_reply *first;
	size_t connections;
};

/* The end of a connection */

static void connection_destroy(void *object)
{
	struct http_reply *connection = object;

	buf_clear(&connection->in);
	buf_clear(&connection->head);
	buf_clear(&connection->body);
	free(connection);
}

static void connection_close(struct http_reply *connection)
{
	struct http_server *server = connection->server;

	if (connection->gone)
		return;
	connection->gone = true;
	*connection->previous = connection->next;
	if (connection->next)
		connection->next->previous = connection->previous;
	server->connections--;
	loop_defer_cancel(server->loop, connection);
	stream_free(&connection->stream);
	loop_free_later(server->loop, connection, connection_destroy);
}

/* The peer closed, or a write failed. */
static void connection_lost(struct http_reply *connection)
{
	struct http_server *server = connection->server;

	if (connection->gone)
		return;
	connection_close(connection);
	if (connection->answering && server->listener->on_gone)
		server->listener->on_gone(server->arg, connection);
}

static void close_after_write(struct http_reply *connection)
{
	connection->closing = true;
	if (stream_queued(connection->stream) == 0)
		connection_close(connection);
}

/* Replies */

static const char *reason_of(int status)
{
	static const struct {
		int status;
		const char *reason;
	} reasons[] = {
		{200, "OK"},
		{400, "Bad Request"},
		{401, "Unauthorized"},
		{402, "Payment Required"},
		{403, "Forbidden"},
		{404, "Not Found"},
		{405, "Method Not Allowed"},
		{411, "Length Required"},
		{413, "Content Too Large"},
		{429, "Too Many Requests"},
		{431, "Request Header Fields Too Large"},
		{500, "Internal Server Error"},
		{502, "Bad Gateway"},
		{503, "Service Unavailable"},
	};

	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
		if (reasons[i].status == status)
			return reasons[i].reason;
	return "Status";
}

static void lost_later(void *arg)
{
	connection_lost(arg);
}

static void put(struct http_reply *reply, const void *bytes, size_t len)
{
	if (!reply->gone && stream_write(reply->stream, bytes, len))
		loop_defer(reply->server->loop, lost_later, reply);
}

static void put_head(struct http_reply *reply, int status, const char *const headers[],
		     const char *framing)
{
	struct buf head = BUF_INIT;

	buf_format(&head, "HTTP/1.1 %d %s\r\n", status, reason_of(status));
	for (size_t i = 0; headers && headers[i]; i++)
		buf_format(&head, "%s\r\n", headers[i]);
	buf_format(&head, "%s\r\n\r\n", framing);
	put(reply, buf_text(&head), head.len);
	buf_clear(&head);
}

static void read_request(void *arg);

static void reply_complete(struct http_reply *reply)
{
	const char *connection;

	if (reply->gone)
		return;
	reply->answering = false;
	connection = http_server_request_header(&reply->request, "Connection");
	if (connection && strcasecmp(connection, "close") == 0)
		close_after_write(reply);
	else
		loop_defer(reply->server->loop, read_request, reply); /* one may be there */
}

void http_reply_send(struct http_reply *reply, int status, const char *const headers[],
		     const char *body, size_t len)
{
	char *framing = mem_format("Content-Length: %zu", len);

	put_head(reply, status, headers, framing);
	free(framing);
	if (len > 0)
		put(reply, body, len);
	reply_complete(reply);
}

void http_reply_begin(struct http_reply *reply, int status, const char *const headers[])
{
	put_head(reply, status, headers, "Transfer-Encoding: chunked");
}

void http_reply_write(struct http_reply *reply, const char *bytes, size_t len)
{
	struct buf chunk = BUF_INIT;

	if (len == 0)
		return;
	buf_format(&chunk, "%zx\r\n", len);
	buf_append(&chunk, bytes, len);
	buf_append_text(&chunk, "\r\n");
	put(reply, buf_text(&chunk), chunk.len);
	buf_clear(&chunk);
}

void http_reply_end(struct http_reply *reply)
{
	put(reply, "0\r\n\r\n", strlen("0\r\n\r\n"));
	reply_complete(reply);
}

void http_reply_abort(struct http_reply *reply)
{
	reply->answering = false;
	if (!reply->gone)
		close_after_write(reply);
}

/* Requests */

static void refuse(struct http_reply *connection, int status)
{
	static const char *const headers[] = {"Connection: close", NULL};

	put_head(connection, status, headers, "Content-Length: 0");
	if (!connection->gone)
		close_after_write(connection);
}

const char *http_server_request_header(const struct http_server_request *request, const char *name)
{
	for (size_t i = 0; i < request->headers; i++)
		if (strcasecmp(request->header[i].name, name) == 0)
			return request->header[i].value;
	return NULL;
}

/* Cuts a line off, in place; NULL at the empty line. */
static char *next_line(char **at)
{
	char *line = *at, *end = strstr(line, "\r\n");

	if (!end || end == line)
		return NULL;
	*end = '\0';
	*at = end + 2;
	return line;
}

static bool take_header(struct http_server_request *request, struct http_server_header *header,
			char *line)
{
	char *colon = strchr(line, ':'), *end = line + strlen(line);

	while (end > line && strchr(" \t", end[-1]))
		*--end = '\0';
	if (!colon || colon == line || request->headers == HTTP_SERVER_HEADERS_MAX)
		return false;
	*colon = '\0';
	header[request->headers++] =
		(struct http_server_header){line, colon + 1 + strspn(colon + 1, " \t")};
	return true;
}

/* From the text of the head to connection->request; false: it is none. */
static bool parse_head(struct http_reply *connection)
{
	struct http_server_request *request = &connection->request;
	char *at, *line, *path, *version;

	buf_truncate(&connection->head, 0);
	buf_append(&connection->head, connection->in.data, connection->head_len);
	*request = (struct http_server_request){.header = connection->header};
	at = connection->head.data;
	line = next_line(&at);
	path = line ? strchr(line, ' ') : NULL;
	version = path ? strchr(path + 1, ' ') : NULL;
	if (!version || strncmp(version + 1, "HTTP/1.", strlen("HTTP/1.")) != 0)
		return false;
	*path++ = *version = '\0';
	request->method = line;
	request->path = path;
	while ((line = next_line(&at)))
		if (!take_header(request, connection->header, line))
			return false;
	return true;
}

/* The body's length; -1: refused. */
static int find_body(struct http_reply *connection)
{
	const char *length = http_server_request_header(&connection->request, "Content-Length");

	connection->body_len = 0;
	if (http_server_request_header(&connection->request, "Transfer-Encoding")) {
		refuse(connection, 411);
		return -1;
	}
	if (!length)
		return 0;
	if (!*length || length[strspn(length, "0123456789")]) {
		refuse(connection, 400);
		return -1;
	}
	connection->body_len = strtoul(length, NULL, 10); /* ULONG_MAX when it is larger */
	if (connection->body_len > HTTP_SERVER_BODY_MAX_BYTES) {
		refuse(connection, 413);
		return -1;
	}
	return 0;
}

/* True once the head is there and good. */
static bool have_head(struct http_reply *connection)
{
	const char *end;

	if (connection->head_len > 0)
		return true;
	end = strstr(buf_text(&connection->in), "\r\n\r\n");
	if (!end) {
		if (connection->in.len > HTTP_SERVER_HEAD_MAX_BYTES)
			refuse(connection, 431);
		return false;
	}
	connection->head_len = (size_t)(end + 4 - connection->in.data);
	/* While the last request was answered, more than one read may have come in. */
	if (connection->head_len > HTTP_SERVER_HEAD_MAX_BYTES) {
		refuse(connection, 431);
		return false;
	}
	if (!parse_head(connection)) {
		refuse(connection, 400);
		return false;
	}
	return find_body(connection) == 0;
}

static void read_request(void *arg)
{
	struct http_reply *connection = arg;
	struct http_server *server = connection->server;

	if (connection->gone || connection->answering || connection->closing ||
	    connection->in.len == 0 || !have_head(connection) ||
	    connection->in.len < connection->head_len + connection->body_len)
		return;
	buf_truncate(&connection->body, 0);
	buf_append(&connection->body, connection->in.data + connection->head_len,
		   connection->body_len);
	buf_consume(&connection->in, connection->head_len + connection->body_len);
	connection->head_len = 0;
	connection->request.body = buf_text(&connection->body);
	connection->request.body_len = connection->body_len;
	connection->answering = true;
	server->listener->on_request(server->arg, connection, &connection->request);
}

static void connection_readable(void *arg)
{
	struct http_reply *connection = arg;
	char *room = buf_reserve(&connection->in, READ_BYTES);
	ssize_t n;

	if (!room) {
		connection_lost(connection);
		return;
	}
	n = stream_read(connection->stream, room, READ_BYTES);
	if (n > 0) {
		connection->in.len += (size_t)n;
		connection->in.data[connection->in.len] = '\0';
		read_request(connection);
	} else if (n == 0 || errno != EAGAIN) {
		connection_lost(connection);
	}
}

static void connection_broken(void *arg, int os_errno)
{
	(void)os_errno;
	connection_lost(arg);
}

static void connection_drained(void *arg)
{
	struct http_reply *connection = arg;

	if (connection->closing)
		connection_close(connection);
}

static const struct stream_listener stream_listener = {
	.on_readable = connection_readable,
	.on_write_error = connection_broken,
	.on_drained = connection_drained,
};

/* The server */

static void accept_one(void *arg, short revents)
{
	struct http_server *server = arg;
	struct http_reply *connection;
	const int on = 1;
	int fd = accept4(server->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

	(void)revents;
	if (fd < 0)
		return;
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	connection = mem_new(sizeof(*connection));
	connection->server = server;
	buf_init(&connection->in,
		 HTTP_SERVER_HEAD_MAX_BYTES + HTTP_SERVER_BODY_MAX_BYTES + 2 * READ_BYTES);
	buf_init(&connection->head, HTTP_SERVER_HEAD_MAX_BYTES);
	buf_init(&connection->body, HTTP_SERVER_BODY_MAX_BYTES);
	connection->stream =
		stream_new(server->loop, fd, STREAM_QUEUE_MAX_BYTES, &stream_listener, connection);
	connection->next = server->first;
	connection->previous = &server->first;
	if (server->first)
		server->first->previous = &connection->next;
	server->first = connection;
	if (++server->connections > HTTP_SERVER_CONNECTIONS_MAX)
		refuse(connection, 503);
}

static int listen_on_loopback(struct http_server *server, struct err *err)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
				      .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(address);

	server->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (server->fd < 0 || bind(server->fd, (struct sockaddr *)&address, sizeof(address)) ||
	    listen(server->fd, BACKLOG) ||
	    getsockname(server->fd, (struct sockaddr *)&address, &len))
		return err_set_os(err, ERR_UNAVAILABLE, errno, "127.0.0.1: cannot listen");
	server->port = ntohs(address.sin_port);
	return 0;
}

struct http_server *http_server_new(struct loop *loop, const struct http_server_listener *listener,
				    void *arg, struct err *err)
{
	struct http_server *server = mem_new(sizeof(*server));

	server->loop = loop;
	server->listener = listener;
	server->arg = arg;
	if (listen_on_loopback(server, err)) {
		if (server->fd >= 0)
			close(server->fd);
		free(server);
		return NULL;
	}
	loop_watch_start(loop, &server->watch, server->fd, POLLIN, accept_one, server);
	return server;
}

void http_server_free(struct http_server **server_p)
{
	struct http_server *server = *server_p;

	if (!server)
		return;
	*server_p = NULL;
	while (server->first)
		connection_close(server->first);
	loop_watch_stop(&server->watch);
	close(server->fd);
	loop_free_later(server->loop, server, free);
}

unsigned http_server_port(const struct http_server *server)
{
	return server->port;
}
