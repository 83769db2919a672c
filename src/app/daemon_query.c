/* SPDX-License-Identifier: MIT */
/* One question at a time: a command waits for its answer. */
#include "config.h"

#include "app/daemon_query.h"

#include <inttypes.h>

struct daemon_question {
	struct program *program;
	struct buf *result;
	struct err err;
	bool done, failed;
};

static void answered(void *arg, struct json_span result, const struct err *err)
{
	struct daemon_question *question = arg;

	question->failed = err != NULL;
	if (err)
		question->err = *err;
	else
		buf_append(question->result, result.at, result.len);
	program_stage_done(question->program, &question->done);
}

int daemon_query(struct program *program, struct control_client *client, const char *method,
		 const struct buf *params, long timeout_ms, struct buf *result, struct err *err)
{
	struct daemon_question question = {.program = program, .result = result};
	const int64_t id =
		control_client_request(client, method, params ? params->data : NULL,
				       params ? params->len : 0, timeout_ms, answered, &question);

	if (program_wait(program, &question.done)) {
		control_client_cancel(client, id);
		return err_set(err, ERR_TIMEOUT, "interrupted");
	}
	if (question.failed)
		*err = question.err;
	return question.failed ? -1 : 0;
}

int daemon_query_once(struct program *program, const char *method, const struct buf *params,
		      struct buf *result, struct err *err)
{
	struct control_client *client = control_client_new(program->loop, true, NULL, NULL, err);
	int status;

	if (!client)
		return -1;
	status = daemon_query(program, client, method, params, CONTROL_ANSWER_MS, result, err);
	control_client_free(&client);
	return status;
}

void daemon_append_time(struct buf *out, int64_t ms)
{
	static const struct {
		int64_t seconds;
		const char *unit;
	} units[] = {{86400, "d"}, {3600, "h"}, {60, "min"}, {1, "s"}};
	int64_t left = ms / 1000;
	int shown = 0;

	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]) && shown < 2; i++) {
		const int64_t n = left / units[i].seconds;

		left -= n * units[i].seconds;
		if (n == 0 && shown == 0 && units[i].seconds > 1)
			continue;
		buf_format(out, "%s%" PRId64 " %s", shown > 0 ? " " : "", n, units[i].unit);
		shown++;
	}
}
