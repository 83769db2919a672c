/* SPDX-License-Identifier: MIT */
/* Nothing is read back while a run goes on; the lock on the descriptor is the session's. */
#include "config.h"

#include "agent/session.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/session_store.h"
#include "base/json_write.h"
#include "base/mem.h"
#include "base/sanitize.h"
#include "io/file.h"

#define MODEL_MAX_BYTES 1024

struct session {
	int fd;
	char id[RANDOM_ID_DIGITS + 1];
	char *path, *model, *base_url;
	size_t len; /* of the file: whole lines */
	bool failed;
	const struct session_listener *listener;
	void *arg;
	long runs, messages;
	double cost;
};

static struct session *make(const char *dir, const char *id)
{
	struct session *session = mem_new(sizeof(*session));

	memcpy(session->id, id, RANDOM_ID_DIGITS);
	session->path = session_path(dir, id);
	session->fd = -1;
	return session;
}

void session_free(struct session **session_p)
{
	struct session *session = *session_p;

	if (!session)
		return;
	if (session->fd >= 0)
		close(session->fd);
	free(session->path);
	free(session->model);
	free(session->base_url);
	free(session);
	*session_p = NULL;
}

void session_set_listener(struct session *session, const struct session_listener *listener,
			  void *arg)
{
	session->listener = listener;
	session->arg = arg;
}

const char *session_id(const struct session *session)
{
	return session->id;
}

const char *session_model(const struct session *session)
{
	return session->model;
}

const char *session_base_url(const struct session *session)
{
	return session->base_url;
}

/* Records */

static void begin_record(struct buf *line, enum session_record_type type)
{
	buf_init(line, SESSION_FILE_MAX_BYTES);
	buf_append_char(line, '{');
	json_write_member(line, "type", session_record_names[type]);
	json_write_member_now(line, "ts");
}

static int write_line(struct session *session, const struct buf *line, struct err *err)
{
	size_t done = 0;

	if (line->overflowed || session->len + line->len > SESSION_FILE_MAX_BYTES)
		return err_set(err, ERR_RECORD, "%s: a session has at most %zu MiB", session->path,
			       SESSION_FILE_MAX_BYTES >> 20);
	while (done < line->len) {
		ssize_t n = write(session->fd, line->data + done, line->len - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			err_set_os(err, ERR_RECORD, errno, "%s", session->path);
			/* Where this fails too, the reader passes over the half line. */
			(void)!ftruncate(session->fd, (off_t)session->len);
			return -1;
		}
		done += (size_t)n;
	}
	session->len += line->len;
	return 0;
}

static int end_record(struct session *session, struct buf *line, struct err *err)
{
	int status;

	buf_append_text(line, "}\n");
	status = write_line(session, line, err);
	buf_clear(line);
	return status;
}

static void keep_record(struct session *session, struct buf *line)
{
	struct err err;

	if (session->failed) {
		buf_clear(line);
	} else if (end_record(session, line, &err)) {
		session->failed = true;
		if (session->listener)
			session->listener->on_failure(session->arg, &err);
	}
}

void session_begin_run(struct session *session, const char *base_url, const char *model)
{
	char *asked_for = mem_string_or_null(model), *endpoint = mem_string(base_url);
	struct buf line;

	free(session->model);
	free(session->base_url);
	session->model = asked_for;
	session->base_url = endpoint;
	session->runs++;
	begin_record(&line, SESSION_RUN);
	json_write_member(&line, "version", PACKAGE_VERSION);
	json_write_member(&line, "base_url", base_url);
	json_write_member(&line, "model", model);
	keep_record(session, &line);
}

void session_add_message(struct session *session, const char *json, size_t len)
{
	struct buf line;

	session->messages++;
	begin_record(&line, SESSION_MESSAGE);
	json_write_member_json(&line, "message", json, len);
	keep_record(session, &line);
}

static long count_elements(struct json_span array)
{
	struct json_span at = {NULL, 0};
	long count = 0;

	while (json_span_next(array, &at))
		count++;
	return count;
}

void session_add_replaced(struct session *session, size_t at, size_t count,
			  struct json_span messages, const char *why)
{
	struct buf line;

	session->messages += count_elements(messages) - (long)count;
	begin_record(&line, SESSION_REPLACED);
	json_write_member_int(&line, "at", (int64_t)at);
	json_write_member_int(&line, "count", (int64_t)count);
	json_write_member_json(&line, "messages", messages.at, messages.len);
	json_write_member(&line, "why", why);
	keep_record(session, &line);
}

