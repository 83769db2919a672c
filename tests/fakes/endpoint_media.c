/* SPDX-License-Identifier: MIT */
/* The first bytes of each format are written down here once more, in base64: a second opinion. */
#include "config.h"

#include "endpoint_media.h"

#include <json-c/json_object.h>
#include <stdbool.h>
#include <string.h>

#include "base/json.h"

#define IMAGE_SMALL_BYTES ((size_t)5 << 20)

static const struct {
	const char *before; /* the base64 */
	const char *begin;  /* of it */
} formats[] = {
	{"data:image/png;base64,", "iVBORw0KGgo"},
	{"data:image/jpeg;base64,", "/9j/"},
	{"data:image/gif;base64,", "R0lGODdh"},
	{"data:image/gif;base64,", "R0lGODlh"},
	{"data:image/webp;base64,", "UklGR"},
	{"data:application/pdf;base64,", "JVBERi0"},
	{"wav:", "UklGR"},
	{"mp3:", "SUQz"},
	{"mp3:", "//"},
};

static bool begins(const char *text, const char *begin)
{
	return strncmp(text, begin, strlen(begin)) == 0;
}

static bool is_base64(const char *text)
{
	const size_t digits = strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
					   "0123456789+/");
	const size_t padding = strspn(text + digits, "=");

	return digits > 0 && padding <= 2 && !text[digits + padding] && (digits + padding) % 4 == 0;
}

/* prefix: what stands before the base64, or is to be thought there. */
static bool is_of_its_format(const char *prefix, const char *base64)
{
	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++)
		if (begins(prefix, formats[i].before) && begins(base64, formats[i].begin))
			return is_base64(base64);
	return false;
}

static const char *check_url(const char *url, const char *scheme)
{
	const char *comma = url ? strchr(url, ',') : NULL;

	if (!comma || !begins(url, scheme))
		return "Only data URLs are taken";
	return is_of_its_format(url, comma + 1) ? NULL : "Could not process the data";
}

static const char *check_image(struct json_object *part, bool small)
{
	const char *url = json_member_string(json_member_object(part, "image_url"), "url");
	const char *why = check_url(url, "data:image/");

	if (!why && small && strlen(strchr(url, ',') + 1) > IMAGE_SMALL_BYTES)
		why = "image exceeds 5 MB maximum";
	return why;
}

static const char *check_audio(struct json_object *part, bool small)
{
	struct json_object *audio = json_member_object(part, "input_audio");
	const char *format = json_member_string(audio, "format");
	const char *data = json_member_string(audio, "data");

	(void)small;
	if (!format || !data)
		return "input_audio needs data and a format";
	return is_of_its_format(strcmp(format, "wav") == 0 ? "wav:" : "mp3:", data)
		       ? NULL
		       : "Could not process the audio";
}

static const char *check_file(struct json_object *part, bool small)
{
	struct json_object *file = json_member_object(part, "file");
	const char *name = json_member_string(file, "filename");

	(void)small;
	if (!name || !*name)
		return "a file needs a filename";
	return check_url(json_member_string(file, "file_data"), "data:application/");
}

static const char *check_text(struct json_object *part, bool small)
{
	const char *text = json_member_string(part, "text");

	(void)small;
	return text && *text ? NULL : "text content blocks must be non-empty";
}

static const char *check_part(struct json_object *part, bool small)
{
	static const struct {
		const char *type;
		const char *(*check)(struct json_object *part, bool small);
	} kinds[] = {
		{"text", check_text},
		{"image_url", check_image},
		{"input_audio", check_audio},
		{"file", check_file},
	};
	const char *type = json_member_string(part, "type");

	for (size_t i = 0; type && i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strcmp(type, kinds[i].type) == 0)
			return kinds[i].check(part, small);
	return "unknown content type";
}

static const char *check_message(const struct json_object *message, const char *role, bool small)
{
	struct json_object *parts = json_member_array(message, "content");

	for (size_t i = 0; parts && i < json_object_array_length(parts); i++) {
		struct json_object *part = json_object_array_get_idx(parts, i);
		const char *type = json_member_string(part, "type");
		const char *why = check_part(part, small);

		if (!why && strcmp(role, "user") != 0 && strcmp(type, "text") != 0)
			why = "Image URLs are only allowed for messages with role 'user'";
		if (why)
			return why;
	}
	return NULL;
}

int endpoint_media_check(const struct json_object *body, const char *family, struct err *err)
{
	const bool small = strcmp(family, "anthropic") == 0 || strcmp(family, "bedrock") == 0;
	const bool mistral = strcmp(family, "mistral") == 0;
	struct json_object *messages = json_member_array(body, "messages");
	const char *before = "";

	for (size_t i = 0; messages && i < json_object_array_length(messages); i++) {
		const struct json_object *message = json_object_array_get_idx(messages, i);
		const char *role = json_member_string(message, "role");
		const char *why;

		if (!role)
			return err_set(err, ERR_PROTOCOL, "messages.%zu: it has no role", i);
		why = check_message(message, role, small);
		if (!why && mistral && strcmp(role, "user") == 0 && strcmp(before, "tool") == 0)
			why = "Unexpected role 'user' after role 'tool'";
		if (why)
			return err_set(err, ERR_PROTOCOL, "messages.%zu: %s", i, why);
		before = role;
	}
	return 0;
}
