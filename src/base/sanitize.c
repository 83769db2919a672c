/* SPDX-License-Identifier: MIT */
/*
 * Two things that belong together because both walk characters: what UTF-8 is, and which characters
 * a terminal must not get from others.
 */
#include "config.h"

#include "base/sanitize.h"

#include <string.h>

#define REPLACEMENT "\xef\xbf\xbd" /* U+FFFD */

enum { TEXT, ESCAPE, CSI, STRING, STRING_ESCAPE }; /* sanitizer.state */

size_t utf8_decode(const char *bytes, size_t len, uint32_t *rune)
{
	const unsigned char *at = (const unsigned char *)bytes;
	size_t n;
	uint32_t low;

	if (len == 0)
		return 0;
	if (at[0] < 0x80) {
		*rune = at[0];
		return 1;
	}
	if (at[0] >= 0xc2 && at[0] < 0xe0) {
		n = 2;
		low = 0x80;
		*rune = at[0] & 0x1fu;
	} else if (at[0] >= 0xe0 && at[0] < 0xf0) {
		n = 3;
		low = 0x800;
		*rune = at[0] & 0x0fu;
	} else if (at[0] >= 0xf0 && at[0] < 0xf5) {
		n = 4;
		low = 0x10000;
		*rune = at[0] & 0x07u;
	} else {
		return 0;
	}
	if (len < n)
		return 0;
	for (size_t i = 1; i < n; i++) {
		if ((at[i] & 0xc0) != 0x80)
			return 0;
		*rune = *rune << 6 | (at[i] & 0x3fu);
	}
	if (*rune < low || *rune > 0x10ffff || (*rune >= 0xd800 && *rune <= 0xdfff))
		return 0;
	return n;
}

size_t utf8_encode(uint32_t rune, char out[4])
{
	if (rune < 0x80) {
		out[0] = (char)rune;
		return 1;
	}
	if (rune < 0x800) {
		out[0] = (char)(0xc0 | rune >> 6);
		out[1] = (char)(0x80 | (rune & 0x3f));
		return 2;
	}
	if (rune < 0x10000) {
		out[0] = (char)(0xe0 | rune >> 12);
		out[1] = (char)(0x80 | (rune >> 6 & 0x3f));
		out[2] = (char)(0x80 | (rune & 0x3f));
		return 3;
	}
	out[0] = (char)(0xf0 | rune >> 18);
	out[1] = (char)(0x80 | (rune >> 12 & 0x3f));
	out[2] = (char)(0x80 | (rune >> 6 & 0x3f));
	out[3] = (char)(0x80 | (rune & 0x3f));
	return 4;
}

size_t utf8_cut(const char *bytes, size_t len)
{
	size_t back = 0;

	while (back < 3 && back < len && ((unsigned char)bytes[len - back - 1] & 0xc0) == 0x80)
		back++;
	if (back < len && (unsigned char)bytes[len - back - 1] >= 0xc0) {
		uint32_t rune;

		/* The last character is whole only when it decodes to exactly what is there. */
		if (utf8_decode(bytes + len - back - 1, back + 1, &rune) != back + 1)
			return len - back - 1;
	}
	return len;
}

/* What a terminal or a reader would not show as what it is. */
static const struct {
	uint32_t first, last;
} unsafe[] = {
	{0x00, 0x08},	    {0x0b, 0x1f},	/* C0 without TAB and LF */
	{0x7f, 0x9f},				/* DEL, C1 */
	{0xad, 0xad},				/* soft hyphen */
	{0x61c, 0x61c},				/* Arabic letter mark */
	{0x115f, 0x1160},   {0x17b4, 0x17b5},	/* fillers */
	{0x180b, 0x180f},			/* Mongolian selectors */
	{0x200b, 0x200f},			/* zero width, marks of direction */
	{0x2028, 0x202e},			/* line separators, bidi embedding */
	{0x2060, 0x206f},			/* joiners, isolates, invisible operators */
	{0x3164, 0x3164},   {0xfeff, 0xfeff},	/* filler, byte order mark */
	{0xffa0, 0xffa0},   {0xfff9, 0xfffb},	/* filler, annotations */
	{0x1bca0, 0x1bca3}, {0x1d173, 0x1d17a}, /* format controls */
	{0xe0000, 0xe0fff},			/* tags, further variation selectors */
};

static bool is_unsafe(uint32_t rune)
{
	for (size_t i = 0; i < sizeof(unsafe) / sizeof(unsafe[0]); i++)
		if (rune >= unsafe[i].first && rune <= unsafe[i].last)
			return true;
	return false;
}

/*
 * Escape sequences (ECMA-48) are swallowed whole: ESC [ … final, ESC ] … BEL or ST, and the other
 * strings; ESC with one character otherwise. Returns true when the rune belonged to one.
 */
