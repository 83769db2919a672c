/* SPDX-License-Identifier: MIT */
/* The first pair is the one that is being written; those behind it are known already. */
#include "config.h"

#include "app/completion_run.h"

#include <string.h>

#include "app/prompt_run.h"
#include "app/query_run.h"
#include "base/json_write.h"
#include "base/log.h"

#define COMPLETION_MAX_BYTES ((size_t)4 << 20)

enum { SERVER_AT = 1, NAME_AT, ARGUMENT_AT };

static int write_params(const struct strings *operands, const char *type, const char *key,
			struct buf *params, struct err *err)
{
	const char *pair = operands->item[ARGUMENT_AT], *equals = strchr(pair, '=');
	const size_t known = operands->count - ARGUMENT_AT - 1;

	if (!equals || equals == pair)
		return err_set(err, ERR_USAGE, "\"%.80s\" is no ARGUMENT=PREFIX", pair);
	json_write_key(params, "ref");
	buf_append_char(params, '{');
	json_write_member(params, "type", type);
	json_write_member(params, key, operands->item[NAME_AT]);
	buf_append_char(params, '}');
	json_write_key(params, "argument");
	buf_append_text(params, "{\"name\":");
	json_write_string_len(params, pair, (size_t)(equals - pair));
	json_write_member(params, "value", equals + 1);
	buf_append_char(params, '}');
	if (known == 0)
		return 0;
	json_write_key(params, "context");
	buf_append_char(params, '{');
	if (prompt_run_write_arguments(params, operands->item + ARGUMENT_AT + 1, known, err))
		return -1;
	buf_append_char(params, '}');
	return 0;
}

static void print(struct program *program, struct json_span result)
{
	struct json_span completion = json_span_member(result, "completion");
	struct json_span values = json_span_member(completion, "values"), value = {NULL, 0};
	struct buf line = BUF_INIT;
	int64_t total;

	while (json_span_kind(values) == JSON_ARRAY && json_span_next(values, &value)) {
		buf_truncate(&line, 0);
		query_append_text(&line, value);
		buf_append_char(&line, '\n');
		output_buf(&program->out, &line);
	}
	buf_clear(&line);
	if (json_span_kind(json_span_member(completion, "hasMore")) != JSON_TRUE)
		return;
	if (json_span_int64(json_span_member(completion, "total"), &total))
		log_notice("there are %lld; write more of it", (long long)total);
	else
		log_notice("there are more; write more of it");
}

static void complete(struct program *program, struct server *server, const char *type,
		     const char *key)
{
	struct buf params = BUF_INIT, result;
	struct err err;
	int status;

	buf_init(&result, COMPLETION_MAX_BYTES);
	status = write_params(&program->operands, type, key, &params, &err);
	if (status == 0)
		status = query_run(program, server, "completion/complete", params.data, &result,
				   &err);
	if (status) {
		query_run_fail(program, &err);
	} else if (program->options.json) {
		output_own(&program->out, buf_text(&result), result.len);
		output_own(&program->out, "\n", 1);
	} else {
		print(program, (struct json_span){buf_text(&result), result.len});
	}
	buf_clear(&params);
	buf_clear(&result);
}

void completion_run(struct program *program, const char *type, const char *key)
{
	const size_t count = program->operands.count;
	struct server *server;
	struct err err;

	if (count <= ARGUMENT_AT) {
		err_set(&err, ERR_USAGE,
			"what is to be completed? complete SERVER %s ARGUMENT=PREFIX "
			"[KEY=VALUE]...",
			strcmp(key, "uri") == 0 ? "TEMPLATE" : "NAME");
		program_fail(program, &err);
		return;
	}
	server = query_run_server(program);
	if (server)
		complete(program, server, type, key);
}
