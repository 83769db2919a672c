/* SPDX-License-Identifier: MIT */
/*
 * media_room: images, sounds and files of a conversation that are left out when it has too many,
 * the oldest first: descriptions stand in their place from then on. What a person gave with the
 * last prompt stays.
 */
#ifndef CORDPAIR_AGENT_MEDIA_ROOM_H
#define CORDPAIR_AGENT_MEDIA_ROOM_H

#include "agent/conversation.h"

struct media_load {
	size_t parts;
	size_t bytes;  /* of JSON */
	size_t weight; /* bytes of text that a model's context has as much room for */
};

struct media_load media_load_of(struct conversation *conversation);
/* Drops while there is more than `most` in any respect, down to half of that; returns how many were
 * dropped. end: messages from there on stay. */
size_t media_room_make(struct conversation *conversation, const struct media_load *most,
		       size_t end);

#endif
