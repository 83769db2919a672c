/* SPDX-License-Identifier: MIT */
/* The arguments of a prompt are texts, whatever they look like. */
#include "config.h"

#include "app/prompt_run.h"

#include <stdlib.h>
#include <string.h>

#include "app/query_run.h"
#include "base/json_write.h"
#include "base/mem.h"

int prompt_run_write_arguments(struct buf *params, const char *const words[], size_t count,
			       struct err *err)
{
	json_write_key(params, "arguments");
	buf_append_char(params, '{');
	for (size_t i = 0; i < count; i++) {
		const char *equals = strchr(words[i], '=');

		if (!equals || equals == words[i])
			return err_set(err, ERR_USAGE,
				       "\"%.80s\" is no KEY=VALUE, as arguments are", words[i]);
		buf_append_text(params, i > 0 ? "," : "");
		json_write_string_len(params, words[i], (size_t)(equals - words[i]));
		buf_append_char(params, ':');
		json_write_string(params, equals + 1);
	}
	buf_append_char(params, '}');
	return 0;
}

int prompt_run(struct program *program, struct server *server, const char *name,
	       const char *const words[], size_t count, struct prompt *prompt, struct buf *json,
	       struct err *err)
{
	struct buf params = BUF_INIT, result;
	int status;

	buf_init(&result, 2 * PROMPT_TEXT_MAX_BYTES);
	json_write_member(&params, "name", name);
	status = prompt_run_write_arguments(&params, words, count, err);
	if (status == 0)
		status = query_run(program, server, "prompts/get", params.data, &result, err);
	if (status == 0)
		status =
			prompt_read((struct json_span){buf_text(&result), result.len}, prompt, err);
	if (status == 0 && json)
		buf_append(json, buf_text(&result), result.len);
	buf_clear(&params);
	buf_clear(&result);
	return status;
}
