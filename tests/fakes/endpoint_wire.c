/* SPDX-License-Identifier: MIT */
/* Only what a well-behaved client needs; whatever else arrives closes the connection. */
#include "config.h"

#include "endpoint_wire.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/json_write.h"
#include "base/mem.h"

#define HEAD_MAX_BYTES ((size_t)64 << 10)
#define BODY_MAX_BYTES ((size_t)256 << 20)
#define READ_BYTES     ((size_t)64 << 10)

int wire_listen(unsigned *port)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
				      .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(address);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || bind(fd, (struct sockaddr *)&address, len) || listen(fd, SOMAXCONN) ||
	    getsockname(fd, (struct sockaddr *)&address, &len))
		return -1;
	*port = ntohs(address.sin_port);
	return fd;
}

static bool stdin_ended(const struct pollfd *poll_in)
{
	char bytes[256];

	return poll_in->revents && read(STDIN_FILENO, bytes, sizeof(bytes)) <= 0;
}

int wire_accept(int listener)
{
	const int on = 1;

	for (;;) {
		struct pollfd fds[] = {{STDIN_FILENO, POLLIN, 0}, {listener, POLLIN, 0}};
		int fd;

		if (poll(fds, 2, -1) < 0 && errno != EINTR)
			return -1;
		if (stdin_ended(&fds[0]))
			return -1;
		if (!fds[1].revents)
			continue;
		fd = accept(listener, NULL, NULL);
		if (fd < 0)
			continue;
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
		return fd;
	}
}

/* One wait for bytes of the client; -1: it is gone, or stdin ended. */
static ssize_t receive(int fd, char *bytes, size_t max)
{
	struct pollfd fds[] = {{STDIN_FILENO, POLLIN, 0}, {fd, POLLIN, 0}};
	ssize_t n;

	do {
		if (poll(fds, 2, -1) < 0 || stdin_ended(&fds[0]))
			return -1;
	} while (!fds[1].revents);
	n = recv(fd, bytes, max, 0);
	return n > 0 ? n : -1;
}

static int receive_into(int fd, struct buf *buf)
{
	char *space = buf_reserve(buf, READ_BYTES);
	ssize_t n = space ? receive(fd, space, READ_BYTES) : -1;

	if (n < 0)
		return -1;
	buf->len += (size_t)n;
	buf->data[buf->len] = '\0';
	return 0;
}

static void take_header(struct wire_request *request, char *line, size_t *body_len)
{
	char *value = strchr(line, ':');

	if (!value)
		return;
	*value++ = '\0';
	value += strspn(value, " \t");
	for (char *at = line; *at; at++)
		*at = (char)tolower((unsigned char)*at);
	json_write_member(&request->headers, line, value);
	if (strcmp(line, "content-length") == 0)
		*body_len = strtoul(value, NULL, 10);
	if (strcmp(line, "authorization") == 0)
		request->authorized = strncmp(value, "Bearer ", 7) == 0 && value[7];
	if (strcmp(line, "content-type") == 0)
		request->json = strncasecmp(value, "application/json", 16) == 0;
}

/* head is the text up to the empty line. */
static int take_head(struct wire_request *request, char *head, size_t *body_len)
{
	char *line = head, *next, *space;

	next = strstr(line, "\r\n");
	if (!next)
		return -1;
	*next = '\0';
	space = strchr(line, ' ');
	if (!space)
		return -1;
	request->method = mem_string_len(line, (size_t)(space - line));
	request->path = mem_string_len(space + 1, strcspn(space + 1, " "));
	buf_append_char(&request->headers, '{');
	for (line = next + 2; *line; line = next) {
		next = strstr(line, "\r\n");
		if (next) {
			*next = '\0';
			next += 2;
		} else {
			next = line + strlen(line);
		}
		take_header(request, line, body_len);
	}
	buf_append_char(&request->headers, '}');
	return 0;
}

int wire_read_request(int fd, struct wire_request *request)
{
	struct buf head;
	char *end;
	size_t body_len = 0;
	int status = -1;

	*request = (struct wire_request){.headers = BUF_INIT};
	buf_init(&request->body, BODY_MAX_BYTES);
	buf_init(&head, HEAD_MAX_BYTES + READ_BYTES);
	while (!(end = strstr(buf_text(&head), "\r\n\r\n")))
		if (receive_into(fd, &head))
			goto out;
	buf_append(&request->body, end + 4, head.len - (size_t)(end + 4 - head.data));
	*end = '\0';
	if (take_head(request, head.data, &body_len))
		goto out;
	while (request->body.len < body_len)
		if (receive_into(fd, &request->body))
			goto out;
	status = 0;
out:
	buf_clear(&head);
	return status;
}

void wire_request_clear(struct wire_request *request)
{
	free(request->method);
	free(request->path);
	buf_clear(&request->headers);
	buf_clear(&request->body);
}

static int send_all(int fd, const char *bytes, size_t len)
{
	while (len > 0) {
		ssize_t n = send(fd, bytes, len, MSG_NOSIGNAL);

		if (n < 0 && errno != EINTR)
			return -1;
		bytes += n > 0 ? n : 0;
		len -= n > 0 ? (size_t)n : 0;
	}
	return 0;
}

int wire_begin(int fd, long status, const char *content_type, const char *headers)
{
	struct buf head = BUF_INIT;
	int result;

	buf_format(&head,
		   "HTTP/1.1 %ld Scripted\r\nContent-Type: %s\r\nTransfer-Encoding: chunked\r\n"
		   "Connection: close\r\n%s\r\n",
		   status, content_type, headers);
	result = send_all(fd, head.data, head.len);
	buf_clear(&head);
	return result;
}

int wire_chunk(int fd, const char *bytes, size_t len)
{
	struct buf chunk = BUF_INIT;
	int result;

	if (len == 0)
		return 0;
	buf_format(&chunk, "%zx\r\n", len);
	buf_append(&chunk, bytes, len);
	buf_append_text(&chunk, "\r\n");
	result = send_all(fd, chunk.data, chunk.len);
	buf_clear(&chunk);
	return result;
}

int wire_end(int fd)
{
	return send_all(fd, "0\r\n\r\n", 5);
}

int wire_wait(int fd, long ms)
{
	struct pollfd fds[] = {{STDIN_FILENO, POLLIN, 0}, {fd, POLLIN, 0}};
	char byte;

	if (poll(fds, 2, (int)ms) < 0 && errno != EINTR)
		return -1;
	if (stdin_ended(&fds[0]))
		return -1;
	return fds[1].revents && recv(fd, &byte, 1, MSG_PEEK) <= 0 ? -1 : 0;
}
