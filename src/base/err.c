/* SPDX-License-Identifier: MIT */
/* Fills and ranks errors; knows nothing of where they are shown. */
#include "config.h"

#include "base/err.h"

#include <stdio.h>
#include <string.h>

static const int exit_codes[ERR_KINDS] = {
	[ERR_NONE] = 0,	      [ERR_NO_ANSWER] = 1,  [ERR_USAGE] = 2,	    [ERR_DENIED] = 3,
	[ERR_INCOMPLETE] = 4, [ERR_ARGUMENTS] = 65, [ERR_UNAVAILABLE] = 69, [ERR_INTERNAL] = 70,
	[ERR_RECORD] = 74,    [ERR_TEMPORARY] = 75, [ERR_PROTOCOL] = 76,    [ERR_PERMISSION] = 77,
	[ERR_CONFIG] = 78,    [ERR_TIMEOUT] = 124,
};

/* From the weakest to the strongest; a signal (128 and above) beats them all. */
static const int exit_ranks[] = {0, 2, 1, 3, 4, 65, 69, 75, 76, 77, 78, 74, 70, 124};

__attribute__((format(printf, 4, 0))) static void set(struct err *err, enum err_kind kind,
						      int os_errno, const char *format,
						      va_list args)
{
	char text[ERR_TEXT_BYTES]; /* an argument may be the old text of *err */

	vsnprintf(text, sizeof(text), format, args);
	err->kind = kind;
	err->os_errno = os_errno;
	memcpy(err->text, text, sizeof(text));
}

int err_set(struct err *err, enum err_kind kind, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	set(err, kind, 0, format, args);
	va_end(args);
	return -1;
}

int err_set_os(struct err *err, enum err_kind kind, int os_errno, const char *format, ...)
{
	va_list args;
	size_t len;

	va_start(args, format);
	set(err, kind, os_errno, format, args);
	va_end(args);
	len = strlen(err->text);
	snprintf(err->text + len, sizeof(err->text) - len, ": %s", strerror(os_errno));
	return -1;
}

void err_prefix(struct err *err, const char *format, ...)
{
	char text[2 * ERR_TEXT_BYTES];
	va_list args;
	size_t len;

	va_start(args, format);
	vsnprintf(text, ERR_TEXT_BYTES, format, args);
	va_end(args);
	len = strlen(text);
	snprintf(text + len, sizeof(text) - len, ": %s", err->text);
	text[ERR_TEXT_BYTES - 1] = '\0';
	memcpy(err->text, text, ERR_TEXT_BYTES);
}

int err_exit_code(enum err_kind kind)
{
	return exit_codes[kind];
}

static int rank(int code)
{
	const int ranks = (int)(sizeof(exit_ranks) / sizeof(exit_ranks[0]));

	for (int i = 0; i < ranks; i++)
		if (exit_ranks[i] == code)
			return i;
	return ranks + code;
}

int err_worst_exit_code(int a, int b)
{
	return rank(a) >= rank(b) ? a : b;
}
