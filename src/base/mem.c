/* SPDX-License-Identifier: MIT */
/* Allocation that ends the program with 70 when there is no memory. */
#include "config.h"

#include "base/mem.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static _Atomic(const struct mem_last_words *) last_words;

void mem_on_exhausted(const struct mem_last_words *words)
{
	atomic_store(&last_words, words);
}

void mem_exhausted(void)
{
	static const char text[] = "cordpair: there is not enough memory\n";
	const struct mem_last_words *words = atomic_exchange(&last_words, NULL);

	if (words)
		words->say(words->arg);
	/* Neither stdio nor atexit handlers: both may allocate. */
	if (write(STDERR_FILENO, text, sizeof(text) - 1) < 0)
		_exit(70);
	_exit(70);
}

static void *need(void *memory)
{
	if (!memory)
		mem_exhausted();
	return memory;
}

void *mem_new(size_t size)
{
	return need(calloc(1, size ? size : 1));
}

void *mem_new_array(size_t count, size_t size)
{
	return need(calloc(count ? count : 1, size));
}

void *mem_resize_array(void *array, size_t count, size_t size)
{
	if (size && count > SIZE_MAX / size)
		mem_exhausted();
	return need(realloc(array, count && size ? count * size : 1));
}

char *mem_string(const char *text)
{
	return need(strdup(text));
}

char *mem_string_or_null(const char *text)
{
	return text ? mem_string(text) : NULL;
}

char *mem_string_len(const char *bytes, size_t len)
{
	char *text = need(malloc(len + 1));

	if (len)
		memcpy(text, bytes, len);
	text[len] = '\0';
	return text;
}

char *mem_format(const char *format, ...)
{
	char *text = NULL;
	va_list args;
	int n;

	va_start(args, format);
	n = vasprintf(&text, format, args);
	va_end(args);
	return need(n < 0 ? NULL : text);
}
