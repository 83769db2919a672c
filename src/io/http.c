/* SPDX-License-Identifier: MIT */
/*
 * libcurl's multi interface driven by the loop: libcurl says which sockets and which one timer it
 * wants watched (curl_multi_socket_action(3)), the loop tells it what happened.
 *
 * libcurl forbids most of its calls from inside its own callbacks, but a listener may cancel from
 * there: such an exchange is only marked, and taken apart when libcurl has returned.
 */
#include "config.h"

#include "io/http.h"

#include <curl/curl.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/trace.h"

struct http {
	struct loop *loop;
	CURLM *multi;
	struct loop_timer timer;
	struct http_exchange *first; /* all that are under way or not yet freed */
	bool inside_curl;
};

struct socket_watch {
	struct http *http;
	struct loop_watch watch;
	curl_socket_t fd;
};

struct http_exchange {
	struct http *http;
	struct http_exchange *next, **previous;
	CURL *easy;
	struct curl_slist *header_list;
	const struct http_listener *listener; /* NULL: cancelled */
	void *arg;
	char *url, *trace_name;
	struct buf headers; /* "Name: value" lines of the last response, each ended by NUL */
	long status;
	size_t received, received_max;
	long idle_timeout_ms;
	bool secret;
	struct loop_timer idle_timer;
	enum {
		FAULT_NONE,
		FAULT_BODY_SIZE,
		FAULT_HEADER_SIZE,
		FAULT_HEADERS_CUT,
		FAULT_NO_HEADERS,
		FAULT_IDLE,
		FAULT_ADDRESS
	} fault;
	size_t headers_received; /* of all answers, also 100 Continue */
	bool headers_told, any_byte, done;
	bool added; /* libcurl has it */
	bool paused;
	bool (*allows)(const struct sockaddr *address);
	char curl_text[CURL_ERROR_SIZE];
};

bool http_available(void)
{
	return true;
}

/* Driving libcurl */

static void tell_finished(struct http *http);

static void act(struct http *http, curl_socket_t fd, int what)
{
	int running;

	http->inside_curl = true;
	curl_multi_socket_action(http->multi, fd, what, &running);
	http->inside_curl = false;
	tell_finished(http);
}

static void socket_ready(void *arg, short revents)
{
	struct socket_watch *socket_watch = arg;
	int what = 0;

	if (revents & (POLLIN | POLLHUP))
		what |= CURL_CSELECT_IN;
	if (revents & POLLOUT)
		what |= CURL_CSELECT_OUT;
	if (revents & (POLLERR | POLLNVAL))
		what |= CURL_CSELECT_ERR;
	act(socket_watch->http, socket_watch->fd, what);
}

static int want_socket(CURL *easy, curl_socket_t fd, int what, void *http_arg, void *socket_arg)
{
	struct http *http = http_arg;
	struct socket_watch *socket_watch = socket_arg;
	short events =
		(short)((what & CURL_POLL_IN ? POLLIN : 0) | (what & CURL_POLL_OUT ? POLLOUT : 0));

	(void)easy;
	if (what == CURL_POLL_REMOVE) {
		if (!socket_watch)
			return 0;
		curl_multi_assign(http->multi, fd, NULL);
		loop_watch_stop(&socket_watch->watch);
		loop_free_later(http->loop, socket_watch, free);
		return 0;
	}
	if (!socket_watch) {
		socket_watch = mem_new(sizeof(*socket_watch));
		socket_watch->http = http;
		socket_watch->fd = fd;
		curl_multi_assign(http->multi, fd, socket_watch);
		loop_watch_start(http->loop, &socket_watch->watch, fd, events, socket_ready,
				 socket_watch);
	}
	loop_watch_change(&socket_watch->watch, events);
	return 0;
}

static void timer_due(void *arg)
{
	act(arg, CURL_SOCKET_TIMEOUT, 0);
}

static int want_timer(CURLM *multi, long timeout_ms, void *arg)
{
	struct http *http = arg;

	(void)multi;
	if (timeout_ms < 0)
		loop_timer_stop(&http->timer);
	else
		loop_timer_start(http->loop, &http->timer, timeout_ms, timer_due, http);
	return 0;
}

struct http *http_new(struct loop *loop, struct err *err)
{
	struct http *http;

