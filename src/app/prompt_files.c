/* SPDX-License-Identifier: MIT */
/* What a file is, its bytes say; its name is only told to the model. */
#include "config.h"

#include "app/prompt_files.h"

#include <stdlib.h>
#include <string.h>

#include "app/model_catalogue.h"
#include "base/digest.h"
#include "base/log.h"
#include "base/mem.h"
#include "io/file.h"
#include "model/content_part.h"

void prompt_files_clear(struct prompt_files *files)
{
	for (size_t i = 0; i < files->count; i++) {
		free(files->item[i].name);
		buf_clear(&files->item[i].bytes);
	}
	free(files->item);
	*files = (struct prompt_files){0};
}

/* Reading */

/* A NUL is in every archive and program, and in no text. */
static int check_text(const char *name, const struct buf *text, struct err *err)
{
	if (text->len == 0 || !memchr(text->data, '\0', text->len))
		return 0;
	return err_set(err, ERR_USAGE,
		       "%.100s: this is not a text, an image (PNG, JPEG, GIF, WebP), a PDF file or "
		       "a sound (WAV, MP3): a prompt takes nothing else",
		       name);
}

static void keep(struct prompt_files *files, const struct media_type *type, const char *name,
		 struct buf *content)
{
	struct prompt_file *file;

	files->item = mem_resize_array(files->item, files->count + 1, sizeof(*files->item));
	file = &files->item[files->count++];
	*file = (struct prompt_file){mem_string(name), type, *content};
	buf_init(content, PROMPT_MAX_BYTES);
}

int prompt_files_add(struct prompt_files *files, struct buf *prompt, const char *path,
		     struct err *err)
{
	const struct media_type *type;
	const char *slash = strrchr(path, '/');
	struct buf content;
	enum file_kind kind;
	int status;

	buf_init(&content, PROMPT_MAX_BYTES);
	status = file_read(path, FILE_ANY, &content, &kind, err);
	type = status == 0 ? media_type_of(buf_text(&content), content.len) : NULL;
	if (status) {
		err->kind = ERR_USAGE;
	} else if (type) {
		buf_format(prompt, "\n\nThe file %s is attached.", path);
		keep(files, type, slash ? slash + 1 : path, &content);
	} else {
		status = check_text(path, &content, err);
		if (status == 0) {
			buf_format(prompt, "\n\nThe file %s:\n\n", path);
			buf_append(prompt, buf_text(&content), content.len);
		}
	}
	buf_clear(&content);
	return status;
}

int prompt_files_add_stdin(struct prompt_files *files, struct buf *prompt, struct buf *content,
			   struct err *err)
{
	const struct media_type *type = media_type_of(buf_text(content), content->len);
	char *name;

	if (type) {
		name = mem_format("stdin.%s", type->format);
		keep(files, type, name, content);
		free(name);
		return 0;
	}
	if (check_text("stdin", content, err))
		return -1;
	if (content->len > 0 && prompt->len > 0)
		buf_append_text(prompt, "\n\n");
	buf_append(prompt, buf_text(content), content->len);
	return 0;
}

/* Checking */

static const char *title_of(const struct chat_endpoint *endpoint, const char *model)
{
	return model ? model : endpoint->profile->title;
}

static int check_sizes(const struct prompt_files *files, const struct chat_endpoint *endpoint,
		       const char *model, struct err *err)
{
	const enum schema_family family = profile_family(endpoint->profile, model);
	size_t all = 0;

	for (size_t i = 0; i < files->count; i++) {
		const struct prompt_file *file = &files->item[i];
		const size_t most = content_part_max_bytes(file->type->kind, family);

		all += (file->bytes.len + 2) / 3 * 4;
		if (file->bytes.len > most)
			return err_set(err, ERR_USAGE,
				       "%.100s has %zu bytes: %.60s gets at most %zu of one %s",
				       file->name, file->bytes.len, title_of(endpoint, model), most,
				       media_kind_name(file->type->kind));
	}
	if (files->count > CONTENT_PARTS_MAX || all > CONTENT_PARTS_MAX_BYTES)
		return err_set(err, ERR_USAGE,
			       "the files are too many or too large together: a request has at "
			       "most %d of them, of %zu bytes in base64",
			       CONTENT_PARTS_MAX, CONTENT_PARTS_MAX_BYTES);
	return 0;
}

static int check_kinds(const struct prompt_files *files, const struct chat_endpoint *endpoint,
		       const char *model, const struct model_media *media, struct err *err)
{
	for (size_t i = 0; i < files->count; i++) {
		const struct prompt_file *file = &files->item[i];
		char *taken;

		if (file->type->kind & media->kinds)
			continue;
		taken = media_kinds_text(media->kinds);
		err_set(err, ERR_CONFIG,
			"%.80s: %.80s takes %s; choose another with --model (`cordpair models` "
			"shows what each takes)",
			file->name, title_of(endpoint, model), taken);
		free(taken);
		return -1;
	}
	return 0;
}

int prompt_files_check(const struct prompt_files *files, struct program *program,
		       const struct chat_endpoint *endpoint, const char *model, struct err *err)
{
	struct model_list *list = NULL;
	struct model_media media;
	int status;

	if (files->count == 0)
		return 0;
	if (check_sizes(files, endpoint, model, err))
		return -1;
	if (model)
		list = model_catalogue_get(program, endpoint, false, err);
	if (model && !list && program_interrupted(program))
		return -1;
	media = content_part_media(endpoint->profile, list ? model_list_find(list, model) : NULL);
	status = check_kinds(files, endpoint, model, &media, err);
	if (status == 0 && !media.known)
		log_notice("nobody says what %s takes beside text: %s sent all the same",
			   title_of(endpoint, model),
			   files->count == 1 ? "the file is" : "the files are");
	model_list_free(&list);
	return status;
}

/* Writing */

void prompt_files_write(const struct prompt_files *files, const struct buf *prompt, struct buf *out)
{
	struct buf base64 = BUF_INIT;

	if (prompt->len > 0)
		content_part_write_text(out, buf_text(prompt), prompt->len);
	for (size_t i = 0; i < files->count; i++) {
		const struct prompt_file *file = &files->item[i];

		buf_truncate(&base64, 0);
		base64_append(&base64, file->bytes.data, file->bytes.len);
		if (out->len > 0)
			buf_append_char(out, ',');
		content_part_write(out, file->type, file->name, buf_text(&base64), base64.len);
	}
	buf_clear(&base64);
}
