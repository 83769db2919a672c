/* SPDX-License-Identifier: MIT */
/*
 * content_part: an element of a message's "content" that is no text: an image_url with a data URL,
 * an input_audio, a file; and which of them a model takes.
 */
#ifndef CORDPAIR_MODEL_CONTENT_PART_H
#define CORDPAIR_MODEL_CONTENT_PART_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/json_check.h"
#include "base/media_type.h"
#include "model/model_list.h"
#include "model/profile.h"

/* Of one part, before base64. Anthropic and Bedrock refuse an image past 5 MiB of base64. */
#define CONTENT_IMAGE_SMALL_MAX_BYTES ((size_t)15 << 18)
#define CONTENT_IMAGE_MAX_BYTES	      ((size_t)10 << 20)
#define CONTENT_AUDIO_MAX_BYTES	      ((size_t)15 << 20)
#define CONTENT_FILE_MAX_BYTES	      ((size_t)15 << 20)
/* What a request holds at most: providers refuse more, and every one is paid for again. */
#define CONTENT_PARTS_MAX	20
#define CONTENT_PARTS_MAX_BYTES ((size_t)18 << 20) /* of base64 */
#define CONTENT_IMAGE_TOKENS	1600		   /* what an image costs at most providers */

struct model_media {
	unsigned kinds; /* that may be sent */
	bool known;	/* that the model takes them; else nobody says so, or the contrary */
};

/* info: NULL, the model is in no list. */
struct model_media content_part_media(const struct profile *profile, const struct model_info *info);
size_t content_part_max_bytes(enum media_kind kind, enum schema_family family);

void content_part_write_text(struct buf *out, const char *text, size_t len);
/* name: of the file. base64: padded, of the standard alphabet. */
void content_part_write(struct buf *out, const struct media_type *type, const char *name,
			const char *base64, size_t len);

/* 0: a text, or something else that is none of the above. */
unsigned content_part_kind(struct json_span part);
/* A text part in its place: "[image: image/png, 67 bytes: WHY]". */
void content_part_write_description(struct buf *out, struct json_span part, const char *why);
/* How many bytes of text it weighs like, toward the model's context. */
size_t content_part_weight(struct json_span part);

#endif