static bool in_sequence(struct sanitizer *state, uint32_t rune)
{
	switch (state->state) {
	case TEXT:
		if (rune != 0x1b && rune != 0x9b && rune != 0x9d && rune != 0x90)
			return false;
		state->state = rune == 0x1b ? ESCAPE : rune == 0x9b ? CSI : STRING;
		return true;
	case ESCAPE:
		if (rune == '[')
			state->state = CSI;
		else if (rune && rune < 0x80 && strchr("]PX^_", (int)rune))
			state->state = STRING;
		else if (rune < 0x20 || rune > 0x2f) /* not an intermediate byte */
			state->state = TEXT;
		return rune != '\n';
	case CSI:
		if ((rune >= 0x40 && rune <= 0x7e) || rune < 0x20)
			state->state = TEXT;
		return rune != '\n';
	case STRING:
		if (rune == 0x1b)
			state->state = STRING_ESCAPE;
		else if (rune == 0x07 || rune == 0x9c || rune == '\n')
			state->state = TEXT;
		return rune != '\n';
	default:
		state->state = rune == 0x1b ? STRING_ESCAPE : rune == '\\' ? TEXT : STRING;
		return true;
	}
}

static void put_rune(struct sanitizer *state, uint32_t rune, const char *bytes, size_t n,
		     struct buf *out)
{
	if (in_sequence(state, rune))
		return;
	if (is_unsafe(rune))
		buf_format(out, "\\u{%x}", (unsigned)rune);
	else
		buf_append(out, bytes, n);
}

/* How many bytes a character that begins so must have; 0: none does. */
static size_t wanted_bytes(unsigned char first)
{
	return first < 0x80   ? 1
	       : first < 0xc2 ? 0
	       : first < 0xe0 ? 2
	       : first < 0xf0 ? 3
	       : first < 0xf5 ? 4
			      : 0;
}

/* True when more bytes may still make a character of these. */
static bool is_begun(const char *bytes, size_t len)
{
	if (len >= wanted_bytes((unsigned char)bytes[0]))
		return false;
	for (size_t i = 1; i < len; i++)
		if (((unsigned char)bytes[i] & 0xc0) != 0x80)
			return false;
	return true;
}

void sanitize_stream(struct sanitizer *state, const char *bytes, size_t len, struct buf *out)
{
	while (len > 0 || state->partial_len == sizeof(state->partial)) {
		char window[8];
		size_t have = state->partial_len, n, take;
		uint32_t rune;

		memcpy(window, state->partial, have);
		take = sizeof(window) - have < len ? sizeof(window) - have : len;
		memcpy(window + have, bytes, take);
		n = utf8_decode(window, have + take, &rune);
		if (n == 0 && is_begun(window, have + take)) {
			/* Cut in the middle, so far: wait for the rest. */
			memcpy(state->partial, window, have + take);
			state->partial_len = (unsigned char)(have + take);
			return;
		}
		if (n > 0) {
			put_rune(state, rune, window, n, out);
		} else {
			n = 1;
			/* A raw C1 byte works as a control on some terminals. */
			if (!in_sequence(state, (unsigned char)window[0]))
				buf_append_text(out, REPLACEMENT);
		}
		if (n >= have) {
			bytes += n - have;
			len -= n - have;
			state->partial_len = 0;
		} else {
			memmove(state->partial, state->partial + n, have - n);
			state->partial_len = (unsigned char)(have - n);
		}
	}
}

void sanitize_stream_end(struct sanitizer *state, struct buf *out)
{
	if (state->partial_len > 0 && state->state == TEXT)
		buf_append_text(out, REPLACEMENT);
	*state = (struct sanitizer){0};
}

void sanitize_text(const char *bytes, size_t len, struct buf *out)
{
	struct sanitizer state = {0};

	sanitize_stream(&state, bytes, len, out);
	sanitize_stream_end(&state, out);
}

void sanitize_line(const char *bytes, size_t len, size_t max_bytes, struct buf *out)
{
	size_t start = out->len, kept;

	/* What is cut anyway need not be looked at. */
	sanitize_text(bytes, len < max_bytes * 4 ? len : max_bytes * 4, out);
	for (size_t i = start; i < out->len; i++)
		if (out->data[i] == '\n' || out->data[i] == '\t')
			out->data[i] = ' ';
	while (out->len > start && out->data[out->len - 1] == ' ')
		buf_truncate(out, out->len - 1);
	if (out->len - start <= max_bytes)
		return;
	kept = utf8_cut(out->data + start, max_bytes > 3 ? max_bytes - 3 : 0);
	buf_truncate(out, start + kept);
	buf_append_text(out, "\xe2\x80\xa6");
}
