/* SPDX-License-Identifier: MIT */
/*
 * transport_http: MCP's own HTTP transports, in three forms: Streamable HTTP of 2025-03-26 to
 * 2025-11-25 (sessions, GET streams, resumption), of 2026-07-28 (POST only), and HTTP+SSE of
 * 2024-11-05, to which it falls back. This header is what its files ask of each other:
 * transport_http.c (life and session), http_message.c (one message and its answer), http_stream.c
 * (the server's own stream), http_events.c (what comes on both), http_headers.c. Internal to mcp/.
 */
#ifndef CORDPAIR_MCP_TRANSPORT_HTTP_H
#define CORDPAIR_MCP_TRANSPORT_HTTP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/sse.h"
#include "io/http.h"
#include "mcp/transport.h"

#define HTTP_SESSION_ID_MAX_BYTES 1024
#define HTTP_EVENT_ID_MAX_BYTES	  4096
#define HTTP_RETRY_DEFAULT_MS	  1000	/* before a stream is opened again */
#define HTTP_RETRY_MAX_MS	  60000 /* a server that asks for more does not get it */
#define HTTP_RESUMES_MAX	  8	/* of one answer, without an event in between */
#define HTTP_CHALLENGES_MAX	  3	/* 401 or 403 to one message, then it fails */
#define HTTP_FAREWELL_MS	  2000	/* for the last messages and DELETE at the end */
#define HTTP_OPENING_MAX_MS	  2000	/* requests wait so long for the server's own stream */
#define HTTP_ERROR_SHOWN_BYTES	  300
#define HTTP_MODERN_VERSION_KEY	  "io.modelcontextprotocol/protocolVersion"

enum http_message_kind {
	HTTP_REQUEST, /* it waits for an answer */
	HTTP_TELL,    /* a notification, or an answer to the server */
	HTTP_RENEW    /* `initialize` of the transport's own: a new session */
};

struct http_text;

/* The events of one stream that are not taken yet; see http_events_take(). */
struct http_events {
	struct transport_http *owner;
	struct http_message *message; /* whose answer may be among them, or NULL */
	struct http_text *first, **last;
	struct worker_job *job; /* reads the first of them */
	void (*drained)(void *arg);
	void *arg;
};

struct http_message {
	struct transport_http *owner;
	struct http_message *next, **previous;
	enum http_message_kind kind;
	int64_t id;
	char *method; /* "" of an answer to the server */
	char *target; /* Mcp-Name: params.name or .uri; or NULL */
	char *body;   /* the JSON-RPC message */
	char **headers;
	char *authorization; /* that it was sent with, or NULL */
	bool modern;	     /* 2026-07-28 */
	bool initialize;
	bool answered;
	bool waits;   /* for a session, an endpoint or a login */
	bool held;    /* until the session is open */
	bool opens;   /* notifications/initialized: it opens the session */
	bool renewed; /* a session was lost with it already */
	bool resuming;
	bool freed;
	unsigned resumes, challenges;
	struct http_exchange *http;
	struct buf reply; /* of application/json */
	struct sse *sse;  /* of text/event-stream */
	struct http_events events;
	bool ended; /* its exchange is over, with `end` */
	struct err end;
	struct loop_timer timer;
	struct worker_job *job;	    /* reads the reply */
	struct jsonrpc_message got; /* what it read */
	bool unreadable;
	struct err err;
};

struct http_stream { /* GET: what the server says by itself */
	struct http_exchange *http;
	struct sse *sse;
	struct http_events events;
	bool ended;
	struct loop_timer timer;
	char *last_id;
	unsigned failures;
};

struct transport_http {
	struct transport transport;
	const struct mcp_context *context;
	struct server_config *config;
	const struct transport_listener *listener;
	void *arg;
	struct http_message *first;
	struct http_stream stream;
	char *session_id; /* or NULL */
	char *version;	  /* that initialize settled on, or NULL */
	char *initialize_params;
	char *endpoint;		       /* of HTTP+SSE: where messages go */
	struct http_message *fallback; /* the initialize that waits for the endpoint */
	bool sse_only;		       /* HTTP+SSE */
	bool renewing;
	bool opening; /* from notifications/initialized until the server's own stream is there */
	struct loop_timer opening_timer;
	bool stopping, leaving, freed; /* leaving: all is told, or there is no time for it */
	struct http_exchange *farewell;
	struct loop_timer farewell_timer;
};

/* A message was freed: the last of them is what a transport that stops waits for. */
void http_message_gone(struct transport_http *owner);

/* http_message.c */
struct http_message *http_message_new(struct transport_http *owner, enum http_message_kind kind,
				      const char *method);
void http_message_free(struct http_message *message);
/* Sends it (again). A failure comes as the message's failure, never before the loop turns. */
void http_message_send(struct http_message *message);
void http_message_fail(struct http_message *message, const struct err *err);
/* What a text from the server holds; `message` (or NULL) is whose answer it may be. */
void http_take_text(struct transport_http *owner, struct http_message *message, const char *text,
		    size_t len, char **block);

void http_take_message(struct transport_http *owner, struct http_message *message,
		       struct jsonrpc_message *got, char **block);

/* http_events.c */
void http_events_init(struct http_events *events, struct transport_http *owner,
		      struct http_message *message, void (*drained)(void *arg), void *arg);
/*
 * Takes the text of an event, in the order of the stream. False: a large one is being read, and
 * nothing more is to be received until drained(arg) comes. (What comes all the same waits for it.)
 */
bool http_events_take(struct http_events *events, const char *bytes, size_t len);
/* drained will not be called. */
void http_events_drop(struct http_events *events);

/* http_stream.c */
void http_stream_open(struct transport_http *owner);
void http_stream_close(struct transport_http *owner);
/* initialize was refused as HTTP+SSE servers do: GET, and its `endpoint`. */
void http_stream_fall_back(struct http_message *initialize);

/* http_headers.c: for http_request.headers. The caller frees with string_list_free(). */
char **http_headers_for(const struct transport_http *owner, const struct http_message *message,
			const char *last_event_id);
/* As it is where it is a plain header value, else =?base64?…?= (2026-07-28). */
void http_header_append_value(struct buf *out, const char *value);

/* transport_http.c */
void http_session_started(struct transport_http *owner, struct json_span result);
/*
 * A server that is told of two things at once may take them in any order, and what it says on a
 * stream that is not there yet is lost. So requests wait: for the answer to
 * notifications/initialized, then for that of GET.
 */
void http_session_told(struct transport_http *owner);
void http_session_opened(struct transport_http *owner);
void http_session_lost(struct http_message *message);
void http_session_renewed(struct transport_http *owner, const struct err *err);

#endif
