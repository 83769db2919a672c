/* SPDX-License-Identifier: MIT */
/*
 * context: keeps a conversation within what the model takes.
 *
 * How many tokens a request has is estimated from its bytes, at the rate of the last answer. Past
 * CONTEXT_HIGH_PERCENT of the model's context room is made, in one large step, because each change
 * costs the provider's cache: the oldest images, sounds and files are left out (media_room.h), then
 * the oldest results of tools are shortened, down to
 * CONTEXT_LOW_PERCENT; what is shortened is kept (read_result.h). Where that does not suffice, the
 * newest results too; and then the model itself summarises all but the end of the conversation. Of
 * what was asked last every word stays.
 */
#ifndef CORDPAIR_AGENT_CONTEXT_H
#define CORDPAIR_AGENT_CONTEXT_H

#include "agent/conversation.h"
#include "agent/result_store.h"
#include "io/loop.h"
#include "model/chat_client.h"

#define CONTEXT_HIGH_PERCENT   80
#define CONTEXT_LOW_PERCENT    50
#define CONTEXT_END_PERCENT    30  /* what is not summarised: at most that much, or one step */
#define CONTEXT_RESULT_PERCENT 25  /* of the context, for one result */
#define CONTEXT_HEAD_BYTES     300 /* of a result that was shortened */
#define CONTEXT_PROMPT_BYTES   ((size_t)32 << 10) /* of the last prompt, beside a summary */

struct context_spec { /* borrowed until the context is freed */
	struct loop *loop;
	struct chat_client *client;
	const char *model;		    /* or NULL */
	const struct chat_routing *routing; /* or NULL */
	struct conversation *conversation;
	struct result_store *results; /* or NULL */
	int64_t tokens;		      /* that the model takes; 0: not known */
	long max_tokens;	      /* of an answer; 0: not known */
};

struct context_listener {
	void (*on_dropped)(void *arg, const char *text);	     /* what was done: a sentence */
	void (*on_spent)(void *arg, const struct chat_usage *usage); /* a request for a summary */
	void (*on_room)(void *arg);				     /* after CONTEXT_WAITS */
};

enum context_room {
	CONTEXT_FITS, /* or nothing says that it does not */
	CONTEXT_FULL, /* it was refused, and cannot be made shorter */
	CONTEXT_WAITS /* for a summary: on_room comes */
};

struct context;
struct context *context_new(const struct context_spec *spec,
			    const struct context_listener *listener, void *arg);
void context_free(struct context **context); /* no call comes after */

/* Before each request: tools are those that go out. The conversation may change. */
enum context_room context_make_room(struct context *context, const char *tools, size_t tools_len);
/* The answer to that request. */
void context_note_answer(struct context *context, const struct chat_usage *usage);
/* It was refused as too long. tokens: that the model takes; 0: the endpoint does not say. */
void context_note_refusal(struct context *context, long tokens);
/* How long a result may be, of at most `wanted` bytes. */
size_t context_result_bytes(const struct context *context, size_t wanted);

#endif