void session_end_run(struct session *session, const struct session_end *end)
{
	struct buf line;

	session->cost += end->usage->has_cost ? end->usage->cost : 0;
	begin_record(&line, SESSION_END);
	json_write_member_int(&line, "exit", end->exit_code);
	json_write_member(&line, "status", end->status);
	if (end->model)
		json_write_member(&line, "model", end->model);
	json_write_member_int(&line, "requests", end->requests);
	json_write_member_int(&line, "calls", end->calls);
	json_write_key(&line, "seconds");
	buf_format(&line, "%.3f", (double)end->time_ms / 1000);
	chat_usage_write(end->usage, &line);
	json_write_key(&line, "total");
	buf_append_char(&line, '{');
	json_write_member_int(&line, "runs", session->runs);
	json_write_member_int(&line, "messages", session->messages);
	json_write_key(&line, "cost");
	buf_format(&line, "%.10g}", session->cost);
	keep_record(session, &line);
}

/* A new one */

static int write_head(struct session *session, const char *title, size_t title_len, struct err *err)
{
	struct buf line, shown = BUF_INIT;
	char *cwd = getcwd(NULL, 0);
	int status;

	sanitize_line(title, title_len, SESSION_TITLE_BYTES, &shown);
	begin_record(&line, SESSION_HEAD);
	json_write_member_int(&line, "v", SESSION_VERSION);
	json_write_member(&line, "id", session->id);
	json_write_member(&line, "title", buf_text(&shown));
	if (cwd)
		json_write_member(&line, "cwd", cwd);
	status = end_record(session, &line, err);
	buf_clear(&shown);
	free(cwd);
	return status;
}

struct session *session_new(const char *dir, const char *title, size_t title_len, struct err *err)
{
	char id[RANDOM_ID_DIGITS + 1];
	struct session *session;

	random_id(id);
	session = make(dir, id);
	if (file_make_parents(session->path, err) == 0)
		session->fd = session_lock(session->path, true, err);
	if (session->fd >= 0 && write_head(session, title, title_len, err) == 0)
		return session;
	if (session->fd >= 0)
		unlink(session->path); /* it holds nothing */
	err->kind = ERR_RECORD;
	session_free(&session);
	return NULL;
}

/* One that is there */

struct restoring {
	struct session *session;
	int (*take)(void *arg, const struct session_record *record, struct err *err);
	void *arg;
};

static double number_of(struct json_span span)
{
	char *text = json_span_kind(span) == JSON_NUMBER ? mem_string_len(span.at, span.len) : NULL;
	double number = text ? strtod(text, NULL) : 0;

	free(text);
	return number;
}

static int restore(void *arg, const struct session_record *record, struct err *err)
{
	struct restoring *restoring = arg;
	struct session *session = restoring->session;
	struct json_span usage;
	int64_t replaced = 0;

	switch (record->type) {
	case SESSION_RUN:
		free(session->model);
		free(session->base_url);
		session->model =
			json_span_text(json_span_member(record->json, "model"), MODEL_MAX_BYTES);
		session->base_url =
			json_span_text(json_span_member(record->json, "base_url"), MODEL_MAX_BYTES);
		session->runs++;
		break;
	case SESSION_MESSAGE:
		session->messages++;
		break;
	case SESSION_REPLACED:
		(void)json_span_int64(json_span_member(record->json, "count"), &replaced);
		session->messages +=
			count_elements(json_span_member(record->json, "messages")) - (long)replaced;
		break;
	case SESSION_END:
		usage = json_span_member(record->json, "usage");
		session->cost += number_of(json_span_member(usage, "cost"));
		break;
	default:
		break;
	}
	return restoring->take(restoring->arg, record, err);
}

/* -1: the half line at its end cannot be removed. */
static int cut_off(struct session *session, size_t whole, struct err *err)
{
	struct stat info;

	session->len = whole;
	if (fstat(session->fd, &info) == 0 && info.st_size == (off_t)whole)
		return 0;
	if (ftruncate(session->fd, (off_t)whole) == 0)
		return 0;
	return err_set_os(err, ERR_RECORD, errno, "%s", session->path);
}

struct session *session_resume(const char *dir, const char *id,
			       int (*take)(void *arg, const struct session_record *record,
					   struct err *err),
			       void *arg, struct err *err)
{
	struct session *session = make(dir, id);
	struct restoring restoring = {session, take, arg};
	size_t whole;

	session->fd = session_lock(session->path, false, err);
	if (session->fd >= 0 &&
	    session_file_read(session->path, restore, &restoring, &whole, err) == 0 &&
	    cut_off(session, whole, err) == 0)
		return session;
	session_free(&session);
	return NULL;
}
