/* SPDX-License-Identifier: MIT */
/* One line a message on stderr, written with one write so that lines of children do not mix in. */
#include "config.h"

#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "base/buf.h"

static enum log_level shown = LOG_LEVEL_NOTICE;

void log_set_level(enum log_level highest_shown)
{
	shown = highest_shown;
}

enum log_level log_get_level(void)
{
	return shown;
}

__attribute__((format(printf, 2, 0))) static void write_line(enum log_level level,
							     const char *format, va_list args)
{
	static const char *const prefixes[] = {
		[LOG_LEVEL_ERROR] = "cordpair: ",
		[LOG_LEVEL_WARNING] = "cordpair: warning: ",
		[LOG_LEVEL_NOTICE] = "cordpair: ",
		[LOG_LEVEL_DETAIL] = "cordpair: ",
	};
	struct buf line = BUF_INIT;
	ssize_t written;

	if (level > shown)
		return;
	buf_append_text(&line, prefixes[level]);
	buf_vformat(&line, format, args);
	buf_append_char(&line, '\n');
	/* Where stderr cannot be written there is nobody to tell. */
	written = write(STDERR_FILENO, line.data, line.len);
	(void)written;
	buf_clear(&line);
}

#define LOG_FUNCTION(name, level)                \
	void name(const char *format, ...)       \
	{                                        \
		va_list args;                    \
                                                 \
		va_start(args, format);          \
		write_line(level, format, args); \
		va_end(args);                    \
	}

LOG_FUNCTION(log_error, LOG_LEVEL_ERROR)
LOG_FUNCTION(log_warning, LOG_LEVEL_WARNING)
LOG_FUNCTION(log_notice, LOG_LEVEL_NOTICE)
LOG_FUNCTION(log_detail, LOG_LEVEL_DETAIL)
