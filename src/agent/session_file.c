/* SPDX-License-Identifier: MIT */
/* Lines are checked one by one; what a line must have is checked here, so that nobody else must. */
#include "config.h"

#include "agent/session_file.h"

#include <string.h>

#include "io/file.h"

const char *const session_record_names[SESSION_RECORD_TYPES] = {
	[SESSION_OTHER] = "",	       [SESSION_HEAD] = "session",	[SESSION_RUN] = "run",
	[SESSION_MESSAGE] = "message", [SESSION_REPLACED] = "replaced", [SESSION_END] = "end",
};

static int damaged(struct err *err, const char *what)
{
	return err_set(err, ERR_CONFIG, "%s", what);
}

static int check_message(struct json_span message, struct err *err)
{
	if (json_span_kind(message) != JSON_OBJECT)
		return damaged(err, "a message is missing");
	if (json_span_kind(json_span_member(message, "role")) != JSON_STRING)
		return damaged(err, "a message without a role");
	return 0;
}

static int check_head(struct json_span json, struct err *err)
{
	int64_t version;

	if (!json_span_int64(json_span_member(json, "v"), &version))
		return damaged(err, "this is no session");
	if (version != SESSION_VERSION)
		return damaged(err, "a session of another version of cordpair");
	return 0;
}

static int check_replaced(struct json_span json, struct err *err)
{
	struct json_span messages = json_span_member(json, "messages"), message = {NULL, 0};
	int64_t at, count;

	if (!json_span_int64(json_span_member(json, "at"), &at) || at < 0 ||
	    !json_span_int64(json_span_member(json, "count"), &count) || count < 0)
		return damaged(err, "which messages are replaced is missing");
	if (json_span_kind(messages) != JSON_ARRAY)
		return damaged(err, "the messages are missing");
	while (json_span_next(messages, &message))
		if (check_message(message, err))
			return -1;
	return 0;
}

static int check_record(const struct session_record *record, struct err *err)
{
	switch (record->type) {
	case SESSION_HEAD:
		return check_head(record->json, err);
	case SESSION_MESSAGE:
		return check_message(json_span_member(record->json, "message"), err);
	case SESSION_REPLACED:
		return check_replaced(record->json, err);
	default:
		return 0;
	}
}

int session_record_parse(struct json_span line, struct session_record *record, struct err *err)
{
	struct json_fault fault;
	struct json_span type;

	if (json_check(line.at, line.len, &json_limits_splice, NULL, &fault))
		return err_set(err, ERR_CONFIG, "not JSON: %s", fault.what);
	json_trim(&line.at, &line.len);
	type = json_span_member(line, "type");
	if (json_span_kind(type) != JSON_STRING)
		return damaged(err, "no object with a type");
	record->json = line;
	record->type = SESSION_OTHER;
	for (int i = SESSION_HEAD; i < SESSION_RECORD_TYPES; i++)
		if (json_span_equals(type, session_record_names[i]))
			record->type = (enum session_record_type)i;
	return check_record(record, err);
}

static int take_line(struct json_span line, unsigned long number,
		     int (*take)(void *arg, const struct session_record *record, struct err *err),
		     void *arg, struct err *err)
{
	struct session_record record = {.line = number};

	if (session_record_parse(line, &record, err))
		return -1;
	if ((number == 1) != (record.type == SESSION_HEAD))
		return damaged(err, number == 1 ? "this is no session" : "a second session begins");
	return take(arg, &record, err);
}

int session_text_read(const char *path, struct json_span text,
		      int (*take)(void *arg, const struct session_record *record, struct err *err),
		      void *arg, size_t *whole_len, struct err *err)
{
	unsigned long number = 0;
	size_t at = 0;
	int status = 0;

	while (status == 0 && at < text.len) {
		const char *line = text.at + at, *end = memchr(line, '\n', text.len - at);

		if (!end)
			break;
		status = take_line((struct json_span){line, (size_t)(end - line)}, ++number, take,
				   arg, err);
		if (status)
			err_prefix(err, "%s:%lu", path, number);
		at += (size_t)(end - line) + 1;
	}
	if (status == 0 && number == 0)
		status = err_set(err, ERR_CONFIG, "%s:1: this is no session: it is empty", path);
	if (whole_len)
		*whole_len = at;
	return status;
}

int session_file_read(const char *path,
		      int (*take)(void *arg, const struct session_record *record, struct err *err),
		      void *arg, size_t *whole_len, struct err *err)
{
	enum file_kind kind;
	struct buf text;
	int status;

	buf_init(&text, SESSION_FILE_MAX_BYTES);
	status = file_read(path, FILE_TRUSTED, &text, &kind, err);
	if (status == 0)
		status = session_text_read(path, (struct json_span){buf_text(&text), text.len},
					   take, arg, whole_len, err);
	buf_clear(&text);
	return status;
}
