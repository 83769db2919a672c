/* SPDX-License-Identifier: MIT */
/* Everything but the unreserved characters of RFC 3986 is encoded; a blank comes in as '+'. */
#include "config.h"

#include "base/form.h"

#include <stdlib.h>
#include <string.h>

void form_encode(struct buf *out, const char *text)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				    "0123456789-._~";

	for (; *text; text++) {
		if (strchr(plain, *text))
			buf_append_char(out, *text);
		else
			buf_format(out, "%%%02X", (unsigned char)*text);
	}
}

void form_append(struct buf *out, const char *name, const char *value)
{
	if (out->len > 0 && !strchr("?&", out->data[out->len - 1]))
		buf_append_char(out, '&');
	form_encode(out, name);
	buf_append_char(out, '=');
	form_encode(out, value);
}

static int digit(char byte)
{
	if (byte >= '0' && byte <= '9')
		return byte - '0';
	byte |= 0x20;
	return byte >= 'a' && byte <= 'f' ? byte - 'a' + 10 : -1;
}

bool percent_byte(const char *text, char *byte)
{
	const int high = *text == '%' ? digit(text[1]) : -1;
	const int low = high >= 0 ? digit(text[2]) : -1;

	if (low < 0)
		return false;
	*byte = (char)(high << 4 | low);
	return true;
}

static char *decode(const char *text, size_t len)
{
	struct buf out = BUF_INIT;

	for (size_t i = 0; i < len; i++) {
		char byte = text[i] == '+' ? ' ' : text[i];

		if (i + 2 < len && percent_byte(text + i, &byte))
			i += 2;
		buf_append_char(&out, byte);
	}
	if (memchr(buf_text(&out), '\0', out.len)) {
		buf_clear(&out);
		return NULL;
	}
	return buf_take(&out);
}

char *form_value(const char *form, const char *name)
{
	while (*form) {
		size_t len = strcspn(form, "&"), name_len = strcspn(form, "=&");
		char *key = decode(form, name_len);
		bool found = key && strcmp(key, name) == 0;

		free(key);
		if (found)
			return name_len < len ? decode(form + name_len + 1, len - name_len - 1)
					      : decode(form, 0);
		form += len + (form[len] == '&');
	}
	return NULL;
}
