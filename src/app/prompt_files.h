/* SPDX-License-Identifier: MIT */
/*
 * prompt_files: what goes with a prompt (-f, stdin): texts become part of it, images, sounds and
 * PDF files parts of the message, where the model takes them.
 */
#ifndef CORDPAIR_APP_PROMPT_FILES_H
#define CORDPAIR_APP_PROMPT_FILES_H

#include "app/program.h"
#include "base/media_type.h"
#include "model/chat_endpoint.h"

#define PROMPT_MAX_BYTES ((size_t)32 << 20) /* of the prompt, and of one file */

struct prompt_file {
	char *name;
	const struct media_type *type;
	struct buf bytes;
};

struct prompt_files { /* zero it */
	struct prompt_file *item;
	size_t count;
};

void prompt_files_clear(struct prompt_files *files);
/* Reads a file. ERR_USAGE: it cannot be read, or is nothing that a prompt takes. */
int prompt_files_add(struct prompt_files *files, struct buf *prompt, const char *path,
		     struct err *err) __attribute__((warn_unused_result));
/* All of stdin: a text stands after the prompt without a heading. Takes the content. */
int prompt_files_add_stdin(struct prompt_files *files, struct buf *prompt, struct buf *content,
			   struct err *err) __attribute__((warn_unused_result));
/*
 * Before anything is sent: does the model take them? Where no list of models is kept, the endpoint
 * is asked for one; where nobody knows, they are sent, and that is said. model: or NULL.
 */
int prompt_files_check(const struct prompt_files *files, struct program *program,
		       const struct chat_endpoint *endpoint, const char *model, struct err *err)
	__attribute__((warn_unused_result));
/* The message's parts: the prompt, then each file. */
void prompt_files_write(const struct prompt_files *files, const struct buf *prompt,
			struct buf *out);

#endif
