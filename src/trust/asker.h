/* SPDX-License-Identifier: MIT */
/*
 * asker: the interface by which a person is asked: whether a tool may be called, and for a line of
 * text.
 *
 * Implemented in app/ (terminal). One question at a time: a second ask waits until the first is
 * answered.
 */
#ifndef CORDPAIR_TRUST_ASKER_H
#define CORDPAIR_TRUST_ASKER_H

#include <stddef.h>

enum approval {
	APPROVAL_GRANTED,
	APPROVAL_GRANTED_FOR_RUN, /* this tool, until the program ends */
	APPROVAL_REFUSED,
	APPROVAL_NOBODY /* there is nobody to ask: no terminal, --no-input */
};

struct approval_request {
	const char *server;
	const char *tool;
	const char *description; /* of the tool; may be NULL */
	const char *arguments;	 /* JSON text, complete */
	size_t arguments_len;
};

typedef void approval_fn(void *arg, enum approval approval);

/* One line without its end, valid during the call; NULL: there is nobody to ask any more. */
typedef void answer_fn(void *arg, const char *answer);

#define ASKER_ANSWER_MAX_BYTES 4096 /* what a terminal takes for a line */

struct asker {
	/* Answers later, exactly once, unless cancelled. request is borrowed until then. */
	void (*ask)(struct asker *asker, const struct approval_request *request, approval_fn *done,
		    void *arg);
	/* The same for a line. The text is shown as it is (already sanitized) and copied. */
	void (*ask_line)(struct asker *asker, const char *text, answer_fn *done, void *arg);
	/* Forgets the question asked with this arg. */
	void (*cancel)(struct asker *asker, void *arg);
};

#endif
