/* SPDX-License-Identifier: MIT */
/*
 * The scanner: a state machine over the bytes, with a bit for each open container and a set of the
 * keys of each open object. Strings are skimmed sixteen bytes at a time where the processor can.
 */
#include "config.h"

#include "base/json_check.h"

#include <stdlib.h>
#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "base/json_keys.h"
#include "base/json_scan.h"
#include "base/sanitize.h"

const struct json_limits json_limits_default = {JSON_DEPTH_MAX, JSON_NODES_MAX};
const struct json_limits json_limits_splice = {JSON_DEPTH_MAX, SIZE_MAX};

struct scan {
	const char *start, *at, *end;
	const struct json_limits *limits;
	struct json_fault *fault;
	struct json_keys keys;
	size_t nodes;
	unsigned depth;
	unsigned char is_object[JSON_DEPTH_MAX]; /* of the container at each depth */

	const char *const *names;
	struct json_span *spans;
	size_t names_count;
	struct json_span *member; /* of the outermost object, whose value is being read */
};

static int fail_at(struct scan *scan, const char *at, const char *what, bool limit)
{
	*scan->fault = (struct json_fault){(size_t)(at - scan->start), what, limit};
	return -1;
}

static int fail(struct scan *scan, const char *what)
{
	return fail_at(scan, scan->at, scan->at < scan->end ? what : "the text ends too early",
		       false);
}

static void skip_blanks(struct scan *scan)
{
	while (scan->at < scan->end &&
	       (*scan->at == ' ' || *scan->at == '\n' || *scan->at == '\t' || *scan->at == '\r'))
		scan->at++;
}

static bool is_digit(const struct scan *scan)
{
	return scan->at < scan->end && *scan->at >= '0' && *scan->at <= '9';
}

/* Strings */

/* Past the bytes that need no look: neither quote nor backslash, printable ASCII. */
static const char *skim(const char *at, const char *end)
{
#ifdef __SSE2__
	const __m128i quote = _mm_set1_epi8('"'), backslash = _mm_set1_epi8('\\');
	const __m128i blank = _mm_set1_epi8(' ');

	while (end - at >= 16) {
		__m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)at);
		/* Signed: bytes from 0x80 on are below a blank as well. */
		__m128i stop = _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(bytes, quote),
							 _mm_cmpeq_epi8(bytes, backslash)),
					    _mm_cmplt_epi8(bytes, blank));
		int mask = _mm_movemask_epi8(stop);

		if (mask)
			return at + __builtin_ctz((unsigned)mask);
		at += 16;
	}
#endif
	while (at < end && *at != '"' && *at != '\\' && (unsigned char)*at >= 0x20 &&
	       (unsigned char)*at < 0x80)
		at++;
	return at;
}

static int hex_value(char digit)
{
	if (digit >= '0' && digit <= '9')
		return digit - '0';
	if (digit >= 'a' && digit <= 'f')
		return digit - 'a' + 10;
	if (digit >= 'A' && digit <= 'F')
		return digit - 'A' + 10;
	return -1;
}

/* The four digits at `at`, or -1. */
static int hex4(const char *at, const char *end)
{
	int value = 0;

	if (end - at < 4)
		return -1;
	for (int i = 0; i < 4; i++) {
		int digit = hex_value(at[i]);

		if (digit < 0)
			return -1;
		value = value * 16 + digit;
	}
	return value;
}

/* at is on the backslash. */
static int scan_escape(struct scan *scan)
{
	const char *escape = scan->at;
	int unit;

	if (scan->end - escape < 2)
		return fail_at(scan, scan->end, "the text ends too early", false);
	if (escape[1] != 'u') {
		if (!strchr("\"\\/bfnrt", escape[1]) || !escape[1])
			return fail(scan, "an escape that JSON does not have");
		scan->at += 2;
		return 0;
	}
	unit = hex4(escape + 2, scan->end);
	if (unit < 0)
		return fail(scan, "\\u without four hexadecimal digits");
	scan->at += 6;
	if (unit < 0xd800 || unit > 0xdfff)
		return 0;
	if (unit < 0xdc00 && scan->end - scan->at >= 6 && scan->at[0] == '\\' &&
	    scan->at[1] == 'u') {
		int low = hex4(scan->at + 2, scan->end);

		if (low >= 0xdc00 && low <= 0xdfff) {
			scan->at += 6;
			return 0;
		}
	}
	scan->at = escape;
	return fail(scan, "a lone surrogate");
}