	if (curl_global_init(CURL_GLOBAL_DEFAULT)) {
		err_set(err, ERR_UNAVAILABLE, "libcurl cannot be initialised");
		return NULL;
	}
	http = mem_new(sizeof(*http));
	http->loop = loop;
	http->multi = curl_multi_init();
	if (!http->multi)
		mem_exhausted();
	curl_multi_setopt(http->multi, CURLMOPT_SOCKETFUNCTION, want_socket);
	curl_multi_setopt(http->multi, CURLMOPT_SOCKETDATA, http);
	curl_multi_setopt(http->multi, CURLMOPT_TIMERFUNCTION, want_timer);
	curl_multi_setopt(http->multi, CURLMOPT_TIMERDATA, http);
	return http;
}

/* Taking an exchange apart */

static void exchange_destroy(void *object)
{
	struct http_exchange *exchange = object;

	curl_slist_free_all(exchange->header_list);
	buf_clear(&exchange->headers);
	free(exchange->url);
	free(exchange->trace_name);
	free(exchange);
}

static void exchange_dispose(struct http_exchange *exchange)
{
	struct http *http = exchange->http;

	*exchange->previous = exchange->next;
	if (exchange->next)
		exchange->next->previous = exchange->previous;
	loop_timer_stop(&exchange->idle_timer);
	if (exchange->easy) {
		if (exchange->added)
			curl_multi_remove_handle(http->multi, exchange->easy);
		curl_easy_cleanup(exchange->easy);
	}
	loop_free_later(http->loop, exchange, exchange_destroy);
}

void http_cancel(struct http_exchange **exchange_p)
{
	struct http_exchange *exchange = *exchange_p;

	if (!exchange)
		return;
	*exchange_p = NULL;
	exchange->listener = NULL;
	loop_timer_stop(&exchange->idle_timer);
	if (!exchange->http->inside_curl)
		exchange_dispose(exchange);
	/* else tell_finished() does it when libcurl has returned */
}

void http_exchange_free(struct http_exchange **exchange)
{
	http_cancel(exchange);
}

/* libcurl may hand over what it kept back before it returns. */
void http_pause(struct http_exchange *exchange, bool paused)
{
	struct http *http = exchange->http;
	const bool inside = http->inside_curl;

	if (!exchange->easy || !exchange->added || exchange->paused == paused)
		return;
	exchange->paused = paused;
	http->inside_curl = true;
	curl_easy_pause(exchange->easy, paused ? CURLPAUSE_RECV : CURLPAUSE_CONT);
	http->inside_curl = inside;
	if (!inside)
		tell_finished(http);
}

void http_free(struct http **http_p)
{
	struct http *http = *http_p;

	if (!http)
		return;
	*http_p = NULL;
	while (http->first) {
		struct http_exchange *exchange = http->first;

		exchange->listener = NULL;
		exchange_dispose(exchange);
	}
	loop_timer_stop(&http->timer);
	curl_multi_cleanup(http->multi);
	loop_timer_stop(&http->timer);
	free(http);
	curl_global_cleanup();
}

/* What comes back */

static bool is_cancelled(const struct http_exchange *exchange)
{
	return !exchange->listener;
}

static enum err_kind kind_of(CURLcode code)
{
	switch (code) {
	case CURLE_URL_MALFORMAT:
	case CURLE_UNSUPPORTED_PROTOCOL:
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_CACERT_BADFILE:
	case CURLE_SSL_CERTPROBLEM:
		return ERR_CONFIG;
	case CURLE_WEIRD_SERVER_REPLY:
	case CURLE_BAD_CONTENT_ENCODING:
	case CURLE_WRITE_ERROR:
		return ERR_PROTOCOL;
	case CURLE_OUT_OF_MEMORY:
		return ERR_INTERNAL;
	default:
		return ERR_TEMPORARY;
	}
}

