/* SPDX-License-Identifier: MIT */
/* Writes to stdout at once: a text that streams must be seen as it comes. */
#include "config.h"

#include "app/output.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/log.h"

void output_init(struct output *output)
{
	*output = (struct output){.terminal = isatty(STDOUT_FILENO) == 1};
}

static void failed(struct output *output)
{
	if (errno == EPIPE) {
		output->exit_code = 128 + SIGPIPE;
		return;
	}
	output->exit_code = err_exit_code(ERR_RECORD);
	log_error("stdout cannot be written: %s", strerror(errno));
}

void output_own(struct output *output, const char *bytes, size_t len)
{
	if (len > 0)
		output->open_line = bytes[len - 1] != '\n';
	while (len > 0 && !output->exit_code) {
		ssize_t n = write(STDOUT_FILENO, bytes, len);

		if (n > 0) {
			bytes += n;
			len -= (size_t)n;
		} else if (errno == EAGAIN) { /* somebody made our stdout non-blocking */
			struct pollfd wait = {.fd = STDOUT_FILENO, .events = POLLOUT};

			poll(&wait, 1, -1);
		} else if (errno != EINTR) {
			failed(output);
		}
	}
}

void output_buf(struct output *output, const struct buf *buf)
{
	output_own(output, buf_text(buf), buf->len);
}

void output_format(struct output *output, const char *format, ...)
{
	struct buf text = BUF_INIT;
	va_list args;

	va_start(args, format);
	buf_vformat(&text, format, args);
	va_end(args);
	output_buf(output, &text);
	buf_clear(&text);
}

void output_text(struct output *output, const char *bytes, size_t len)
{
	struct buf safe = BUF_INIT;

	if (!output->terminal) {
		output_own(output, bytes, len);
		return;
	}
	sanitize_stream(&output->sanitizer, bytes, len, &safe);
	output_buf(output, &safe);
	buf_clear(&safe);
}

void output_end_text(struct output *output)
{
	struct buf rest = BUF_INIT;

	if (output->terminal)
		sanitize_stream_end(&output->sanitizer, &rest);
	output_buf(output, &rest);
	buf_clear(&rest);
	output->sanitizer = (struct sanitizer){0};
	if (output->open_line)
		output_own(output, "\n", 1);
}