/* at is on the opening quote; afterwards behind the closing one. */
static int scan_string(struct scan *scan, bool *escaped)
{
	*escaped = false;
	scan->at++;
	for (;;) {
		size_t n;

		scan->at = skim(scan->at, scan->end);
		if (scan->at == scan->end)
			return fail(scan, "");
		if (*scan->at == '"') {
			scan->at++;
			return 0;
		}
		if (*scan->at == '\\') {
			*escaped = true;
			if (scan_escape(scan))
				return -1;
			continue;
		}
		if ((unsigned char)*scan->at < 0x20)
			return fail(scan, "a control character in a string");
		if (*scan->at == 0x7f) {
			scan->at++;
			continue;
		}
		n = utf8_decode(scan->at, (size_t)(scan->end - scan->at), &(uint32_t){0});
		if (n == 0)
			return fail(scan, "bytes that are not UTF-8");
		scan->at += n;
	}
}

/* Numbers and words */

static int scan_digits(struct scan *scan)
{
	if (!is_digit(scan))
		return fail(scan, "a number without a digit");
	while (is_digit(scan))
		scan->at++;
	return 0;
}

static int scan_number(struct scan *scan)
{
	if (*scan->at == '-')
		scan->at++;
	if (scan->at < scan->end && *scan->at == '0')
		scan->at++;
	else if (scan_digits(scan))
		return -1;
	if (is_digit(scan))
		return fail(scan, "a number that begins with 0");
	if (scan->at < scan->end && *scan->at == '.') {
		scan->at++;
		if (scan_digits(scan))
			return -1;
	}
	if (scan->at < scan->end && (*scan->at == 'e' || *scan->at == 'E')) {
		scan->at++;
		if (scan->at < scan->end && (*scan->at == '+' || *scan->at == '-'))
			scan->at++;
		if (scan_digits(scan))
			return -1;
	}
	return 0;
}

static int scan_word(struct scan *scan, const char *word)
{
	size_t len = strlen(word);

	if ((size_t)(scan->end - scan->at) < len || memcmp(scan->at, word, len))
		return fail(scan, "something that is no JSON value");
	scan->at += len;
	return 0;
}

static int scan_scalar(struct scan *scan)
{
	bool escaped;

	switch (scan->at < scan->end ? *scan->at : '\0') {
	case '"':
		return scan_string(scan, &escaped);
	case 't':
		return scan_word(scan, "true");
	case 'f':
		return scan_word(scan, "false");
	case 'n':
		return scan_word(scan, "null");
	default:
		if (is_digit(scan) || (scan->at < scan->end && *scan->at == '-'))
			return scan_number(scan);
		return fail(scan, "something that is no JSON value");
	}
}

/* Containers */

static int open_container(struct scan *scan, bool object)
{
	if (scan->depth >= scan->limits->depth_max || scan->depth >= JSON_DEPTH_MAX)
		return fail_at(scan, scan->at, "more nesting than is allowed", true);
	scan->is_object[scan->depth++] = object;
	if (object)
		json_keys_open(&scan->keys);
	scan->at++;
	skip_blanks(scan);
	return 0;
}

static void close_container(struct scan *scan)
{
	scan->at++;
	if (scan->is_object[--scan->depth])
		json_keys_close(&scan->keys);
}

static void note_member(struct scan *scan, struct json_span key, bool escaped)
{
	scan->member = NULL;
	for (size_t i = 0; i < scan->names_count; i++) {
		size_t len = strlen(scan->names[i]);
		bool same = escaped ? json_span_equals((struct json_span){key.at - 1, key.len + 2},
						       scan->names[i])
				    : len == key.len && memcmp(scan->names[i], key.at, len) == 0;

		if (same)
			scan->member = &scan->spans[i];
	}
}