static void describe_failure(const struct http_exchange *exchange, CURLcode code, struct err *err)
{
	const char *detail =
		exchange->curl_text[0] ? exchange->curl_text : curl_easy_strerror(code);

	switch (exchange->fault) {
	case FAULT_BODY_SIZE:
		err_set(err, ERR_PROTOCOL, "%s: the answer is larger than %zu bytes", exchange->url,
			exchange->received_max);
		break;
	case FAULT_HEADER_SIZE:
		err_set(err, ERR_PROTOCOL, "%s: the answer's headers are larger than %zu bytes",
			exchange->url, HTTP_HEADERS_MAX_BYTES);
		break;
	case FAULT_HEADERS_CUT:
		err_set(err, ERR_TEMPORARY, "%s: the connection ended within the answer's headers",
			exchange->url);
		break;
	case FAULT_NO_HEADERS:
		err_set(err, ERR_PROTOCOL, "%s: the answer is no HTTP (or HTTP/0.9)",
			exchange->url);
		break;
	case FAULT_IDLE:
		err_set(err, ERR_TEMPORARY, "%s: nothing was received for %ld seconds",
			exchange->url, exchange->idle_timeout_ms / 1000);
		break;
	case FAULT_ADDRESS:
		err_set(err, ERR_PERMISSION,
			"%s: this leads into a private network, where it may not be sent",
			exchange->url);
		break;
	case FAULT_NONE:
		err_set(err, kind_of(code), "%s: %s", exchange->url, detail);
		break;
	}
}

/*
 * What libcurl says of headers that are cut (all is well), too long (no memory) or not there (the
 * protocol is not supported, as of an address that is not http).
 */
static void judge_headers(struct http_exchange *exchange, CURLcode code)
{
	long port = 0;

	if (exchange->headers_told || exchange->fault != FAULT_NONE)
		return;
	if (code == CURLE_OK)
		exchange->fault = FAULT_HEADERS_CUT;
	else if (code == CURLE_OUT_OF_MEMORY && exchange->any_byte)
		exchange->fault = FAULT_HEADER_SIZE;
	else if (code == CURLE_UNSUPPORTED_PROTOCOL &&
		 curl_easy_getinfo(exchange->easy, CURLINFO_PRIMARY_PORT, &port) == CURLE_OK &&
		 port > 0)
		exchange->fault = FAULT_NO_HEADERS;
}

static void exchange_finish(struct http_exchange *exchange, CURLcode code)
{
	struct http *http = exchange->http;
	const struct http_listener *listener = exchange->listener;
	struct err err;
	bool failed;

	judge_headers(exchange, code);
	failed = code != CURLE_OK || exchange->fault != FAULT_NONE;
	exchange->done = true;
	loop_timer_stop(&exchange->idle_timer);
	if (exchange->added)
		curl_multi_remove_handle(http->multi, exchange->easy);
	curl_easy_cleanup(exchange->easy);
	exchange->easy = NULL;
	if (failed) {
		describe_failure(exchange, code, &err);
		trace_event("http.failure", exchange->trace_name, NULL, err.text, strlen(err.text));
	}
	listener->on_done(exchange->arg, failed ? &err : NULL);
}

static void exchange_add(struct http_exchange *exchange)
{
	exchange->added = true;
	curl_multi_add_handle(exchange->http->multi, exchange->easy);
}

static void tell_finished(struct http *http)
{
	CURLMsg *message;
	int left;

	while ((message = curl_multi_info_read(http->multi, &left))) {
		struct http_exchange *exchange = NULL;

		if (message->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&exchange);
		if (exchange->listener)
			exchange_finish(exchange, message->data.result);
	}
	for (struct http_exchange *exchange = http->first, *next; exchange; exchange = next) {
		next = exchange->next;
		if (!exchange->listener)
			exchange_dispose(exchange);
		else if (!exchange->added && !exchange->done)
			exchange_add(exchange);
	}
}

static void idle_too_long(void *arg)
{
	struct http_exchange *exchange = arg;

	exchange->fault = FAULT_IDLE;
	exchange_finish(exchange, CURLE_OPERATION_TIMEDOUT);
}

static void note_activity(struct http_exchange *exchange)
{
	exchange->any_byte = true;
	if (exchange->idle_timeout_ms > 0)
		loop_timer_start(exchange->http->loop, &exchange->idle_timer,
				 exchange->idle_timeout_ms, idle_too_long, exchange);
}

static void headers_complete(struct http_exchange *exchange)
{
	curl_easy_getinfo(exchange->easy, CURLINFO_RESPONSE_CODE, &exchange->status);
	if (exchange->status < 200)
		return; /* 100 Continue, 103 Early Hints: the real one follows */
	exchange->headers_told = true;
	if (trace_enabled()) {
		char *note = mem_format("%ld", exchange->status);

		trace_event("http.response", exchange->trace_name, note, NULL, 0);
		free(note);
	}
	if (exchange->listener && exchange->listener->on_headers)
		exchange->listener->on_headers(exchange->arg, exchange->status);
}

