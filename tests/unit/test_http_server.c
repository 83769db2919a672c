/* SPDX-License-Identifier: MIT */
/* Requests in pieces, one behind another and past every limit; replies now, later and not at all.
 */
#include "unit.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buf.h"
#include "demo/http_server.h"

#define TURNS_MAX 20000 /* of the loop, until what a test waits for must have come */

static struct loop *loop;
static struct http_server *server;
static int client, requests, gone;
static bool later; /* the test answers itself */
static struct http_reply *open_reply;
static struct buf seen = {.max = BUF_MAX_BYTES}; /* "METHOD PATH X-Test|BODY;" of each request */
static struct buf got = {.max = BUF_MAX_BYTES};	 /* what the client received */

static void on_request(void *arg, struct http_reply *reply,
		       const struct http_server_request *request)
{
	const char *header = http_server_request_header(request, "x-test");

	(void)arg;
	requests++;
	buf_format(&seen, "%s %s %s|%zu;", request->method, request->path, header ? header : "-",
		   request->body_len);
	open_reply = reply;
	if (!later)
		http_reply_send(reply, 200, NULL, request->body, request->body_len);
}

static void on_gone(void *arg, struct http_reply *reply)
{
	(void)arg;
	assert_ptr_equal(reply, open_reply);
	gone++;
}

static const struct http_server_listener listener = {on_request, on_gone};

static int setup(void **state)
{
	struct sockaddr_in address = {.sin_family = AF_INET};
	struct err err;

	(void)state;
	signal(SIGPIPE, SIG_IGN);
	requests = gone = 0;
	later = false;
	loop = loop_new(&err);
	server = http_server_new(loop, &listener, NULL, &err);
	assert_non_null(server);
	address.sin_port = htons((uint16_t)http_server_port(server));
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	client = socket(AF_INET, SOCK_STREAM, 0);
	assert_int_equal(connect(client, (struct sockaddr *)&address, sizeof(address)), 0);
	return fcntl(client, F_SETFL, O_NONBLOCK);
}

static int teardown(void **state)
{
	(void)state;
	if (client >= 0)
		close(client);
	http_server_free(&server);
	loop_free(&loop);
	buf_clear(&seen);
	buf_clear(&got);
	return 0;
}

/* One turn of the server, and what it sent; false once it has closed. */
static bool turn(void)
{
	char bytes[4096];
	ssize_t n;

	loop_run_once(loop, 1);
	n = client < 0 ? 0 : read(client, bytes, sizeof(bytes));
	if (n > 0)
		buf_append(&got, bytes, (size_t)n);
	return n > 0 || (n < 0 && errno == EAGAIN);
}

static void send_bytes(const char *bytes, size_t len)
{
	while (len > 0) {
		ssize_t n = write(client, bytes, len);

		if (n > 0) {
			bytes += n;
			len -= (size_t)n;
		} else if (!turn()) {
			return;
		}
	}
}

static void send_text(const char *text)
{
	send_bytes(text, strlen(text));
}

static void send_letters(size_t count)
{
	char letters[1024];

	memset(letters, 'x', sizeof(letters));
	for (; count > 0; count -= count < sizeof(letters) ? count : sizeof(letters))
		send_bytes(letters, count < sizeof(letters) ? count : sizeof(letters));
}

static void expect(const char *text)
{
	for (int i = 0; i < TURNS_MAX && !strstr(buf_text(&got), text); i++)
		if (!turn() && !strstr(buf_text(&got), text))
			break;
	if (!strstr(buf_text(&got), text))
		fail_msg("no \"%s\" in \"%s\"", text, buf_text(&got));
}

static void expect_closed(void)
{
	for (int i = 0; i < TURNS_MAX; i++)
		if (!turn())
			return;
	fail_msg("the connection is still open");
}

static void await_requests(int count)
{
	for (int i = 0; i < TURNS_MAX && requests < count; i++)
		(void)turn();
	assert_int_equal(requests, count);
}

static void test_in_pieces(void **state)
{
	static const char request[] = "POST /a HTTP/1.1\r\nX-Test: \t b c \r\n"
				      "content-length: 5 \r\n\r\nhello";

	(void)state;
	for (size_t i = 0; i + 1 < sizeof(request); i++) {
		send_bytes(request + i, 1);
		(void)turn();
	}
	expect("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello");
	assert_string_equal(buf_text(&seen), "POST /a b c|5;");
}