/* A key and its colon. */
static int scan_key(struct scan *scan)
{
	const char *quote = scan->at;
	struct json_span key;
	bool escaped;
	const char *what;

	if (scan->at == scan->end || *scan->at != '"')
		return fail(scan, "something that is no key");
	if (scan_string(scan, &escaped))
		return -1;
	key = (struct json_span){quote + 1, (size_t)(scan->at - quote) - 2};
	what = json_keys_add(&scan->keys, key, escaped);
	if (what)
		return fail_at(scan, quote, what, what == json_keys_too_many);
	if (scan->depth == 1 && scan->names_count)
		note_member(scan, key, escaped);
	skip_blanks(scan);
	if (scan->at == scan->end || *scan->at != ':')
		return fail(scan, "no colon after a key");
	scan->at++;
	skip_blanks(scan);
	return 0;
}

/*
 * What follows a value: closes every container that ends here. 1: another value follows, 0: the
 * outermost value has ended, -1: a fault.
 */
static int after_value(struct scan *scan)
{
	while (scan->depth > 0) {
		bool object = scan->is_object[scan->depth - 1];

		if (scan->depth == 1 && scan->member) {
			scan->member->len = (size_t)(scan->at - scan->member->at);
			scan->member = NULL;
		}
		skip_blanks(scan);
		if (scan->at == scan->end)
			return fail(scan, "");
		if (*scan->at == ',') {
			scan->at++;
			skip_blanks(scan);
			return object && scan_key(scan) ? -1 : 1;
		}
		if (*scan->at != (object ? '}' : ']'))
			return fail(scan, object ? "no comma or } after a member"
						 : "no comma or ] after an element");
		close_container(scan);
	}
	return 0;
}

/* One value up to where it ends or, for a container with content, its first value begins. */
static int begin_value(struct scan *scan)
{
	char first = scan->at < scan->end ? *scan->at : '\0';
	bool object = first == '{';

	if (++scan->nodes > scan->limits->nodes_max)
		return fail_at(scan, scan->at, "more values than are allowed", true);
	if (scan->depth == 1 && scan->member)
		scan->member->at = scan->at;
	if (!object && first != '[')
		return scan_scalar(scan) ? -1 : after_value(scan);
	if (open_container(scan, object))
		return -1;
	if (scan->at < scan->end && *scan->at == (object ? '}' : ']')) {
		close_container(scan);
		return after_value(scan);
	}
	return object && scan_key(scan) ? -1 : 1;
}

int json_scan(const char *text, size_t len, const struct json_limits *limits,
	      const char *const names[], struct json_span spans[], size_t count, size_t *nodes,
	      struct json_fault *fault)
{
	struct scan scan;
	int more;

	scan.start = scan.at = text;
	scan.end = text + len;
	scan.limits = limits;
	scan.fault = fault;
	scan.nodes = 0;
	scan.depth = 0;
	scan.names = names;
	scan.spans = spans;
	scan.names_count = count;
	scan.member = NULL;
	for (size_t i = 0; i < count; i++)
		spans[i] = (struct json_span){NULL, 0};
	json_keys_init(&scan.keys);
	skip_blanks(&scan);
	do
		more = begin_value(&scan);
	while (more > 0);
	json_keys_clear(&scan.keys);
	if (more == 0) {
		skip_blanks(&scan);
		if (scan.at != scan.end)
			more = fail(&scan, "something after the value");
	}
	if (nodes)
		*nodes = scan.nodes;
	return more;
}

int json_check(const char *text, size_t len, const struct json_limits *limits, size_t *nodes,
	       struct json_fault *fault)
{
	return json_scan(text, len, limits, NULL, NULL, 0, nodes, fault);
}

void json_position(const char *text, size_t offset, unsigned *line, unsigned *column)
{
	*line = 1;
	*column = 1;
	for (size_t i = 0; i < offset; i++) {
		(*column)++;
		if (text[i] == '\n') {
			(*line)++;
			*column = 1;
		}
	}
}