static size_t take_header(char *bytes, size_t size, size_t count, void *arg)
{
	struct http_exchange *exchange = arg;
	size_t len = size * count, used = len;

	if (!exchange->listener)
		return 0;
	note_activity(exchange);
	exchange->headers_received += len;
	if (exchange->headers_received > HTTP_HEADERS_MAX_BYTES) {
		exchange->fault = FAULT_HEADER_SIZE;
		return 0;
	}
	while (used > 0 && strchr("\r\n \t", bytes[used - 1]))
		used--;
	if (len >= 5 && strncmp(bytes, "HTTP/", 5) == 0) {
		buf_truncate(&exchange->headers, 0);
		return len;
	}
	if (used == 0 && !exchange->headers_told) {
		headers_complete(exchange);
		return exchange->listener ? len : 0;
	}
	buf_append(&exchange->headers, bytes, used);
	buf_append_char(&exchange->headers, '\0');
	return len;
}

/* What is not known to be a secret yet cannot be masked. */
static void trace_body(const struct http_exchange *exchange, const char *type, const char *note,
		       const char *bytes, size_t len)
{
	char *size;

	if (!exchange->secret) {
		trace_event(type, exchange->trace_name, note, bytes, len);
		return;
	}
	size = mem_format("%s%s%zu bytes that hold secrets", note ? note : "", note ? ": " : "",
			  len);
	trace_event(type, exchange->trace_name, size, NULL, 0);
	free(size);
}

static size_t take_body(char *bytes, size_t size, size_t count, void *arg)
{
	struct http_exchange *exchange = arg;
	size_t len = size * count;

	if (is_cancelled(exchange))
		return 0;
	note_activity(exchange);
	exchange->received += len;
	if (exchange->received > exchange->received_max) {
		exchange->fault = FAULT_BODY_SIZE;
		return 0;
	}
	trace_body(exchange, "http.data", NULL, bytes, len);
	exchange->listener->on_data(exchange->arg, bytes, len);
	return is_cancelled(exchange) ? 0 : len;
}

/* Starting */

static curl_socket_t open_socket(void *arg, curlsocktype purpose, struct curl_sockaddr *address)
{
	struct http_exchange *exchange = arg;

	(void)purpose;
	if (exchange->allows && !exchange->allows(&address->addr)) {
		exchange->fault = FAULT_ADDRESS;
		return CURL_SOCKET_BAD;
	}
	/* Close-on-exec from the first: a server must never inherit the model's connection. */
	return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

static void set_protocols(CURL *easy)
{
#if LIBCURL_VERSION_NUM >= 0x075500
	curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
#else
	curl_easy_setopt(easy, CURLOPT_PROTOCOLS, (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS));
#endif
}

/* libcurl leaves out a header without a value, unless it is written "Name;". */
static void append_header(struct http_exchange *exchange, const char *header)
{
	const char *colon = strchr(header, ':');
	const bool empty = colon && colon[1 + strspn(colon + 1, " \t")] == '\0';
	char *text =
		empty ? mem_format("%.*s;", (int)(colon - header), header) : mem_string(header);
	struct curl_slist *longer = curl_slist_append(exchange->header_list, text);

	free(text);
	if (!longer)
		mem_exhausted();
	exchange->header_list = longer;
}

static int add_header(struct http_exchange *exchange, const char *header, struct err *err)
{
	for (const char *at = header; *at; at++)
		if ((unsigned char)*at < 0x20 && *at != '\t')
			return err_set(err, ERR_CONFIG,
				       "%s: a header has a control character in it", exchange->url);
	append_header(exchange, header);
	return 0;
}

static int set_headers(struct http_exchange *exchange, const struct http_request *request,
		       struct err *err)
{
	/* Without this libcurl waits a second for "100 Continue" before a large body. */
	exchange->header_list = curl_slist_append(NULL, "Expect:");
	if (!exchange->header_list)
		mem_exhausted();
	for (size_t i = 0; request->headers && request->headers[i]; i++)
		if (add_header(exchange, request->headers[i], err))
			return -1;
	curl_easy_setopt(exchange->easy, CURLOPT_HTTPHEADER, exchange->header_list);
	return 0;
}

static void set_method(CURL *easy, const struct http_request *request)
{
	if (request->body) {
		curl_easy_setopt(easy, CURLOPT_POST, 1L);
		curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body_len);
		curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request->body);
	}
	if (strcmp(request->method, request->body ? "POST" : "GET") != 0)
		curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request->method);
}

