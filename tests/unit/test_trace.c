/* SPDX-License-Identifier: MIT */
/* No secret in a trace, in whatever form; every line is JSON. */
#include "unit.h"

#include <unistd.h>

#include "base/buf.h"
#include "base/json_check.h"
#include "base/trace.h"

static char path[] = "trace-XXXXXX";

static int open_trace(void **state)
{
	struct err err;
	int fd = mkstemp(path);

	(void)state;
	if (fd < 0)
		return -1;
	close(fd);
	return trace_open(path, &err);
}

static int remove_trace(void **state)
{
	(void)state;
	trace_close();
	return unlink(path);
}

/* What was traced since the last call. */
static void read_trace(struct buf *out)
{
	static long seen;
	FILE *file = fopen(path, "r");
	char *line = NULL;
	size_t cap = 0;
	ssize_t n;

	assert_non_null(file);
	fseek(file, seen, SEEK_SET);
	while ((n = getline(&line, &cap, file)) > 0) {
		struct json_fault fault;

		assert_int_equal(json_check(line, (size_t)n, &json_limits_default, NULL, &fault),
				 0);
		buf_append(out, line, (size_t)n);
	}
	seen = ftell(file);
	free(line);
	fclose(file);
}

static void masks_secrets(void **state)
{
	struct buf out = BUF_INIT;

	(void)state;
	trace_add_secret("sk-or-v1-secret");
	trace_add_secret("pass\"word\\1");
	trace_add_secret("tiny");
	trace_event("http.request", "http://sk-or-v1-secret@host/", "sk-or-v1-secret",
		    LITERAL("{\"a\":\"Bearer sk-or-v1-secret\",\"b\":\"pass\\\"word\\\\1\"}"));
	trace_event("mcp.stderr", "x", NULL,
		    LITERAL("raw pass\"word\\1 sk-or-v1-secretsk-or-v1-secret"));
	trace_event("mcp.stderr", "x", NULL, LITERAL("tiny {\nsk-or-v1-secret"));
	read_trace(&out);
	assert_null(strstr(out.data, "secret"));
	assert_null(strstr(out.data, "word"));
	assert_non_null(strstr(out.data, "\"json\":{\"a\":\"Bearer ***\",\"b\":\"***\"}"));
	assert_non_null(strstr(out.data, "raw *** ******"));
	assert_non_null(strstr(out.data, "tiny {\\n***"));
	buf_clear(&out);
}

static void masks_before_it_cuts(void **state)
{
	const size_t len = TRACE_PAYLOAD_MAX_BYTES + 8;
	char *payload = malloc(len);
	struct buf out = BUF_INIT;

	(void)state;
	trace_add_secret("sk-or-v1-secret");
	memset(payload, 'x', len);
	memcpy(payload + len - 15, "sk-or-v1-secret", 15);
	trace_event("http.data", "x", NULL, payload, len);
	free(payload);
	read_trace(&out);
	assert_null(strstr(out.data, "sk-or"));
	assert_non_null(strstr(out.data, "\"bytes\":1048584"));
	buf_clear(&out);
}

static void shows_any_bytes(void **state)
{
	struct buf out = BUF_INIT;

	(void)state;
	trace_event("mcp.receive", "x", NULL, LITERAL("\xff\0\x1b"));
	trace_event("mcp.receive", "x", NULL, LITERAL("{\"a\":\n1}"));
	trace_event("mcp.receive", "x", NULL, "", 0);
	read_trace(&out);
	assert_non_null(strstr(out.data, "\"text\":\"\xef\xbf\xbd\\u0000\\u001b\""));
	buf_clear(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(masks_secrets),
		cmocka_unit_test(masks_before_it_cuts),
		cmocka_unit_test(shows_any_bytes),
	};

	return cmocka_run_group_tests_name("trace", tests, open_trace, remove_trace);
}
