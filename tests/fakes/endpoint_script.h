/* SPDX-License-Identifier: MIT */
/*
 * endpoint_script: one scripted answer, from its JSON line to the bytes on the wire.
 *
 *   status, headers        200 and none
 *   body                   object: sent as JSON; string: sent as it is ("type" is its Content-Type)
 *   sse                    list: an object is sent as `data: …`, a string as it is
 *   text, reasoning        of an answer made here: chunks as OpenRouter's, or one body when the
 *   reasoning_details      request does not ask for a stream. A list of pieces for the stream.
 *   calls                  list of {name, arguments, id, index}: arguments is an object, or a text
 *                          that is sent as it is; absent: left out. id null: left out
 *   finish, usage, model   of it; null leaves them out
 *   done false             no [DONE]
 *   keep_alive N           N comments, or newlines before a body
 *   delay_ms               before the first byte; between_ms: before each later piece
 *   hold FILE              after the first piece of text (or sse), until FILE exists
 *   crlf, by_byte          how it is written
 *   cut                    the connection is closed without an end
 *   hang                   … or is neither ended nor closed
 *   repeat N               this line answers N requests
 *   unchecked              this request may break the rules
 *   family NAME            a request with tools or images that this family refuses is answered with
 *                          400 (see endpoint_family.h and endpoint_media.h), and the line stays for
 * the next request refuse [NAME]          the same for a request that has one of these tools; with
 * refusal TEXT that is the message, else it names the tool; "*": any request probe it answers GET
 * …/key or …/models, not a completion
 */
#ifndef CORDPAIR_TESTS_ENDPOINT_SCRIPT_H
#define CORDPAIR_TESTS_ENDPOINT_SCRIPT_H

#include <json-c/json_types.h>
#include <stdbool.h>
#include <stddef.h>

struct endpoint_piece {
	char *bytes;
	size_t len;
	bool held; /* not before the file `hold` exists */
};

struct endpoint_answer {
	const char *content_type; /* borrowed from the script or static */
	const char *hold;	  /* or NULL */
	struct endpoint_piece *piece;
	size_t pieces;
};

/* request counts from 1: ids that the script does not give are made of it. */
void endpoint_answer_init(struct endpoint_answer *answer, const struct json_object *script,
			  bool stream, long request);
void endpoint_answer_clear(struct endpoint_answer *answer);

#endif