static void test_one_behind_another(void **state)
{
	(void)state;
	later = true;
	send_text("GET /1 HTTP/1.1\r\n\r\nGET /2 HTTP/1.1\r\nConnection: close\r\n\r\n");
	await_requests(1);
	http_reply_begin(open_reply, 200, NULL);
	http_reply_write(open_reply, "", 0);
	http_reply_write(open_reply, "sixteen letters.", 16);
	http_reply_end(open_reply);
	await_requests(2);
	http_reply_send(open_reply, 404, NULL, "", 0);
	expect_closed();
	assert_string_equal(buf_text(&seen), "GET /1 -|0;GET /2 -|0;");
	assert_string_equal(buf_text(&got), "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
					    "10\r\nsixteen letters.\r\n0\r\n\r\n"
					    "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
	assert_int_equal(gone, 0);
}

static void test_refused(void **state)
{
	static const char *const cases[][2] = {
		{"hello\r\n\r\n", "400"},
		{"GET / HTTP/2.0\r\n\r\n", "400"},
		{"GET / HTTP/1.1\r\nno colon\r\n\r\n", "400"},
		{"GET / HTTP/1.1\r\n: nameless\r\n\r\n", "400"},
		{"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", "400"},
		{"POST / HTTP/1.1\r\nContent-Length: five\r\n\r\n", "400"},
		{"POST / HTTP/1.1\r\nContent-Length:\r\n\r\n", "400"},
		{"POST / HTTP/1.1\r\nContent-Length: 67108865\r\n\r\n", "413"},
		{"POST / HTTP/1.1\r\nContent-Length: 99999999999999999999999\r\n\r\n", "413"},
		{"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", "411"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		char wanted[32];

		snprintf(wanted, sizeof(wanted), "HTTP/1.1 %s ", cases[i][1]);
		send_text(cases[i][0]);
		expect(wanted);
		expect_closed();
		assert_int_equal(requests, 0);
		teardown(NULL);
		setup(NULL);
	}
}

static void test_head_past_its_limit(void **state)
{
	(void)state;
	send_text("GET / HTTP/1.1\r\nX-Test: ");
	send_letters(HTTP_SERVER_HEAD_MAX_BYTES + 1);
	expect("HTTP/1.1 431 ");
	assert_int_equal(requests, 0);
}

/* What comes while a request is being answered is judged like all else. */
static void test_long_head_behind_a_request(void **state)
{
	(void)state;
	later = true;
	send_text("GET /1 HTTP/1.1\r\n\r\nGET /2 HTTP/1.1\r\nX-Test: ");
	send_letters(4 * HTTP_SERVER_HEAD_MAX_BYTES);
	send_text("\r\n\r\n");
	await_requests(1);
	for (int i = 0; i < 100; i++)
		(void)turn(); /* all of it is read */
	http_reply_send(open_reply, 200, NULL, "", 0);
	expect("HTTP/1.1 431 ");
	expect_closed();
	assert_int_equal(requests, 1);
}

static void test_client_goes_away(void **state)
{
	(void)state;
	later = true;
	send_text("GET / HTTP/1.1\r\n\r\n");
	await_requests(1);
	close(client);
	client = -1;
	for (int i = 0; i < TURNS_MAX && gone == 0; i++)
		(void)turn();
	assert_int_equal(gone, 1);
}

static void test_abort(void **state)
{
	(void)state;
	later = true;
	send_text("GET / HTTP/1.1\r\n\r\n");
	await_requests(1);
	http_reply_begin(open_reply, 200, NULL);
	http_reply_write(open_reply, "half", 4);
	http_reply_abort(open_reply);
	expect_closed();
	assert_string_equal(buf_text(&got), "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
					    "4\r\nhalf\r\n");
	assert_int_equal(gone, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_in_pieces, setup, teardown),
		cmocka_unit_test_setup_teardown(test_one_behind_another, setup, teardown),
		cmocka_unit_test_setup_teardown(test_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(test_head_past_its_limit, setup, teardown),
		cmocka_unit_test_setup_teardown(test_long_head_behind_a_request, setup, teardown),
		cmocka_unit_test_setup_teardown(test_client_goes_away, setup, teardown),
		cmocka_unit_test_setup_teardown(test_abort, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
