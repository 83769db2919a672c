/* SPDX-License-Identifier: MIT */
/*
 * media_type: what an image, a sound or a document is, by its first bytes. What a file or a server
 * calls it is not asked: a provider refuses a whole request for one image that is none.
 */
#ifndef CORDPAIR_BASE_MEDIA_TYPE_H
#define CORDPAIR_BASE_MEDIA_TYPE_H

#include <stddef.h>

#define MEDIA_TYPE_HEAD_BYTES 16 /* that are looked at */

/* As OpenRouter's "input_modalities" have them; bits of a set. */
enum media_kind { MEDIA_IMAGE = 1, MEDIA_AUDIO = 2, MEDIA_FILE = 4 };
#define MEDIA_ALL (MEDIA_IMAGE | MEDIA_AUDIO | MEDIA_FILE)

struct media_type {
	enum media_kind kind;
	const char *mime;   /* "image/png" */
	const char *format; /* "png" */
};

/* NULL: none of PNG, JPEG, GIF, WebP, PDF, WAV, MP3. Static. */
const struct media_type *media_type_of(const void *bytes, size_t len);

/* "image", "audio" or "file". */
const char *media_kind_name(enum media_kind kind);
/* "images", "sounds" or "PDF files". */
const char *media_kind_plural(enum media_kind kind);
/* The kinds in a list of such words with commas; others ("text", "video") are no kinds. */
unsigned media_kinds_of(const char *words);
/* "text, images and sounds", for people: what takes these kinds beside text. To be freed. */
char *media_kinds_text(unsigned kinds);

#endif
