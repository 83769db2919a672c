/* SPDX-License-Identifier: MIT */
/* In the order of the pool, so that equal servers give equal bytes (prompt caches rely on it). */
#include "config.h"

#include "agent/instructions.h"

#include <string.h>

#include "base/buf.h"
#include "base/log.h"
#include "base/sanitize.h"

static void append_server(struct buf *out, const struct server *server)
{
	const char *text = server_instructions(server);
	const size_t len = strlen(text);
	const size_t keep =
		len <= INSTRUCTIONS_MAX_BYTES ? len : utf8_cut(text, INSTRUCTIONS_MAX_BYTES);

	buf_format(out, "%sThe server \"%s\" says about its tools:\n", out->len > 0 ? "\n\n" : "",
		   server_name(server));
	sanitize_text(text, keep, out);
	if (keep < len) {
		log_warning(
			"server \"%s\": its instructions are longer than %zu bytes; the rest is "
			"left out",
			server_name(server), INSTRUCTIONS_MAX_BYTES);
		buf_append_text(out, "…");
	}
}

static bool has_something_to_say(const struct server *server)
{
	const char *text = server_is_offered(server) ? server_instructions(server) : NULL;

	return text && text[strspn(text, " \t\r\n")] && server_tools(server)->count > 0;
}

char *instructions_text(const struct server_pool *pool, const char *system_prompt)
{
	const size_t own = system_prompt ? strlen(system_prompt) : 0;
	struct buf out = BUF_INIT;

	buf_append_text(&out, system_prompt ? system_prompt : "");
	for (size_t i = 0; pool && i < server_pool_count(pool); i++) {
		const struct server *server = server_pool_at(pool, i);

		if (!has_something_to_say(server))
			continue;
		if (out.len - own < INSTRUCTIONS_ALL_MAX_BYTES)
			append_server(&out, server);
		else
			log_warning(
				"server \"%s\": its instructions are left out: those of all are "
				"longer than %zu bytes",
				server_name(server), INSTRUCTIONS_ALL_MAX_BYTES);
	}
	if (out.len > 0)
		return buf_take(&out);
	buf_clear(&out);
	return NULL;
}
