/* SPDX-License-Identifier: MIT */
/* PCRE2 with the options that come nearest to ECMA-262. */
#include "config.h"

#include "base/json_pattern.h"

#include "base/json_schema.h"

#ifdef HAVE_PCRE2

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"

#define OPTIONS                                                                          \
	(PCRE2_UTF | PCRE2_DOLLAR_ENDONLY | PCRE2_ALT_BSUX | PCRE2_MATCH_UNSET_BACKREF | \
	 PCRE2_ALLOW_EMPTY_CLASS | PCRE2_NEVER_BACKSLASH_C)

struct json_pattern {
	pcre2_code *code;
	pcre2_match_data *data;
	pcre2_match_context *context;
};

/* ECMA-262's long names of general categories (UAX #44), of which PCRE2 knows the short ones. */
static const struct {
	const char *name, *code;
} categories[] = {
	{"Letter", "L"},
	{"Lowercase_Letter", "Ll"},
	{"Uppercase_Letter", "Lu"},
	{"Titlecase_Letter", "Lt"},
	{"Modifier_Letter", "Lm"},
	{"Other_Letter", "Lo"},
	{"Mark", "M"},
	{"Number", "N"},
	{"Decimal_Number", "Nd"},
	{"digit", "Nd"},
	{"Letter_Number", "Nl"},
	{"Punctuation", "P"},
	{"punct", "P"},
	{"Symbol", "S"},
	{"Separator", "Z"},
	{"Space_Separator", "Zs"},
	{"Other", "C"},
	{"Control", "Cc"},
};

static const char *short_category(const char *name, size_t len)
{
	for (size_t i = 0; i < sizeof(categories) / sizeof(categories[0]); i++)
		if (strlen(categories[i].name) == len &&
		    strncmp(categories[i].name, name, len) == 0)
			return categories[i].code;
	return NULL;
}

/* \\p{Letter} becomes \\p{L}; all else stays. */
static void translate(const char *text, size_t len, struct buf *out)
{
	const char *end = text + len;

	while (text < end) {
		const char *close = memchr(text, '}', (size_t)(end - text)), *code;

		if (*text != '\\' || end - text < 2) {
			buf_append_char(out, *text++);
			continue;
		}
		code = close && (text[1] == 'p' || text[1] == 'P') && close - text > 3 &&
				       text[2] == '{'
			       ? short_category(text + 3, (size_t)(close - text) - 3)
			       : NULL;
		buf_append(out, text, 2);
		text += 2;
		if (code) {
			buf_format(out, "{%s}", code);
			text = close + 1;
		}
	}
}

struct json_pattern *json_pattern_new(const char *text, size_t len)
{
	struct json_pattern *pattern;
	struct buf translated = BUF_INIT;
	pcre2_code *compiled;
	int code;
	size_t offset;

	translate(text, len, &translated);
	compiled = pcre2_compile((PCRE2_SPTR)buf_text(&translated), translated.len, OPTIONS, &code,
				 &offset, NULL);
	buf_clear(&translated);
	if (!compiled)
		return NULL;
	pattern = mem_new(sizeof(*pattern));
	pattern->code = compiled;
	pattern->data = pcre2_match_data_create(1, NULL);
	pattern->context = pcre2_match_context_create(NULL);
	if (!pattern->data || !pattern->context)
		mem_exhausted();
	pcre2_set_match_limit(pattern->context, JSON_SCHEMA_PATTERN_STEPS);
	pcre2_set_depth_limit(pattern->context, JSON_SCHEMA_PATTERN_STEPS);
	return pattern;
}

void json_pattern_free(struct json_pattern **pattern_p)
{
	struct json_pattern *pattern = *pattern_p;

	if (!pattern)
		return;
	*pattern_p = NULL;
	pcre2_match_context_free(pattern->context);
	pcre2_match_data_free(pattern->data);
	pcre2_code_free(pattern->code);
	free(pattern);
}

enum json_pattern_verdict json_pattern_match(const struct json_pattern *pattern, const char *text,
					     size_t len)
{
	int status = pcre2_match(pattern->code, (PCRE2_SPTR)text, len, 0, PCRE2_NO_UTF_CHECK,
				 pattern->data, pattern->context);

	if (status >= 0)
		return PATTERN_MATCHES;
	return status == PCRE2_ERROR_NOMATCH ? PATTERN_DIFFERS : PATTERN_UNJUDGED;
}

#else

struct json_pattern *json_pattern_new(const char *text, size_t len)
{
	(void)text;
	(void)len;
	return NULL;
}

void json_pattern_free(struct json_pattern **pattern)
{
	*pattern = NULL;
}

enum json_pattern_verdict json_pattern_match(const struct json_pattern *pattern, const char *text,
					     size_t len)
{
	(void)pattern;
	(void)text;
	(void)len;
	return PATTERN_UNJUDGED;
}

#endif
