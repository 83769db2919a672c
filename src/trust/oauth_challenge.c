/* SPDX-License-Identifier: MIT */
/* A scanner of words: one followed by "=" is a parameter, any other begins a challenge. */
#include "config.h"

#include "trust/oauth_challenge.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/mem.h"

#define SEPARATORS " \t,"
#define WORD_ENDS  " \t,=\""

/* A token or a quoted string. The caller frees. */
static char *take_value(const char **at)
{
	struct buf value = BUF_INIT;
	const char *from = *at;

	if (*from != '"') {
		size_t len = strcspn(from, SEPARATORS);

		*at = from + len;
		return mem_string_len(from, len);
	}
	for (from++; *from && *from != '"'; from++) {
		if (*from == '\\' && from[1])
			from++;
		buf_append_char(&value, *from);
	}
	*at = from + (*from == '"');
	return buf_take(&value);
}

static void keep(struct oauth_challenge *challenge, const char *name, size_t name_len,
		 char *take_text)
{
	const struct {
		const char *name;
		char **into;
	} table[] = {
		{"resource_metadata", &challenge->resource_metadata},
		{"scope", &challenge->scope},
		{"error", &challenge->error},
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (strlen(table[i].name) == name_len && !*table[i].into &&
		    strncasecmp(table[i].name, name, name_len) == 0 &&
		    strlen(take_text) <= OAUTH_PARAMETER_MAX_BYTES) {
			*table[i].into = take_text;
			return;
		}
	free(take_text);
}

void oauth_challenge_read(const char *header, struct oauth_challenge *challenge)
{
	const char *at = header;
	bool bearer = false;

	*challenge = (struct oauth_challenge){0};
	while (*(at += strspn(at, SEPARATORS))) {
		const char *word = at, *after;
		size_t len = strcspn(word, WORD_ENDS);
		char *value;

		after = word + len + strspn(word + len, " \t");
		if (len == 0) { /* a stray quote or "=" */
			at++;
		} else if (*after != '=') {
			bearer = len == 6 && strncasecmp(word, "Bearer", 6) == 0;
			at = word + len;
		} else {
			at = after + 1 + strspn(after + 1, " \t");
			value = take_value(&at);
			if (bearer)
				keep(challenge, word, len, value);
			else
				free(value);
		}
	}
}

void oauth_challenge_clear(struct oauth_challenge *challenge)
{
	free(challenge->resource_metadata);
	free(challenge->scope);
	free(challenge->error);
	*challenge = (struct oauth_challenge){0};
}
