/* SPDX-License-Identifier: MIT */
/*
 * Bytes to lines, lines to messages, answers to bytes. What is answered is the business of
 * mcp_methods.
 */
#include "config.h"

#include "servers/mcp_stdio.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/jsonrpc.h"
#include "base/lines.h"
#include "servers/mcp_methods.h"

/* Messages. */

static void answer_message(struct mcp_session *session, const struct jsonrpc_message *message)
{
	/* Nothing is ever asked of the client, so no response can be meant for us. */
	if (message->kind == JSONRPC_REQUEST)
		mcp_answer_request(session, message);
}

static void answer_invalid(struct mcp_session *session, struct json_span whole, const char *why)
{
	struct json_span id = json_span_member(whole, "id");
	enum json_kind kind = json_span_kind(id);

	if (kind != JSON_NUMBER && kind != JSON_STRING)
		id = (struct json_span){NULL, 0};
	jsonrpc_write_error(&session->out, id, JSONRPC_INVALID_REQUEST, why);
}

static void answer_element(struct mcp_session *session, struct json_span element)
{
	struct jsonrpc_message message;
	struct err err;

	if (jsonrpc_read_span(element, &message, &err))
		answer_invalid(session, element, err.text);
	else
		answer_message(session, &message);
}

/* The answers to a batch are one array; there is none when nothing in it asked for an answer. */
static void answer_batch(struct mcp_session *session, struct json_span array)
{
	struct buf *out = &session->out;
	size_t count = 0, start = out->len, before;
	struct json_span element = {NULL, 0};

	while (json_span_next(array, &element))
		count++;
	if (!session->agreed || !session->agreed->batches || count == 0 || count > MCP_BATCH_MAX) {
		answer_invalid(session, (struct json_span){NULL, 0},
			       count == 0	       ? "The batch is empty"
			       : count > MCP_BATCH_MAX ? "The batch is too large"
						       : "Batches are of 2025-03-26 only");
		return;
	}
	buf_append_char(out, '[');
	element = (struct json_span){NULL, 0};
	while (json_span_next(array, &element)) {
		before = out->len;
		answer_element(session, element);
		if (out->len > before)
			out->data[out->len - 1] = ',';
	}
	if (out->len == start + 1) {
		buf_truncate(out, start);
		return;
	}
	out->data[out->len - 1] = ']';
	buf_append_char(out, '\n');
}

static void answer_line(struct mcp_session *session, const char *line, size_t len)
{
	struct json_span whole = {line, len}, none = {NULL, 0};
	struct jsonrpc_message message;
	struct json_fault fault;
	struct err err;

	if (!jsonrpc_read(line, len, &json_limits_default, &message, &err)) {
		if (message.kind == JSONRPC_BATCH)
			answer_batch(session, message.whole);
		else
			answer_message(session, &message);
	} else if (json_check(line, len, &json_limits_default, NULL, &fault)) {
		jsonrpc_write_error(&session->out, none, JSONRPC_PARSE_ERROR, err.text);
	} else {
		answer_invalid(session, whole, err.text);
	}
}

/* Bytes. */

static int write_all(int out, const struct buf *bytes, struct err *err)
{
	size_t done = 0;

	while (done < bytes->len) {
		ssize_t n = write(out, bytes->data + done, bytes->len - done);

		if (n >= 0)
			done += (size_t)n;
		else if (errno != EINTR)
			return err_set_os(err, ERR_RECORD, errno, "the output cannot be written");
	}
	return 0;
}

static int answer_lines(struct mcp_session *session, struct lines *lines, int out, struct err *err)
{
	struct json_span none = {NULL, 0};
	enum lines_state state;
	char *line;
	size_t len;

	while ((state = lines_next(lines, &line, &len)) != LINES_MORE) {
		int status;

		if (state == LINES_LINE)
			answer_line(session, line, len);
		else
			jsonrpc_write_error(&session->out, none, JSONRPC_INVALID_REQUEST,
					    "The message is too long");
		status = write_all(out, &session->out, err);
		buf_clear(&session->out);
		if (status)
			return -1;
	}
	return 0;
}

/* 1: bytes came, 0: the input has ended. */
static int read_lines(struct lines *lines, int in, struct err *err)
{
	size_t space;
	char *at = lines_space(lines, &space);
	ssize_t n;

	if (!at)
		return err_set(err, ERR_INTERNAL, "no memory for a message");
	do
		n = read(in, at, space);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return err_set_os(err, ERR_PROTOCOL, errno, "the input cannot be read");
	if (n == 0 && lines_pending(lines) == 0)
		return 0;
	if (n == 0) /* the last line has no end: it is whole all the same, or it is no JSON */
		at[n++] = '\n';
	lines_commit(lines, (size_t)n);
	return 1;
}

int mcp_serve(const struct mcp_server *server, int in, int out, struct err *err)
{
	struct mcp_session session = {.server = server, .out = BUF_INIT};
	struct lines lines;
	int status;

	lines_init(&lines, MCP_MESSAGE_MAX_BYTES);
	while ((status = read_lines(&lines, in, err)) > 0) {
		status = answer_lines(&session, &lines, out, err);
		if (status)
			break;
	}
	lines_clear(&lines);
	buf_clear(&session.out);
	return status;
}
