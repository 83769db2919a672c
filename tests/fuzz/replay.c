/* SPDX-License-Identifier: MIT */
/* Runs a target on the files that it is given: what libFuzzer does with a corpus and -runs=0. */
#include "config.h"

#include "fuzz.h"

static int run_file(const char *path)
{
	FILE *file = fopen(path, "rb");
	struct buf bytes = BUF_INIT;
	char piece[4096];
	size_t n;

	if (!file) {
		perror(path);
		return -1;
	}
	fprintf(stderr, "%s\n", path); /* the last line before a crash */
	while ((n = fread(piece, 1, sizeof(piece), file)) > 0)
		buf_append(&bytes, piece, n);
	fclose(file);
	LLVMFuzzerTestOneInput((const uint8_t *)buf_text(&bytes), bytes.len);
	buf_clear(&bytes);
	return 0;
}

int main(int argc, char **argv)
{
	int failed = 0;

	for (int i = 1; i < argc; i++)
		failed |= run_file(argv[i]);
	return failed ? 1 : 0;
}
