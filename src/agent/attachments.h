/* SPDX-License-Identifier: MIT */
/*
 * attachments: images, sounds and PDF files in results of tools, toward the model.
 *
 * A tool message is a text everywhere, with one line for each of them. What the model takes goes
 * out beside it, in a message of the user's right behind the results, the one form that every
 * provider takes. In a conversation they are recognised by how that message begins.
 */
#ifndef CORDPAIR_AGENT_ATTACHMENTS_H
#define CORDPAIR_AGENT_ATTACHMENTS_H

#include "agent/conversation.h"
#include "mcp/tool.h"
#include "model/content_part.h"

struct attachments {
	struct buf parts; /* the message's content, without brackets */
	size_t count;
	/* What stayed a text, to be told. */
	unsigned untaken; /* kinds that the model does not take */
	size_t too_large, unknown, too_many;
};

void attachments_init(struct attachments *attachments);
void attachments_clear(struct attachments *attachments);
/* Of one result, in the order of the calls. */
void attachments_take(struct attachments *attachments, const char *call_id,
		      const struct tool_result *result, unsigned kinds, enum schema_family family);
/* After the last tool message. Nothing, when there are none. */
void attachments_add(const struct attachments *attachments, struct conversation *conversation,
		     enum schema_family family);
/* One sentence about what stayed a text, to be freed; NULL: nothing did. told: kinds that were told
 * of before. */
char *attachments_notice(const struct attachments *attachments, unsigned told);

/* The message that such are in: no question of a person. */
bool attachments_are_in(struct json_span message);
/* The same message with descriptions in the place of those kinds; false: it has none of them. */
bool attachments_describe(struct json_span message, unsigned kinds, const char *why,
			  struct buf *out);
/*
 * Puts descriptions in the place of the media in a conversation: of those kinds, only of tools or
 * also of a person. How many messages had some.
 */
size_t attachments_drop(struct conversation *conversation, unsigned kinds, bool only_tools,
			const char *why);

#endif
