/* SPDX-License-Identifier: MIT */
/* A list must not read gigabytes: damage in the middle of a file is found by who reads all of it.
 */
#include "config.h"

#include "agent/session_summary.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/session_file.h"

#define END_BYTES      ((size_t)64 << 10) /* that are read at each end of a file */
#define TEXT_MAX_BYTES ((size_t)8 << 10)

static char *text_of(struct json_span object, const char *member)
{
	return json_span_text(json_span_member(object, member), TEXT_MAX_BYTES);
}

static void replace_text(char **text, char *take_text)
{
	if (!take_text)
		return;
	free(*text);
	*text = take_text;
}

static void take_end(struct session_summary *summary, struct json_span end)
{
	struct json_span total = json_span_member(end, "total");
	struct json_span cost = json_span_member(total, "cost");

	replace_text(&summary->status, text_of(end, "status"));
	replace_text(&summary->model, text_of(end, "model"));
	(void)json_span_int64(json_span_member(total, "runs"), &summary->runs);
	(void)json_span_int64(json_span_member(total, "messages"), &summary->messages);
	if (json_span_kind(cost) == JSON_NUMBER)
		summary->cost = strtod(cost.at, NULL); /* the span ends at a comma or a brace */
}

static int take_head(struct session_summary *summary, const char *text, size_t len, struct err *err)
{
	const char *end = memchr(text, '\n', len), *second;
	struct session_record record;
	struct err ignored;

	if (!end ||
	    session_record_parse((struct json_span){text, (size_t)(end - text)}, &record, err))
		return end ? -1 : err_set(err, ERR_CONFIG, "this is no session");
	if (record.type != SESSION_HEAD)
		return err_set(err, ERR_CONFIG, "this is no session");
	summary->title = text_of(record.json, "title");
	summary->cwd = text_of(record.json, "cwd");
	summary->started = text_of(record.json, "ts");
	second = end + 1;
	end = memchr(second, '\n', len - (size_t)(second - text));
	if (end && session_record_parse((struct json_span){second, (size_t)(end - second)}, &record,
					&ignored) == 0)
		summary->model = text_of(record.json, "model");
	return 0;
}

/* What follows the last newline was cut off. */
static void take_tail(struct session_summary *summary, const char *text, size_t len)
{
	const char *end = memrchr(text, '\n', len), *before;
	struct session_record record;
	struct err ignored;

	if (!end)
		return;
	before = memrchr(text, '\n', (size_t)(end - text));
	if (before &&
	    session_record_parse((struct json_span){before + 1, (size_t)(end - before - 1)},
				 &record, &ignored) == 0 &&
	    record.type == SESSION_END)
		take_end(summary, record.json);
}

static int read_ends(int fd, struct session_summary *summary, struct err *err)
{
	char *text = NULL;
	struct stat info;
	struct buf bytes;
	off_t tail = 0;
	ssize_t n;
	int status;

	buf_init(&bytes, END_BYTES);
	text = buf_reserve(&bytes, END_BYTES);
	n = text ? pread(fd, text, END_BYTES, 0) : -1;
	status = n < 0 ? err_set_os(err, ERR_CONFIG, errno, "cannot be read")
		       : take_head(summary, text, (size_t)n, err);
	if (status == 0 && fstat(fd, &info) == 0 && info.st_size > (off_t)END_BYTES)
		tail = info.st_size - (off_t)END_BYTES;
	n = text && status == 0 ? pread(fd, text, END_BYTES, tail) : 0;
	if (n > 0)
		take_tail(summary, text, (size_t)n);
	buf_clear(&bytes);
	return status;
}

int session_summary_read(const char *path, struct session_summary *summary, struct err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	int status;

	*summary = (struct session_summary){0};
	if (fd < 0)
		return err_set_os(err, ERR_CONFIG, errno, "%s", path);
	status = read_ends(fd, summary, err);
	if (status)
		err_prefix(err, "%s:1", path);
	close(fd);
	return status;
}

void session_summary_clear(struct session_summary *summary)
{
	free(summary->title);
	free(summary->cwd);
	free(summary->started);
	free(summary->model);
	free(summary->status);
	*summary = (struct session_summary){0};
}
