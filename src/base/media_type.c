/* SPDX-License-Identifier: MIT */
/* A table of first bytes. Where a format's own mark could begin a text, a second place decides. */
#include "config.h"

#include "base/media_type.h"

#include <stdbool.h>
#include <string.h>

#include "base/buf.h"

#define MARK(text) text, sizeof(text) - 1

static const struct {
	struct media_type type;
	const char *mark;
	size_t len;
	size_t second_at; /* 0: the mark is enough */
	const char *second;
	size_t second_len;
} types[] = {
	{{MEDIA_IMAGE, "image/png", "png"}, MARK("\x89PNG\r\n\x1a\n"), 0, MARK("")},
	{{MEDIA_IMAGE, "image/jpeg", "jpeg"}, MARK("\xff\xd8\xff"), 0, MARK("")},
	{{MEDIA_IMAGE, "image/gif", "gif"}, MARK("GIF87a"), 12, MARK("\0")},
	{{MEDIA_IMAGE, "image/gif", "gif"}, MARK("GIF89a"), 12, MARK("\0")},
	{{MEDIA_IMAGE, "image/webp", "webp"}, MARK("RIFF"), 8, MARK("WEBP")},
	{{MEDIA_AUDIO, "audio/wav", "wav"}, MARK("RIFF"), 8, MARK("WAVE")},
	{{MEDIA_AUDIO, "audio/mpeg", "mp3"}, MARK("ID3"), 4, MARK("\0")},
	/* Frames without an ID3 tag: MPEG 1, 2 and 2.5, layer III. */
	{{MEDIA_AUDIO, "audio/mpeg", "mp3"}, MARK("\xff\xfb"), 0, MARK("")},
	{{MEDIA_AUDIO, "audio/mpeg", "mp3"}, MARK("\xff\xfa"), 0, MARK("")},
	{{MEDIA_AUDIO, "audio/mpeg", "mp3"}, MARK("\xff\xf3"), 0, MARK("")},
	{{MEDIA_AUDIO, "audio/mpeg", "mp3"}, MARK("\xff\xf2"), 0, MARK("")},
	{{MEDIA_AUDIO, "audio/mpeg", "mp3"}, MARK("\xff\xe3"), 0, MARK("")},
	{{MEDIA_FILE, "application/pdf", "pdf"}, MARK("%PDF-"), 0, MARK("")},
};

static const struct {
	enum media_kind kind;
	const char *name, *plural;
} kinds[] = {
	{MEDIA_IMAGE, "image", "images"},
	{MEDIA_AUDIO, "audio", "sounds"},
	{MEDIA_FILE, "file", "PDF files"},
};

#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

static bool has(const char *bytes, size_t len, size_t at, const char *mark, size_t mark_len)
{
	return len >= at + mark_len && memcmp(bytes + at, mark, mark_len) == 0;
}

const struct media_type *media_type_of(const void *bytes, size_t len)
{
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (has(bytes, len, 0, types[i].mark, types[i].len) &&
		    has(bytes, len, types[i].second_at, types[i].second, types[i].second_len))
			return &types[i].type;
	return NULL;
}

const char *media_kind_name(enum media_kind kind)
{
	for (size_t i = 0; i < KINDS; i++)
		if (kinds[i].kind == kind)
			return kinds[i].name;
	return "text";
}

const char *media_kind_plural(enum media_kind kind)
{
	for (size_t i = 0; i < KINDS; i++)
		if (kinds[i].kind == kind)
			return kinds[i].plural;
	return "texts";
}

static unsigned kind_of(const char *word, size_t len)
{
	for (size_t i = 0; i < KINDS; i++)
		if (strlen(kinds[i].name) == len && memcmp(word, kinds[i].name, len) == 0)
			return kinds[i].kind;
	return 0;
}

unsigned media_kinds_of(const char *words)
{
	unsigned found = 0;

	while (*words) {
		const size_t len = strcspn(words, ",");

		found |= kind_of(words, len);
		words += len + (words[len] == ',');
	}
	return found;
}

char *media_kinds_text(unsigned taken)
{
	struct buf text = BUF_INIT;

	buf_append_text(&text, taken ? "text" : "text only");
	for (size_t i = 0; i < KINDS; i++) {
		if (!(taken & kinds[i].kind))
			continue;
		taken &= ~(unsigned)kinds[i].kind;
		buf_format(&text, "%s%s", taken ? ", " : " and ", kinds[i].plural);
	}
	return buf_take(&text);
}
