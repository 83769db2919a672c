/* SPDX-License-Identifier: MIT */
/*
 * json_verdicts: what json_check says of each text of a file, one a line: "good " and the text
 * without its blanks, or "bad " and why. A text is four bytes of length, the least first, and as
 * many bytes.
 */
#include "config.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/json_check.h"
#include "base/json_write.h"
#include "base/mem.h"

#define TEXT_MAX_BYTES ((size_t)1 << 20)

static void judge(const char *text, size_t len)
{
	struct buf compact = BUF_INIT;
	struct json_fault fault;

	if (json_check(text, len, &json_limits_default, NULL, &fault)) {
		printf("bad %s\n", fault.what);
		return;
	}
	json_write_compact(&compact, text, len);
	fputs("good ", stdout);
	fwrite(compact.data, 1, compact.len, stdout);
	putchar('\n');
	buf_clear(&compact);
}

int main(int argc, char **argv)
{
	FILE *file = argc == 2 ? fopen(argv[1], "rb") : NULL;
	unsigned char head[4];

	if (!file)
		return 2;
	while (fread(head, 1, sizeof(head), file) == sizeof(head)) {
		const size_t len = head[0] | (size_t)head[1] << 8 | (size_t)head[2] << 16 |
				   (size_t)head[3] << 24;
		char *text;

		if (len > TEXT_MAX_BYTES)
			return 2;
		/* A block of its own: a sanitizer sees what is read behind its end. */
		text = mem_new_array(len > 0 ? len : 1, 1);
		if (fread(text, 1, len, file) != len)
			return 2;
		judge(text, len);
		free(text);
	}
	fclose(file);
	return 0;
}