static void set_options(struct http_exchange *exchange, const struct http_request *request)
{
	CURL *easy = exchange->easy;
	long connect_ms =
		request->connect_timeout_ms ? request->connect_timeout_ms : HTTP_CONNECT_TIMEOUT_MS;

	curl_easy_setopt(easy, CURLOPT_URL, request->url);
	curl_easy_setopt(easy, CURLOPT_PRIVATE, exchange);
	curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, exchange->curl_text);
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "");
	curl_easy_setopt(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
	curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
	curl_easy_setopt(easy, CURLOPT_USERAGENT, PACKAGE_NAME "/" PACKAGE_VERSION);
	curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, connect_ms);
	curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, request->total_timeout_ms);
	curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, open_socket);
	curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, exchange);
	/* A connection that is open already was not judged, and must not be lent. */
	curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, exchange->allows ? 1L : 0L);
	curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, exchange->allows ? 1L : 0L);
	curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, take_header);
	curl_easy_setopt(easy, CURLOPT_HEADERDATA, exchange);
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_body);
	curl_easy_setopt(easy, CURLOPT_WRITEDATA, exchange);
	if (http_url_is_loopback(request->url))
		curl_easy_setopt(easy, CURLOPT_NOPROXY, "*");
	set_protocols(easy);
	set_method(easy, request);
}

struct http_exchange *http_start(struct http *http, const struct http_request *request,
				 const struct http_listener *listener, void *arg, struct err *err)
{
	struct http_exchange *exchange = mem_new(sizeof(*exchange));

	exchange->http = http;
	exchange->listener = listener;
	exchange->arg = arg;
	exchange->url = mem_string(request->url);
	exchange->trace_name = mem_string(request->trace_name ? request->trace_name : request->url);
	exchange->received_max =
		request->response_max_bytes ? request->response_max_bytes : HTTP_RESPONSE_MAX_BYTES;
	exchange->idle_timeout_ms = request->idle_timeout_ms;
	exchange->allows = request->allows_address;
	exchange->secret = request->secret;
	buf_init(&exchange->headers, HTTP_HEADERS_MAX_BYTES);
	exchange->easy = curl_easy_init();
	if (!exchange->easy)
		mem_exhausted();
	set_options(exchange, request);
	if (set_headers(exchange, request, err)) {
		curl_easy_cleanup(exchange->easy);
		exchange_destroy(exchange);
		return NULL;
	}
	trace_body(exchange, "http.request", request->method, request->body, request->body_len);
	exchange->next = http->first;
	exchange->previous = &http->first;
	if (http->first)
		http->first->previous = &exchange->next;
	http->first = exchange;
	if (exchange->idle_timeout_ms > 0)
		loop_timer_start(http->loop, &exchange->idle_timer, exchange->idle_timeout_ms,
				 idle_too_long, exchange);
	/* libcurl takes nothing while it is in a callback: then tell_finished() adds it. */
	if (!http->inside_curl)
		exchange_add(exchange);
	return exchange;
}

long http_status(const struct http_exchange *exchange)
{
	return exchange->status;
}

const char *http_header(const struct http_exchange *exchange, const char *name)
{
	const char *found = NULL, *at = exchange->headers.data;
	const char *end = at ? at + exchange->headers.len : NULL;
	size_t len = strlen(name);

	for (; at && at < end; at += strlen(at) + 1) {
		if (strncasecmp(at, name, len) != 0 || at[len] != ':')
			continue;
		found = at + len + 1;
		found += strspn(found, " \t");
	}
	return found;
}

char *http_header_joined(const struct http_exchange *exchange, const char *name)
{
	const char *end = buf_text(&exchange->headers) + exchange->headers.len;
	const size_t len = strlen(name);
	struct buf joined = BUF_INIT;

	for (const char *at = buf_text(&exchange->headers); at < end; at += strlen(at) + 1)
		if (strncasecmp(at, name, len) == 0 && at[len] == ':')
			buf_format(&joined, "%s%s", joined.len > 0 ? ", " : "",
				   at + len + 1 + strspn(at + len + 1, " \t"));
	return buf_take(&joined);
}

bool http_nothing_received(const struct http_exchange *exchange)
{
	return !exchange->any_byte;
}
