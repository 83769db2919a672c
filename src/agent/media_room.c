/* SPDX-License-Identifier: MIT */
/* In one large step, as each change costs the provider's cache. */
#include "config.h"

#include "agent/media_room.h"

#include "agent/attachments.h"

#define WHY "left out, as the conversation has become too long"

static struct media_load load_of(struct json_span message)
{
	struct json_span content = json_span_member(message, "content"), part = {NULL, 0};
	struct media_load load = {0};

	while (json_span_kind(content) == JSON_ARRAY && json_span_next(content, &part)) {
		if (content_part_kind(part) == 0)
			continue;
		load.parts++;
		load.bytes += part.len;
		load.weight += content_part_weight(part);
	}
	return load;
}

struct media_load media_load_of(struct conversation *conversation)
{
	struct json_span all, message = {NULL, 0};
	struct media_load sum = {0};

	if (!conversation_has_parts(conversation))
		return sum;
	all.at = conversation_json(conversation, &all.len);
	while (all.at && json_span_next(all, &message)) {
		const struct media_load load = load_of(message);

		sum.parts += load.parts;
		sum.bytes += load.bytes;
		sum.weight += load.weight;
	}
	return sum;
}

/* The message of the last prompt; SIZE_MAX: there is none. */
static size_t last_prompt(struct conversation *conversation)
{
	struct json_span all, message = {NULL, 0};
	size_t last = SIZE_MAX;

	all.at = conversation_json(conversation, &all.len);
	for (size_t at = 0; all.at && json_span_next(all, &message); at++)
		if (json_span_equals(json_span_member(message, "role"), "user") &&
		    !attachments_are_in(message))
			last = at;
	return last;
}

static bool is_more(const struct media_load *load, const struct media_load *most)
{
	return load->parts > most->parts || load->bytes > most->bytes ||
	       load->weight > most->weight;
}

struct making {
	struct media_load load, target;
	size_t end, prompt, dropped;
};

static bool drop(void *arg, size_t at, struct json_span message, struct buf *out)
{
	struct making *making = arg;
	const struct media_load load = load_of(message);

	if (at >= making->end || at == making->prompt || load.parts == 0 ||
	    !is_more(&making->load, &making->target) ||
	    !attachments_describe(message, MEDIA_ALL, WHY, out))
		return false;
	making->load.parts -= load.parts;
	making->load.bytes -= load.bytes;
	making->load.weight -= load.weight;
	making->dropped += load.parts;
	return true;
}

size_t media_room_make(struct conversation *conversation, const struct media_load *most, size_t end)
{
	struct making making = {
		.load = media_load_of(conversation),
		.target = {most->parts / 2, most->bytes / 2, most->weight / 2},
		.end = end,
	};

	if (!is_more(&making.load, most))
		return 0;
	making.prompt = last_prompt(conversation);
	(void)conversation_rewrite(conversation, drop, &making, WHY);
	return making.dropped;
}
