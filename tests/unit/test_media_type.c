/* SPDX-License-Identifier: MIT */
/* What bytes are, and what a model takes of them. */
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "base/media_type.h"
#include "model/content_part.h"

#define BYTES(text) text, sizeof(text) - 1

static void bytes_have_a_type(void **state)
{
	static const struct {
		const char *bytes;
		size_t len;
		const char *format; /* NULL: none */
	} table[] = {
		{BYTES("\x89PNG\r\n\x1a\n\0\0\0\rIHDR"), "png"},
		{BYTES("\xff\xd8\xff\xe0\0\x10JFIF"), "jpeg"},
		{BYTES("GIF89a\x01\0\x01\0\x80\0\0"), "gif"},
		{BYTES("GIF87a\x01\0\x01\0\x80\0\0"), "gif"},
		{BYTES("RIFF\x24\0\0\0WEBPVP8 "), "webp"},
		{BYTES("RIFF\x24\0\0\0WAVEfmt "), "wav"},
		{BYTES("RIFF\x24\0\0\0AVI LIST"), NULL},
		{BYTES("ID3\x03\0\0\0\0\0\0"), "mp3"},
		{BYTES("\xff\xfb\x90\x64"), "mp3"},
		{BYTES("\xff\xf3\x40\xc0"), "mp3"},
		{BYTES("%PDF-1.7\n"), "pdf"},
		/* Texts, and what is cut off. */
		{BYTES("GIF89a is a format"), NULL},
		{BYTES("ID3 is a kind of tag"), NULL},
		{BYTES("RIFF is a container"), NULL},
		{BYTES("\xff\xfe\0t"), NULL},
		{BYTES("\x89PNG\r\n\x1a"), NULL},
		{BYTES("GIF89a"), NULL},
		{BYTES("RIFF\x24\0\0\0WEB"), NULL},
		{BYTES("\xff"), NULL},
		{BYTES(" %PDF-1.7"), NULL},
		{BYTES(""), NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		const struct media_type *type = media_type_of(table[i].bytes, table[i].len);

		if (table[i].format)
			assert_string_equal(type ? type->format : "none", table[i].format);
		else
			assert_null(type);
	}
}

static void words_are_kinds(void **state)
{
	static const struct {
		const char *words;
		unsigned kinds;
		const char *text;
	} table[] = {
		{"text", 0, "text only"},
		{"", 0, "text only"},
		{"text,image", MEDIA_IMAGE, "text and images"},
		{"image,text,file", MEDIA_IMAGE | MEDIA_FILE, "text, images and PDF files"},
		{"audio,video,images,file,image", MEDIA_ALL, "text, images, sounds and PDF files"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		char *text = media_kinds_text(media_kinds_of(table[i].words));

		assert_int_equal(media_kinds_of(table[i].words), table[i].kinds);
		assert_string_equal(text, table[i].text);
		free(text);
	}
	assert_string_equal(media_kind_name(MEDIA_FILE), "file");
	assert_string_equal(media_kind_plural(MEDIA_AUDIO), "sounds");
	assert_string_equal(media_kind_name(0), "text");
	assert_string_equal(media_kind_plural(0), "texts");
}

static void a_model_takes_what_its_endpoint_has(void **state)
{
	static char input[] = "text,image,audio";
	const struct model_info info = {.input = input};
	const struct model_info silent = {0};
	struct model_media media;

	(void)state;
	media = content_part_media(profile_find("openrouter"), &info);
	assert_int_equal(media.kinds, MEDIA_ALL); /* OpenRouter reads files for every model */
	assert_true(media.known);
	media = content_part_media(profile_find("groq"), &info);
	assert_int_equal(media.kinds, MEDIA_IMAGE);
	media = content_part_media(profile_find("ollama"), &silent);
	assert_int_equal(media.kinds, MEDIA_IMAGE);
	assert_false(media.known);
	media = content_part_media(profile_find("deepseek"), NULL);
	assert_int_equal(media.kinds, 0);
	assert_true(media.known);
}

static struct json_span first_part(const struct buf *parts)
{
	return (struct json_span){parts->data, parts->len};
}

static void a_part_is_written_and_read(void **state)
{
	static const struct media_type file = {MEDIA_FILE, "application/pdf", "pdf"};
	static const struct media_type sound = {MEDIA_AUDIO, "audio/mpeg", "mp3"};
	struct buf part = BUF_INIT, text = BUF_INIT;

	(void)state;
	content_part_write(&part, &file, "a \"b\".pdf", "JVBERi0=", 8);
	assert_string_equal(buf_text(&part),
			    "{\"type\":\"file\",\"file\":{\"filename\":\"a \\\"b\\\".pdf\","
			    "\"file_data\":\"data:application/pdf;base64,JVBERi0=\"}}");
	assert_int_equal(content_part_kind(first_part(&part)), MEDIA_FILE);
	content_part_write_description(&text, first_part(&part), "gone");
	assert_string_equal(buf_text(&text), "{\"type\":\"text\",\"text\":\"[file: "
					     "application/pdf, 5 bytes: gone]\"}");
	assert_int_equal(content_part_kind(first_part(&text)), 0);
	buf_truncate(&part, 0);
	buf_truncate(&text, 0);
	content_part_write(&part, &sound, "unused", "SUQz", 4);
	assert_string_equal(buf_text(&part), "{\"type\":\"input_audio\",\"input_audio\":{"
					     "\"data\":\"SUQz\",\"format\":\"mp3\"}}");
	content_part_write_description(&text, first_part(&part), "gone");
	assert_string_equal(buf_text(&text),
			    "{\"type\":\"text\",\"text\":\"[audio: mp3, 3 bytes: gone]\"}");
	buf_clear(&part);
	buf_clear(&text);
}

/* From a session's file, which a person may have edited. */
static void strange_parts_are_described(void **state)
{
	static const char *const parts[] = {
		"{\"type\":\"image_url\"}",
		"{\"type\":\"image_url\",\"image_url\":{\"url\":7}}",
		"{\"type\":\"image_url\",\"image_url\":{\"url\":\"\"}}",
		"{\"type\":\"image_url\",\"image_url\":{\"url\":\"https://example.org/a,b\"}}",
		"{\"type\":\"image_url\",\"image_url\":{\"url\":\"data:,\"}}",
		"{\"type\":\"input_audio\",\"input_audio\":{\"data\":\"\",\"format\":\"\"}}",
		"{\"type\":\"file\",\"file\":{\"file_data\":\"data:\"}}",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		const struct json_span part = {parts[i], strlen(parts[i])};
		struct buf text = BUF_INIT;

		assert_int_not_equal(content_part_kind(part), 0);
		content_part_write_description(&text, part, "gone");
		assert_non_null(strstr(buf_text(&text), " bytes: gone]"));
		assert_true(content_part_weight(part) < 10000);
		buf_clear(&text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bytes_have_a_type),
		cmocka_unit_test(words_are_kinds),
		cmocka_unit_test(a_model_takes_what_its_endpoint_has),
		cmocka_unit_test(a_part_is_written_and_read),
		cmocka_unit_test(strange_parts_are_described),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
